"""What a running Kring has in hand: its settings, database, keys and clock; opened at the start, closed at the end."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Final

import asyncpg
import structlog

from service import config, migrations
from service.actions import people
from service.clock import Clock, SystemClock
from service.config import Settings, WrongSetting
from service.database import Database
from service.errors import Unavailable
from service.formats.tokens import Keys
from service.outages import unavailable
from service.pulse import Pulses
from service.waking import Bell

log = structlog.get_logger()

POOL: Final = 8
OLDEST_POSTGRESQL: Final = 15


@dataclass(frozen=True, slots=True)
class Source:
    """Where the database is; `revive` brings an embedded one back when it is gone, None where that is not ours."""

    dsn: str
    revive: Callable[[], bool] | None = None


@dataclass(frozen=True, slots=True)
class Kring:
    """What a running Kring has in hand."""

    settings: Settings
    source: Source
    db: Database
    keys: Keys
    clock: Clock
    pulses: Pulses = field(default_factory=Pulses)
    arrived: Bell = field(default_factory=Bell)
    """Rung when a messenger has brought something."""


@contextmanager
def database(settings: Settings) -> Iterator[Source]:
    """Provide the database, and run the embedded one meanwhile if there is no other.

    Main thread only. Says once where an embedded database lives when that is not in KRING_DATA. Raises WrongSetting
    when it cannot run.
    """
    if settings.database_url != "embedded":
        yield Source(settings.database_url)
        return
    from service.embedded import EmbeddedFailed, start

    try:
        running = start(settings.data, pg_bin=settings.pg_bin)
    except EmbeddedFailed as failure:
        raise WrongSetting(str(failure)) from None
    with running as embedded:
        if embedded.note:
            log.info("database_place", note=embedded.note)
        yield Source(embedded.dsn, embedded.ensure)


@asynccontextmanager
async def opened(settings: Settings, source: Source, *, clock: Clock | None = None) -> AsyncIterator[Kring]:
    """Bring the schema up to date, open the pools, and close them at the end.

    Raises WrongSetting when the database does not answer, lets nobody in or does not suit, and MigrationFailed.
    """
    async with connected(source.dsn) as conn:
        await migrations.migrate(conn)
    db = await Database.open(source.dsn, size=POOL)
    try:
        yield Kring(settings, source, db, config.secret_keys(settings), clock or SystemClock())
    finally:
        await db.close()


@asynccontextmanager
async def connected(dsn: str) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    """Connect for the first time, and close at the end.

    Raises WrongSetting, without a word of the address, which may hold a password, when nobody answers or lets us in,
    when it is no database for Kring, and when the block does what its role may not do.
    """
    try:
        with unavailable():
            conn = await asyncpg.connect(dsn, timeout=10)
    except Unavailable as failure:
        raise WrongSetting(f"KRING_DATABASE_URL: {failure}") from None
    except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError) as refusal:
        raise WrongSetting(f"KRING_DATABASE_URL: {refusal}") from None
    except ValueError:
        raise WrongSetting("KRING_DATABASE_URL cannot be read: host, port or a parameter is not right") from None
    try:
        _require_suitable(conn)
        yield conn
    except asyncpg.InsufficientPrivilegeError as refusal:
        raise WrongSetting(f"KRING_DATABASE_URL: {refusal.args[0]}: Kring needs a database of its own") from None
    finally:
        await conn.close()


def _require_suitable(conn: "asyncpg.Connection[asyncpg.Record]") -> None:
    if (version := conn.get_server_version().major) < OLDEST_POSTGRESQL:
        raise WrongSetting(f"KRING_DATABASE_URL: Kring needs PostgreSQL {OLDEST_POSTGRESQL} or newer, not {version}")
    if (encoding := conn.get_settings().server_encoding) != "UTF8":
        raise WrongSetting(f"KRING_DATABASE_URL: Kring needs a database with encoding UTF8, not {encoding}")


async def appoint_admin(kring: Kring) -> None:
    """Make the person of KRING_ADMIN an admin, as long as there is none."""
    if kring.settings.admin:
        now = kring.clock.now()
        await people.appoint_admin(kring.db, kring.settings.admin, language=kring.settings.language, now=now)


@contextmanager
def named(setting: str, value: str) -> Iterator[None]:
    """Tell of a place where nothing can listen by the name of the setting that says so."""
    try:
        yield
    except OSError as fault:
        reason = os.strerror(fault.errno) if fault.errno and fault.errno > 0 else fault.strerror
        raise WrongSetting(f"{setting} {value}: {reason or fault}") from None
