"""Whom of a gathering a message is for: the whole table by hand."""

import itertools
from dataclasses import replace

import pytest

from service.model import Attendance, Audience, Partstat, Seat
from service.rules.audiences import Listener, hears

YES, NO, MAYBE, SILENT = Partstat.ACCEPTED, Partstat.DECLINED, Partstat.TENTATIVE, Partstat.NEEDS_ACTION
COMING, WAITING, UNANSWERED, EVERYONE, PRESENT, ABSENT = Audience


def listener(partstat: str, seat: str = Seat.NONE, *, facilitator: bool = False, mails: bool = True) -> Listener:
    return Listener(1, 2, partstat, seat, facilitator, mails)


@pytest.mark.parametrize(
    ("one", "audiences"),
    [
        (listener(YES, Seat.SEATED), {COMING, EVERYONE}),
        (listener(YES, Seat.SEATED, mails=False), {COMING, EVERYONE}),
        (listener(YES, Seat.WAITING), {WAITING, EVERYONE}),
        (listener(YES, Seat.OFFERED), {WAITING, EVERYONE}),
        (listener(MAYBE), {EVERYONE}),
        (listener(SILENT), {UNANSWERED, EVERYONE}),
        (listener(SILENT, mails=False), set()),
        (listener(NO), set()),
        (listener(SILENT, facilitator=True), {COMING, EVERYONE}),
        (listener(YES, facilitator=True), {COMING, EVERYONE}),
        (listener(NO, facilitator=True), set()),
    ],
)
def test_who_hears_what(one: Listener, audiences: set[Audience]) -> None:
    assert {audience for audience in Audience if hears(audience, one)} == audiences


@pytest.mark.parametrize("partstat", Partstat)
def test_who_was_there_and_who_was_not_is_a_matter_of_marks(partstat: Partstat) -> None:
    for attendance, expected in ((Attendance.PRESENT, {PRESENT}), (Attendance.ABSENT, {ABSENT}), (None, set())):
        one = replace(listener(partstat, mails=False), attendance=attendance)
        assert {audience for audience in (PRESENT, ABSENT) if hears(audience, one)} == expected


def test_nobody_stands_in_two_groups_and_everyone_is_all_of_them() -> None:
    standings = itertools.product(Partstat, Seat, (False, True), (False, True))
    for partstat, seat, facilitator, mails in standings:
        one = listener(partstat, seat, facilitator=facilitator, mails=mails)
        groups = [audience for audience in (COMING, WAITING, UNANSWERED) if hears(audience, one)]
        assert len(groups) <= 1
        assert hears(EVERYONE, one) or not groups
