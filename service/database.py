"""The pools of connections: one that writes, one on which PostgreSQL itself refuses to write.

Actions open exactly one transaction here; statements live in `service/store`.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import asyncpg

from service.lending import WAIT_SECONDS, Lender
from service.outages import unavailable
from service.pulse import Beat, unheard
from service.waking import wait

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]

STAND_BY_SECONDS = 0.5
"""How soon another process takes over from one that held a lock and is gone."""

TRY_OFFICE = "select pg_try_advisory_lock(hashtextextended($1, 0))"
STILL_THERE = "select 1"


class Database:
    """Hands out connections; `transaction` writes, `reading` cannot.

    Pooled connections keep no state of their own (no LISTEN, no advisory lock, no setting), so that the pools skip
    PostgreSQL's reset query, which would cost as much as a small statement.
    """

    def __init__(self, dsn: str, writers: Lender, readers: Lender) -> None:
        self.dsn = dsn
        self._writers = writers
        self._readers = readers

    @classmethod
    async def open(cls, dsn: str, *, size: int = 8, waits_for_disk: bool = True) -> Self:
        """Connect both pools, each of at most `size` connections; raises Unavailable when nobody answers.

        Without `waits_for_disk` a commit may be lost when the machine loses power in the next moment, though never one
        that a later, waiting commit could have seen: for work that is then done again, and acknowledged to nobody.
        """
        with unavailable():
            writers = await _pool(dsn, size, **({} if waits_for_disk else {"synchronous_commit": "off"}))
            readers = await _pool(dsn, size, default_transaction_read_only="on")
        return cls(dsn, writers, readers)

    async def close(self) -> None:
        """Let running statements finish, then close every connection."""
        await self._writers.close()
        await self._readers.close()

    @asynccontextmanager
    async def transaction(self) -> "AsyncGenerator[Connection]":
        """Open a transaction (READ COMMITTED) that commits at the end of the block and rolls back on any error."""
        async with self.single() as conn, conn.transaction():
            yield conn

    def single(self) -> AbstractAsyncContextManager["Connection"]:
        """Lend a connection on which each statement is a transaction of its own: for what one statement does whole."""
        return self._writers.lend()

    def joining(self) -> AbstractAsyncContextManager["Connection"]:
        """Open a transaction, or be part of the one that this database is inside of, without a savepoint of its own.

        Only for work of which nobody catches an error on the way: what it has done until then would stay.
        """
        return self.transaction()

    def reading(self) -> AbstractAsyncContextManager["Connection"]:
        """Lend a connection on which PostgreSQL refuses every write; each statement sees its own snapshot."""
        return self._readers.lend()

    def read_only(self) -> "Database":
        """Return this database for whoever only looks: in its transactions, too, PostgreSQL refuses every write."""
        return Database(self.dsn, self._readers, self._readers)

    def within(self, conn: "Connection") -> "Database":
        """Return a database whose transactions are savepoints of one already open on `conn`."""
        return _Within(self, conn)

    @asynccontextmanager
    async def dedicated(self) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
        """Open one connection outside the pools, for advisory locks that live as long as it does."""
        with unavailable():
            conn = await asyncpg.connect(self.dsn, timeout=WAIT_SECONDS)
            try:
                yield conn
            finally:
                await conn.close()

    @asynccontextmanager
    async def elected(self, office: str, *, stop: asyncio.Event, beat: Beat = unheard) -> "AsyncIterator[Election]":
        """Hold an office during the block, from when no other process does; a stop ends the waiting without it.

        Whoever stands by for it says so with `beat`.
        """
        async with self.dedicated() as conn:
            while not stop.is_set() and not await conn.fetchval(TRY_OFFICE, office):
                beat()
                await wait(stop, STAND_BY_SECONDS)
            yield Election(conn)


@dataclass(frozen=True, slots=True)
class Election:
    """Who holds an office: by an advisory lock, which goes with the connection."""

    conn: "asyncpg.Connection[asyncpg.Record]"

    async def holds(self) -> None:
        """Make sure that the office is still held; raises Unavailable when its connection is gone."""
        with unavailable():
            await self.conn.execute(STILL_THERE)


class _Within(Database):
    """A database inside an open transaction: what its actions do commits or vanishes with that transaction."""

    def __init__(self, outer: Database, conn: "Connection") -> None:
        super().__init__(outer.dsn, outer._writers, outer._readers)
        self._conn = conn

    @asynccontextmanager
    async def transaction(self) -> "AsyncGenerator[Connection]":
        async with self._conn.transaction():
            yield self._conn

    def joining(self) -> AbstractAsyncContextManager["Connection"]:
        return nullcontext(self._conn)

    def single(self) -> AbstractAsyncContextManager["Connection"]:
        return nullcontext(self._conn)

    def reading(self) -> AbstractAsyncContextManager["Connection"]:
        return nullcontext(self._conn)


async def _pool(dsn: str, size: int, **settings: str) -> Lender:
    pool = await asyncpg.create_pool(
        dsn,
        min_size=1,
        max_size=size,
        timeout=WAIT_SECONDS,
        init=_speak_json,
        reset=_keep,
        server_settings={
            "application_name": "kring",
            "timezone": "UTC",
            # Else PostgreSQL plans whatever takes a list anew at each execution, which costs more than most statements.
            "plan_cache_mode": "force_generic_plan",
            **settings,
        },
    )
    return Lender(pool)


async def _speak_json(conn: "asyncpg.Connection[asyncpg.Record]") -> None:
    for name in ("json", "jsonb"):
        await conn.set_type_codec(name, encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


async def _keep(conn: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Do nothing on release: see the class's docstring."""
