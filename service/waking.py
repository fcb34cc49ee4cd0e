"""Waiting, but not for ever: for an event, or for a bell that has somebody look now and not at the next round."""

import asyncio


async def wait(event: asyncio.Event, seconds: float) -> bool:
    """Wait for an event, or so long; tell whether it came."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False


class Bell:
    """Rung when there is something to do at once; who waits for it wakes up, however often it was rung."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wake whoever waits, or who waits next."""
        self._event.set()

    async def wait(self, seconds: float) -> bool:
        """Wait until it rings, or so long, and tell whether it rang."""
        try:
            return await wait(self._event, seconds)
        finally:
            self._event.clear()
