"""Write days and times as a Dutch or English reader expects them, from patterns of our own.

Takes wall times that are already in the right zone; making them is the business of `service/formats/zones.py`.
"""

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_timezone_location
from babel.numbers import format_decimal

from service.model import Language

_LOCALES = {Language.DUTCH.value: "nl_NL", Language.ENGLISH.value: "en_GB"}


def day(value: date, language: str) -> str:
    """Write a day in full: dinsdag 1 december 2026, Tuesday 1 December 2026."""
    return _write(value, "EEEE d MMMM y", language)


def short_day(value: date, language: str) -> str:
    """Write a day for a narrow column: di 1 dec, Tue 1 Dec."""
    return _write(value, "EEE d MMM", language).replace(".", "")


def month(value: date, language: str) -> str:
    """Write the month of a day: december 2026."""
    return _write(value, "MMMM y", language)


def clock(value: datetime, language: str) -> str:
    """Write a wall time: 16.00 uur, 16:00."""
    return f"{value:%H.%M} uur" if language == Language.DUTCH else f"{value:%H:%M}"


def hours(starts: datetime, ends: datetime, language: str) -> str:
    """Write the wall times of something within one day: 16.00–17.30 uur, 16:00–17:30."""
    first = f"{starts:%H.%M}" if language == Language.DUTCH else f"{starts:%H:%M}"
    return f"{first}–{clock(ends, language)}"


def when(starts: datetime, ends: datetime, timezone: str, *, home: str, language: str) -> str:
    """Write when something is, from its wall times in `timezone`; the zone is named where it is not `home`."""
    if starts.date() == ends.date():
        text = f"{day(starts, language)}, {hours(starts, ends, language)}"
    else:
        text = f"{day(starts, language)}, {clock(starts, language)} – {day(ends, language)}, {clock(ends, language)}"
    return text + _elsewhere(timezone, home, language)


def moment(instant: datetime, timezone: str, *, home: str, language: str) -> str:
    """Write an instant as a deadline: dinsdag 1 december om 16.00 uur, Tuesday 1 December at 16:00."""
    local = instant.astimezone(ZoneInfo(timezone))
    at = "om" if language == Language.DUTCH else "at"
    text = f"{_write(local, 'EEEE d MMMM', language)} {at} {clock(local, language)}"
    return text + _elsewhere(timezone, home, language)


def decimal(number: float, language: str) -> str:
    """Write a number with one decimal, as the language parts it: 7,8."""
    return format_decimal(number, "0.0", locale=_LOCALES[language])


@lru_cache(4096)
def _write(value: date, pattern: str, language: str) -> str:
    return format_date(value, pattern, locale=_LOCALES[language])


@lru_cache(256)
def _elsewhere(timezone: str, home: str, language: str) -> str:
    if timezone == home:
        return ""
    city = get_timezone_location(ZoneInfo(timezone), locale=_LOCALES[language], return_city=True)
    if "/" not in timezone:  # UTC and its like have no city
        return f" ({timezone})"
    return f" (tijd in {city})" if language == Language.DUTCH else f" ({city} time)"
