"""How fast a file of people comes in, against COPY of the same rows, already numbered, into the same tables."""

import csv
import io
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from itertools import count

import asyncpg

from service.actions import importing
from service.database import Database
from service.rules.access import KRING
from tests.bench.figures import Figure, at_least_times, at_most, at_most_times, informing
from tests.bench.ground import ROUNDS, Ground
from tests.bench.rounds import Rounds

PEOPLE, FEWER = 100_000, 25_000
ORGANISATIONS = 200

COLUMNS = {
    "person": ("id", "name", "language", "role", "created_at"),
    "address": ("person_id", "channel", "value", "is_primary", "verified_at", "created_at"),
    "affiliation": ("person_id", "organisation_id", "title", "since"),
}
INSERT_ORGANISATIONS = """
    insert into organisation (name, created_at) select 'Lid ' || n, now() from generate_series(0, $1 - 1) n
"""
LINES = "create table lines (name text, email text, language text, organisation text, title text)"
# What other sessions wrote is counted when they end; tables of a transaction are not in this schema.
WRITTEN = "select sum(n_tup_ins + n_tup_upd + n_tup_del)::integer from pg_stat_user_tables where schemaname = 'public'"


async def run(ground: Ground) -> AsyncIterator[Figure]:
    rounds, numbers, written = Rounds(ground), count(), []
    file, smaller = _file(PEOPLE), _file(FEWER)
    for _ in range(ROUNDS):
        await rounds.measure("copy", PEOPLE, _copied(await ground.database(f"import_{next(numbers)}"), file))
        await rounds.measure("bare", PEOPLE, _copied_bare(await ground.database(f"import_{next(numbers)}"), file))
        dsn = await ground.database(f"import_{next(numbers)}")
        await rounds.measure("kring", PEOPLE, _imported(dsn, file))
        before = await _written(dsn)
        await rounds.measure("again", PEOPLE, _imported(dsn, file))
        written.append(await _written(dsn) - before)
        await rounds.measure("fewer", FEWER, _imported(await ground.database(f"import_{next(numbers)}"), smaller))
    name = f"import of {PEOPLE:,} people"
    yield at_least_times(f"{name}: rate", rounds.rate("kring"), "per s", rounds.rate("copy"), 0.4)
    yield informing(
        f"{name}: against COPY of the file into one bare table",
        rounds.rate("kring"),
        "per s",
        floor=rounds.rate("bare"),
    )
    yield informing(f"{name}: cost of a person", rounds.cpu("kring"), "ms CPU", floor=rounds.cpu("copy"))
    yield at_most_times(f"{name} against {FEWER:,}", rounds.cpu("kring"), "ms CPU", rounds.cpu("fewer"), 1.2)
    yield at_most(f"{name} again: rows written", max(written), "rows", 0)
    yield informing(f"{name} again: rate", rounds.rate("again"), "per s", floor=rounds.rate("copy"))


def _file(people: int) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("name", "email", "language", "organisation", "title", "roles", "circles"))
    for n in range(people):
        address = f"persoon{n}@lid{n % ORGANISATIONS}.example.org"
        writer.writerow(
            (f"Persoon {n}", address, "en" if n % 5 == 0 else "nl", f"Lid {n % ORGANISATIONS}", "Lid", "", "")
        )
    return text.getvalue()


async def _imported(dsn: str, file: str) -> None:
    db = await Database.open(dsn, size=1)
    report = await importing.people(db, KRING, file, now=datetime.now(UTC))
    await db.close()
    assert report.added + report.unchanged == file.count("\n") - 1


async def _copied(dsn: str, file: str) -> None:
    """Read the file and write the same people, addresses and affiliations, unchecked."""
    now, rows = datetime.now(UTC), list(csv.reader(io.StringIO(file)))[1:]
    tables = {
        "person": ((n, row[0], row[2], "member", now) for n, row in enumerate(rows, 1)),
        "address": ((n, "mail", row[1], True, now, now) for n, row in enumerate(rows, 1)),
        "affiliation": ((n, 1 + n % ORGANISATIONS, row[4], now.date()) for n, row in enumerate(rows, 1)),
    }
    conn = await asyncpg.connect(dsn)
    async with conn.transaction():
        await conn.execute(INSERT_ORGANISATIONS, ORGANISATIONS)
        for table, records in tables.items():
            await conn.copy_records_to_table(table, records=records, columns=COLUMNS[table])
    await conn.close()


async def _copied_bare(dsn: str, file: str) -> None:
    def rows() -> Iterator[tuple[str, ...]]:
        return (tuple(row[:5]) for row in csv.reader(io.StringIO(file)))

    conn = await asyncpg.connect(dsn)
    async with conn.transaction():
        await conn.execute(LINES)
        await conn.copy_records_to_table("lines", records=rows())
    await conn.close()


async def _written(dsn: str) -> int:
    conn = await asyncpg.connect(dsn)
    try:
        return int(await conn.fetchval(WRITTEN))
    finally:
        await conn.close()
