"""Dates from a rule: held to a calculation by hand, and to the calendar at random."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import Invalid
from service.rules.holidays import Holiday, holiday
from service.rules.recurrence import MOST, Rule, Unit, days


def dates(rule: Rule, first: str) -> list[str]:
    return [one.day.isoformat() for one in days(rule, date.fromisoformat(first)) if not one.left_out]


@pytest.mark.parametrize(
    ("rule", "first", "expected"),
    [
        (Rule(Unit.WEEK, times=3), "2026-12-01", ["2026-12-01", "2026-12-08", "2026-12-15"]),
        (Rule(Unit.WEEK, 2, times=3), "2026-12-22", ["2026-12-22", "2027-01-05", "2027-01-19"]),
        (Rule(Unit.MONTH_WEEKDAY, 2, times=4), "2026-12-01", ["2026-12-01", "2027-02-02", "2027-04-06", "2027-06-01"]),
        (Rule(Unit.MONTH_WEEKDAY, times=3), "2026-12-29", ["2026-12-29", "2027-03-30", "2027-06-29"]),
        (Rule(Unit.MONTH_LAST_WEEKDAY, times=3), "2027-01-26", ["2027-01-26", "2027-02-23", "2027-03-30"]),
        (Rule(Unit.MONTH_LAST_WEEKDAY, times=2), "2027-01-05", ["2027-01-26", "2027-02-23"]),
        (Rule(Unit.MONTH_DAY, times=4), "2027-12-31", ["2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31"]),
        (Rule(Unit.MONTH_DAY, 12, times=2), "2028-02-29", ["2028-02-29", "2029-02-28"]),
        (Rule(Unit.WEEK, until=date(2026, 12, 15)), "2026-12-01", ["2026-12-01", "2026-12-08", "2026-12-15"]),
        (Rule(Unit.WEEK, times=2, skip_holidays=True), "2026-12-25", ["2027-01-08", "2027-01-15"]),
    ],
)
def test_dates_by_hand(rule: Rule, first: str, expected: list[str]) -> None:
    assert dates(rule, first) == expected


def test_a_holiday_is_named_and_left_out_only_where_that_is_wanted() -> None:
    first = date(2027, 4, 26)
    wanted = days(Rule(Unit.WEEK, times=4), first)
    assert [one.left_out for one in wanted] == [False] * 4
    skipping = days(Rule(Unit.WEEK, times=4, skip_holidays=True), first)
    assert [(one.day.isoformat(), one.holiday) for one in skipping if one.left_out] == [
        ("2027-05-17", Holiday.WHIT_MONDAY)
    ]
    assert len(skipping) == 5


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2027-04-27", Holiday.KINGS_DAY),
        ("2025-04-26", Holiday.KINGS_DAY),  # the 27th is a Sunday
        ("2025-04-27", None),
        ("2026-04-06", Holiday.EASTER_MONDAY),
        ("2026-05-14", Holiday.ASCENSION_DAY),
        ("2026-12-24", None),
    ],
)
def test_holidays_by_the_almanac(day: str, expected: Holiday | None) -> None:
    assert holiday(date.fromisoformat(day)) is expected


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (Rule(Unit.WEEK, 0, times=1), "every"),
        (Rule(Unit.WEEK, 13, times=1), "every"),
        (Rule(Unit.WEEK), "times"),
        (Rule(Unit.WEEK, times=1, until=date(2027, 1, 1)), "times"),
        (Rule(Unit.WEEK, times=0), "times"),
        (Rule(Unit.WEEK, times=MOST + 1), "times"),
        (Rule(Unit.WEEK, until=date(2026, 11, 30)), "until"),
        (Rule(Unit.WEEK, until=date(2031, 1, 1)), "until"),
    ],
)
def test_what_cannot_be_is_refused_under_its_name(rule: Rule, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        days(rule, date(2026, 12, 1))
    assert refused.value.field == field


@given(
    first=st.dates(date(2024, 1, 1), date(2034, 12, 31)),
    unit=st.sampled_from(Unit),
    every=st.integers(1, 12),
    times=st.integers(1, MOST),
    skip=st.booleans(),
)
def test_every_date_fits_its_rule(first: date, unit: Unit, every: int, times: int, *, skip: bool) -> None:
    found = days(Rule(unit, every, times=times, skip_holidays=skip), first)
    kept = [one.day for one in found if not one.left_out]
    assert found == sorted(found, key=lambda one: one.day)
    assert len({one.day for one in found}) == len(found)
    assert len(kept) <= times
    assert all(first <= one.day <= first + timedelta(days=3 * 366) for one in found)
    assert all(one.left_out == (skip and holiday(one.day) is not None) for one in found)
    for one in found:
        months = (one.day.year - first.year) * 12 + one.day.month - first.month
        last_of_month = (one.day + timedelta(days=1)).month != one.day.month
        match unit:
            case Unit.WEEK:
                assert (one.day - first).days % (7 * every) == 0
            case Unit.MONTH_DAY:
                assert months % every == 0
                assert one.day.day == first.day or (last_of_month and one.day.day < first.day)
            case Unit.MONTH_WEEKDAY:
                assert months % every == 0
                assert (one.day.weekday(), (one.day.day - 1) // 7) == (first.weekday(), (first.day - 1) // 7)
            case Unit.MONTH_LAST_WEEKDAY:
                assert months % every == 0
                assert one.day.weekday() == first.weekday()
                assert (one.day + timedelta(days=7)).month != one.day.month
