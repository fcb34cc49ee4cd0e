"""The public holidays of the Netherlands: days on which a series leaves people in peace if that is wanted."""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from types import MappingProxyType

DAY = timedelta(days=1)
SUNDAY = 6


class Holiday(StrEnum):
    """A public holiday."""

    NEW_YEARS_DAY = "new-years-day"
    GOOD_FRIDAY = "good-friday"
    EASTER_SUNDAY = "easter-sunday"
    EASTER_MONDAY = "easter-monday"
    KINGS_DAY = "kings-day"
    LIBERATION_DAY = "liberation-day"
    ASCENSION_DAY = "ascension-day"
    WHIT_SUNDAY = "whit-sunday"
    WHIT_MONDAY = "whit-monday"
    CHRISTMAS_DAY = "christmas-day"
    BOXING_DAY = "boxing-day"


@cache
def public_holidays(year: int) -> Mapping[date, Holiday]:
    """Return the holidays of a year."""
    sunday = easter(year)
    kings_day = date(year, 4, 27)
    return MappingProxyType(
        {
            date(year, 1, 1): Holiday.NEW_YEARS_DAY,
            sunday - 2 * DAY: Holiday.GOOD_FRIDAY,
            sunday: Holiday.EASTER_SUNDAY,
            sunday + DAY: Holiday.EASTER_MONDAY,
            kings_day - DAY if kings_day.weekday() == SUNDAY else kings_day: Holiday.KINGS_DAY,
            date(year, 5, 5): Holiday.LIBERATION_DAY,
            sunday + 39 * DAY: Holiday.ASCENSION_DAY,
            sunday + 49 * DAY: Holiday.WHIT_SUNDAY,
            sunday + 50 * DAY: Holiday.WHIT_MONDAY,
            date(year, 12, 25): Holiday.CHRISTMAS_DAY,
            date(year, 12, 26): Holiday.BOXING_DAY,
        }
    )


def holiday(day: date) -> Holiday | None:
    """Tell which holiday a day is; None for any other day."""
    return public_holidays(day.year).get(day)


def easter(year: int) -> date:
    """Return Easter Sunday (Gregorian computus, Meeus, Jones and Butcher)."""
    century, rest = divmod(year, 100)
    golden = year % 19
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    shift = epact + weekday - 7 * ((golden + 11 * epact + 22 * weekday) // 451) + 114
    return date(year, shift // 31, shift % 31 + 1)
