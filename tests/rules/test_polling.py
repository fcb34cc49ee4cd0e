"""Polls for a date: what votes add up to, which moment suits most, and when somebody is reminded."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import Invalid
from service.model import Vote
from service.rules.polling import LEAST, MOST, Tally, best, check, reminder_due, tally

DAY = datetime(2026, 12, 1, 16)
Y, M, N = Vote


@pytest.mark.parametrize("number", [0, LEAST - 1, MOST + 1])
def test_too_few_and_too_many_moments_are_refused(number: int) -> None:
    with pytest.raises(Invalid) as refused:
        check([DAY + timedelta(days=one) for one in range(number)])
    assert refused.value.field == "moments"


def test_a_moment_is_proposed_once() -> None:
    with pytest.raises(Invalid):
        check([DAY] * LEAST)
    check([DAY + timedelta(days=one) for one in range(LEAST)])


@pytest.mark.parametrize(
    ("votes", "expected"),
    [
        ({}, set()),
        ({1: [], 2: []}, set()),
        ({1: [N], 2: [N]}, set()),
        ({1: [Y, N], 2: [Y, Y]}, {2}),
        ({1: [Y, Y, N], 2: [M, M, M]}, {2}),  # all can come
        ({1: [Y, M], 2: [Y, Y]}, {2}),
        ({1: [Y], 2: [Y]}, {1, 2}),
    ],
)
def test_the_best_is_what_most_can_and_then_what_most_like(votes: dict[int, list[Vote]], expected: set[int]) -> None:
    assert best({moment: tally(said) for moment, said in votes.items()}) == expected


@given(st.lists(st.sampled_from(Vote)))
def test_every_vote_counts_once(votes: list[Vote]) -> None:
    found = tally(votes)
    assert found == Tally(votes.count(Y), votes.count(M), votes.count(N))
    assert found.yes + found.if_need_be + found.no == len(votes)


def test_the_reminder_comes_on_the_third_morning_and_not_when_it_is_too_late() -> None:
    asked = datetime(2026, 11, 23, 9, tzinfo=UTC)
    due = reminder_due(asked, datetime(2026, 12, 1, tzinfo=UTC), "Europe/Amsterdam")
    assert due == datetime(2026, 11, 26, 8, tzinfo=UTC)
    assert reminder_due(asked, datetime(2026, 11, 26, 8, tzinfo=UTC), "Europe/Amsterdam") is None
