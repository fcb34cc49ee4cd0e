"""Joins everything: settings, database, channels, web and workers. The only place that knows them all.

Builds and runs; what a command of the command line does with it is in `service/cli`.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Final

import asyncpg
import structlog

from service import config, migrations, scheduler
from service.actions.delivery import Worker
from service.clock import Clock, SystemClock
from service.config import Settings
from service.database import Database, unavailable
from service.formats.tokens import Keys

log = structlog.get_logger()

ROLES: Final = ("web", "worker")
POOL: Final = 8
FLUSH_SECONDS: Final = 60.0
CLOSE_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Kring:
    """What a running Kring has in hand."""

    settings: Settings
    db: Database
    keys: Keys
    clock: Clock


@contextmanager
def database_url(settings: Settings) -> Iterator[str]:
    """Provide the address of the database, and run the embedded one meanwhile if there is no other.

    Main thread only. Says once where an embedded database lives when that is not in KRING_DATA.
    """
    if settings.database_url != "embedded":
        yield settings.database_url
        return
    from service.embedded import start

    with start(settings.data, pg_bin=settings.pg_bin) as embedded:
        if embedded.note:
            log.info("database_place", note=embedded.note)
        yield embedded.dsn


@asynccontextmanager
async def opened(settings: Settings, dsn: str, *, clock: Clock | None = None) -> AsyncIterator[Kring]:
    """Bring the schema up to date, open the pools, and close them at the end; raises Unavailable, MigrationFailed."""
    with unavailable():
        conn = await asyncpg.connect(dsn, timeout=10)
    try:
        await migrations.migrate(conn)
    finally:
        await conn.close()
    db = await Database.open(dsn, size=POOL)
    try:
        yield Kring(settings, db, config.secret_keys(settings), clock or SystemClock())
    finally:
        await db.close()


@asynccontextmanager
async def serving(
    kring: Kring, *, roles: Sequence[str] = ROLES, demo: bool = False, stop: asyncio.Event
) -> AsyncIterator[None]:
    """Run the chosen roles during the block; at its end, with `stop` set, what is in flight is finished.

    Raises OSError when the web cannot listen where it should.
    """
    async with AsyncExitStack() as stack:
        channels = await stack.enter_async_context(_channels(kring))
        site = await stack.enter_async_context(_web(kring, channels, demo)) if "web" in roles else None
        async with asyncio.TaskGroup() as tasks:
            if "worker" in roles:
                tasks.create_task(channels.worker(kring).run(stop))
                tasks.create_task(scheduler.run(kring.db, clock=kring.clock, stop=stop))
            if site is not None:
                tasks.create_task(site.flush(stop))
            log.info("ready", roles=list(roles), url=kring.settings.base_url)
            try:
                yield
            finally:
                stop.set()


def stop_on_signals() -> asyncio.Event:
    """Return an event that Ctrl-C and SIGTERM set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop
