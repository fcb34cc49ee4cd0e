"""Whether the workers of this process are at work: each of them says so on every round that it makes.

Knows only what it is told; what the workers do is in `service/actions` and `service/scheduler.py`.
"""

import time
from collections.abc import Callable
from typing import Final

Beat = Callable[[], None]
"""Said by a worker on every round."""

SILENCE: Final = 180.0
"""Seconds without a round after which a worker is stuck; a silent relay may hold one up for a minute, an outage too."""


def unheard() -> None:
    """Say it to nobody."""


class Pulses:
    """The workers of this process by name, and when each of them was heard last."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._heard: dict[str, float | None] = {}
        self._ending = False

    def of(self, name: str) -> Beat:
        """Expect a worker and return what it says on every round."""
        self._heard[name] = None

        def beat() -> None:
            self._heard[name] = self._seconds()

        return beat

    def end(self) -> None:
        """Tell that the workers stop, as they should."""
        self._ending = True

    def faults(self) -> list[str]:
        """Say, a line each, which workers are not at work."""
        if self._ending:
            return ["Kring is stopping"]
        now = self._seconds()
        return [said for name, heard in self._heard.items() if (said := _fault(name, heard, now))]


def _fault(name: str, heard: float | None, now: float) -> str:
    if heard is None:
        return f"the {name} has not begun"
    return f"the {name} is stuck" if now - heard > SILENCE else ""
