"""The pool that lends connections: the same one again, never a broken one, no more than there are."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from service.pool import Pool, PoolClosed


@pytest.fixture
async def pool(dsn: str) -> AsyncIterator[Pool]:
    """Two connections, and little patience."""
    made = Pool(lambda: asyncpg.connect(dsn), size=2, patience=0.05)
    yield made
    await made.close()


async def test_the_connection_that_was_used_last_is_lent_again(pool: Pool) -> None:
    async with pool.lend() as first, pool.lend() as second:
        pass
    async with pool.lend() as again:
        assert again in (first, second)
    async with pool.lend() as once_more:
        assert once_more is again


async def test_whoever_waits_too_long_for_a_connection_is_told_so(pool: Pool) -> None:
    async with pool.lend(), pool.lend():
        with pytest.raises(TimeoutError):
            async with pool.lend():
                pass
    async with pool.lend() as conn:
        assert await conn.fetchval("select 1") == 1


async def test_whoever_waits_gets_the_connection_that_comes_back(pool: Pool) -> None:
    async def borrow() -> asyncpg.Connection:
        async with pool.lend() as conn:
            return conn

    async with pool.lend():
        async with pool.lend() as lent:
            waiting = asyncio.create_task(borrow())
            await asyncio.sleep(0)
        assert await waiting is lent


async def test_a_connection_that_has_died_is_not_lent_again(pool: Pool) -> None:
    async with pool.lend() as conn:
        conn.terminate()
    async with pool.lend() as other:
        assert await other.fetchval("select 1") == 1


async def test_a_connection_inside_a_transaction_is_not_lent_again(pool: Pool) -> None:
    async with pool.lend() as conn:
        await conn.execute("begin")
    assert conn.is_closed()


async def test_a_statement_given_up_in_mid_air_leaves_a_connection_that_works(pool: Pool) -> None:
    async with pool.lend() as conn:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await conn.execute("select pg_sleep(5)")
    async with pool.lend() as again:
        assert (again is conn, await again.fetchval("select 1")) == (True, 1)


async def test_a_connection_that_cannot_be_opened_costs_no_place(dsn: str) -> None:
    failing = True

    async def connect() -> asyncpg.Connection:
        if failing:
            raise ConnectionRefusedError
        return await asyncpg.connect(dsn)

    pool = Pool(connect, size=1, patience=0.05)
    for _ in range(2):
        with pytest.raises(ConnectionRefusedError):
            async with pool.lend():
                pass
    failing = False
    async with pool.lend() as conn:
        assert await conn.fetchval("select 1") == 1
    await pool.close()


async def test_a_closed_pool_waits_for_what_is_lent_and_lends_no_more(pool: Pool) -> None:
    async with pool.lend() as conn:
        closing = asyncio.create_task(pool.close())
        await asyncio.sleep(0)
        assert (closing.done(), await conn.fetchval("select 1")) == (False, 1)
    await closing
    with pytest.raises(PoolClosed):
        async with pool.lend():
            pass
    assert conn.is_closed()
