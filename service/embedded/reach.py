"""Asks whether a server takes connections, and names its databases.

Opens one connection and closes it again; the pools are `service/database`.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import asyncpg
import structlog

from service.embedded.place import EmbeddedFailed

log = structlog.get_logger()

OWNER = "kring"
"""The role that Kring connects as (a superuser of its own cluster) and the name of its database."""

PORT = 5432
CONNECT_SECONDS = 30.0


def database_url(sockets: Path, name: str = OWNER) -> str:
    """Write the address of a database of the cluster, as asyncpg and libpq read it."""
    return f"postgresql://{OWNER}@/{name}?host={quote(str(sockets), safe='/')}&port={PORT}"


def reach_database(sockets: Path) -> bool:
    """Connect once, making the database when it is missing; False when the server takes no connections."""
    with ThreadPoolExecutor(1) as thread:  # the caller's own thread may already run an event loop
        return thread.submit(lambda: asyncio.run(_reach(sockets))).result()


async def _reach(sockets: Path) -> bool:
    try:
        await _connect(sockets)
    except (OSError, asyncpg.CannotConnectNowError, asyncpg.PostgresConnectionError):
        return False
    except asyncpg.TooManyConnectionsError:
        return True  # it answers, and others hold the database
    except asyncpg.PostgresError as error:
        raise EmbeddedFailed(f"PostgreSQL does not let Kring in: {error}") from error
    return True


async def _connect(sockets: Path) -> None:
    try:
        conn = await asyncpg.connect(database_url(sockets), timeout=CONNECT_SECONDS)
    except asyncpg.InvalidCatalogNameError:
        await _create_database(sockets)
    else:
        await conn.close()


async def _create_database(sockets: Path) -> None:
    conn = await asyncpg.connect(database_url(sockets, "postgres"), timeout=CONNECT_SECONDS)
    try:
        await conn.execute(f"create database {OWNER}")
    except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
        log.debug("another process made the database")
    finally:
        await conn.close()
