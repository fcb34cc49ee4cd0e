"""Connections that are lent again and again, and what becomes of one that broke, grew old or is waited for."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import asyncpg
import pytest

from service.database import Database
from service.errors import Unavailable
from service.lending import Lender
from tests.waiting import until

PID = "select pg_backend_pid()"
ASLEEP = "select exists (select from pg_stat_activity where wait_event = 'PgSleep')"
END = "select pg_terminate_backend($1, 5000)"


@pytest.fixture
async def alone(clone_dsn: str) -> AsyncIterator[Database]:
    """A database of which one connection is all there is."""
    database = await Database.open(clone_dsn, size=1)
    yield database
    await database.close()


async def pid(database: Database) -> int:
    async with database.single() as conn:
        return int(await conn.fetchval(PID))


async def lent(lender: Lender) -> int:
    async with lender.lend() as conn:
        return int(await conn.fetchval(PID))


async def test_what_came_back_last_is_lent_first(db: Database) -> None:
    async with db.single() as first, db.single() as second:
        one, other = await first.fetchval(PID), await second.fetchval(PID)
    assert one != other
    assert await pid(db) == one  # the second came back before it
    async with db.single(), db.single() as second:
        assert await second.fetchval(PID) == other


async def test_a_connection_that_broke_while_nobody_had_it_is_not_lent(alone: Database, shared: Database) -> None:
    gone = await pid(alone)
    async with shared.single() as conn:
        assert await conn.fetchval(END, gone)

    async def noticed() -> bool:
        try:
            return await pid(alone) != gone
        except Unavailable:  # the loop has not heard of it yet
            return False

    await until(noticed)


async def test_a_connection_that_breaks_in_the_block_says_later_and_the_next_one_works(
    alone: Database, shared: Database
) -> None:
    with pytest.raises(Unavailable):
        async with alone.single() as conn:
            gone = await conn.fetchval(PID)
            async with shared.single() as other:
                assert await other.fetchval(END, gone)
            await conn.execute("select 1")
    assert await pid(alone) != gone


async def test_a_connection_that_nobody_used_for_long_is_not_trusted(clone_dsn: str) -> None:
    trusting = Lender(await asyncpg.create_pool(clone_dsn, min_size=1, max_size=1))
    wary = Lender(await asyncpg.create_pool(clone_dsn, min_size=1, max_size=1), fresh=0.0)
    assert await lent(trusting) == await lent(trusting)
    assert await lent(wary) != await lent(wary)
    await trusting.close()
    await wary.close()


async def test_whoever_waits_gets_what_comes_back(alone: Database) -> None:
    async with alone.single() as conn:
        ours = await conn.fetchval(PID)
        waiting = [asyncio.create_task(pid(alone)) for _ in range(3)]
        await asyncio.sleep(0)
    assert await asyncio.gather(*waiting) == [ours] * 3


async def test_whoever_waits_too_long_is_told_to_come_back(clone_dsn: str) -> None:
    hasty = Lender(await asyncpg.create_pool(clone_dsn, min_size=1, max_size=1), wait=0.0)
    async with hasty.lend():
        with pytest.raises(Unavailable):
            await lent(hasty)
    assert await lent(hasty)
    await hasty.close()


async def test_a_statement_that_is_given_up_ends_before_its_connection_is_lent_again(
    alone: Database, shared: Database
) -> None:
    async def sleep() -> None:
        async with alone.single() as conn:
            await conn.execute("select pg_sleep(600)")

    async def asleep() -> bool:  # PostgreSQL forgets who gives up before it has begun
        async with shared.single() as conn:
            return bool(await conn.fetchval(ASLEEP))

    task = asyncio.create_task(sleep())
    await until(asleep)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await pid(alone)


async def test_a_transaction_that_a_block_left_open_is_nobody_elses(alone: Database) -> None:
    async with alone.single() as conn:
        await conn.execute("begin")
    async with alone.single() as conn:
        assert not conn.is_in_transaction()


async def test_our_own_faults_are_not_called_an_outage(alone: Database) -> None:
    with pytest.raises(asyncpg.UndefinedTableError):
        async with alone.single() as conn:
            await conn.execute("select from nothing")
    with pytest.raises(asyncpg.InterfaceError):
        async with alone.single() as conn:
            await conn.fetchval("select 1", "one too many")
    assert await pid(alone)


async def test_closing_waits_for_whoever_has_a_connection(clone_dsn: str, shared: Database) -> None:
    database = await Database.open(clone_dsn, size=2)
    await pid(database)
    async with database.single() as conn:
        closing = asyncio.create_task(database.close())
        await asyncio.sleep(0)
        assert await conn.fetchval("select 1") == 1
        assert not closing.done()
    await closing


async def test_whoever_waits_when_all_is_closed_is_served_or_told_to_come_back(clone_dsn: str) -> None:
    database = await Database.open(clone_dsn, size=1)
    async with database.single():
        waiting = [asyncio.create_task(pid(database)) for _ in range(2)]
        await asyncio.sleep(0)
        closing = asyncio.create_task(database.close())
        await asyncio.sleep(0)
        waiting.append(asyncio.create_task(pid(database)))
        await asyncio.sleep(0)
    await closing
    *earlier, last = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(answer, int | Unavailable) for answer in earlier)
    assert isinstance(last, Unavailable)


class Odd(Exception):
    """What goes wrong in a block by no fault of the database."""


class Crowd:
    """Many who want connections, to whom everything happens that can."""

    def __init__(self, database: Database, size: int, dice: random.Random) -> None:
        self.database, self.size, self.dice = database, size, dice
        self.had: set[int] = set()

    async def use(self) -> None:
        """Have a connection that nobody else has."""
        ways = (self.database.single, self.database.reading, self.database.transaction)
        async with self.dice.choice(ways)() as conn:
            mine = int(await conn.fetchval(PID))
            assert mine not in self.had
            self.had.add(mine)
            try:
                for _ in range(self.dice.randrange(4)):
                    await asyncio.sleep(0)
                await conn.execute(self.dice.choice(("select 1", "select pg_sleep(0.002)")))
                if self.dice.random() < 0.2:
                    raise Odd
            finally:
                self.had.remove(mine)

    async def trouble(self, running: list[asyncio.Task[None]], other: Database) -> None:
        """Let somebody give up, or a connection break, or nothing happen."""
        happens = self.dice.random()
        if happens < 0.3:
            self.dice.choice(running[: 2 * self.size]).cancel()
        elif happens < 0.35 and self.had:
            async with other.single() as conn:
                await conn.execute(END, self.dice.choice(sorted(self.had)))
        await asyncio.sleep(0)

    async def all_there(self) -> bool:
        """Tell whether every connection can be had at the same time, with nothing left open on it."""
        try:
            async with AsyncExitStack() as stack:
                ways = [self.database.single, self.database.reading] * self.size
                conns = [await stack.enter_async_context(way()) for way in ways]
                assert not any(conn.is_in_transaction() for conn in conns)
                return len({await conn.fetchval(PID) for conn in conns}) == len(ways)
        except Unavailable:  # the loop has not heard of what broke last
            return False


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_happens_no_connection_is_had_by_two_and_none_is_lost(
    clone_dsn: str, shared: Database, seed: int
) -> None:
    dice = random.Random(seed)
    size = dice.randint(1, 4)
    database = await Database.open(clone_dsn, size=size)
    crowd = Crowd(database, size, dice)
    tasks = [asyncio.create_task(crowd.use()) for _ in range(150)]
    while running := [task for task in tasks if not task.done()]:
        await crowd.trouble(running, shared)
    for ended in await asyncio.gather(*tasks, return_exceptions=True):
        assert ended is None or isinstance(ended, asyncio.CancelledError | Odd | Unavailable), ended
    await until(crowd.all_there)
    await database.close()
