"""How much Telegram takes before it says 429: so many in a second overall, in a chat, and in a minute in a group."""

from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.fakes.telegram.refusals import Refusal


@dataclass(slots=True)
class Flood:
    """Counts what is sent and edited; the numbers are those of Telegram's FAQ, with some grace for a short burst."""

    overall: int = 30
    in_a_chat: int = 5
    in_a_group: int = 20
    _overall: deque[datetime] = field(default_factory=deque)
    _chats: defaultdict[int, deque[datetime]] = field(default_factory=lambda: defaultdict(deque))

    def count(self, chat: int, now: datetime) -> None:
        """Take one on, or raise 429 with the seconds after which it will be taken."""
        group = chat < 0
        span, room = (timedelta(minutes=1), self.in_a_group) if group else (timedelta(seconds=1), self.in_a_chat)
        self._take(self._overall, timedelta(seconds=1), self.overall, now)
        self._take(self._chats[chat], span, room, now)
        self._overall.append(now)
        self._chats[chat].append(now)

    @staticmethod
    def _take(lately: deque[datetime], span: timedelta, room: int, now: datetime) -> None:
        while lately and lately[0] <= now - span:
            lately.popleft()
        if len(lately) >= room:
            raise Refusal.too_many(int((lately[0] + span - now).total_seconds()) + 1)
