"""The inbox: foreign messages are stored first, acknowledged then, and worked on after that.

Each channel has a worker of its own, in one process at a time, elected by advisory lock: several messages at once, but
those of one conversation in order. What a message means is decided by what the channel brings as `read` and `apply`.
"""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import structlog

from service.actions.waking import Bell
from service.clock import Clock
from service.database import Database
from service.errors import Unavailable
from service.pulse import Beat, unheard
from service.store import inbox
from service.store.inbox import Stored

if TYPE_CHECKING:
    from service.database import Connection

log = structlog.get_logger()

LOCK_SPACE: Final = 0x4B72_6962
"""The first key of the advisory locks of intake; the second stands for the channel."""

TRIES: Final = 3
"""How often a message may fail, or take its worker with it, before it is kept as dead."""

AT_ONCE: Final = 8
BATCH: Final = 64
IDLE_SECONDS: Final = 0.2
TURN_SECONDS: Final = 1.0
FIRST_PAUSE: Final = timedelta(seconds=10)
UPDATES_KEPT: Final = timedelta(days=3)
MESSENGERS: Final = ("telegram",)
"""Channels whose messages carry numbers that are used again; they are brought again for a day at most."""

RAW_KEPT: Final = timedelta(days=30)

TRY_LOCK = "select pg_try_advisory_lock($1, $2)"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a message ended: applied, no-op or parked, with a stable word why and what was read in it."""

    state: str
    reason: str
    facts: dict[str, Any] = field(default_factory=dict)
    gathering_id: int | None = None
    person_id: int | None = None


def _nothing() -> None:
    """Do nothing."""


Read = TypeVar("Read")
"""What a channel reads in a raw message."""


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
    async with db.transaction() as conn:
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


async def store_all(db: Database, channel: str, messages: Sequence[tuple[str, str, bytes]], *, now: datetime) -> None:
    """Keep messages, each with its external id and conversation, in their order, and commit; known ones once."""
    async with db.transaction() as conn:
        await inbox.insert_messages(conn, channel, messages, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeWorker(Generic[Read]):
    """Works on what came in on one channel.

    `read` finds out what a message says, outside any transaction; `apply` does what it asks, inside the one that also
    writes how the message ended. `bell` is rung when something came, `done` is called when something has ended.
    """

    db: Database
    clock: Clock
    channel: str
    read: Callable[[Stored], Awaitable[Read]]
    apply: Callable[[Database, Stored, Read, datetime], Awaitable[Verdict]]
    beat: Beat = unheard
    bell: Bell = field(default_factory=Bell)
    done: Callable[[], None] = _nothing

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then finish what is at hand; stand by while another process does the work."""
        while not stop.is_set():
            self.beat()
            try:
                async with self.db.dedicated() as conn:
                    while not stop.is_set() and not await conn.fetchval(TRY_LOCK, LOCK_SPACE, _key(self.channel)):
                        self.beat()
                        await _pause(stop)
                    await _Shift(self, stop).work()
            except Unavailable as fault:
                log.warning("intake_waits", reason=str(fault))
                await _pause(stop)


class _Shift(Generic[Read]):
    """The work of one holder of the lock."""

    def __init__(self, worker: IntakeWorker[Read], stop: asyncio.Event) -> None:
        self._worker = worker
        self._stop = stop
        self._busy: set[int] = set()
        self._cut_short: list[int] = []
        self._fault: Unavailable | None = None
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._alone_at = asyncio.get_running_loop().time()

    async def work(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            while not self._stop.is_set() and self._fault is None:
                self._worker.beat()
                try:
                    taken = await self._take()
                except Unavailable as fault:
                    self._fault = fault
                    break
                for message in taken:
                    await self._slots.acquire()
                    tasks.create_task(self._handle(message))
                await self._spare_the_others(taken)
                if not taken:
                    await self._worker.bell.wait(IDLE_SECONDS)
        if self._fault is not None:
            raise self._fault

    async def _take(self) -> list[Stored]:
        async with self._worker.db.transaction() as conn:
            if self._cut_short:
                await inbox.give_back(conn, self._cut_short)
            channel, now = self._worker.channel, self._worker.clock.now()
            taken = [] if self._busy else await inbox.take(conn, channel, now, [], 1, again=True)
            if not taken:
                taken = await inbox.take(conn, channel, now, list(self._busy), BATCH)
        self._cut_short.clear()
        self._busy.update(message.id for message in taken)
        return taken

    async def _spare_the_others(self, taken: Sequence[Stored]) -> None:
        """Have a message that was attempted before worked on alone: what it ended, it shall not end for others again.

        Once a second all that is at hand comes to its end, so that such a message gets its turn.
        """
        clock = asyncio.get_running_loop().time
        if any(message.attempts > 1 for message in taken) or clock() - self._alone_at > TURN_SECONDS:
            for _ in range(AT_ONCE):
                await self._slots.acquire()
            for _ in range(AT_ONCE):
                self._slots.release()
            self._alone_at = clock()

    async def _handle(self, message: Stored) -> None:
        try:
            await self._attempt(message)
        except Unavailable as fault:
            self._cut_short.append(message.id)
            self._fault = fault
        except Exception as fault:
            log.exception("inbox_message_failed", message=message.id, attempts=message.attempts)
            await self._failed(message, type(fault).__name__)
        finally:
            self._busy.discard(message.id)
            self._slots.release()
            self._worker.bell.ring()

    async def _attempt(self, message: Stored) -> None:
        """Read a message and do what it asks; the effects and its end are one transaction."""
        worker, now = self._worker, self._worker.clock.now()
        if message.attempts > TRIES:
            await self._end(message, Verdict("dead", "worker-died"), now)
            return
        received = await worker.read(message)
        async with worker.db.transaction() as conn:
            verdict = await worker.apply(worker.db.within(conn), message, received, now)
            await _finish(conn, message, verdict, now)
        worker.done()
        log.info("inbox_message", message=message.id, state=verdict.state, reason=verdict.reason)

    async def _failed(self, message: Stored, reason: str) -> None:
        now = self._worker.clock.now()
        try:
            if message.attempts >= TRIES:
                await self._end(message, Verdict("dead", reason), now)
                return
            async with self._worker.db.transaction() as conn:
                await inbox.postpone(conn, message.id, now + FIRST_PAUSE * 2**message.attempts, reason)
        except Unavailable as fault:
            self._fault = fault

    async def _end(self, message: Stored, verdict: Verdict, now: datetime) -> None:
        async with self._worker.db.transaction() as conn:
            await _finish(conn, message, verdict, now)


async def forget_old(db: Database, *, now: datetime) -> None:
    """Forget the text of messages that ended long ago."""
    async with db.transaction() as conn:
        await inbox.forget_raw(conn, now - RAW_KEPT)


async def forget_updates(db: Database, *, now: datetime) -> None:
    """Forget the updates of messengers: after an idle week their numbers may start anew, and must not be known then."""
    async with db.transaction() as conn:
        await inbox.forget_messages(conn, MESSENGERS, now - UPDATES_KEPT)


async def _finish(conn: "Connection", message: Stored, verdict: Verdict, now: datetime) -> None:
    await inbox.finish(
        conn,
        message.id,
        state=verdict.state,
        reason=verdict.reason,
        facts=verdict.facts,
        gathering_id=verdict.gathering_id,
        person_id=verdict.person_id,
        now=now,
    )


def _key(channel: str) -> int:
    """Return what stands for a channel in its lock, as PostgreSQL's integers go."""
    return zlib.crc32(channel.encode()) - 2**31


async def _pause(stop: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(IDLE_SECONDS):
            await stop.wait()
    except TimeoutError:
        return
