"""One process at a time does what only one may: elected by advisory lock, which lives as long as its connection."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from service.database import Database, unavailable

SPACE: Final = 0x4B72_656C
"""The first key of these locks; the second stands for the office."""

STAND_BY_SECONDS: Final = 1.0

TRY_LOCK = "select pg_try_advisory_lock($1, $2)"
STILL_THERE = "select 1"

Confirm = Callable[[], Awaitable[None]]


@asynccontextmanager
async def elected(db: Database, office: str, stop: asyncio.Event) -> AsyncIterator[Confirm | None]:
    """Wait until this process holds an office, and hold it during the block; None where it was told to stop before.

    What is yielded confirms that the office is still held, or raises Unavailable.
    """
    async with db.dedicated() as conn:
        while not await conn.fetchval(TRY_LOCK, SPACE, zlib.crc32(office.encode()) - 2**31):
            try:
                async with asyncio.timeout(STAND_BY_SECONDS):
                    await stop.wait()
            except TimeoutError:
                continue
            yield None
            return

        async def confirm() -> None:
            with unavailable():
                await conn.execute(STILL_THERE)

        yield confirm
