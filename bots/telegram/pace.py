"""How fast a bot may write: so many messages a second over all, and fewer to one chat and to one group.

The limits are Telegram's own advice, a little below it; the only hard rule is to obey when it asks for patience.
"""

from typing import Final

from service.channels import DueNotice

OVERALL: Final = 25.0
"""Messages a second."""

PER_CHAT: Final = 1.0
PER_GROUP: Final = 12 / 60
GROUP_BURST: Final = 6
"""At most 18 in any minute of a group: a few at once, so that the last of a rush waits some seconds only."""

BURST: Final = 8
"""So many at once one chat may get before its pace counts: an agenda is several messages."""

_KEPT: Final = 10_000


class Bucket:
    """Lets so many through a second, after a first `burst`; a late call does not slow down the ones after it."""

    __slots__ = ("_due", "_gap", "_slack")

    def __init__(self, per_second: float, burst: int) -> None:
        self._gap = 1 / per_second
        self._slack = self._gap * (burst - 1)
        self._due = float("-inf")

    def wait(self, now: float) -> float:
        """Tell how many seconds until the next may go."""
        return max(0.0, self._due - self._slack - now)

    def take(self, now: float) -> None:
        """Count one."""
        self._due = max(self._due, now) + self._gap

    def idle(self, now: float) -> bool:
        """Tell whether it has nothing to remember."""
        return self._due <= now


class TelegramPace:
    """The pace of one bot."""

    def __init__(self, *, overall: float = OVERALL) -> None:
        self._overall = Bucket(overall, 3)
        self._chats: dict[str, tuple[Bucket, ...]] = {}

    def conversation(self, due: DueNotice) -> str | None:
        """Name the chat; the answer to a press shows nothing in it and keeps no turn."""
        return None if _is_silent(due) else due.address

    def wait(self, due: DueNotice, now: float) -> float:
        """Tell how many seconds a message has to wait."""
        if _is_silent(due):
            return 0.0
        buckets = (self._overall, *self._chats.get(due.address or "", ()))
        return max(bucket.wait(now) for bucket in buckets)

    def take(self, due: DueNotice, now: float) -> None:
        """Count a message."""
        if _is_silent(due):
            return
        if len(self._chats) > _KEPT:
            self._chats = {chat: kept for chat, kept in self._chats.items() if not all(one.idle(now) for one in kept)}
        chat = due.address or ""
        for bucket in (self._overall, *self._chats.setdefault(chat, _buckets(chat))):
            bucket.take(now)


def _buckets(chat: str) -> tuple[Bucket, ...]:
    """Make the buckets of a chat; the numbers of groups are negative, and no minute of theirs may hold too many."""
    if chat.startswith("-"):
        return Bucket(PER_CHAT, 1), Bucket(PER_GROUP, GROUP_BURST)
    return (Bucket(PER_CHAT, BURST),)


def _is_silent(due: DueNotice) -> bool:
    return "outbound" not in due.facts and "callback" in due.facts
