"""The inbox has one worker per channel: what one channel brings never waits for another, and never goes astray."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from service.actions import inbox_shifts, intake
from service.actions.intake import IntakeWorker
from service.clock import MovableClock
from service.database import Database
from service.store.inbox import Stored, Verdict
from tests.conftest import NOW
from tests.waiting import until

EFFECT = "insert into channel_memory (channel, name, value) values ($1, $2, 'done')"
EFFECTS = "select name from channel_memory where channel = $1 order by name"


@dataclass
class Channel:
    """A channel that notes what it was given; `faults` are the messages that it cannot read, `failing` not do."""

    name: str
    db: Database
    faults: set[bytes] = field(default_factory=set)
    failing: set[bytes] = field(default_factory=set)
    private: set[bytes] = field(default_factory=set)
    applied: list[bytes] = field(default_factory=list)
    companies: list[int] = field(default_factory=list)

    async def read(self, stored: Stored) -> bytes:
        if stored.raw in self.faults:
            raise ValueError(stored.raw)
        return stored.raw

    async def apply(self, db: Database, stored: Stored, read: bytes, now: datetime) -> Verdict:
        async with db.joining() as conn:
            await conn.execute(EFFECT, self.name, read.decode())
        if read in self.failing:
            raise ValueError(read)
        self.applied.append(read)
        return Verdict("applied", self.name)

    async def together(self, db: Database, part: Sequence[tuple[Stored, bytes]], now: datetime) -> list[Verdict | None]:
        self.companies.append(len(part))
        return [None if read in self.private else await self.apply(db, stored, read, now) for stored, read in part]

    async def effects(self) -> list[str]:
        """Return what took effect, each as often as it did."""
        async with self.db.reading() as conn:
            return [row["name"] for row in await conn.fetch(EFFECTS, self.name)]

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


def worker(one: Channel, clock: MovableClock) -> IntakeWorker[bytes]:
    return IntakeWorker(db=one.db, clock=clock, channel=one.name, read=one.read, apply=one.apply, together=one.together)


@asynccontextmanager
async def working(clock: MovableClock, *channels: Channel):
    """Let a worker per channel work during the block; a second worker of each stands by, as in a second process."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks, AsyncExitStack() as stack:
        stack.callback(stop.set)
        for one in (*channels, *channels):
            tasks.create_task(worker(one, clock).run(stop))
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


async def test_messages_that_come_together_share_a_transaction(db: Database, clock: MovableClock) -> None:
    chat = Channel("chat", db, private={b"7"})
    for number in range(10):
        await chat.keep(b"%d" % number, conversation=str(number))
    async with working(clock, chat):
        await until(lambda: ended(db, 10))
    assert chat.companies == [10]
    assert chat.applied == [*(b"%d" % number for number in range(10) if number != 7), b"7"]
    assert await chat.effects() == [f"{number}" for number in range(10)]


async def test_a_message_that_fails_takes_none_of_its_company_along(db: Database, clock: MovableClock) -> None:
    chat = Channel("chat", db, failing={b"3"}, faults={b"5"})
    for number in range(10):
        await chat.keep(b"%d" % number, conversation=str(number))
    async with working(clock, chat):
        await until(lambda: ended(db, 8))
        assert await chat.effects() == [f"{number}" for number in range(10) if number not in (3, 5)]
        await until(lambda: ended_later(db, clock, 10))
    assert await chat.effects() == [f"{number}" for number in range(10) if number not in (3, 5)]
    assert {(name, state) for _, name, state, _ in await states(db) if state != "applied"} == {
        ("3", "dead"),
        ("5", "dead"),
    }


ELSEWHERE = "update inbox set state = 'applied', reason = 'elsewhere', done_at = now() where external_id = $1"


@dataclass
class Overtaken(Channel):
    """A channel whose first message is ended by another process while it is worked on."""

    async def apply(self, db: Database, stored: Stored, read: bytes, now: datetime) -> Verdict:
        if read == b"0":
            async with self.db.transaction() as conn:
                await conn.execute(ELSEWHERE, "0")
        return await super().apply(db, stored, read, now)


@pytest.mark.parametrize("count", [1, 5])
async def test_what_another_has_ended_meanwhile_takes_no_effect_here(
    db: Database, clock: MovableClock, count: int
) -> None:
    chat = Overtaken("chat", db)
    for number in range(count):
        await chat.keep(b"%d" % number, conversation=str(number))
    async with working(clock, chat):
        await until(lambda: ended(db, count))
    assert await chat.effects() == [f"{number}" for number in range(1, count)]
    assert (await states(db))[0] == ("chat", "0", "applied", "elsewhere")


@dataclass
class Cut(Channel):
    """A channel whose connection breaks under its work, so many times."""

    breaks: int = 0

    async def apply(self, db: Database, stored: Stored, read: bytes, now: datetime) -> Verdict:
        if self.breaks:
            self.breaks -= 1
            async with db.joining() as conn:
                await conn.execute("select pg_terminate_backend(pg_backend_pid())")
        return await super().apply(db, stored, read, now)


@pytest.mark.parametrize("count", [1, 5])
async def test_a_database_that_goes_away_counts_against_no_message(
    db: Database, clock: MovableClock, count: int
) -> None:
    chat = Cut("chat", db, breaks=2 * inbox_shifts.TRIES)
    for number in range(count):
        await chat.keep(b"%d" % number, conversation=str(number))
    async with working(clock, chat):
        await until(lambda: ended(db, count))
    assert await chat.effects() == [f"{number}" for number in range(count)]
    assert {state for _, _, state, _ in await states(db)} == {"applied"}


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
        stop = asyncio.Event()
        try:
            async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
                tasks.create_task(worker(chat, clock).run(stop))
                await until(lambda: ended(db, 102))
                stop.set()
        except BaseExceptionGroup as died:
            assert died.subgroup(Death)
            deaths += 1
    assert (
        inbox_shifts.TRIES < deaths <= 2 * inbox_shifts.TRIES
    )  # the second may have been taken in hand when the first struck
    found = await states(db)
    assert [name for _, name, state, _ in found if state == "dead"] == ["deadly 3", "deadly 50"]
    assert set(chat.applied) == {b"%d" % number for number in range(100)}
    assert {(state, reason) for _, _, state, reason in found} == {("applied", "chat"), ("dead", "worker-died")}


async def ended(db: Database, count: int) -> bool:
    return sum(state != "new" for _, _, state, _ in await states(db)) == count


async def ended_later(db: Database, clock: MovableClock, count: int) -> bool:
    clock.move(timedelta(hours=1))
    return await ended(db, count)
