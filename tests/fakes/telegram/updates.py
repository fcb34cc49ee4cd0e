"""What the bot has yet to hear: kept until it is confirmed (by the next offset, or by a 2xx), a day at most."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from service.clock import Clock
from tests.fakes.telegram.refusals import Refusal
from tests.fakes.telegram.world import Json

KEPT: Final = timedelta(hours=24)
LONGEST_POLL: Final = 50
NOT_BY_DEFAULT: Final = {"chat_member", "message_reaction", "message_reaction_count"}

_OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"
_WEBHOOK_IS_SET = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


@dataclass(frozen=True, slots=True, eq=False)
class Update:
    """One thing that happened; `chat` is the conversation in which updates keep their order, `turn` that order."""

    turn: int
    id: int
    kind: str
    content: Json
    chat: int
    at: datetime

    def json(self) -> Json:
        return {"update_id": self.id, self.kind: self.content}


class Updates:
    """The queue behind both ways of delivery; `asked` counts calls of getUpdates."""

    def __init__(self, clock: Clock) -> None:
        self.all: list[Update] = []
        self.pending: list[Update] = []
        self.allowed: set[str] | None = None
        self.webhook_is_set = False
        self.on_change: list[Callable[[], None]] = []
        self.asked = 0
        self._clock = clock
        self._next = 710_000_001
        self._news = asyncio.Event()
        self._poll: asyncio.Future[str] | None = None

    def add(self, kind: str, content: Json, chat: int) -> Update | None:
        """Queue an update, or None where the bot did not ask for its kind."""
        if kind in NOT_BY_DEFAULT if self.allowed is None else kind not in self.allowed:
            return None
        update = Update(len(self.all), self._next, kind, content, chat, self._clock.now())
        self._next += 1
        self.all.append(update)
        self.pending.append(update)
        self._tell()
        return update

    def again(self, update: Update) -> None:
        """Deliver an update once more under its own number, as Telegram does when it did not see the confirmation."""
        if update not in self.pending:
            self.pending.append(update)
            self.pending.sort(key=lambda one: one.turn)
        self._tell()

    def count_from(self, number: int) -> None:
        """Number what follows from here: after a week of silence Telegram starts anywhere, lower ids included."""
        self._next = number

    def allow(self, kinds: Any) -> None:
        """Take over a list of kinds; an empty one means the usual kinds, none given means as before."""
        if kinds is not None:
            self.allowed = set(kinds) or None

    def confirm(self, updates: Iterable[Update]) -> None:
        done = set(updates)
        self.pending = [one for one in self.pending if one not in done]
        self._tell()

    def clear(self) -> None:
        self.pending.clear()

    async def poll(self, *, offset: int, limit: int, seconds: int) -> list[Update]:
        """Answer getUpdates: at once if there is something, else when there is, or empty when the time is over.

        Whoever else is waiting gets 409. Updates below the offset are confirmed and gone.
        """
        self.asked += 1
        self._tell()
        if self.webhook_is_set:
            raise Refusal.conflict(_WEBHOOK_IS_SET)
        self.end_poll(_OTHER_POLLER)
        self._confirm_below(offset)
        mine = self._poll = asyncio.get_running_loop().create_future()
        try:
            found = self._ready(limit)
            if not found and seconds > 0:
                await self._until_news(mine, min(seconds, LONGEST_POLL))
                found = self._ready(limit)
        finally:
            if self._poll is mine:
                self._poll = None
        return found

    def end_poll(self, reason: str) -> None:
        """Send whoever is waiting away with a conflict."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(reason)

    def forget_old(self) -> None:
        """Drop what is older than a day: nobody came for it."""
        oldest = self._clock.now() - KEPT
        self.pending = [one for one in self.pending if one.at > oldest]

    async def until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            self._news.clear()
            await self._news.wait()

    def _ready(self, limit: int) -> list[Update]:
        self.forget_old()
        return self.pending[:limit]

    def _confirm_below(self, offset: int) -> None:
        """A negative offset counts from the end and forgets what lies before; one from the future means nothing."""
        if offset < 0:
            self.pending = self.pending[offset:]
        elif 0 < offset <= self._next:
            self.confirm([one for one in self.pending if one.id < offset])

    async def _until_news(self, mine: asyncio.Future[str], seconds: float) -> None:
        """Wait for an update; a conflict ends the waiting."""
        waiting = asyncio.ensure_future(self.until(lambda: bool(self.pending)))
        try:
            await asyncio.wait({mine, waiting}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        if mine.done():
            raise Refusal.conflict(mine.result())

    def _tell(self) -> None:
        self._news.set()
        for told in self.on_change:
            told()
