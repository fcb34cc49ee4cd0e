"""Whether a group has enough people to go on, and when those who lead it hear that it has not.

At once when those who could still come are too few; else three days before, in the morning, when too few have said yes.
What is planned later than that is looked at in the next morning, if there is one on an earlier day.
"""

from datetime import datetime, timedelta

from service.model import Numbers
from service.rules.mornings import morning

DAYS = 3


def too_few(minimum: int | None, numbers: Numbers) -> bool:
    """Tell whether fewer come than a group needs."""
    return minimum is not None and numbers.coming < minimum


def out_of_reach(minimum: int | None, numbers: Numbers) -> bool:
    """Tell whether too few are left who could still say yes."""
    return minimum is not None and numbers.possible < minimum


def due_at(starts_local: datetime, timezone: str) -> datetime:
    """Tell when it is looked at: early enough to call off, late enough for everybody to have answered."""
    return _morning(starts_local, DAYS, timezone)


def next_look(starts_local: datetime, timezone: str, now: datetime) -> datetime | None:
    """Tell when what is planned now is looked at; None where nobody could answer before there is nothing left to do."""
    looks = (_morning(starts_local, days, timezone) for days in range(DAYS, 0, -1))
    return next((at for at in looks if at > now), None)


def _morning(starts_local: datetime, days: int, timezone: str) -> datetime:
    return morning((starts_local - timedelta(days=days)).date(), timezone)


def pressing(minimum: int | None, numbers: Numbers, starts_local: datetime, timezone: str, now: datetime) -> bool:
    """Tell whether it is time to do something about it."""
    late = due_at(starts_local, timezone) <= now
    return out_of_reach(minimum, numbers) or (late and too_few(minimum, numbers))
