"""Brings a database to the schema of this code, forward only, one starter at a time.

A fresh database gets `schema.sql` as a whole; a database with data gets the numbered files of this folder that it has
not had. `service/migrations/catalog` lists what came of it, so that a test can prove both ways equal.

A file is `NNNN_name.sql`, numbered without gaps, and runs in one transaction. One whose first line is
`-- no-transaction` (for `create index concurrently`) runs statement by statement, each ending in a semicolon at the
end of a line; it is recorded only at its end and must be written so that it can be repeated.
"""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import structlog

from service.errors import KringError

if TYPE_CHECKING:
    from service.database import Connection

log = structlog.get_logger()

FOLDER = Path(__file__).parent
SCHEMAS = (FOLDER.parent / "schema.sql", FOLDER.parent.parent / "schema.sql")
"""Where the schema lies: in an installed package, in a checkout."""

LOCK = int.from_bytes(b"kringmig")
"""The advisory lock of whoever migrates, by bigint, apart from the two-integer locks of workers."""

LOCK_PAUSE = 0.1
LOCK_TIMEOUT = "3s"
"""How long a statement waits for a table that somebody uses, while everybody else queues behind it."""

NO_TRANSACTION = "-- no-transaction"

CREATE_VERSIONS = """
create table schema_version (
    number      integer constraint schema_version_pkey primary key,
    name        text not null,
    checksum    text not null,
    applied_at  timestamptz not null default now()
)
"""
SELECT_VERSIONS = "select number, name, checksum from schema_version order by number"
INSERT_VERSION = "insert into schema_version (number, name, checksum) values ($1, $2, $3)"

COUNT_STRANGERS = """
select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and n.nspname = current_schema()
"""


class MigrationFailed(KringError):
    """The database cannot be brought to the schema of this code."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: a step from the schema before it to the next."""

    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        """Return what a changed file is known by."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def in_transaction(self) -> bool:
        """Tell whether the file runs as a whole or not at all."""
        return not self.text.startswith(NO_TRANSACTION)


async def migrate(conn: "Connection", *, folder: Path = FOLDER, schema: Path | None = None) -> list[str]:
    """Bring the database to the schema of this code and return the names of the steps taken.

    Waits for another process that does the same, and then finds nothing to do. Takes a connection of its own, outside
    a transaction. Raises MigrationFailed, saying why: a file that ran was edited since, the database is newer than
    the code, it holds tables that are not Kring's, or a step failed; the steps before that one stay.
    """
    steps = read(folder)
    async with _alone(conn):
        if not await _has_versions(conn):
            return await _create(conn, steps, schema or _found_schema())
        todo = _not_applied(steps, await conn.fetch(SELECT_VERSIONS))
        for step in todo:
            await _apply(conn, step)
            log.info("database migrated", step=step.name)
    return [step.name for step in todo]


async def pending(conn: "Connection", *, folder: Path = FOLDER) -> list[str]:
    """Return the names of the steps that `migrate` would take, writing nothing; raises MigrationFailed as it would."""
    steps = read(folder)
    if not await _has_versions(conn):
        await _require_own(conn)
        return [step.name for step in steps]
    return [step.name for step in _not_applied(steps, await conn.fetch(SELECT_VERSIONS))]


def read(folder: Path = FOLDER) -> list[Migration]:
    """Read the files of a folder in order; raises MigrationFailed unless they count 1, 2, 3 and so on."""
    steps = []
    for path in sorted(folder.glob("*.sql")):
        match = re.fullmatch(r"(\d{4})_[a-z0-9_]+", path.stem)
        if match is None:
            raise MigrationFailed(f"{path.name} is not named NNNN_name.sql")
        # a checkout may have written its own line ends
        steps.append(Migration(int(match[1]), path.stem, path.read_text("utf-8").replace("\r\n", "\n")))
    for due, step in enumerate(steps, 1):
        if step.number != due:
            raise MigrationFailed(f"{step.name} stands where number {due:04} should be")
    return steps


@asynccontextmanager
async def _alone(conn: "Connection") -> AsyncIterator[None]:
    """Hold the advisory lock, waiting for it as long as it takes."""
    if conn.is_in_transaction():
        raise RuntimeError("migrate opens its own transactions")
    # asks again and again: a statement that waits holds a snapshot, which `create index concurrently` would wait for
    waits = False
    while not await conn.fetchval("select pg_try_advisory_lock($1)", LOCK):
        if not waits:
            log.info("waiting for another process that migrates the database")
            waits = True
        await asyncio.sleep(LOCK_PAUSE)
    try:
        yield
    except (asyncpg.InterfaceError, asyncpg.PostgresConnectionError) as error:
        # PostgreSQL undoes the step that was under way, and lets the lock go
        raise MigrationFailed("the connection to the database was lost; try again") from error
    finally:
        if not conn.is_closed():
            await conn.execute("select pg_advisory_unlock($1)", LOCK)


def _found_schema() -> Path:
    return next(path for path in SCHEMAS if path.exists())


async def _has_versions(conn: "Connection") -> bool:
    return bool(await conn.fetchval("select to_regclass('schema_version') is not null"))


async def _require_own(conn: "Connection") -> None:
    """Refuse a database that something else keeps its tables in."""
    if await conn.fetchval(COUNT_STRANGERS):
        raise MigrationFailed("the database holds tables that are not Kring's: give Kring a database of its own")


async def _create(conn: "Connection", steps: list[Migration], schema: Path) -> list[str]:
    await _require_own(conn)
    text = schema.read_text("utf-8")  # noqa: ASYNC240 - one small file, before anything else runs
    async with conn.transaction():
        await conn.execute(CREATE_VERSIONS)
        await _run(conn, schema.name, text)
        for step in steps:
            await _record(conn, step)
    log.info("database created", steps=len(steps))
    return [step.name for step in steps]


async def _apply(conn: "Connection", step: Migration) -> None:
    if step.in_transaction:
        async with conn.transaction():
            await conn.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
            await _run(conn, step.name, step.text)
            await _record(conn, step)
        return
    for statement in re.split(r";[ \t]*$", step.text, flags=re.MULTILINE):
        if re.sub(r"--.*", "", statement).strip():
            await _run(conn, step.name, statement)
    await _record(conn, step)


async def _record(conn: "Connection", step: Migration) -> None:
    await conn.execute(INSERT_VERSION, step.number, step.name, step.checksum)


async def _run(conn: "Connection", name: str, text: str) -> None:
    try:
        await conn.execute(text)
    except asyncpg.LockNotAvailableError as error:
        raise MigrationFailed(
            f"{name}: a table was in use for {LOCK_TIMEOUT}; nothing was changed, try again"
        ) from error
    except asyncpg.PostgresError as error:
        # the first part alone: details name rows
        raise MigrationFailed(f"{name}{_line(error, text)}: {error.args[0]}") from error


def _line(error: Exception, text: str) -> str:
    """Say in which line it went wrong, where PostgreSQL tells."""
    position = getattr(error, "position", None)
    return f" line {text.count(chr(10), 0, int(position) - 1) + 1}" if position else ""


def _not_applied(steps: list[Migration], applied: Sequence[asyncpg.Record]) -> list[Migration]:
    """Check that what was applied is what the files say, and return the rest."""
    known = {step.number: step for step in steps}
    for due, row in enumerate(applied, 1):
        step = known.get(row["number"])
        if step is None:
            raise MigrationFailed(
                f"the database is newer than this Kring: it has had {row['name']}; install a newer Kring"
            )
        if row["number"] != due:
            raise MigrationFailed(f"the database has had {row['name']} but not number {due:04}")
        if (row["name"], row["checksum"]) != (step.name, step.checksum):
            raise MigrationFailed(f"{step.name} was edited after this database had it as {row['name']}; undo the edit")
    return steps[len(applied) :]
