"""The work of one worker in one lane, for as long as its connection lives: claim, hand over, mark, in the right order.

What becomes of one notice is decided in `service/actions/attempts.py`; what happens when the shift ends before its
time, in `service/actions/delivery.py`.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from service.actions.attempts import Attempts, Closed, Job, Outage
from service.channels import Sender
from service.clock import Clock
from service.database import Database
from service.errors import Unavailable
from service.formats.tokens import Keys
from service.model import NoticeState
from service.outages import unavailable
from service.pulse import Beat
from service.store import claims, notices
from service.store.claims import LEVELS
from service.store.notices import Outcome
from service.waking import Bell

if TYPE_CHECKING:
    from service.database import Connection

log = structlog.get_logger()

POLL_SECONDS: Final = 0.4
"""How long a notice may be due, or a dead worker's rows may lie, before a worker looks."""

GRACE_SECONDS: Final = 8.0
"""How long what is in flight may take once a worker is told to stop."""

AHEAD: Final = 25
"""How many of what is more urgent are taken ahead of a batch at work."""

Fault = Unavailable | Outage | Closed


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One channel's part of the outbox, and with what it is worked on."""

    db: Database
    channel: str
    sender: Sender
    keys: Keys
    clock: Clock
    in_flight: int
    batch: int
    bell: Bell
    beat: Beat


class Shift:
    """The work of one owner. `unmarked` outlives it: what was handed over while the database went away."""

    def __init__(self, conn: "Connection", owner: int, lane: Lane, unmarked: list[Outcome]) -> None:
        self._conn = conn
        self._owner = owner
        self._channel = lane.channel
        self._pace = lane.sender.pace
        self._batch = lane.batch
        self._bell = lane.bell
        self._beat = lane.beat
        self._unmarked = unmarked
        self._now = lane.clock.now
        self._attempts = Attempts(lane.db, lane.sender, lane.keys, lane.clock, owner)
        self._slots = asyncio.Semaphore(lane.in_flight)
        self._jobs: deque[Job] = deque()
        self._claimed: set[int] = set()
        self._turn = asyncio.Lock()
        self._abroad: set[int] = set()
        self._talking: set[str] = set()
        self._all_back = asyncio.Event()
        self._commit_seconds = 0.0
        self._look_at = 0.0
        self._watch_at = 0.0
        self._alive: set[int] = set()
        self._gone: set[int] = set()
        self._stopped = False
        self._paused = False
        self._fault: Fault | None = None

    async def work(self, stop: asyncio.Event) -> None:
        """Deliver until stopped, paused or cut off; then give back what was not tried."""
        await self._mark(None)
        try:
            async with asyncio.timeout(None) as limit, asyncio.TaskGroup() as tasks:
                hurry = tasks.create_task(self._hurry(stop, limit))
                async with asyncio.TaskGroup() as carriers:
                    await self._dispatch(carriers)
                hurry.cancel()
        except TimeoutError:
            log.warning("stopped_in_mid_delivery", channel=self._channel)
        if not isinstance(self._fault, Unavailable):
            await self._mark(None)
            async with self._statement() as conn:
                await claims.release(conn, self._owner, sorted(self._claimed), sorted(self._abroad))
        if self._fault is not None:
            raise self._fault

    async def _hurry(self, stop: asyncio.Event, limit: asyncio.Timeout) -> None:
        await stop.wait()
        self._stopped = True
        self._bell.ring()
        limit.reschedule(asyncio.get_running_loop().time() + GRACE_SECONDS)

    async def _dispatch(self, carriers: asyncio.TaskGroup) -> None:
        while not self._over:
            self._beat()
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
        return self._stopped or self._paused or self._fault is not None

    async def _next(self) -> Job | None:
        """Return the next job, claiming where there is none; None after a look in vain and a pause."""
        if not self._jobs or asyncio.get_running_loop().time() >= self._look_at:
            await self._look()
        job, pause = self._ready()
        if job is None and await self._bell.wait(pause):
            self._look_at = 0.0
        return job

    def _ready(self) -> tuple[Job | None, float]:
        """Take the first job whose turn it is; None and how long to wait at most where all must wait."""
        if self._pace is None:
            return (self._jobs.popleft(), 0.0) if self._jobs else (None, POLL_SECONDS)
        now, pause = asyncio.get_running_loop().time(), POLL_SECONDS
        held: set[str] = set(self._talking)
        for at, job in enumerate(self._jobs):
            conversation = self._pace.conversation(job.due)
            if conversation in held:
                continue
            wait = self._pace.wait(job.due, now)
            if wait <= 0:
                self._pace.take(job.due, now)
                if conversation is not None:
                    self._talking.add(conversation)
                del self._jobs[at]
                return job, 0.0
            pause = min(pause, wait)
            if conversation is not None:
                held.add(conversation)
        return None, pause

    async def _look(self) -> None:
        """Claim a batch, or what is more urgent than the one at work; and what dead workers have left behind.

        Where there is a pace, as urgent is enough: the jobs at hand may all wait for their own conversations.
        """
        lowest, limit = LEVELS, self._batch
        if self._jobs:
            lowest, limit = self._jobs[0].due.priority - 1, AHEAD
            if self._pace is not None and len(self._jobs) < self._batch:
                lowest += 1
        self._look_at = asyncio.get_running_loop().time() + POLL_SECONDS
        ids = await self._left_behind()
        if lowest >= 0:
            async with self._statement() as conn:
                ids += await claims.claim(conn, self._owner, self._channel, self._now(), limit=limit, lowest=lowest)
        if ids:
            self._claimed.update(ids)
            found = [*self._jobs, *await self._attempts.read(ids)]
            self._jobs = deque(sorted(found, key=lambda job: (job.due.priority, job.due.due_at, job.due.id)))

    async def _left_behind(self) -> list[int]:
        """Take over what belongs to owners that were there a moment ago and are not any more."""
        now = asyncio.get_running_loop().time()
        if now >= self._watch_at:
            self._watch_at = now + POLL_SECONDS
            async with self._statement() as conn:
                alive = await claims.select_owners(conn)
            self._gone |= self._alive - alive
            self._alive = alive
        if not self._gone:
            return []
        async with self._statement() as conn:
            ids = await claims.take_over(conn, self._owner, self._gone, self._channel, limit=self._batch)
        if len(ids) < self._batch:
            self._gone = set()
        return ids

    async def _carry(self, job: Job) -> None:
        """Deliver one notice; the slot is free again when its mark is committed."""
        conversation = self._pace.conversation(job.due) if self._pace is not None else None
        try:
            outcome = await self._attempt(job)
            if outcome is not None:
                self._unmarked.append(outcome)
                await self._mark(outcome)
                if outcome.state == NoticeState.UNKNOWN and outcome.handed:
                    # Whether the channel answers at all is found out before the next message shares this one's fate.
                    raise Outage(outcome.detail)
        except (Unavailable, Outage, Closed) as fault:
            self._fault = self._graver(fault)
        finally:
            if conversation is not None:
                self._talking.discard(conversation)
                self._bell.ring()
            self._slots.release()

    def _graver(self, fault: Fault) -> Fault:
        """Choose which of two faults ends the shift: of two outages the one with the longer pause."""
        known = self._fault
        if isinstance(known, Outage) and (not isinstance(fault, Outage) or fault.pause > known.pause):
            return fault
        return known or fault

    async def _attempt(self, job: Job) -> Outcome | None:
        self._abroad.add(job.due.id)
        self._all_back.clear()
        known = True
        try:
            return await self._attempts.attempt(job)
        except asyncio.CancelledError:
            known = False  # cut off in mid-delivery: it may have arrived
            raise
        finally:
            if known:
                self._abroad.discard(job.due.id)
            if not self._abroad:
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
            self._claimed.difference_update(one.notice_id for one in outcomes)
        self._paused = marked.paused
        if marked.marked != len(outcomes):
            log.warning("notices_no_longer_ours", count=len(outcomes) - marked.marked)

    async def _gather(self) -> None:
        """Wait a moment for what else is in flight, half as long as a commit lasts: one commit then marks it all."""
        if self._abroad:
            try:
                async with asyncio.timeout(self._commit_seconds / 2):
                    await self._all_back.wait()
            except TimeoutError:
                return

    @asynccontextmanager
    async def _statement(self) -> AsyncIterator["Connection"]:
        """Lend the connection, which takes one statement at a time, for one that commits by itself."""
        async with self._turn:
            if self._conn.is_closed():
                raise Unavailable("the connection that held the worker's lock is gone")
            with unavailable():
                yield self._conn
