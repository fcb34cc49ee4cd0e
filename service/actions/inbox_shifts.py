"""The work on one channel's inbox, as long as its worker holds the lock.

Where a channel can, many messages share one transaction: either all of them take effect and end, or none; then each is
worked on by itself, so that no message fails because of another.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import structlog

from service.errors import Unavailable
from service.store import inbox
from service.store.inbox import Stored, Verdict
from service.waking import Bell

if TYPE_CHECKING:
    from service.actions.intake import IntakeWorker, Together

log = structlog.get_logger()

TRIES: Final = 3
"""How often a message may fail, or take its worker with it, before it is kept as dead."""

AT_ONCE: Final = 8
"""Transactions at the same time."""

BATCH: Final = 64
TOGETHER: Final = 32
"""How many messages share a transaction at most: others wait for the gatherings that it has locked."""

IDLE_SECONDS: Final = 0.2
TURN_SECONDS: Final = 1.0
FIRST_PAUSE: Final = timedelta(seconds=10)

Read = TypeVar("Read")
"""What a channel reads in a raw message."""


class _Overtaken(Exception):
    """Somebody else has ended a message meanwhile: what was done about it here is taken back."""


class Shift(Generic[Read]):
    """The work of one holder of the lock; `cut_short` lists the messages whose attempt a lost database ended."""

    def __init__(self, worker: "IntakeWorker[Read]", stop: asyncio.Event, cut_short: list[int]) -> None:
        self._worker = worker
        self._stop = stop
        self._busy: set[int] = set()
        self._ended = Bell()
        self._cut_short = cut_short
        self._fault: Unavailable | None = None
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._alone_at = asyncio.get_running_loop().time()

    async def work(self) -> None:
        """Work until told to stop, then finish what is at hand; raises Unavailable when the database is gone."""
        async with asyncio.TaskGroup() as tasks:
            while not self._stop.is_set() and self._fault is None:
                self._worker.beat()
                try:
                    taken = await self._take()
                except Unavailable as fault:
                    self._fault = fault
                    break
                if taken:
                    tasks.create_task(self._work_on(taken))
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
        alone = any(message.attempts > 1 for message in taken) or clock() - self._alone_at > TURN_SECONDS
        while len(self._busy) > (0 if alone else BATCH):
            await self._ended.wait(TURN_SECONDS)
            self._worker.beat()
        if alone:
            self._alone_at = clock()

    async def _work_on(self, taken: Sequence[Stored]) -> None:
        """Read messages and do what they ask: together as far as that goes, the rest one by one."""
        found = [one for one in await asyncio.gather(*map(self._read, taken)) if one is not None]
        async with asyncio.TaskGroup() as tasks:
            for at in range(0, len(found), TOGETHER):
                tasks.create_task(self._share(found[at : at + TOGETHER]))

    async def _read(self, message: Stored) -> tuple[Stored, Read] | None:
        """Read a message; None where that has ended it, or put it off."""
        async with self._minding(message):
            if message.attempts <= TRIES:
                return message, await self._worker.read(message)
            async with self._slots:
                await self._end(message, Verdict("dead", "worker-died"))
        self._let_go(message)
        return None

    async def _share(self, part: Sequence[tuple[Stored, Read]]) -> None:
        together, left = self._worker.together, part
        if together is not None and len(part) > 1:
            left = await self._do_together(part, together)
        async with asyncio.TaskGroup() as tasks:
            for message, read in left:
                tasks.create_task(self._do_alone(message, read))

    async def _do_together(
        self, part: Sequence[tuple[Stored, Read]], together: "Together[Read]"
    ) -> Sequence[tuple[Stored, Read]]:
        """Do what messages ask in one transaction, and return those that need one of their own: all, if it fails."""
        worker, now = self._worker, self._worker.clock.now()
        try:
            async with self._slots, worker.db.transaction() as conn:
                verdicts = await together(worker.db.within(conn), part, now)
                ends = [(one[0].id, verdict) for one, verdict in zip(part, verdicts, strict=True) if verdict]
                if ends and await inbox.finish(conn, ends, now) < len(ends):
                    raise _Overtaken
        except Unavailable as fault:
            for message, _ in part:
                self._cut(message, fault)
                self._let_go(message)
            return []
        except Exception as fault:
            log.warning("inbox_parted", messages=len(part), error=type(fault).__name__)
            return part
        for (message, _), verdict in zip(part, verdicts, strict=True):
            if verdict is not None:
                self._told(message, verdict)
                self._let_go(message)
        return [one for one, verdict in zip(part, verdicts, strict=True) if verdict is None]

    async def _do_alone(self, message: Stored, read: Read) -> None:
        worker, now = self._worker, self._worker.clock.now()
        async with self._minding(message), self._slots:
            async with worker.db.transaction() as conn:
                verdict = await worker.apply(worker.db.within(conn), message, read, now)
                if not await inbox.finish(conn, [(message.id, verdict)], now):
                    raise _Overtaken
            self._told(message, verdict)
        self._let_go(message)

    def _told(self, message: Stored, verdict: Verdict) -> None:
        self._worker.done()
        log.info("inbox_message", message=message.id, state=verdict.state, reason=verdict.reason)

    def _let_go(self, message: Stored) -> None:
        self._busy.discard(message.id)
        self._ended.ring()
        self._worker.bell.ring()

    def _cut(self, message: Stored, fault: Unavailable) -> None:
        """Note an attempt that the database cut short: it does not count, and the shift is over."""
        self._cut_short.append(message.id)
        self._fault = fault

    @asynccontextmanager
    async def _minding(self, message: Stored) -> AsyncIterator[None]:
        """Write down what fails about a message, and no other."""
        try:
            yield
        except _Overtaken:
            log.info("inbox_message_overtaken", message=message.id)
        except Unavailable as fault:
            self._cut(message, fault)
        except Exception as fault:
            log.exception("inbox_message_failed", message=message.id, attempts=message.attempts)
            await self._failed(message, type(fault).__name__)

    async def _failed(self, message: Stored, reason: str) -> None:
        try:
            if message.attempts >= TRIES:
                await self._end(message, Verdict("dead", reason))
                return
            until = self._worker.clock.now() + FIRST_PAUSE * 2**message.attempts
            async with self._worker.db.transaction() as conn:
                await inbox.postpone(conn, message.id, until, reason)
        except Unavailable as fault:
            self._fault = fault

    async def _end(self, message: Stored, verdict: Verdict) -> None:
        async with self._worker.db.transaction() as conn:
            await inbox.finish(conn, [(message.id, verdict)], self._worker.clock.now())
