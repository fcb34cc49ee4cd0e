"""Enough people to go on: what counts as too few, and when it is looked at."""

from datetime import UTC, datetime, timedelta

import pytest

from service.model import Numbers
from service.rules import minimum, polling

START = datetime(2026, 12, 18, 16)
ZONE = "Europe/Amsterdam"
LOOK = datetime(2026, 12, 15, 8, tzinfo=UTC)  # nine in the morning, three days before


@pytest.mark.parametrize(
    ("needed", "coming", "possible", "few", "out_of_reach"),
    [
        (None, 0, 0, False, False),
        (4, 4, 4, False, False),
        (4, 3, 4, True, False),
        (4, 3, 3, True, True),
        (4, 0, 8, True, False),
        (1, 0, 0, True, True),
    ],
)
def test_too_few_and_out_of_reach(
    needed: int | None, coming: int, possible: int, few: bool, out_of_reach: bool
) -> None:
    numbers = Numbers(coming, possible)
    assert (minimum.too_few(needed, numbers), minimum.out_of_reach(needed, numbers)) == (few, out_of_reach)


@pytest.mark.parametrize(
    ("starts", "due"),
    [
        (START, LOOK),
        (START.replace(hour=0), LOOK),
        (START.replace(hour=23, minute=59), LOOK),
        # Nine in the morning on either side of a clock change.
        (datetime(2026, 10, 27, 10), datetime(2026, 10, 24, 7, tzinfo=UTC)),
        (datetime(2027, 3, 30, 10), datetime(2027, 3, 27, 8, tzinfo=UTC)),
    ],
)
def test_it_is_looked_at_three_days_before_in_the_morning(starts: datetime, due: datetime) -> None:
    assert minimum.due_at(starts, ZONE) == due


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (LOOK - timedelta(seconds=1), LOOK),
        (LOOK, LOOK + timedelta(days=1)),
        (LOOK + timedelta(days=1, hours=12), LOOK + timedelta(days=2)),
        (LOOK + timedelta(days=2), None),
        (LOOK + timedelta(days=9), None),
    ],
)
def test_what_is_planned_later_is_looked_at_in_the_next_morning(now: datetime, due: datetime | None) -> None:
    assert minimum.next_look(START, ZONE, now) == due


def test_it_presses_at_once_when_out_of_reach_and_else_from_the_look_on() -> None:
    before, after = LOOK - timedelta(minutes=1), LOOK
    for numbers, expected in (
        (Numbers(3, 3), (True, True)),
        (Numbers(3, 5), (False, True)),
        (Numbers(4, 5), (False, False)),
    ):
        pressing = tuple(minimum.pressing(4, numbers, START, ZONE, now) for now in (before, after))
        assert pressing == expected


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T16:00")


@pytest.mark.parametrize(
    ("start", "now", "taken", "expected"),
    [
        # A Friday, further down a Saturday: a week later, on the next working day, and two weeks later.
        ("2026-12-04", "2026-12-01", (), ("2026-12-11", "2026-12-14", "2026-12-18")),
        ("2026-12-01", "2026-11-28", (), ("2026-12-08", "2026-12-10", "2026-12-15")),
        ("2026-12-01", "2026-11-28", ("2026-12-08", "2026-12-15"), ("2026-12-09", "2026-12-10", "2026-12-16")),
        (
            "2026-12-05",
            "2026-12-01",
            (),
            ("2026-12-12", "2026-12-14", "2026-12-19"),
        ),
        ("2026-12-01", "2026-12-07", (), ("2026-12-11", "2026-12-14", "2026-12-18")),  # never within the next days
    ],
)
def test_other_moments_are_suggested(start: str, now: str, taken: tuple[str, ...], expected: tuple[str, ...]) -> None:
    found = polling.others(at(start), at(now).replace(tzinfo=UTC), lambda day: day.isoformat() not in taken)
    assert found == [at(day) for day in expected]
    polling.check(found)
