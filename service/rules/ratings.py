"""When those who were there are asked how it was, how long they may say so, and what is shown of what they said.

Decides; nothing here knows who said what.
"""

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from service.rules.mornings import MORNING, morning

LOWEST: Final = 1
HIGHEST: Final = 10

FEWEST: Final = 5
"""Answers from which on something is shown: of fewer, somebody could tell whose they are.

More are added five by five: whoever looked before and after a single one would read it off the average.
"""

AIM: Final = 7.3
"""What the plan aims to be above."""

ASKED: Final = timedelta(days=14)
"""How long after the end it is still of use to ask."""

OPEN: Final = timedelta(days=30)
"""How long after the end a rating may be given or changed; then Kring lets go of whose it was."""

_LATER: Final = timedelta(hours=1)
_EVENING: Final = time(21)


def asked_at(ends_at: datetime, timezone: str, now: datetime) -> datetime | None:
    """Return when to ask: an hour after the end or at once, by day; None where it is too late to ask at all."""
    due = max(ends_at + _LATER, now)
    there = due.astimezone(ZoneInfo(timezone))
    if there.time() >= _EVENING:
        due = morning(there.date() + timedelta(days=1), timezone)
    elif there.time() < MORNING:
        due = morning(there.date(), timezone)
    return due if due < ends_at + ASKED else None


def takes(ends_at: datetime, now: datetime) -> bool:
    """Tell whether a gathering can be rated: it is over, and not for too long."""
    return ends_at <= now < ends_at + OPEN


def average(count: int, total: int) -> float | None:
    """Return what people gave on average, to one decimal; None where too few said anything."""
    return round(total / count, 1) if count >= FEWEST else None
