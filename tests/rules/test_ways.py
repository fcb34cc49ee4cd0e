"""What becomes of a yes when the ways to take part change."""

import pytest

from service.model import Mode
from service.rules.ways import ON_SITE, ONLINE, Sequel, sequel

BOTH = ON_SITE | ONLINE
ASKED = "needs-action"  # with a choice kept: asked anew, and not told yet


@pytest.mark.parametrize(
    ("was", "now", "of_online", "of_on_site", "of_no_choice", "of_asked"),
    [
        (BOTH, ON_SITE, Sequel.ASK, None, None, None),
        (BOTH, ONLINE, Sequel.SEAT, None, None, Sequel.SEAT),
        (ONLINE, BOTH, Sequel.JOIN, None, Sequel.JOIN, Sequel.JOIN),
        (ON_SITE, BOTH, None, None, None, Sequel.JOIN),
        (ON_SITE, ONLINE, Sequel.SEAT, None, None, Sequel.SEAT),
        (ONLINE, ON_SITE, Sequel.ASK, None, None, None),
        *((same, same, None, None, None, None) for same in (BOTH, ON_SITE, ONLINE)),
    ],
)
def test_a_yes_counts_for_what_it_was_said_to(
    was: frozenset[Mode],
    now: frozenset[Mode],
    of_online: Sequel | None,
    of_on_site: Sequel | None,
    of_no_choice: Sequel | None,
    of_asked: Sequel | None,
) -> None:
    assert sequel("accepted", Mode.ONLINE, was, now, was) == of_online
    assert sequel("accepted", Mode.ON_SITE, was, now, was) == of_on_site
    assert sequel("accepted", None, was, now, was) == of_no_choice
    assert sequel(ASKED, Mode.ONLINE, was, now, was) == of_asked
    for partstat, mode in (("declined", Mode.ONLINE), ("tentative", Mode.ONLINE), (ASKED, None), (ASKED, Mode.ON_SITE)):
        assert sequel(partstat, mode, was, now, was) is None


@pytest.mark.parametrize("told", [ON_SITE, BOTH])
def test_a_yes_from_before_a_place_went_and_came_back_untold_is_to_the_place(told: frozenset[Mode]) -> None:
    assert sequel("accepted", None, ONLINE, BOTH, told) is None
    assert sequel("accepted", Mode.ONLINE, ONLINE, BOTH, told) == Sequel.JOIN
