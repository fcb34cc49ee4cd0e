"""Who hears of a changed address, and which one may go."""

import pytest

from service.model import Purpose
from service.rules.given_addresses import Change, Known, Told, changes, may_go, told

ADDED, PRIMARY, REMOVED = Purpose.ADDRESS_ADDED, Purpose.ADDRESS_PRIMARY, Purpose.ADDRESS_REMOVED


def known(*spelled: str) -> list[Known]:
    """Read addresses: their letter is their number; `*` primary, `?` waiting for a word."""
    return [Known(ord(one[0]) - ord("a"), 1, one[0], is_primary="*" in one, awaits_owner="?" in one) for one in spelled]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "a*", []),  # a first address is given by whoever makes the person
        ("", "a* b", []),
        ("a*", "a*", []),
        ("a*", "a* b", [Change(ADDED, 1, "b", waits=True)]),
        ("a*", "a b*", [Change(PRIMARY, 1, "b", waits=True)]),
        ("a*", "a b* c", [Change(PRIMARY, 1, "b", waits=True), Change(ADDED, 2, "c", waits=True)]),
        ("a* b", "a b*", [Change(PRIMARY, 1, "b", waits=False)]),
        ("a* b?", "a b?*", [Change(PRIMARY, 1, "b", waits=True)]),  # waits as before
        ("a* b", "a*", [Change(REMOVED, 1, "b", waits=False)]),
        ("a* b", "a* c", [Change(ADDED, 2, "c", waits=True), Change(REMOVED, 1, "b", waits=False)]),
    ],
)
def test_what_became_of_addresses(before: str, after: str, expected: list[Change]) -> None:
    assert changes(known(*before.split()), known(*after.split())) == expected


def test_every_address_of_before_hears_and_only_sure_ones_decide() -> None:
    assert told(known("a*", "b?", "c")) == [Told("a", True), Told("b", False), Told("c", True)]


@pytest.mark.parametrize(
    ("addresses", "going", "expected"),
    [
        ("a b*", "a", True),
        ("a b?*", "a", False),  # nobody would be left to say no
        ("a b?* c", "a", True),
        ("a* b?", "b", True),
        ("a?", "a", True),  # none is left at all
        ("a b?*", "c", True),  # none of theirs: not for this rule to say
    ],
)
def test_the_last_sure_address_stays_while_another_waits(addresses: str, going: str, expected: bool) -> None:
    assert may_go(ord(going) - ord("a"), known(*addresses.split())) is expected
