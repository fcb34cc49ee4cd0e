"""Know the days on which nobody in the Netherlands plans a gathering.

School holidays follow a rule that covers all three regions in most years; the official dates differ by region and are
decided a few years ahead, which a sample association need not know.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from service.rules.holidays import easter

DAY = timedelta(days=1)
SATURDAY, SUNDAY, TUESDAY = 5, 6, 1


def is_meeting_day(day: date) -> bool:
    """Tell whether people may be asked to gather on this day."""
    return day.weekday() < SATURDAY and day not in quiet_days(day.year)


@cache
def quiet_days(year: int) -> frozenset[date]:
    """Return the public holidays, school holidays and a few other days to leave alone."""
    return frozenset(
        [
            *_public_holidays(year),
            *_school_holidays(year),
            date(year, 5, 4),  # Remembrance Day: silence at eight in the evening
            date(year, 7, 1),  # Keti Koti
            _first(date(year, 9, 1), TUESDAY) + 14 * DAY,  # Prinsjesdag: advocates are in The Hague
            date(year, 12, 5),  # Sinterklaas: everyone is home early
        ]
    )


def _public_holidays(year: int) -> Iterator[date]:
    sunday = easter(year)
    yield sunday - 2 * DAY  # Good Friday
    yield sunday + DAY
    yield from (sunday + 39 * DAY, sunday + 40 * DAY)  # Ascension, and the Friday that everyone takes off
    yield sunday + 50 * DAY  # Whit Monday
    kings_day = date(year, 4, 27)
    yield kings_day - DAY if kings_day.weekday() == SUNDAY else kings_day
    yield date(year, 5, 5)


def _school_holidays(year: int) -> Iterator[date]:
    for earliest in (date(year, 2, 13), date(year, 4, 22), date(year, 10, 10)):
        yield from _days(_first(earliest, SATURDAY), 16)
    summer = _first(date(year, 7, 10), SATURDAY)
    yield from _days(summer, (date(year, 9, 1) - summer).days)
    for winter in (year - 1, year):
        yield from _days(_first(date(winter, 12, 19), SATURDAY), 16)
        yield from _days(date(winter, 12, 24), 9)


def _first(earliest: date, weekday: int) -> date:
    return earliest + (weekday - earliest.weekday()) % 7 * DAY


def _days(first: date, count: int) -> Iterator[date]:
    return (first + offset * DAY for offset in range(count))
