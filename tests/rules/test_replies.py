"""The table of answers by mail, row by row, written down a second time and compared in full."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.formats.received import Authentication, Method
from service.rules import replies
from service.rules.replies import Decision, Match, Order, Reply, Token, Words, clicked_at, comparable, decide
from service.rules.replies import decide_words as decide_text

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

ALL = None
"""In a row: whatever it is."""

VALID, NOT_VALID = (Token.VALID,), (Token.ABSENT, Token.UNKNOWN)
EQUAL, DIFFERS, MISSING = (Match.EQUAL,), (Match.DIFFERS,), (Match.MISSING,)
OTHER = (Match.DIFFERS, Match.MISSING)
PASS = (Authentication.PASS,)
YES, NO = (True,), (False,)

COLUMNS = ("token", "known", "attendee", "sender", "authentication", "aligned", "confidential", "open", "automatic")

ROWS = [
    # token, known, attendee, sender, authentication, aligned, confidential, open, automatic -> decision
    ((VALID, YES, EQUAL, EQUAL, ALL, ALL, ALL, ALL, ALL), Decision.APPLY),
    ((VALID, YES, EQUAL, OTHER, ALL, ALL, NO, ALL, ALL), Decision.APPLY),
    ((VALID, YES, EQUAL, OTHER, ALL, ALL, YES, ALL, ALL), Decision.HOLD),
    ((VALID, YES, DIFFERS, EQUAL, ALL, ALL, ALL, ALL, ALL), Decision.APPLY_AS_ALIAS),
    ((VALID, YES, DIFFERS, DIFFERS, PASS, ALL, NO, YES, NO), Decision.INVITE_STRANGER),
    ((VALID, YES, DIFFERS, OTHER, ALL, ALL, ALL, ALL, ALL), Decision.FORWARDED),
    ((VALID, YES, MISSING, ALL, ALL, ALL, ALL, ALL, ALL), Decision.PARK_AND_ASK),
    ((NOT_VALID, YES, EQUAL, EQUAL, PASS, YES, ALL, ALL, ALL), Decision.APPLY),
    ((NOT_VALID, YES, ALL, ALL, ALL, ALL, ALL, ALL, ALL), Decision.PARK_AND_ASK),
    ((ALL, NO, ALL, ALL, ALL, ALL, ALL, ALL, ALL), Decision.PARK),
]
"""The table of calendar replies; the first row that fits counts."""

WORLDS = [
    dict(zip(COLUMNS, values, strict=True))
    for values in itertools.product(
        Token, (True, False), Match, Match, Authentication, (True, False), (True, False), (True, False), (True, False)
    )
    if values[0] is not Token.VALID or values[1]  # a valid handle names an invitation
]


def reply(**changes: object) -> Reply:
    plain: dict[str, object] = {
        "token": Token.VALID,
        "known": True,
        "attendee": Match.EQUAL,
        "sender": Match.EQUAL,
        "authentication": Authentication.PASS,
        "aligned": True,
        "confidential": False,
        "open": False,
        "closed": False,
        "automatic": False,
    }
    return Reply(**plain | changes)  # type: ignore[arg-type]


def row_for(world: dict[str, object]) -> int:
    values = [world[name] for name in COLUMNS]
    return next(
        number
        for number, (row, _) in enumerate(ROWS)
        if all(allowed is ALL or value in allowed for value, allowed in zip(values, row, strict=True))
    )


def test_every_combination_comes_to_what_its_row_says() -> None:
    wrong = [world for world in WORLDS if decide(reply(**world)) is not ROWS[row_for(world)][1]]
    assert (wrong, len(WORLDS)) == ([], 3 * 2 * 3 * 3 * 3 * 16 - 3 * 3 * 3 * 16)


def test_every_row_is_some_combination() -> None:
    assert {row_for(world) for world in WORLDS} == set(range(len(ROWS)))


def test_the_words_of_the_rules_are_those_of_what_was_read() -> None:
    assert (replies.PASS, replies.FAIL) == (Authentication.PASS, Authentication.FAIL)
    assert {replies.REPLY, replies.COUNTER, replies.REFRESH} == set(Method) - {Method.OTHER}


def test_a_stranger_is_written_to_only_about_what_is_open_and_only_when_it_is_surely_them() -> None:
    invited = [world for world in WORLDS if decide(reply(**world)) is Decision.INVITE_STRANGER]
    assert invited
    assert {(w["open"], w["confidential"], w["automatic"], w["authentication"]) for w in invited} == {
        (True, False, False, Authentication.PASS)
    }


CRASHER = {"attendee": Match.DIFFERS, "sender": Match.DIFFERS}


@pytest.mark.parametrize(
    ("changes", "decision"),
    [
        ({"method": Method.OTHER}, Decision.IGNORE),
        ({"method": Method.OTHER, "known": False, "token": Token.ABSENT}, Decision.IGNORE),
        ({"damaged": True}, Decision.PARK_AND_ASK),
        ({"damaged": True, "known": False, "token": Token.UNKNOWN}, Decision.PARK),
        ({"closed": True}, Decision.CLOSED),
        ({"closed": True, "method": Method.COUNTER}, Decision.CLOSED),
        ({"closed": True, **CRASHER}, Decision.FORWARDED),
        ({"closed": True, "token": Token.ABSENT, "sender": Match.DIFFERS}, Decision.PARK_AND_ASK),
        ({"method": Method.COUNTER}, Decision.FACILITATOR),
        ({"method": Method.COUNTER, **CRASHER}, Decision.FORWARDED),
        ({"partstat": "delegated"}, Decision.FACILITATOR),
        ({"method": Method.REFRESH, "partstat": None}, Decision.RESEND),
        ({"method": Method.REFRESH, "partstat": None, **CRASHER}, Decision.FORWARDED),
        *[({"partstat": odd}, Decision.PARK_AND_ASK) for odd in (None, "", "needs-action", "completed", "in-process")],
        *[({"partstat": answer}, Decision.APPLY) for answer in ("accepted", "declined", "tentative")],
    ],
)
def test_whose_it_is_comes_before_what_it_says(changes: dict[str, object], decision: Decision) -> None:
    assert decide(reply(**changes)) is decision


def order(sequence: int, minutes: int, **more: object) -> Order:
    return Order(sequence=sequence, clicked_at=NOW + minutes * MINUTE, **more)  # type: ignore[arg-type]


LAST = {"last_sequence": 2, "last_clicked_at": NOW}


@pytest.mark.parametrize(
    ("given", "decision"),
    [
        (order(0, 0), Decision.APPLY),
        (order(2, 1, **LAST), Decision.APPLY),
        (order(3, -5, **LAST), Decision.APPLY),
        (order(2, 0, **LAST), Decision.STALE),
        (order(2, -1, **LAST), Decision.STALE),
        (order(1, 5, **LAST), Decision.STALE),
        (order(2, 1, moved_sequence=2, **LAST), Decision.APPLY),
        (order(2, 1, moved_sequence=3, **LAST), Decision.ASK_AGAIN),
        (order(1, 1, moved_sequence=3, **LAST), Decision.STALE),
        (order(0, 0, moved_sequence=1), Decision.ASK_AGAIN),
    ],
)
def test_older_replies_change_nothing_and_those_about_an_older_time_are_asked_again(
    given: Order, decision: Decision
) -> None:
    assert decide(reply(order=given)) is decision


def test_whoever_holds_a_click_back_for_confidence_holds_back_the_new_ones_only() -> None:
    held = {"confidential": True, "sender": Match.DIFFERS}
    assert decide(reply(order=order(2, 1, **LAST), **held)) is Decision.HOLD
    assert decide(reply(order=order(2, 0, **LAST), **held)) is Decision.STALE


@pytest.mark.parametrize("token", Token)
@pytest.mark.parametrize("authentication", Authentication)
@pytest.mark.parametrize("sender", Match)
@pytest.mark.parametrize("understood", [True, False])
@pytest.mark.parametrize("closed", [True, False])
def test_words_count_only_from_an_address_of_the_person(
    token: Token, authentication: Authentication, sender: Match, understood: bool, closed: bool
) -> None:
    trusted = sender is Match.EQUAL and (
        authentication is Authentication.PASS if token is not Token.VALID else authentication is not Authentication.FAIL
    )
    wanted = (Decision.APPLY if understood else Decision.UNCLEAR) if not closed else Decision.CLOSED
    said = Words(
        token=token, known=True, sender=sender, authentication=authentication, closed=closed, understood=understood
    )
    assert decide_text(said) is (wanted if trusted else Decision.PARK_AND_ASK)


def test_words_about_nothing_that_we_know_are_for_a_human() -> None:
    said = Words(
        token=Token.ABSENT,
        known=False,
        sender=Match.DIFFERS,
        authentication=Authentication.PASS,
        closed=False,
        understood=True,
    )
    assert decide_text(said) is Decision.PARK


INVITED = NOW - timedelta(days=1, microseconds=-5)


@pytest.mark.parametrize(
    ("dtstamp", "clicked"),
    [
        (NOW - MINUTE, NOW - MINUTE),
        (NOW + 10 * MINUTE, NOW + 10 * MINUTE),
        (NOW + 10 * MINUTE + timedelta(seconds=1), NOW),
        (INVITED.replace(microsecond=0), INVITED.replace(microsecond=0)),
        (INVITED - timedelta(seconds=1), NOW),
        (None, NOW),
    ],
)
def test_the_stamp_is_the_moment_of_the_click_where_it_can_be(dtstamp: datetime | None, clicked: datetime) -> None:
    assert clicked_at(dtstamp, invited_at=INVITED, received_at=NOW + timedelta(milliseconds=7)) == clicked


@given(st.integers(), st.integers(0, 2**31 - 1))
def test_no_program_knows_of_a_higher_sequence_than_ours(sequence: int, current: int) -> None:
    assert 0 <= comparable(sequence, current) <= current
    assert comparable(sequence, current) in (0, sequence, current)
