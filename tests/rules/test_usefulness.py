from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from service.channels import DueNotice
from service.model import ABOUT_A_CIRCLE, Attendance, Partstat, Purpose, Seat, Status
from service.rules.usefulness import is_list_mail, reason_against
from tests.bots.mail.dues import COMING, GATHERING, MAILED, NOW, REGISTRATION, SEVEN_DAYS_BEFORE, STARTS, WAITING, due

SECOND = timedelta(seconds=1)
AT_ANY_TIME = {Purpose.CLOSED, Purpose.UNSUBSCRIBED}
ABOUT_THE_END = {Purpose.CANCELLATION, Purpose.WITHDRAWAL}
DECLINED = {"partstat": Partstat.DECLINED, "answered": True}


def standing(purpose: Purpose, **changes: Any) -> DueNotice:
    return due(purpose, registration=replace(REGISTRATION, **changes))


def at(purpose: Purpose, status: Status) -> DueNotice:
    return due(purpose, gathering=replace(GATHERING, status=status))


@pytest.mark.parametrize("purpose", sorted(set(MAILED) - {Purpose.CANCELLATION}))
def test_what_is_still_true_is_sent(purpose: Purpose) -> None:
    assert reason_against(due(purpose), NOW) is None


@pytest.mark.parametrize(
    ("ago", "changes", "expected"),
    [
        (timedelta(hours=0), COMING, "said a moment ago in another message"),
        (timedelta(hours=12), COMING, "said a moment ago in another message"),
        (timedelta(hours=12, seconds=1), COMING, None),
        (timedelta(hours=1), {}, "said a moment ago in another message"),  # the invitation
        (timedelta(hours=1), WAITING, "said a moment ago in another message"),
        (timedelta(hours=1), WAITING | {"seat": Seat.OFFERED}, None),  # time runs out
        (-SECOND, COMING, None),  # answered while the worker was down: it was due before
    ],
)
def test_a_reminder_does_not_repeat_what_was_just_said(
    ago: timedelta, changes: dict[str, Any], expected: str | None
) -> None:
    reminder = standing(Purpose.REMINDER, **changes, heard_at=SEVEN_DAYS_BEFORE - ago)
    assert reason_against(reminder, SEVEN_DAYS_BEFORE + timedelta(minutes=5)) == expected


def test_what_has_expired_is_not_sent() -> None:
    assert reason_against(due(Purpose.SIGN_IN, expires_at=NOW + SECOND), NOW) is None
    assert reason_against(due(Purpose.SIGN_IN, expires_at=NOW), NOW) == "too late to be of use"


NOT_OF_IT = ABOUT_THE_END | ABOUT_A_CIRCLE | {Purpose.BROADCAST}


@pytest.mark.parametrize("purpose", sorted(set(MAILED) - AT_ANY_TIME - NOT_OF_IT))
def test_of_a_cancelled_gathering_only_its_end_is_told(purpose: Purpose) -> None:
    assert reason_against(at(purpose, Status.CANCELLED), NOW) == "the gathering is cancelled"


def test_a_cancellation_is_told_only_while_it_holds() -> None:
    assert reason_against(at(Purpose.CANCELLATION, Status.CANCELLED), NOW) is None
    assert reason_against(at(Purpose.CANCELLATION, Status.PUBLISHED), NOW) == "the gathering takes place after all"


@pytest.mark.parametrize(
    ("purpose", "useful"),
    [(purpose, False) for purpose in (Purpose.INVITATION, Purpose.REMINDER, Purpose.OFFER, Purpose.SEAT_FREED)]
    + [(purpose, True) for purpose in (Purpose.CONFIRMATION, Purpose.UPDATE, Purpose.DECLINED)],
)
def test_once_it_has_begun_nobody_is_invited_or_reminded(purpose: Purpose, useful: bool) -> None:
    assert (reason_against(due(purpose), STARTS - SECOND), reason_against(due(purpose), STARTS)) == (
        None,
        None if useful else "the gathering has begun",
    )


def test_what_somebody_writes_to_the_people_is_told_of_a_cancelled_gathering_and_of_one_that_is_over() -> None:
    assert reason_against(at(Purpose.BROADCAST, Status.CANCELLED), NOW) is None
    assert reason_against(due(Purpose.BROADCAST), GATHERING.ends_at) is None
    assert reason_against(standing(Purpose.BROADCAST, withdrawn=True), NOW) == "no longer invited"
    silent = due(Purpose.BROADCAST, registration=REGISTRATION, mails=False)
    assert reason_against(silent, NOW) == "unsubscribed from the invitations of this circle"


def test_once_it_is_over_nothing_is_told() -> None:
    assert reason_against(due(Purpose.CONFIRMATION), GATHERING.ends_at) == "the gathering is over"


@pytest.mark.parametrize(
    ("purpose", "now_standing"),
    [
        (Purpose.INVITATION, COMING),
        (Purpose.CONFIRMATION, DECLINED),
        (Purpose.CONFIRMATION, WAITING),
        (Purpose.WAITING, COMING),
        (Purpose.PROMOTION, DECLINED),
        (Purpose.OFFER, WAITING),
        (Purpose.OFFER_EXPIRED, COMING),
        (Purpose.TENTATIVE, COMING),
        (Purpose.DECLINED, COMING),
        (Purpose.REMINDER, DECLINED),
        (Purpose.VISITOR, {"invited": True}),
    ],
)
def test_what_a_later_answer_or_seat_has_overtaken_is_not_told(purpose: Purpose, now_standing: dict[str, Any]) -> None:
    assert reason_against(standing(purpose, **now_standing), NOW) == "overtaken by a later answer or seat"


def test_how_it_was_is_asked_afterwards_and_only_of_those_who_were_there() -> None:
    later = GATHERING.ends_at + timedelta(days=3)
    assert reason_against(due(Purpose.RATING), later) is None
    for attendance in (None, Attendance.ABSENT, Attendance.EXCUSED):
        notice = standing(Purpose.RATING, **COMING, attendance=attendance)
        assert reason_against(notice, later) == "overtaken by a later answer or seat"


def test_who_is_off_the_list_hears_only_that() -> None:
    assert reason_against(standing(Purpose.REMINDER, **COMING, withdrawn=True), NOW) == "no longer invited"
    assert reason_against(standing(Purpose.WITHDRAWAL, withdrawn=True), NOW) is None
    assert reason_against(standing(Purpose.WITHDRAWAL), NOW) == "invited again"
    assert reason_against(standing(Purpose.WITHDRAWAL, invited=False), NOW) is None  # a stranger typed their address


def test_one_click_stops_invitations_and_never_what_somebody_registered_for() -> None:
    silent = "unsubscribed from the invitations of this circle"
    offered = standing(Purpose.REMINDER, partstat=Partstat.ACCEPTED, seat=Seat.OFFERED, answered=True)
    notices = (due(Purpose.INVITATION), standing(Purpose.REMINDER), due(Purpose.CONFIRMATION), offered)
    assert [is_list_mail(notice) for notice in notices] == [True, True, False, False]
    assert [reason_against(replace(notice, mails=False), NOW) for notice in notices] == [silent, silent, None, None]
