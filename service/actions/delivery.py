"""Deliver what is due: claim notices in batches, hand each to its channel, mark what came of it.

Each notice is handed over at least once, and the same notice is the same message. At most `in_flight` of them are
handed over and not yet marked at any moment: so many may be doubled when a worker is killed, none when it is stopped.
What becomes of one notice is decided in `service/actions/attempts.py`.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from service.actions.attempts import Attempts, Job, Outage
from service.channels import Sender
from service.clock import Clock
from service.database import Database, unavailable
from service.errors import DeliveryFailed, Unavailable
from service.formats.tokens import Keys
from service.rules import retries
from service.store import notices
from service.store.notices import Outcome

if TYPE_CHECKING:
    from service.database import Connection

log = structlog.get_logger()

POLL_SECONDS: Final = 0.4
"""How long a notice may be due, or a dead worker's rows may lie, before a worker looks."""

GRACE_SECONDS: Final = 8.0
"""How long what is in flight may take once a worker is told to stop."""

URGENT: Final = 25
"""How many that somebody waits for are taken ahead of a batch at work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """Delivers over `senders`, by the name of their channel; any number of workers may run, on any machine.

    `zone` is the association's.
    """

    db: Database
    senders: Mapping[str, Sender]
    keys: Keys
    clock: Clock
    in_flight: int = 4
    batch: int = 250
    zone: str = "UTC"

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop` is set; then finish what is in flight and give back the rest.

        A database or a channel that is gone ends nothing: the worker waits, longer each time, and goes on.
        """
        unmarked: list[Outcome] = []
        failures = 0
        while not stop.is_set():
            try:
                await self._reach_channels()
                failures = 0
                await self._shift(stop, unmarked)
            except (Unavailable, Outage) as fault:
                failures += 1
                log.warning("outbox_waits", fault=type(fault).__name__, reason=str(fault), failures=failures)
                await _wait(stop, retries.outage_pause(failures).total_seconds())

    async def _reach_channels(self) -> None:
        for sender in self.senders.values():
            try:
                await sender.check()
            except DeliveryFailed as failure:
                raise Outage(failure.detail) from None

    async def _shift(self, stop: asyncio.Event, unmarked: list[Outcome]) -> None:
        """Work for as long as one connection lives, and with it the lock that says whose the claimed rows are."""
        owner = secrets.randbelow(2**31 - 1) + 1
        async with self.db.dedicated() as conn:
            if await notices.take_lock(conn, owner):
                await _Shift(self, conn, owner, stop, unmarked).work()


class _Shift:
    """The work of one owner. `unmarked` outlives it: what was handed over while the database went away."""

    def __init__(
        self, worker: Worker, conn: "Connection", owner: int, stop: asyncio.Event, unmarked: list[Outcome]
    ) -> None:
        self._conn = conn
        self._owner = owner
        self._stop = stop
        self._unmarked = unmarked
        self._batch = worker.batch
        self._now = worker.clock.now
        self._attempts = Attempts(worker.db, worker.senders, worker.keys, worker.clock, owner, worker.zone)
        self._jobs: deque[Job] = deque()
        self._slots = asyncio.Semaphore(worker.in_flight)
        self._turn = asyncio.Lock()
        self._under_way = 0
        self._all_back = asyncio.Event()
        self._commit_seconds = 0.0
        self._look_at = 0.0
        self._paused = False
        self._fault: Unavailable | Outage | None = None

    async def work(self) -> None:
        """Deliver until stopped, paused or cut off; then give back what was not tried."""
        await self._mark(None)
        try:
            async with asyncio.timeout(None) as limit, asyncio.TaskGroup() as tasks:
                hurry = tasks.create_task(self._hurry(limit))
                async with asyncio.TaskGroup() as carriers:
                    await self._dispatch(carriers)
                hurry.cancel()
        except TimeoutError:
            log.warning("stopped_in_mid_delivery")
        if not isinstance(self._fault, Unavailable):
            await self._mark(None)
            async with self._statement() as conn:
                await notices.release(conn, self._owner)
        if self._fault is not None:
            raise self._fault

    async def _hurry(self, limit: asyncio.Timeout) -> None:
        await self._stop.wait()
        limit.reschedule(asyncio.get_running_loop().time() + GRACE_SECONDS)

    async def _dispatch(self, carriers: asyncio.TaskGroup) -> None:
        while not self._over:
            await self._slots.acquire()
            try:
                job = None if self._over else await self._next()
            except Unavailable as fault:
                self._fault = fault
                return
            if job is None:
                self._slots.release()
            else:
                carriers.create_task(self._carry(job))

    @property
    def _over(self) -> bool:
        return self._stop.is_set() or self._paused or self._fault is not None

    async def _next(self) -> Job | None:
        """Return the next job, claiming where there is none; None after a look in vain and a pause."""
        if not self._jobs or asyncio.get_running_loop().time() >= self._look_at:
            await self._look()
        if self._jobs:
            return self._jobs.popleft()
        await _wait(self._stop, POLL_SECONDS)
        return None

    async def _look(self) -> None:
        """Claim a batch, or what goes ahead of the one at work."""
        urgent, limit = (URGENT, 0) if self._jobs else (self._batch, self._batch)
        async with self._statement() as conn:
            ids = await notices.claim(conn, self._owner, self._now(), urgent=urgent, limit=limit)
        self._look_at = asyncio.get_running_loop().time() + POLL_SECONDS
        if ids:
            self._jobs.extendleft(reversed(await self._attempts.read(ids)))

    async def _carry(self, job: Job) -> None:
        """Deliver one notice; the slot is free again when its mark is committed."""
        try:
            outcome = await self._attempt(job)
            if outcome is not None:
                self._unmarked.append(outcome)
                await self._mark(outcome)
        except (Unavailable, Outage) as fault:
            self._fault = self._fault or fault
        finally:
            self._slots.release()

    async def _attempt(self, job: Job) -> Outcome | None:
        self._under_way += 1
        self._all_back.clear()
        try:
            return await self._attempts.attempt(job)
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._all_back.set()

    async def _mark(self, outcome: Outcome | None) -> None:
        """Commit everything that waits to be marked, unless a neighbour has taken this outcome along already."""
        async with self._statement() as conn:
            if outcome is not None and all(one is not outcome for one in self._unmarked):
                return
            await self._gather()
            outcomes = list(self._unmarked)
            if not outcomes:
                return
            began = asyncio.get_running_loop().time()
            marked = await notices.mark(conn, outcomes)
            self._commit_seconds = asyncio.get_running_loop().time() - began
            del self._unmarked[: len(outcomes)]
        self._paused = marked.paused
        if marked.marked != len(outcomes):
            log.warning("notices_no_longer_ours", count=len(outcomes) - marked.marked)

    async def _gather(self) -> None:
        """Wait a moment for what else is in flight, half as long as a commit lasts: one commit then marks it all."""
        if self._under_way:
            await _wait(self._all_back, self._commit_seconds / 2)

    @asynccontextmanager
    async def _statement(self) -> AsyncIterator["Connection"]:
        """Lend the connection, which takes one statement at a time, for one that commits by itself."""
        async with self._turn:
            if self._conn.is_closed():
                raise Unavailable("the connection that held the worker's lock is gone")
            with unavailable():
                yield self._conn


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
