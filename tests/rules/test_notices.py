"""Which message follows from which answer, seat and edit, and what is frozen in it: tables by hand."""

from datetime import UTC, datetime

import pytest

from service.model import CalendarStatus, Partstat, Purpose, Seat, WaitingReason
from service.rules.notices import (
    CANCEL,
    REQUEST,
    WITHOUT_CALENDAR,
    calendar_facts,
    for_answer,
    for_move,
    hears_of_cancellation,
    hears_of_update,
    told_partstat,
)
from service.rules.revisions import Change, Copy

STAMP = datetime(2026, 11, 23, 9, tzinfo=UTC)
CONFIRMED, TENTATIVE, CANCELLED = CalendarStatus.CONFIRMED, CalendarStatus.TENTATIVE, CalendarStatus.CANCELLED
ACCEPTED, DECLINED, MAYBE, SILENT = Partstat.ACCEPTED, Partstat.DECLINED, Partstat.TENTATIVE, Partstat.NEEDS_ACTION

MOVED = Change(moved=True, relocated=False, edited=False)
RELOCATED = Change(moved=False, relocated=True, edited=False)
EDITED = Change(moved=False, relocated=False, edited=True)


@pytest.mark.parametrize(
    ("partstat", "seat", "purpose"),
    [
        (ACCEPTED, Seat.SEATED, Purpose.CONFIRMATION),
        (ACCEPTED, Seat.NONE, Purpose.CONFIRMATION),  # a facilitator, who takes no seat
        (ACCEPTED, Seat.WAITING, Purpose.WAITING),
        (MAYBE, Seat.NONE, Purpose.TENTATIVE),
        (DECLINED, Seat.NONE, Purpose.DECLINED),
    ],
)
def test_an_answer_is_told_by_the_state_it_leads_to(partstat: Partstat, seat: Seat, purpose: Purpose) -> None:
    assert for_answer(partstat, seat) is purpose


def test_a_seat_that_changes_by_itself_is_told_by_what_it_becomes() -> None:
    assert {seat: for_move(seat) for seat in (Seat.SEATED, Seat.OFFERED, Seat.WAITING)} == {
        Seat.SEATED: Purpose.PROMOTION,
        Seat.OFFERED: Purpose.OFFER,
        Seat.WAITING: Purpose.OFFER_EXPIRED,
    }


def test_only_a_no_leaves_the_calendar_alone() -> None:
    assert frozenset({Purpose.DECLINED}) == WITHOUT_CALENDAR


@pytest.mark.parametrize(
    ("status", "partstat", "shown", "rsvp"),
    [
        (CONFIRMED, SILENT, "needs-action", True),
        (CONFIRMED, ACCEPTED, "accepted", False),
        (CONFIRMED, MAYBE, "tentative", False),
        (CONFIRMED, DECLINED, "declined", False),
        (TENTATIVE, ACCEPTED, "tentative", False),  # waits: the time is kept without a promise
        (TENTATIVE, SILENT, "needs-action", True),  # waits, and is asked whether the new time suits
        (CANCELLED, ACCEPTED, "accepted", False),
        (CANCELLED, DECLINED, "declined", False),
    ],
)
def test_a_calendar_message_says_how_the_person_stands(
    status: CalendarStatus, partstat: Partstat, shown: str, rsvp: bool
) -> None:
    assert calendar_facts(REQUEST, Copy(4, STAMP, status), partstat) == {
        "method": "REQUEST",
        "sequence": 4,
        "dtstamp": "2026-11-23T09:00:00+00:00",
        "status": str(status),
        "partstat": shown,
        "rsvp": rsvp,
    }


def test_a_cancel_asks_for_nothing_even_of_who_never_answered() -> None:
    assert calendar_facts(CANCEL, Copy(1, STAMP, CANCELLED), SILENT, cancel_reason="Ziek") == {
        "method": "CANCEL",
        "sequence": 1,
        "dtstamp": "2026-11-23T09:00:00+00:00",
        "status": "cancelled",
        "partstat": "needs-action",
        "rsvp": False,
        "cancel_reason": "Ziek",
    }


def test_what_does_not_apply_is_left_out_of_the_facts() -> None:
    facts = calendar_facts(
        REQUEST, Copy(1, STAMP, TENTATIVE), ACCEPTED, position=2, reason=WaitingReason.FULL, offer_expires_at=None
    )
    assert {name: facts[name] for name in facts.keys() - {"method", "sequence", "dtstamp", "status"}} == {
        "partstat": "tentative",
        "rsvp": False,
        "position": 2,
        "reason": "full",
    }


@pytest.mark.parametrize("partstat", list(Partstat))
@pytest.mark.parametrize("confirmed", [True, False])
def test_an_update_asks_anew_only_after_a_move_and_only_who_has_not_answered_it(
    partstat: Partstat, confirmed: bool
) -> None:
    for change in (MOVED, RELOCATED):
        assert told_partstat(partstat, change, confirmed=confirmed) is (partstat if confirmed else SILENT)
    assert told_partstat(partstat, EDITED, confirmed=confirmed) is partstat


@pytest.mark.parametrize(
    ("partstat", "change", "confirmed", "hears"),
    [
        *((partstat, change, confirmed, True)
          for partstat in (ACCEPTED, MAYBE, SILENT)
          for change in (MOVED, RELOCATED, EDITED)
          for confirmed in (True, False)),
        (DECLINED, MOVED, False, True),
        (DECLINED, MOVED, True, False),
        (DECLINED, RELOCATED, False, False),
        (DECLINED, RELOCATED, True, False),
        (DECLINED, EDITED, False, False),
        (DECLINED, EDITED, True, False),
    ],
)  # fmt: skip
def test_who_declined_hears_only_of_another_time_not_declined_yet(
    partstat: Partstat, change: Change, confirmed: bool, hears: bool
) -> None:
    assert hears_of_update(partstat, change, confirmed=confirmed) is hears


def test_a_cancellation_is_for_all_but_those_who_declined() -> None:
    assert {partstat for partstat in Partstat if hears_of_cancellation(partstat)} == {ACCEPTED, MAYBE, SILENT}
