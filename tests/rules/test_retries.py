from datetime import UTC, datetime, timedelta

import pytest

from service.rules.retries import jitter, next_try, outage_pause

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(("failures", "minutes"), [(1, 1), (2, 2), (3, 4), (8, 128), (9, 240), (10, 240), (1000, 240)])
def test_pauses_double_up_to_four_hours(failures: int, minutes: int) -> None:
    assert next_try(failures, NOW, NOW, 0.0) == NOW + timedelta(minutes=minutes)


def test_jitter_makes_a_pause_up_to_a_fifth_longer() -> None:
    assert next_try(1, NOW, NOW, 0.5) == NOW + timedelta(seconds=66)


def test_after_five_days_there_is_no_other_try() -> None:
    since = NOW - timedelta(days=5) + timedelta(hours=4)
    assert next_try(20, since, NOW, 0.0) == NOW + timedelta(hours=4)
    assert next_try(20, since - timedelta(seconds=1), NOW, 0.0) is None


def test_messages_that_failed_together_are_spread() -> None:
    spread = sorted(jitter(ident, 1) for ident in range(1000))
    assert 0 <= spread[0] < 0.01
    assert 0.99 < spread[-1] < 1
    assert jitter(7, 2) == jitter(7, 2) != jitter(7, 3)


def test_a_silent_channel_is_asked_again_after_a_minute_at_most() -> None:
    assert [outage_pause(checks).total_seconds() for checks in (1, 2, 3, 6, 7, 100)] == [1, 2, 4, 32, 60, 60]
