"""The inbox has one worker per channel: what one channel brings never waits for another, and never goes astray."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from service.actions import intake
from service.actions.intake import IntakeWorker, Verdict
from service.clock import MovableClock
from service.database import Database
from service.store.inbox import Stored
from tests.conftest import NOW
from tests.waiting import until


@dataclass
class Channel:
    """A channel that notes what it was given; `faults` are the messages that it cannot read."""

    name: str
    db: Database
    faults: set[bytes] = field(default_factory=set)
    applied: list[bytes] = field(default_factory=list)

    async def read(self, stored: Stored) -> bytes:
        if stored.raw in self.faults:
            raise ValueError(stored.raw)
        return stored.raw

    async def apply(self, db: Database, stored: Stored, read: bytes, now: datetime) -> Verdict:
        self.applied.append(read)
        return Verdict("applied", self.name)

    async def keep(self, *raw: bytes, conversation: str = "one") -> None:
        for one in raw:
            await intake.store(
                self.db,
                channel=self.name,
                external_id=one.decode(),
                conversation=conversation,
                envelope_from="",
                recipient="",
                raw=one,
                now=NOW,
            )


@asynccontextmanager
async def working(clock: MovableClock, *channels: Channel):
    """Let a worker per channel work during the block; a second worker of each stands by, as in a second process."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks, AsyncExitStack() as stack:
        stack.callback(stop.set)
        for one in (*channels, *channels):
            worker = IntakeWorker(db=one.db, clock=clock, channel=one.name, read=one.read, apply=one.apply)
            tasks.create_task(worker.run(stop))
        yield


async def states(db: Database) -> list[tuple[str, str, str, str]]:
    async with db.reading() as conn:
        found = await conn.fetch("select channel, external_id, state, reason from inbox order by id")
    return [tuple(row) for row in found]


async def test_each_channel_gets_its_own_messages_in_order_and_once(db: Database, clock: MovableClock) -> None:
    post, chat = Channel("mail", db), Channel("chat", db)
    await post.keep(b"1", b"2", b"3")
    await chat.keep(b"1", b"2", b"2", b"3")
    async with working(clock, post, chat):
        await until(lambda: ended(db, 6))
    assert post.applied == chat.applied == [b"1", b"2", b"3"]
    assert await states(db) == [(name, n, "applied", name) for name in ("mail", "chat") for n in "123"]


async def test_a_message_that_cannot_be_read_holds_up_its_conversation_alone(db: Database, clock: MovableClock) -> None:
    post, chat = Channel("mail", db), Channel("chat", db, faults={b"bad"})
    await chat.keep(b"bad", b"behind")
    await chat.keep(b"beside", conversation="two")
    await post.keep(b"letter")
    async with working(clock, post, chat):
        await until(lambda: ended(db, 2))
        assert (chat.applied, post.applied) == ([b"beside"], [b"letter"])
        await until(lambda: ended_later(db, clock, 4))
    assert chat.applied == [b"beside", b"behind"]
    assert await states(db) == [
        ("chat", "bad", "dead", "ValueError"),
        ("chat", "behind", "applied", "chat"),
        ("chat", "beside", "applied", "chat"),
        ("mail", "letter", "applied", "mail"),
    ]


async def test_a_channel_without_a_worker_waits_and_nobody_else_takes_its_messages(
    db: Database, clock: MovableClock
) -> None:
    post, chat = Channel("mail", db), Channel("chat", db)
    await chat.keep(b"later")
    await post.keep(b"letter")
    async with working(clock, post):
        await until(lambda: ended(db, 1))
    assert await states(db) == [("chat", "later", "new", ""), ("mail", "letter", "applied", "mail")]


class Death(BaseException):
    """What ends a worker with all that it has in hand, as running out of memory does."""


@dataclass
class Deadly(Channel):
    """A channel of which some messages end whoever works on them."""

    async def apply(self, db: Database, stored: Stored, read: bytes, now: datetime) -> Verdict:
        if read.startswith(b"deadly"):
            raise Death
        return await super().apply(db, stored, read, now)


async def test_what_ends_its_worker_takes_nobody_else_along(db: Database, clock: MovableClock) -> None:
    chat = Deadly("chat", db)
    for number in range(100):
        await chat.keep(b"%d" % number, conversation=str(number))
        if number in (3, 50):
            await chat.keep(b"deadly %d" % number, conversation=f"deadly {number}")
    deaths = 0
    while not await ended(db, 102):
        worker = IntakeWorker(db=db, clock=clock, channel="chat", read=chat.read, apply=chat.apply)
        stop = asyncio.Event()
        try:
            async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
                tasks.create_task(worker.run(stop))
                await until(lambda: ended(db, 102))
                stop.set()
        except BaseExceptionGroup as died:
            assert died.subgroup(Death)
            deaths += 1
    assert intake.TRIES < deaths <= 2 * intake.TRIES  # the second may have been taken in hand when the first struck
    found = await states(db)
    assert [name for _, name, state, _ in found if state == "dead"] == ["deadly 3", "deadly 50"]
    assert set(chat.applied) == {b"%d" % number for number in range(100)}
    assert {(state, reason) for _, _, state, reason in found} == {("applied", "chat"), ("dead", "worker-died")}


async def ended(db: Database, count: int) -> bool:
    return sum(state != "new" for _, _, state, _ in await states(db)) == count


async def ended_later(db: Database, clock: MovableClock, count: int) -> bool:
    clock.move(timedelta(hours=1))
    return await ended(db, count)
