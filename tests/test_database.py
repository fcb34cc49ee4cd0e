"""Transactions within transactions, and commits that do not wait."""

import pytest

from service.database import Database

STEP = "insert into organisation (name, created_at) values ($1, now())"


async def names(db: Database) -> list[str]:
    async with db.reading() as conn:
        return [row["name"] for row in await conn.fetch("select name from organisation order by name")]


async def test_what_fails_within_a_transaction_leaves_the_rest_of_it(db: Database) -> None:
    async with db.transaction() as conn:
        await conn.execute(STEP, "first")
        with pytest.raises(ZeroDivisionError):
            async with db.within(conn).transaction() as inner:
                await inner.execute(STEP, "second")
                raise ZeroDivisionError
    assert await names(db) == ["first"]


async def test_what_joins_a_transaction_has_no_savepoint_of_its_own(db: Database) -> None:
    async with db.transaction() as conn:
        logged: list[str] = []
        conn.add_query_logger(lambda record: logged.append(record.query))
        async with db.within(conn).joining() as inner:
            assert inner is conn
            await inner.execute(STEP, "first")
    assert [query for query in logged if "savepoint" in query.lower()] == []
    with pytest.raises(ZeroDivisionError):
        async with db.joining() as conn:
            await conn.execute(STEP, "second")
            raise ZeroDivisionError
    assert await names(db) == ["first"]


async def test_only_whoever_says_so_does_not_wait_for_the_disk(shared: Database, clone_dsn: str) -> None:
    swift = await Database.open(clone_dsn, size=1, waits_for_disk=False)
    try:
        async with shared.transaction() as careful, swift.transaction() as conn:
            assert await careful.fetchval("show synchronous_commit") == "on"
            assert await conn.fetchval("show synchronous_commit") == "off"
    finally:
        await swift.close()
