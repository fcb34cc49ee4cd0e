from datetime import UTC, datetime, timedelta

import pytest

from service.rules.bounces import NOBODY, Reason, Score, counted, suppressed

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def run(kinds: list[tuple[float, str]]) -> int | None:
    """Return after how many bounces, each so many days after the first, an address is given up."""
    score = Score()
    for number, (days, kind) in enumerate(kinds, 1):
        score = counted(score, kind, NOW + days * DAY)
        if suppressed(score, kind, "5.0.0"):
            return number
    return None


@pytest.mark.parametrize(
    ("kinds", "given_up"),
    [
        ([(0, "hard")], None),
        ([(0, "hard"), (0.1, "hard"), (0.2, "hard")], None),
        ([(0, "hard"), (1, "hard")], 2),
        ([(0, "hard"), (31, "hard")], None),
        ([(day, "soft") for day in range(40)], 20),
        ([(day / 24, "soft") for day in range(48)], None),
        ([(0, "hard"), *[(day, "soft") for day in range(1, 20)]], 11),
        ([(day, "policy") for day in range(100)], None),
        ([(day, "delayed") for day in range(100)], None),
    ],
)
def test_an_address_is_given_up_when_its_bounces_add_up(kinds: list[tuple[float, str]], given_up: int | None) -> None:
    assert run(kinds) == given_up


def test_that_there_is_nobody_is_enough_once() -> None:
    assert {suppressed(Score(), "hard", code) for code in NOBODY} == {Reason.BOUNCED}
    assert suppressed(Score(), "soft", "5.1.1") is None
    assert suppressed(Score(), "policy", "5.1.1") is None


def test_a_complaint_is_enough_once_and_counts_nothing() -> None:
    assert suppressed(Score(), "complaint", "") is Reason.COMPLAINED
    assert counted(Score(1.0, NOW), "complaint", NOW + DAY) == Score(1.0, NOW)
