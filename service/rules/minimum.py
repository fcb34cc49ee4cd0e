"""Whether a group has enough people to go on, and when those who lead it hear that it has not.

At once when those who could still come are too few; else three days before, in the morning, when too few have said yes.
"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from service.model import Numbers

DAYS = timedelta(days=3)
MORNING = time(9)


def too_few(minimum: int | None, numbers: Numbers) -> bool:
    """Tell whether fewer come than a group needs."""
    return minimum is not None and numbers.coming < minimum


def out_of_reach(minimum: int | None, numbers: Numbers) -> bool:
    """Tell whether too few are left who could still say yes."""
    return minimum is not None and numbers.possible < minimum


def due_at(starts_local: datetime, timezone: str) -> datetime:
    """Tell when it is looked at: early enough to call off, late enough for everybody to have answered."""
    there = ZoneInfo(timezone)
    return datetime.combine((starts_local - DAYS).date(), MORNING, there).astimezone(UTC)


def pressing(minimum: int | None, numbers: Numbers, starts_local: datetime, timezone: str, now: datetime) -> bool:
    """Tell whether it is time to do something about it."""
    late = due_at(starts_local, timezone) <= now
    return out_of_reach(minimum, numbers) or (late and too_few(minimum, numbers))
