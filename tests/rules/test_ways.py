"""What becomes of a yes when the ways to take part change."""

import pytest

from service.model import Mode
from service.rules.ways import ON_SITE, ONLINE, Turn, turn

BOTH = ON_SITE | ONLINE
ASKED = "needs-action"  # with a choice kept: asked anew, and not told yet


@pytest.mark.parametrize(
    ("was", "now", "of_online", "of_on_site", "of_no_choice", "of_asked"),
    [
        (BOTH, ON_SITE, Turn.ASK, None, None, None),
        (BOTH, ONLINE, Turn.SEAT, None, None, Turn.SEAT),
        (ONLINE, BOTH, Turn.JOIN, None, Turn.JOIN, Turn.JOIN),
        (ON_SITE, BOTH, None, None, None, Turn.JOIN),
        (ON_SITE, ONLINE, Turn.SEAT, None, None, Turn.SEAT),
        (ONLINE, ON_SITE, Turn.ASK, None, None, None),
        *((same, same, None, None, None, None) for same in (BOTH, ON_SITE, ONLINE)),
    ],
)
def test_a_yes_counts_for_what_it_was_said_to(
    was: frozenset[Mode],
    now: frozenset[Mode],
    of_online: Turn | None,
    of_on_site: Turn | None,
    of_no_choice: Turn | None,
    of_asked: Turn | None,
) -> None:
    assert turn("accepted", Mode.ONLINE, was, now) == of_online
    assert turn("accepted", Mode.ON_SITE, was, now) == of_on_site
    assert turn("accepted", None, was, now) == of_no_choice
    assert turn(ASKED, Mode.ONLINE, was, now) == of_asked
    for partstat, mode in (("declined", Mode.ONLINE), ("tentative", Mode.ONLINE), (ASKED, None), (ASKED, Mode.ON_SITE)):
        assert turn(partstat, mode, was, now) is None
