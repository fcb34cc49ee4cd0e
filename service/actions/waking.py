"""A bell, to have somebody look at once instead of at the next round."""

import asyncio


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
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        finally:
            self._event.clear()
        return True
