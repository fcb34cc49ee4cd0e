from datetime import UTC, datetime, timedelta

import pytest

from service.rules import ratings

ZONE = "Europe/Amsterdam"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("ends", "marked", "asked"),
    [
        ("2026-12-01T16:30", "2026-12-01T16:00", "2026-12-01T17:30"),  # marked while it went on
        ("2026-12-01T16:30", "2026-12-01T18:15", "2026-12-01T18:15"),  # afterwards: at once
        ("2026-12-01T19:00", "2026-12-01T18:59", "2026-12-02T08:00"),  # an hour after the end is 21:00 there
        ("2026-12-01T21:30", "2026-12-01T21:00", "2026-12-02T08:00"),
        ("2026-12-01T16:30", "2026-12-03T23:30", "2026-12-04T08:00"),  # half past midnight there: the same morning
        ("2026-12-01T16:30", "2026-12-03T05:00", "2026-12-03T08:00"),
        ("2026-07-01T18:30", "2026-07-01T18:30", "2026-07-02T07:00"),  # in summer nine is seven in UTC
        ("2026-10-24T20:00", "2026-10-24T20:00", "2026-10-25T08:00"),  # the night in which the clock goes back
        ("2026-12-01T16:30", "2026-12-15T16:29", "2026-12-15T16:29"),
        ("2026-12-01T16:30", "2026-12-15T16:30", None),  # too late to remember
    ],
)
def test_it_is_asked_by_day_after_the_end(ends: str, marked: str, asked: str | None) -> None:
    assert ratings.asked_at(at(ends), ZONE, at(marked)) == (at(asked) if asked else None)


def test_a_mark_is_taken_from_the_end_on_for_thirty_days() -> None:
    end, second = at("2026-12-01T16:30"), timedelta(seconds=1)
    moments = (end - second, end, end + ratings.OPEN - second, end + ratings.OPEN)
    assert [ratings.takes(end, moment) for moment in moments] == [False, True, True, False]


@pytest.mark.parametrize(
    ("count", "total", "shown"), [(0, 0, None), (4, 40, None), (5, 37, 7.4), (6, 47, 7.8), (3000, 30000, 10.0)]
)
def test_below_five_nothing_is_shown(count: int, total: int, shown: float | None) -> None:
    assert ratings.average(count, total) == shown
