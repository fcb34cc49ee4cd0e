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


async def ended(db: Database, count: int) -> bool:
    return sum(state != "new" for _, _, state, _ in await states(db)) == count


async def ended_later(db: Database, clock: MovableClock, count: int) -> bool:
    clock.move(timedelta(hours=1))
    return await ended(db, count)
