"""From a rule to dates: "every second month, first Tuesday", so many times or until a day.

The dates are days of the calendar where the gathering is, so that clock changes do not touch them. A rule makes the
dates once, when a series is planned; it never reaches a calendar.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from service.errors import Invalid
from service.rules.holidays import Holiday, holiday

MOST = 60
"""Gatherings of one series: a weekly one for more than a year."""

FARTHEST = timedelta(days=3 * 366)
WEEK = timedelta(weeks=1)


class Unit(StrEnum):
    """What a rule counts, and which day of it."""

    WEEK = "week"  # the same weekday
    MONTH_WEEKDAY = "month-weekday"  # the same weekday of the month, such as the first Tuesday
    MONTH_LAST_WEEKDAY = "month-last-weekday"  # the last such weekday of the month
    MONTH_DAY = "month-day"  # the same date, or the last one of a shorter month


@dataclass(frozen=True, slots=True)
class Rule:
    """Every so many units from a first day on; ends after so many `times` or with `until`, and one of them is given."""

    unit: Unit
    every: int = 1
    times: int | None = None
    until: date | None = None
    skip_holidays: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """A date that a rule leads to; one that is `left_out` does not count among the times."""

    day: date
    holiday: Holiday | None
    left_out: bool


def days(rule: Rule, first: date) -> list[Day]:
    """Return the dates of a rule, holidays to be left out among them; raises Invalid with the field."""
    _check(rule, first)
    found: list[Day] = []
    left = MOST if rule.times is None else rule.times
    last = rule.until or first + FARTHEST
    for day in _endless(rule, first):
        if day > last or left == 0 or len(found) == 2 * MOST:
            break
        name = holiday(day)
        found.append(Day(day, name, name is not None and rule.skip_holidays))
        left -= not found[-1].left_out
    return found


def _check(rule: Rule, first: date) -> None:
    if not 1 <= rule.every <= 12:
        raise Invalid("every", "give a number from 1 to 12")
    if (rule.times is None) == (rule.until is None):
        raise Invalid("times", "say how many times, or until which day")
    if rule.times is not None and not 1 <= rule.times <= MOST:
        raise Invalid("times", f"give a number from 1 to {MOST}")
    if rule.until is not None and not first <= rule.until <= first + FARTHEST:
        raise Invalid("until", "give a day after the first one, at most three years later")
    if first.year > 9990:
        raise Invalid("starts_at", "this date lies outside the calendar")


def _endless(rule: Rule, first: date) -> Iterator[date]:
    if rule.unit is Unit.WEEK:
        for number in range(MOST * 3):
            yield first + number * rule.every * WEEK
        return
    for number in range(MOST * 3):
        years, month = divmod(first.month - 1 + number * rule.every, 12)
        day = _in_month(rule.unit, first, first.year + years, month + 1)
        if day is not None and day >= first:
            yield day


def _in_month(unit: Unit, first: date, year: int, month: int) -> date | None:
    """Return the day of a month that a rule means; None where there is no such, as a fifth Tuesday."""
    length = (date(year + month // 12, month % 12 + 1, 1) - date(year, month, 1)).days
    if unit is Unit.MONTH_DAY:
        return date(year, month, min(first.day, length))
    early = (first.weekday() - date(year, month, 1).weekday()) % 7 + 1  # the first such weekday
    of_month = [date(year, month, day) for day in range(early, length + 1, 7)]
    number = -1 if unit is Unit.MONTH_LAST_WEEKDAY else (first.day - 1) // 7
    return of_month[number] if number < len(of_month) else None
