"""When a gathering's reminders are due, and until when they are of use.

`P7D` is seven days before, at nine in the morning where the gathering is; `PT2H` is exactly two hours before, or the
evening before where that would be at night.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from service.errors import Invalid
from service.rules.mornings import morning

EVENING = time(20)
WAKING, NIGHT = time(7), time(21)
"""Between nine in the evening and seven in the morning nobody is reminded of anything."""

SHAPE = re.compile(r"P(?:(?P<weeks>\d{1,2})W|(?P<days>\d{1,3})D|T(?:(?P<hours>\d{1,3})H)?(?:(?P<minutes>\d{1,4})M)?)")
"""The durations of RFC 5545 section 3.3.6 that make sense for a reminder."""

MOST = 5


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder of one kind: due at a moment, and useless from the start on (both UTC)."""

    kind: str
    due_at: datetime
    starts_at: datetime


def checked(field: str, kinds: object) -> list[str]:
    """Return the kinds without repeats; raises Invalid for the field for no list, or no durations before the start."""
    if not isinstance(kinds, (list, tuple)) or not all(isinstance(kind, str) for kind in kinds):
        raise Invalid(field, "Give a list such as P7D, P1D.")
    unique = list(dict.fromkeys(kinds))
    if len(unique) > MOST:
        raise Invalid(field, f"at most {MOST} reminders")
    for kind in unique:
        _span(kind)
    return unique


def plan(kinds: list[str], starts_local: datetime, timezone: str, starts_at: datetime, now: datetime) -> list[Due]:
    """Date the reminders that are still to come; one whose moment has passed is left out, never sent late."""
    return [
        Due(kind, due_at, starts_at)
        for kind in kinds
        if now < (due_at := _due_at(kind, starts_local, timezone, starts_at)) < starts_at
    ]


def _due_at(kind: str, starts_local: datetime, timezone: str, starts_at: datetime) -> datetime:
    span, exact = _span(kind)
    if not exact:
        return morning(starts_local.date() - span, timezone)
    there, due = ZoneInfo(timezone), starts_at - span
    local = due.astimezone(there).replace(tzinfo=None)
    if WAKING <= local.time() < NIGHT:
        return due
    # An exact one would ring at night: it comes the evening before.
    evening = local.date() if local.time() >= NIGHT else local.date() - timedelta(days=1)
    return datetime.combine(evening, EVENING, there).astimezone(UTC)


def _span(kind: str) -> tuple[timedelta, bool]:
    """Read a duration; also tell whether it is exact (hours, minutes) or counts days."""
    match = SHAPE.fullmatch(kind)
    parts = {unit: int(number) for unit, number in (match.groupdict() if match else {}).items() if number}
    if not parts or not any(parts.values()):
        raise Invalid("reminders", f"{kind[:20]!r} is not a reminder such as P7D, P1D or PT2H")
    return timedelta(**parts), "hours" in parts or "minutes" in parts
