"""Connections that are lent again and again, and what becomes of one that broke, grew old or is waited for."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from service import lending
from service.database import Database
from service.errors import Unavailable
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


async def test_a_connection_that_nobody_used_for_long_is_not_trusted(
    alone: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = await pid(alone)
    assert await pid(alone) == old
    monkeypatch.setattr(lending, "FRESH_SECONDS", 0.0)
    assert await pid(alone) != old


async def test_whoever_waits_gets_what_comes_back(alone: Database) -> None:
    async with alone.single() as conn:
        ours = await conn.fetchval(PID)
        waiting = [asyncio.create_task(pid(alone)) for _ in range(3)]
        await asyncio.sleep(0)
    assert await asyncio.gather(*waiting) == [ours] * 3


async def test_whoever_waits_too_long_is_told_to_come_back(alone: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lending, "WAIT_SECONDS", 0.0)
    async with alone.single():
        with pytest.raises(Unavailable):
            await pid(alone)
    monkeypatch.undo()
    assert await pid(alone)


async def test_a_statement_that_is_given_up_ends_before_its_connection_is_lent_again(
    alone: Database, shared: Database
) -> None:
    async def sleep() -> None:
        async with alone.single() as conn:
            await conn.execute("select pg_sleep(600)")

    async def asleep() -> bool:  # PostgreSQL forgets who gives up before it has begun
        async with shared.single() as conn:
            return bool(
                await conn.fetchval("select exists (select from pg_stat_activity where wait_event = 'PgSleep')")
            )

    task = asyncio.create_task(sleep())
    await until(asleep)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await pid(alone)


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
