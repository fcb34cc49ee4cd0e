"""What the annual plan promised by now, and whether that was kept.

A line promises a number of things (gatherings, groups) in a plan year of twelve months. It promises them evenly: each
stretch of its period (each of the months that it names, or each week, month, quarter or half year, and each month where
it says only "year") owes an equal share of the minimum, when the stretch is over. Half a gathering is owed to nobody:
shares are rounded down until the last stretch ends, by which all of it is due. What is published counts as well as what
was held: the plan is on track as long as somebody saw to it.
"""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from service.model import Output, Period

_MONTHS: Final = {Period.YEAR: 1, Period.HALF_YEAR: 6, Period.QUARTER: 3, Period.MONTH: 1}
_WEEKS: Final = 52


def promised(minimum: int, period: str, months: Sequence[int], *, starts_on: date, today: date) -> int:
    """Count what a line promised to have happened before a day; `months` are of the calendar, 1 to 12."""
    ends = _stretches(Period(period), months, starts_on)
    return minimum * sum(end <= today for end in ends) // len(ends)


def on_track(output: str, *, held: int, scheduled: int, due: int) -> bool | None:
    """Tell whether what happened and what is published keeps what was promised by now; None for mailings."""
    return None if output == Output.MAILING else held + scheduled >= due


def _stretches(period: Period, months: Sequence[int], starts_on: date) -> list[date]:
    """List the first days after each stretch of a plan year."""
    if months:
        first, end = starts_on.replace(day=1), _later(starts_on, 12)
        return [min(_later(first, (month - first.month) % 12 + 1), end) for month in sorted(set(months))]
    if period is Period.WEEK:
        return [starts_on + timedelta(weeks=count) for count in range(1, _WEEKS + 1)]
    step = _MONTHS[period]
    return [_later(starts_on, count) for count in range(step, 13, step)]


def _later(day: date, months: int) -> date:
    """Return the same day some months later, or the last day of that month where it is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
