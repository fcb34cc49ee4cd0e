"""Connections that are lent again and again, at hardly more than the price of taking one from a list.

asyncpg's own pool starts two tasks for each loan, which costs as much as a small statement. What a connection is set to
do, and what its errors mean, is in `service/database.py`.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import asyncpg

    Connection = asyncpg.Connection[asyncpg.Record]

IDLE_SECONDS: Final = 300.0
"""How long a connection that nobody needs stays open while others are lent."""


class PoolClosed(ConnectionError):
    """The pool lends no more."""


class Pool:
    """Lends at most `size` connections, opened when they are needed; the one that was used last goes out first.

    Whoever waits longer than `patience` seconds for one gets a TimeoutError. A connection that comes back broken, or
    inside a transaction, is not lent again.
    """

    def __init__(self, connect: "Callable[[], Awaitable[Connection]]", *, size: int, patience: float) -> None:
        self._connect = connect
        self._size = size
        self._patience = patience
        self._free = asyncio.Semaphore(size)
        self._spare: deque[tuple[Connection, float]] = deque()
        self._closed = False

    @asynccontextmanager
    async def lend(self) -> "AsyncGenerator[Connection]":
        """Lend a connection for the block; raises PoolClosed, and whatever connecting raises."""
        await self._wait_for_turn()
        try:
            conn = self._take_spare() or await self._connect()
            try:
                yield conn
            finally:
                self._give_back(conn)
        finally:
            self._free.release()

    async def close(self) -> None:
        """Let what is lent come back, then close every connection."""
        if self._closed:
            return
        self._closed = True
        for _ in range(self._size):
            await self._free.acquire()
        while self._spare:
            conn, _ = self._spare.pop()
            await conn.close()

    async def _wait_for_turn(self) -> None:
        if self._closed:
            raise PoolClosed("the pool is closed")
        if not self._free.locked():
            await self._free.acquire()  # at once
            return
        async with asyncio.timeout(self._patience):
            await self._free.acquire()

    def _take_spare(self) -> "Connection | None":
        while self._spare:
            conn, _ = self._spare.pop()
            if not conn.is_closed():
                return conn
        return None

    def _give_back(self, conn: "Connection") -> None:
        now = asyncio.get_running_loop().time()
        if conn.is_closed() or conn.is_in_transaction():
            conn.terminate()
        else:
            self._spare.append((conn, now))
        while self._spare and self._spare[0][1] < now - IDLE_SECONDS:
            self._spare.popleft()[0].terminate()
