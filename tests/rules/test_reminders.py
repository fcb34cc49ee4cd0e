"""When reminders are due: local mornings, clock changes, exact spans, and what is no reminder at all."""

from datetime import UTC, datetime, timedelta

import pytest

from service.errors import Invalid
from service.formats.zones import resolve
from service.rules.reminders import Due, checked, plan

ZONE = "Europe/Amsterdam"


def due(kinds: list[str], local: str, now: str) -> list[Due]:
    starts_local = datetime.fromisoformat(local)
    return plan(kinds, starts_local, ZONE, resolve(starts_local, ZONE), at(now))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_days_before_means_nine_in_the_morning_there() -> None:
    assert due(["P7D", "P1D"], "2026-12-10T16:00", "2026-11-23T09:00") == [
        Due("P7D", at("2026-12-03T08:00"), at("2026-12-10T15:00")),
        Due("P1D", at("2026-12-09T08:00"), at("2026-12-10T15:00")),
    ]


def test_nine_stays_nine_across_the_change_of_the_clocks() -> None:
    spring = due(["P7D", "P1D"], "2026-04-01T10:00", "2026-03-01T00:00")
    assert [one.due_at for one in spring] == [at("2026-03-25T08:00"), at("2026-03-31T07:00")]
    autumn = due(["P7D", "P1D"], "2026-10-27T10:00", "2026-10-01T00:00")
    assert [one.due_at for one in autumn] == [at("2026-10-20T07:00"), at("2026-10-26T08:00")]


def test_hours_and_minutes_are_exact_even_over_the_night_of_the_change() -> None:
    assert [one.due_at for one in due(["PT26H", "PT90M", "PT1H30M"], "2026-10-25T12:00", "2026-10-01T00:00")] == [
        at("2026-10-24T09:00"),
        at("2026-10-25T09:30"),
        at("2026-10-25T09:30"),
    ]


@pytest.mark.parametrize(
    ("kind", "local", "expected"),
    [
        ("PT2H", "2026-12-10T09:00", "2026-12-10T07:00"),
        ("PT2H", "2026-12-10T08:59", "2026-12-09T20:00"),  # an early one: the evening before
        ("PT2H", "2026-12-10T22:59", "2026-12-10T20:59"),
        ("PT2H", "2026-12-10T23:00", "2026-12-10T20:00"),  # a late one: the same evening
        ("PT2H", "2026-12-10T02:00", "2026-12-09T20:00"),
        ("PT2H", "2026-12-10T01:00", "2026-12-09T20:00"),
        ("P1D", "2026-12-10T06:00", "2026-12-09T09:00"),
    ],
)
def test_nobody_is_reminded_at_night(kind: str, local: str, expected: str) -> None:
    (one,) = due([kind], local, "2026-12-01T00:00")
    assert one.due_at == resolve(datetime.fromisoformat(expected), ZONE)


def test_one_moved_to_an_evening_that_has_passed_is_left_out() -> None:
    assert due(["PT2H"], "2026-12-10T08:00", "2026-12-09T19:30") == []


def test_a_reminder_whose_moment_has_passed_is_left_out_and_never_sent_late() -> None:
    assert [one.kind for one in due(["P7D", "P1D", "PT2H"], "2026-12-10T16:00", "2026-12-09T08:00")] == ["PT2H"]
    assert due(["P7D", "P1D", "PT2H"], "2026-12-10T16:00", "2026-12-10T14:00") == []


def test_weeks_are_days_too() -> None:
    assert due(["P2W"], "2026-12-24T16:00", "2026-11-23T09:00")[0].due_at == at("2026-12-10T08:00")


@pytest.mark.parametrize(
    "kind", ["", "P", "PT", "P0D", "PT0M", "7D", "P1M", "-P1D", "P7D ", "p7d", "P9999D", "x" * 500]
)
def test_what_is_no_span_before_the_start_is_refused_under_its_field(kind: str) -> None:
    with pytest.raises(Invalid) as refusal:
        checked("reminders", [kind])
    assert refusal.value.field == "reminders"


def test_repeats_are_dropped_and_too_many_refused() -> None:
    assert checked("reminders", ["P7D", "P1D", "P7D"]) == ["P7D", "P1D"]
    with pytest.raises(Invalid):
        checked("reminders", [f"P{days}D" for days in range(1, 7)])


def test_walking_a_year_each_reminder_falls_in_the_morning_of_its_day() -> None:
    start = datetime(2026, 1, 1, 8)
    for day in range(400):
        local = start + timedelta(days=day, minutes=37 * (day % 30))
        found = due(["P1D"], local.isoformat(), "2025-12-01T00:00")
        assert found[0].due_at == resolve((local - timedelta(days=1)).replace(hour=9, minute=0), ZONE)
