"""Time zones: VTIMEZONE components as Outlook can read them, and local times made into instants.

Everything is derived from what `zoneinfo` answers; nothing here knows what a gathering is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from service.errors import Invalid
from service.formats.lines import CRLF

FIRST_YEAR: Final = 2026
LAST_YEAR: Final = 2036

_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_STEP: Final = timedelta(days=7)
# What a host keeps beside its zones: itself, and copies that count leap seconds.
_NO_ZONE: Final = re.compile(r"localtime|posixrules|Factory|(posix|right)/.*")


@dataclass(frozen=True, slots=True)
class _Change:
    onset: datetime  # local wall time before the change, naive
    before: timedelta
    after: timedelta
    name: str


def zone(name: str, field: str = "timezone") -> ZoneInfo:
    """Find the zone of an IANA name; an unknown name is invalid."""
    try:
        if _NO_ZONE.fullmatch(name) is None:
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    raise Invalid(field, "There is no such time zone; write it like Europe/Amsterdam.")


def resolve(local: datetime, zone_name: str, field: str = "starts_at") -> datetime:
    """Turn the local wall time of a zone into UTC; of an hour that comes twice, take the first.

    An unknown zone is invalid in `timezone`; a time with an offset, a time that the clocks skip and one that
    lies outside the calendar are invalid in `field`.
    """
    if local.tzinfo is not None:
        raise Invalid(field, "Give the local time, without an offset.")
    there = zone(zone_name)
    try:
        instant = local.replace(tzinfo=there, fold=0).astimezone(UTC)
        if instant.astimezone(there).replace(tzinfo=None, fold=0) == local.replace(fold=0):
            return instant
    except OverflowError:
        raise Invalid(field, "This date lies outside the calendar.") from None
    raise Invalid(field, "This time does not exist: the clocks go forward over it.")


@cache
def vtimezone(name: str) -> str | None:
    """Write the VTIMEZONE of a zone, equal to tzdata from FIRST_YEAR to LAST_YEAR.

    None for UTC, and for a zone that one pair of yearly rules or one fixed offset cannot express: times there are
    written in UTC. Outlook reads no more than one pair, and no RDATE.
    """
    there = zone(name)
    changes = list(_changes(there))
    if not changes:
        return _fixed(name, there)
    forward = _component("DAYLIGHT", [change for change in changes if change.after > change.before])
    back = _component("STANDARD", [change for change in changes if change.after < change.before])
    return _wrapped(name, forward + back) if forward and back else None


def _changes(there: ZoneInfo) -> Iterator[_Change]:
    at, end = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)
    old = _face(at, there)
    while at < end:
        new = _face(at + _STEP, there)
        if new != old:
            yield _change(there, at, at + _STEP)
        at, old = at + _STEP, new


def _change(there: ZoneInfo, low: datetime, high: datetime) -> _Change:
    """Find the one change between two instants, to the second."""
    before, _ = old = _face(low, there)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // timedelta(seconds=2) * timedelta(seconds=1)
        low, high = (middle, high) if _face(middle, there) == old else (low, middle)
    after, name = _face(high, there)
    return _Change((high + before).replace(tzinfo=None), before, after, name)


def _face(at: datetime, there: ZoneInfo) -> tuple[timedelta, str]:
    local = at.astimezone(there)
    return local.utcoffset() or timedelta(), local.tzname() or ""


def _component(kind: str, changes: list[_Change]) -> str:
    """Write one half of the year as a yearly rule; nothing where no single rule fits."""
    forms = {(change.onset.month, change.onset.weekday(), change.onset.time()) for change in changes}
    effects = {(change.before, change.after, change.name) for change in changes}
    weeks = {_week(change.onset) for change in changes}
    if all(_is_last(change.onset) for change in changes):
        weeks = {-1}
    years = [change.onset.year for change in changes]
    if len(forms) != 1 or len(effects) != 1 or len(weeks) != 1 or years != list(range(FIRST_YEAR, LAST_YEAR + 1)):
        return ""
    month, weekday, _ = forms.pop()
    week = weeks.pop()
    onset = _first_onset(changes[0].onset, week)
    rule = f"RRULE:FREQ=YEARLY;BYMONTH={month};BYDAY={week}{_WEEKDAYS[weekday]}{CRLF}"
    return _observance(kind, changes[0], onset, rule)


def _week(day: datetime) -> int:
    return (day.day - 1) // 7 + 1


def _is_last(day: datetime) -> bool:
    return (day + timedelta(days=7)).month != day.month


def _first_onset(onset: datetime, week: int) -> datetime:
    """Place a rule's first onset in 1970, as everybody does: no calendar holds anything earlier."""
    day = onset.replace(year=1970, day=1)
    day += timedelta(days=(onset.weekday() - day.weekday()) % 7)
    if week > 0:
        return day + timedelta(weeks=week - 1)
    while not _is_last(day):
        day += timedelta(weeks=1)
    return day


def _fixed(name: str, there: ZoneInfo) -> str | None:
    start = datetime(FIRST_YEAR, 1, 1, tzinfo=there)
    offset = start.utcoffset() or timedelta()
    if not offset:
        return None
    onset = start.replace(year=1970, tzinfo=None)
    return _wrapped(name, _observance("STANDARD", _Change(onset, offset, offset, start.tzname() or ""), onset, ""))


def _observance(kind: str, change: _Change, onset: datetime, rule: str) -> str:
    return (
        f"BEGIN:{kind}{CRLF}TZOFFSETFROM:{_offset(change.before)}{CRLF}TZOFFSETTO:{_offset(change.after)}{CRLF}"
        f"TZNAME:{change.name}{CRLF}DTSTART:{onset:%Y%m%dT%H%M%S}{CRLF}{rule}END:{kind}{CRLF}"
    )


def _offset(offset: timedelta) -> str:
    minutes = offset // timedelta(minutes=1)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"


def _wrapped(name: str, observances: str) -> str:
    return f"BEGIN:VTIMEZONE{CRLF}TZID:{name}{CRLF}X-LIC-LOCATION:{name}{CRLF}{observances}END:VTIMEZONE{CRLF}"
