"""What it costs to take in 100,000 people, against COPY of the finished rows into the same tables."""

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from time import perf_counter

import asyncpg

from service.actions import importing
from service.database import Database
from service.rules.access import KRING
from tests.bench.figures import Figure, at_least_times, at_most, informing
from tests.bench.ground import Ground

PEOPLE = 100_000
ORGANISATIONS = 500
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TABLES = ("organisation", "person", "address", "affiliation")
WRITTEN = "select sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint from pg_stat_user_tables where relname = any($1)"


async def run(ground: Ground) -> AsyncIterator[Figure]:
    """Import, import again unchanged, then COPY what came of it into an empty database."""
    source = _file()
    db = await Database.open(dsn := await ground.database("importing"))
    first = await _seconds(importing.people(db, KRING, source, now=NOW))
    before = await _written(dsn)
    again = await _seconds(importing.people(db, KRING, source, now=NOW))
    touched = await _written(dsn) - before
    await db.close()
    floor = await _copied(dsn, await ground.database("copying"))
    rate = "people/s"
    yield at_least_times("import of 100,000 people, validated", PEOPLE / first, rate, PEOPLE / floor, 0.4)
    yield informing("the same file again", PEOPLE / again, rate, floor=PEOPLE / floor)
    yield at_most("rows that the same file again writes", touched, "rows", 0)


def _file() -> str:
    rows = (
        f"Person {n},person{n}@org{n % ORGANISATIONS}.example.org,nl,Org {n % ORGANISATIONS},Director,,"
        for n in range(PEOPLE)
    )
    return "\n".join(("name,email,language,organisation,title,roles,circles", *rows, ""))


async def _seconds(work) -> float:
    began = perf_counter()
    report = await work
    assert not report.errors
    return perf_counter() - began


async def _written(dsn: str) -> int:
    """Count the rows that were ever written in the tables of people, as PostgreSQL itself keeps count."""
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute("select pg_stat_clear_snapshot()")
        return int(await conn.fetchval(WRITTEN, list(TABLES)))
    finally:
        await conn.close()


async def _copied(dsn: str, empty: str) -> float:
    """Time COPY of the finished rows, indexes and foreign keys included."""
    full, target = await asyncpg.connect(dsn), await asyncpg.connect(empty)
    files = {}
    for table in TABLES:
        files[table] = io.BytesIO()
        await full.copy_from_table(table, output=files[table], format="binary")
        files[table].seek(0)
    began = perf_counter()
    async with target.transaction():
        for table in TABLES:
            await target.copy_to_table(table, source=files[table], format="binary")
    seconds = perf_counter() - began
    await full.close()
    await target.close()
    return seconds
