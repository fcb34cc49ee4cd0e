"""What tests share: one PostgreSQL for the whole run, databases copied from a template, and a clock that is moved."""

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import hypothesis
import pytest
import uvloop

from service.clock import MovableClock
from service.database import Database
from service.embedded import Embedded, start
from service.migrations import migrate
from tests.emptying import Emptied

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""Where every test's clock starts: a Monday, ten o'clock in Amsterdam."""

TEMPLATE = "template_kring"

HANG_UP = "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1"
"""End whoever a test has left in its database, and wait until they are gone."""

# How long an example takes says more of the machine than of the program.
hypothesis.settings.register_profile("kring", deadline=None)
hypothesis.settings.load_profile("kring")


# Tests run on the loop that Kring runs on. (The hook of pytest-asyncio for this tears session fixtures down too early.)
asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())

LONG = {"browser", "stories", "faults", "test_openapi.py"}
"""Where few tests take long each."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what takes long begin first: at the end no process then waits for another."""
    items.sort(key=lambda item: LONG.isdisjoint(item.path.parts))


@pytest.fixture
def clock() -> MovableClock:
    """A clock that stands at NOW until the test moves it."""
    return MovableClock(NOW)


@pytest.fixture(scope="session")
def ground() -> Iterator[Path]:
    """A folder that an unprivileged account can cross, as pytest's own folders cannot be when root runs the tests."""
    folder = Path(tempfile.mkdtemp(prefix="kring-tests-")).resolve()
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def cluster(ground: Path) -> Iterator[Embedded]:
    """The PostgreSQL of this test run; KRING_PG_BIN chooses its version."""
    pg_bin = os.environ.get("KRING_PG_BIN")
    home = ground / "cluster"
    with start(
        home / "data", pg_bin=Path(pg_bin) if pg_bin else None, durable=False, root_home=home / "root"
    ) as running:
        yield running


@pytest.fixture(scope="session")
async def admin(cluster: Embedded) -> AsyncIterator[asyncpg.Connection]:
    """A connection that makes and drops databases."""
    conn = await asyncpg.connect(dsn_to(cluster, "postgres"))
    yield conn
    await conn.close()


@pytest.fixture(scope="session")
async def template(cluster: Embedded, admin: asyncpg.Connection) -> Emptied:
    """The database that the others are copied from, fresh from schema.sql; what it held, to come back to."""
    await admin.execute(f"create database {TEMPLATE}")
    conn = await asyncpg.connect(dsn_to(cluster, TEMPLATE))
    try:
        await migrate(conn)
        return await Emptied.remember(conn)
    finally:
        await conn.close()


@pytest.fixture(scope="session")
async def dsn(cluster: Embedded, admin: asyncpg.Connection, template: Emptied) -> str:
    """The address of the database that tests share one after the other; `db` empties it."""
    return await copy_of_template(cluster, admin, "shared")


@pytest.fixture(scope="session")
async def shared(dsn: str) -> AsyncIterator[Database]:
    """The pools on the shared database, opened once."""
    database = await Database.open(dsn)
    yield database
    await database.close()


@pytest.fixture
async def db(shared: Database, template: Emptied) -> Database:
    """The shared database, as schema.sql leaves it: domain tables empty, policy rows as they were."""
    async with shared.transaction() as conn:
        await template.empty(conn)
    return shared


@pytest.fixture(scope="session")
def spare() -> list[str]:
    """Names of clones that are empty again and that nobody uses now: to make one takes far longer than to empty it."""
    return []


@pytest.fixture
async def clone_dsn(
    cluster: Embedded, admin: asyncpg.Connection, template: Emptied, spare: list[str]
) -> AsyncIterator[str]:
    """The address of a database that only this test has: for faults, second processes and other pools."""
    if spare:
        name = spare.pop()
    else:
        name = f"clone_{next(_numbers)}"
        await copy_of_template(cluster, admin, name)
    yield dsn_to(cluster, name)
    freed = f"clone_{next(_numbers)}"
    try:
        await admin.execute(HANG_UP, name)
        # Under another name, so that a process that a test has left behind does not find it again.
        await admin.execute(f"alter database {name} rename to {freed}")
    except asyncpg.ObjectInUseError:
        await admin.execute(f"drop database {name} with (force)")
        return
    conn = await asyncpg.connect(dsn_to(cluster, freed))
    try:
        await template.renew(conn)
    finally:
        await conn.close()
    spare.append(freed)


@pytest.fixture
async def clone(clone_dsn: str) -> AsyncIterator[Database]:
    """A database that only this test has, with room for thirty at once: for races."""
    database = await Database.open(clone_dsn, size=30)
    yield database
    await database.close()


@pytest.fixture
async def empty_dsn(cluster: Embedded, admin: asyncpg.Connection) -> AsyncIterator[str]:
    """The address of a database with nothing in it."""
    name = f"empty_{next(_numbers)}"
    await admin.execute(f"create database {name} template template0")
    yield dsn_to(cluster, name)
    await admin.execute(f"drop database {name} with (force)")


def dsn_to(cluster: Embedded, name: str) -> str:
    """Return the address of another database of the cluster."""
    return urlsplit(cluster.dsn)._replace(path=f"/{name}").geturl()


async def copy_of_template(cluster: Embedded, admin: asyncpg.Connection, name: str) -> str:
    """Copy the template and return the copy's address."""
    await admin.execute(f"create database {name} template {TEMPLATE} strategy file_copy")
    return dsn_to(cluster, name)


_numbers = itertools.count(1)
