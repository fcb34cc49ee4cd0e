"""Quiet hours, over midnight and over both clock changes."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.rules.quiet import ends_at

ZONE = "Europe/Amsterdam"
NIGHT = (time(21), time(8))
NOON = (time(12), time(13, 30))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC)


@pytest.mark.parametrize(
    ("hours", "now", "end"),
    [
        (NIGHT, "2026-12-01T20:59:59", None),
        (NIGHT, "2026-12-01T21:00", "2026-12-02T08:00"),
        (NIGHT, "2026-12-02T00:00", "2026-12-02T08:00"),
        (NIGHT, "2026-12-02T07:59:59", "2026-12-02T08:00"),
        (NIGHT, "2026-12-02T08:00", None),
        (NOON, "2026-12-01T11:59", None),
        (NOON, "2026-12-01T12:00", "2026-12-01T13:30"),
        (NOON, "2026-12-01T13:30", None),
        ((None, None), "2026-12-01T23:00", None),
        ((time(8), time(8)), "2026-12-01T08:00", None),
        (NIGHT, "2027-03-27T23:00", "2027-03-28T08:00"),  # summer time begins in this night
        (NIGHT, "2026-10-24T23:00", "2026-10-25T08:00"),  # and ends in this one
    ],
)
def test_when_quiet_hours_end(hours: tuple[time | None, time | None], now: str, end: str | None) -> None:
    assert ends_at(*hours, ZONE, local(now)) == (None if end is None else local(end))


TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))


@given(TIMES, TIMES, MOMENTS)
def test_they_end_within_a_day_and_are_over_then(begins: time, ends: time, now: datetime) -> None:
    end = ends_at(begins, ends, ZONE, now)
    if end is not None:
        assert now < end <= now + timedelta(hours=25)
        assert ends_at(begins, ends, ZONE, end) is None
