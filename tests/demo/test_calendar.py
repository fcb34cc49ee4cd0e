"""The year of gatherings keeps the promises of the plan, whenever the demo is started."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from service.demo.calendar import place, plan_year
from service.demo.holidays import is_meeting_day
from service.demo.programme import carried_lines, read_plan, read_scripts
from service.rules.holidays import easter

LINES = carried_lines()

# Ordinary days, ends and beginnings of months, and starts in the middle of the quiet weeks.
STARTS = [
    date(2026, 11, 23),
    date(2026, 11, 1),
    date(2026, 12, 31),
    date(2027, 1, 4),
    date(2027, 2, 28),
    date(2027, 5, 31),
    date(2027, 7, 31),
    date(2027, 8, 20),
    date(2027, 9, 1),
    date(2028, 2, 29),
]


@pytest.mark.parametrize(
    ("day", "meets"),
    [
        (date(2026, 11, 24), True),
        (date(2026, 11, 28), False),  # a Saturday
        (date(2026, 12, 25), False),
        (date(2027, 1, 1), False),
        (date(2027, 1, 4), True),
        (date(2027, 3, 26), False),  # Good Friday
        (date(2027, 3, 29), False),  # Easter Monday
        (date(2025, 4, 26), False),  # King's Day, a day early because the 27th is a Sunday
        (date(2027, 4, 27), False),
        (date(2027, 5, 5), False),
        (date(2027, 5, 6), False),  # Ascension
        (date(2027, 5, 17), False),  # Whit Monday
        (date(2027, 6, 15), True),
        (date(2027, 7, 19), False),
        (date(2027, 8, 31), False),
        (date(2027, 9, 1), True),
        (date(2027, 9, 21), False),  # Prinsjesdag
    ],
)
def test_nobody_gathers_on_holidays(day: date, *, meets: bool) -> None:
    assert is_meeting_day(day) is meets


@pytest.mark.parametrize(
    ("year", "sunday"),
    [(2024, date(2024, 3, 31)), (2025, date(2025, 4, 20)), (2027, date(2027, 3, 28)), (2038, date(2038, 4, 25))],
)
def test_easter_falls_where_the_almanac_says(year: int, sunday: date) -> None:
    assert easter(year) == sunday


def test_every_line_but_the_mailings_is_carried_by_its_own_circle() -> None:
    slugs = [line.circle for line in read_plan() if line.output != "mailing"]
    assert Counter(slugs) == Counter(list(read_scripts()))
    assert [line.title for line in read_plan() if line.output == "mailing" and line.circle] == []


@pytest.mark.parametrize("today", STARTS)
def test_each_line_gets_what_the_plan_promises_within_the_plan_year(today: date) -> None:
    start, end = plan_year(today)
    slots = place(LINES, today, Random(1))
    broken = []
    for line, script in LINES:
        count = sum(start <= slot.day < end for slot in slots[script.slug] if not slot.cancelled)
        promised = 1 if line.output == "group" else count  # a group is promised as such, and gathers as it likes
        if promised not in range(line.min_count, 1000 if line.max_count is None else line.max_count + 1):
            broken.append((line.title, count))
    assert broken == []


@pytest.mark.parametrize("today", STARTS)
def test_lines_with_months_and_quarters_keep_to_them(today: date) -> None:
    start, _ = plan_year(today)
    for line, script in LINES:
        days = [slot.day for slot in place(LINES, today, Random(2))[script.slug]]
        if line.months:
            assert {day.month for day in days} <= set(line.months), line.title
        if line.period in ("quarter", "half-year"):
            length = 3 if line.period == "quarter" else 6
            months = [(day.year - start.year) * 12 + day.month - start.month for day in days]
            assert [month // length for month in months] == list(range(12 // length)), line.title


def test_on_any_day_of_three_years_the_days_chosen_are_free_of_holidays_and_clashes() -> None:
    for offset in range(0, 3 * 365, 11):
        today = date(2026, 1, 1) + timedelta(days=offset)
        days = [slot.day for slots in place(LINES, today, Random(offset)).values() for slot in slots]
        assert [day for day in days if not is_meeting_day(day) or day == today] == [], today
        assert [day for day, count in Counter(days).items() if count > 1] == [], today


@pytest.mark.parametrize("today", STARTS)
def test_something_is_past_and_something_is_called_off(today: date) -> None:
    slots = [slot for slots in place(LINES, today, Random(3)).values() for slot in slots]
    assert len([slot for slot in slots if slot.day < today]) >= 3
    assert [slot.day > today for slot in slots if slot.cancelled] == [True]
    assert min(slot.day for slot in slots) > today - timedelta(days=110)


def test_the_wall_times_exist_and_come_in_order() -> None:
    zone = ZoneInfo("Europe/Amsterdam")
    slots = place(LINES, STARTS[0], Random(4))
    for _, script in LINES:
        assert script.start < script.end, script.slug
        for slot in slots[script.slug]:
            local = datetime.combine(slot.day, script.start, zone)
            assert local.astimezone(UTC).astimezone(zone).replace(tzinfo=zone) == local
