"""When a circle most likely meets next, read off its last gatherings, so that planning is choosing and not typing."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

WEEK = timedelta(weeks=1)
USUAL = 4 * WEEK
"""How far apart gatherings are where a circle has had only one."""

FIRST = 3 * WEEK
SATURDAY = 5
AFTERNOON = time(16)
LASTS = timedelta(hours=2)


def next_start(latest: Sequence[datetime], now: datetime) -> datetime:
    """Suggest a start, in local time: as long after the last as that was after the one before, on the same weekday.

    `latest` holds local starts, the last one first. What is suggested lies after `now`; the first of all is not at the
    weekend.
    """
    if not latest:
        day = (now + FIRST).date()
        if day.weekday() >= SATURDAY:
            day += timedelta(days=7 - day.weekday())
        return datetime.combine(day, AFTERNOON)
    apart = USUAL
    if len(latest) > 1:
        apart = max(1, round((latest[0] - latest[1]) / WEEK)) * WEEK
    start = latest[0] + apart
    if start <= now:
        start += -(-(now - start) // apart) * apart
    return start if start > now else start + apart
