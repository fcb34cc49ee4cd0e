"""The inbox: foreign messages are stored first, acknowledged then, and worked on after that.

Each channel has a worker of its own, in one process at a time, elected by advisory lock: several messages at once, but
those of one conversation in order. What a message means is decided by what the channel brings as `read` and `apply`;
how they are worked on is in `inbox_shifts`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Generic

import structlog

from service.actions.inbox_shifts import IDLE_SECONDS, Read, Shift
from service.clock import Clock
from service.database import Database
from service.errors import Unavailable
from service.line import Lines
from service.pulse import Beat, unheard
from service.store import inbox
from service.store.inbox import Stored, Verdict
from service.waking import Bell, wait

log = structlog.get_logger()

UPDATES_KEPT: Final = timedelta(days=3)
MESSENGERS: Final = ("telegram",)
"""Channels whose messages carry numbers that are used again; they are brought again for a day at most."""

RAW_KEPT: Final = timedelta(days=30)

Together = Callable[[Database, Sequence[tuple[Stored, Read]], datetime], Awaitable[Sequence[Verdict | None]]]
"""Does what several messages ask, in one transaction, and gives None for each that needs one of its own."""


def _nothing() -> None:
    """Do nothing."""


async def store(
    db: Database,
    *,
    channel: str,
    external_id: str,
    conversation: str,
    envelope_from: str,
    recipient: str,
    raw: bytes,
    now: datetime,
) -> bool:
    """Keep a message and commit; only after that it may be acknowledged. False when it came before."""
    async with db.single() as conn:
        return await inbox.insert_message(
            conn,
            channel=channel,
            external_id=external_id,
            conversation=conversation,
            envelope_from=envelope_from,
            recipient=recipient,
            raw=raw,
            now=now,
        )


@dataclass(frozen=True, slots=True)
class _Brought:
    channel: str
    messages: Sequence[tuple[str, str, bytes]]
    now: datetime


async def store_all(db: Database, channel: str, messages: Sequence[tuple[str, str, bytes]], *, now: datetime) -> None:
    """Keep messages, each with its external id and conversation, in their order, and commit; known ones once.

    What is brought at the same moment is committed together.
    """
    await _lines.at(db, channel).join(_Brought(channel, messages, now))


async def _store(db: Database, brought: Sequence[_Brought]) -> list[None]:
    messages, now = [message for one in brought for message in one.messages], max(one.now for one in brought)
    async with db.single() as conn:
        await inbox.insert_messages(conn, brought[0].channel, messages, now)
    return [None] * len(brought)


_lines = Lines[str, _Brought, None](_store)
"""By channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeWorker(Generic[Read]):
    """Works on what came in on one channel.

    `read` finds out what a message says, outside any transaction; `apply` does what it asks, inside the one that also
    writes how the message ended; `together` is for channels on which many can share one. `bell` is rung when something
    came, `done` is called when something has ended.
    """

    db: Database
    clock: Clock
    channel: str
    read: Callable[[Stored], Awaitable[Read]]
    apply: Callable[[Database, Stored, Read, datetime], Awaitable[Verdict]]
    together: Together[Read] | None = None
    beat: Beat = unheard
    bell: Bell = field(default_factory=Bell)
    done: Callable[[], None] = _nothing

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then finish what is at hand; stand by while another process does the work."""
        cut_short: list[int] = []
        while not stop.is_set():
            self.beat()
            try:
                async with self.db.elected(f"inbox of {self.channel}", stop=stop, beat=self.beat):
                    await Shift(self, stop, cut_short).work()
            except Unavailable as fault:
                log.warning("intake_waits", reason=str(fault))
                await wait(stop, IDLE_SECONDS)


async def forget_old(db: Database, *, now: datetime) -> None:
    """Forget the text of messages that ended long ago."""
    async with db.transaction() as conn:
        await inbox.forget_raw(conn, now - RAW_KEPT)


async def forget_updates(db: Database, *, now: datetime) -> None:
    """Forget the updates of messengers: after an idle week their numbers may start anew, and must not be known then."""
    async with db.transaction() as conn:
        await inbox.forget_messages(conn, MESSENGERS, now - UPDATES_KEPT)
