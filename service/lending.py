"""Lends the connections of a pool, again and again without the pool, as long as all goes well.

asyncpg's pool starts a task each time it takes one back, which costs the program nearly as much as a small statement.
"""

import asyncio
import time
from typing import TYPE_CHECKING, Final

import asyncpg

from service.outages import outage, unavailable

if TYPE_CHECKING:
    from types import TracebackType

    from asyncpg.pool import Pool, PoolConnectionProxy

    Lent = PoolConnectionProxy[asyncpg.Record]

WAIT_SECONDS: Final = 5.0
"""How long a request waits for a free connection before it is told to come back."""

FRESH_SECONDS: Final = 60.0
"""How long a connection that nobody used is trusted to be there still: a firewall on the way may have forgotten it."""


class Lender:
    """Keeps at hand what comes back from work that went well, last in first out; the pool sees to everything else."""

    def __init__(
        self, pool: "Pool[asyncpg.Record]", *, wait: float = WAIT_SECONDS, fresh: float = FRESH_SECONDS
    ) -> None:
        self._pool = pool
        self._wait, self._fresh = wait, fresh
        self._kept: list[tuple[Lent, float]] = []
        self._waiting = 0
        self._closing = False

    def lend(self) -> "Loan":
        """Lend a connection for a block; raises Unavailable when none becomes free, or in the block when it breaks."""
        return Loan(self)

    async def close(self) -> None:
        """Let whoever has a connection finish, then close all of them."""
        self._closing = True
        while conn := self.at_hand():
            await self._pool.release(conn)
        await self._pool.close()

    def at_hand(self) -> "Lent | None":
        """Return the connection that came back last; the pool gets back those that may be gone."""
        while self._kept:
            conn, since = self._kept.pop()
            try:
                if time.monotonic() - since < self._fresh and not conn.is_closed():
                    return conn
                conn.terminate()
            except asyncpg.InterfaceError:
                pass  # it broke, and the pool has taken it back already
        return None

    async def fetch(self) -> "Lent":
        """Wait for a connection of the pool."""
        with unavailable():
            self._waiting += 1
            try:
                # Without asyncpg's own timeout, which would start a task for every wait.
                async with asyncio.timeout(self._wait):
                    return await self._pool.acquire()
            finally:
                self._waiting -= 1

    def keep(self, conn: "Lent") -> bool:
        """Keep a connection at hand, unless somebody waits for it, nobody will, or its transaction is open still."""
        try:
            kept = not (self._waiting or self._closing or conn.is_in_transaction())
        except asyncpg.InterfaceError:
            return False  # it broke, and the pool has taken it back already
        if kept:
            self._kept.append((conn, time.monotonic()))
        return kept

    async def take_back(self, conn: "Lent") -> None:
        """Give a connection back to the pool, which ends a statement that still runs."""
        with unavailable():
            await self._pool.release(conn)


class Loan:
    """One connection during a block; an object, because a generator with its manager costs several times as much."""

    __slots__ = ("_conn", "_lender")

    def __init__(self, lender: Lender) -> None:
        self._lender = lender

    async def __aenter__(self) -> "Lent":
        self._conn = self._lender.at_hand() or await self._lender.fetch()
        return self._conn

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: "TracebackType | None"
    ) -> None:
        if error is None and self._lender.keep(self._conn):
            return
        await self._lender.take_back(self._conn)
        if said := outage(error):
            raise said from error
