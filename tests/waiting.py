"""Waiting for what another process or task does, in place of sleeping for a while."""

import asyncio
import time
from collections.abc import Awaitable, Callable

PATIENCE = 20.0
"""Seconds after which what has not come about never will."""


def eventually(condition: Callable[[], bool]) -> None:
    """Wait until it is so; blocks."""
    last = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < last, "it did not become so"
        time.sleep(0.01)


async def until(condition: Callable[[], Awaitable[bool]], patience: float = PATIENCE) -> None:
    """Wait until it is so, while other tasks go on."""
    async with asyncio.timeout(patience):
        while not await condition():  # noqa: ASYNC110 - the condition lies in another process
            await asyncio.sleep(0.01)
