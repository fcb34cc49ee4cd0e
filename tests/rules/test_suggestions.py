from datetime import datetime

import pytest

from service.rules.suggestions import next_start

NOW = datetime(2026, 11, 20, 9)


@pytest.mark.parametrize(
    ("latest", "expected"),
    [
        ([], datetime(2026, 12, 11, 16)),
        ([datetime(2026, 11, 10, 15, 30)], datetime(2026, 12, 8, 15, 30)),
        ([datetime(2026, 12, 1, 16), datetime(2026, 10, 6, 16)], datetime(2027, 1, 26, 16)),
        ([datetime(2026, 1, 6, 16), datetime(2025, 12, 9, 16)], datetime(2026, 12, 8, 16)),  # long ago
        ([datetime(2026, 11, 19, 16), datetime(2026, 11, 19, 9)], datetime(2026, 11, 26, 16)),  # twice in one day
    ],
)
def test_the_next_start_keeps_weekday_hour_and_rhythm(latest: list[datetime], expected: datetime) -> None:
    assert next_start(latest, NOW) == expected


@pytest.mark.parametrize(("today", "day"), [(20, 11), (21, 14), (22, 14), (23, 14)])
def test_the_first_of_all_is_suggested_for_a_working_day(today: int, day: int) -> None:
    assert next_start([], datetime(2026, 11, today, 9)) == datetime(2026, 12, day, 16)
