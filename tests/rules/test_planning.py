"""What a plan promised by now: by months, by periods, over plan years that begin on any day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.model import Output, Period
from service.rules.planning import on_track, promised

JANUARY = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("minimum", "period", "months", "today", "expected"),
    [
        # six in a year: one every two months
        (6, "year", [], "2026-01-31", 0),
        (6, "year", [], "2026-02-28", 0),
        (6, "year", [], "2026-03-01", 1),
        (6, "year", [], "2026-07-01", 3),
        (6, "year", [], "2026-12-31", 5),
        (6, "year", [], "2027-01-01", 6),
        (1, "year", [], "2026-12-31", 0),
        (1, "year", [], "2027-01-01", 1),
        # one a quarter, two in a half-year, one a month, one a week
        (4, "quarter", [], "2026-03-31", 0),
        (4, "quarter", [], "2026-04-01", 1),
        (4, "quarter", [], "2026-10-01", 3),
        (3, "half-year", [], "2026-06-30", 0),
        (3, "half-year", [], "2026-07-01", 1),
        (12, "month", [], "2026-12-01", 11),
        (52, "week", [], "2026-01-07", 0),
        (52, "week", [], "2026-01-08", 1),
        (52, "week", [], "2026-12-31", 52),
        # named months, whatever the period says
        (2, "year", [4, 11], "2026-04-30", 0),
        (2, "year", [4, 11], "2026-05-01", 1),
        (2, "year", [11, 4], "2026-12-01", 2),
        (2, "week", [4, 4, 11], "2026-05-01", 1),
        (1, "year", [4, 5, 6, 7, 8, 9], "2026-09-30", 0),
        (1, "year", [4, 5, 6, 7, 8, 9], "2026-10-01", 1),
        (0, "year", [], "2027-01-01", 0),
        # before the year and long after it
        (6, "year", [], "2025-06-01", 0),
        (6, "year", [], "2030-06-01", 6),
    ],
)
def test_what_is_promised_by_a_day(minimum: int, period: str, months: list[int], today: str, expected: int) -> None:
    assert promised(minimum, period, months, starts_on=JANUARY, today=date.fromisoformat(today)) == expected


@pytest.mark.parametrize(
    ("months", "today", "expected"),
    [
        ([11], "2026-11-30", 0),
        ([11], "2026-12-01", 1),
        ([12, 10], "2027-01-01", 1),
        ([10], "2027-10-31", 0),
        ([10], "2027-11-01", 1),
    ],
)
def test_the_months_of_a_plan_year_that_begins_in_november(months: list[int], today: str, expected: int) -> None:
    found = promised(len(months), "year", months, starts_on=date(2026, 11, 23), today=date.fromisoformat(today))
    assert found == expected


def test_a_year_that_begins_on_a_day_that_some_months_lack() -> None:
    assert [
        promised(12, "month", [], starts_on=date(2027, 8, 31), today=date.fromisoformat(day))
        for day in ("2027-09-29", "2027-09-30", "2028-02-28", "2028-02-29", "2028-08-31")
    ] == [0, 1, 5, 6, 12]


@pytest.mark.parametrize(
    ("output", "held", "scheduled", "due", "expected"),
    [
        ("gathering", 0, 0, 0, True),
        ("gathering", 1, 0, 2, False),
        ("gathering", 1, 1, 2, True),
        ("gathering", 3, 0, 2, True),
        ("group", 0, 0, 1, False),
        ("group", 1, 0, 1, True),
        ("mailing", 0, 0, 5, None),
    ],
)
def test_on_track_is_what_is_held_and_published_against_what_is_due(
    output: str, held: int, scheduled: int, due: int, expected: bool | None
) -> None:
    assert on_track(output, held=held, scheduled=scheduled, due=due) is expected


@given(
    st.integers(0, 60),
    st.sampled_from(Period),
    st.lists(st.integers(1, 12), max_size=5),
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
)
def test_promises_only_grow_from_nothing_to_all_of_it(
    minimum: int, period: Period, months: list[int], starts_on: date
) -> None:
    days = [starts_on + timedelta(days=count) for count in range(0, 370, 3)]
    due = [promised(minimum, period, months, starts_on=starts_on, today=day) for day in days]
    assert due == sorted(due)
    assert (due[0], due[-1]) == (0, minimum)


def test_every_output_is_judged_or_not() -> None:
    assert {output: on_track(output, held=1, scheduled=0, due=1) for output in Output} == {
        Output.GATHERING: True,
        Output.GROUP: True,
        Output.MAILING: None,
    }
