"""What time it is: the only place that asks the machine."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time in UTC."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the machine's time."""
        return datetime.now(UTC)


class MovableClock:
    """A clock that stands still until it is moved: for tests and rehearsals."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        """Return the time it was last moved to."""
        return self._now

    def move(self, by: timedelta) -> datetime:
        """Move by a span, backwards too, and return the new time."""
        self._now += by
        return self._now

    def set(self, to: datetime) -> datetime:
        """Move to a moment and return it."""
        self._now = to
        return self._now
