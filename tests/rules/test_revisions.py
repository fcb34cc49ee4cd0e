"""SEQUENCE, DTSTAMP and STATUS of calendar copies: the table of RFC 5546 section 2.1.4, and what never may happen."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.model import CalendarStatus, Mode, Seat
from service.rules.revisions import Change, Copy, Told, announce_at, cancel, difference, request, status_for

NOW = datetime(2026, 11, 23, 9, 0, 0, 700_000, tzinfo=UTC)
WHOLE = NOW.replace(microsecond=0)
NEVER = Copy(0, None, None)
CONFIRMED, TENTATIVE, CANCELLED = CalendarStatus.CONFIRMED, CalendarStatus.TENTATIVE, CalendarStatus.CANCELLED


@pytest.mark.parametrize(
    ("before", "status", "after"),
    [
        (NEVER, CONFIRMED, Copy(0, WHOLE, CONFIRMED)),  # the first invitation
        (NEVER, TENTATIVE, Copy(0, WHOLE, TENTATIVE)),
        (Copy(0, WHOLE - timedelta(hours=1), CONFIRMED), CONFIRMED, Copy(0, WHOLE, CONFIRMED)),  # accepted, or a typo
        (Copy(0, WHOLE, CONFIRMED), CONFIRMED, Copy(0, WHOLE + timedelta(seconds=1), CONFIRMED)),  # in the same second
        (
            Copy(0, WHOLE + timedelta(seconds=9), CONFIRMED),
            CONFIRMED,
            Copy(0, WHOLE + timedelta(seconds=10), CONFIRMED),
        ),
        (Copy(0, WHOLE - timedelta(hours=1), CONFIRMED), TENTATIVE, Copy(1, WHOLE, TENTATIVE)),  # to the waiting list
        (Copy(1, WHOLE - timedelta(hours=1), TENTATIVE), CONFIRMED, Copy(2, WHOLE, CONFIRMED)),  # moved up
        (Copy(3, WHOLE - timedelta(hours=1), CANCELLED), CONFIRMED, Copy(4, WHOLE, CONFIRMED)),  # re-opened
    ],
)
def test_a_request_is_numbered_by_what_changes_in_the_calendar(
    before: Copy, status: CalendarStatus, after: Copy
) -> None:
    assert request(before, status, NOW) == after


@pytest.mark.parametrize("status", [CONFIRMED, TENTATIVE])
def test_a_cancel_always_raises_the_sequence(status: CalendarStatus) -> None:
    before = Copy(2, WHOLE - timedelta(hours=1), status)
    assert cancel(before, NOW).sequence > before.sequence
    assert cancel(before, NOW).status is CANCELLED


def test_only_a_waiting_person_sees_it_as_tentative() -> None:
    assert {seat: status_for(seat) for seat in Seat} == {
        Seat.NONE: CONFIRMED,
        Seat.OFFERED: CONFIRMED,
        Seat.SEATED: CONFIRMED,
        Seat.WAITING: TENTATIVE,
    }


steps = st.lists(
    st.tuples(st.sampled_from(["request", "cancel"]), st.sampled_from([CONFIRMED, TENTATIVE]), st.integers(-5, 5))
)


@given(steps)
def test_whatever_happens_dtstamp_rises_and_sequence_never_falls(steps: list[tuple[str, CalendarStatus, int]]) -> None:
    copy, now = NEVER, NOW
    for kind, status, seconds in steps:
        now += timedelta(seconds=seconds)
        after = cancel(copy, now) if kind == "cancel" else request(copy, status, now)
        assert after.dtstamp is not None
        assert after.dtstamp.microsecond == 0
        assert copy.dtstamp is None or after.dtstamp > copy.dtstamp
        assert after.sequence >= copy.sequence
        assert after.sequence > copy.sequence or kind == "request"
        assert copy.status in (None, after.status) or after.sequence > copy.sequence
        copy = after


TOLD = Told(
    starts_local=datetime(2026, 12, 10, 16),
    ends_local=datetime(2026, 12, 10, 17),
    starts_at=datetime(2026, 12, 10, 15, tzinfo=UTC),
    ends_at=datetime(2026, 12, 10, 16, tzinfo=UTC),
    location="Utrecht",
    online_url="",
    title_nl="Titel",
    title_en="Title",
    description_nl="",
    description_en="",
)


@pytest.mark.parametrize(
    ("changes", "change"),
    [
        ({}, Change(moved=False, relocated=False, edited=False)),
        ({"starts_at": TOLD.starts_at + timedelta(hours=1)}, Change(moved=True, relocated=False, edited=False)),
        ({"ends_at": TOLD.ends_at + timedelta(hours=1)}, Change(moved=True, relocated=False, edited=False)),
        ({"starts_local": datetime(2026, 12, 10, 15)}, Change(moved=False, relocated=False, edited=False)),
        ({"location": "Den Haag"}, Change(moved=False, relocated=True, edited=False)),
        (
            {"location": "", "online_url": "https://meet.example.org/1"},
            Change(moved=False, relocated=True, edited=True),
        ),
        ({"title_nl": "Titels"}, Change(moved=False, relocated=False, edited=True)),
        ({"description_en": "More"}, Change(moved=False, relocated=False, edited=True)),
    ],
)
def test_what_people_are_told_is_what_differs_from_what_they_knew(changes: dict[str, object], change: Change) -> None:
    assert difference(TOLD, replace(TOLD, **changes)) == change  # type: ignore[arg-type]
    assert bool(change) == any((change.moved, change.relocated, change.edited))


CALL = "https://meet.example.org/1"


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        # place, link                       moved, relocated, edited, opened, ended
        (("U", ""), ("U", CALL), Change(False, False, True, opened=Mode.ONLINE)),
        (("U", CALL), ("U", ""), Change(False, False, True, ended=Mode.ONLINE)),
        (("", CALL), ("U", CALL), Change(False, False, False, opened=Mode.ON_SITE)),
        (("U", CALL), ("", CALL), Change(False, True, False, ended=Mode.ON_SITE)),
        (("U", CALL), ("H", ""), Change(False, True, True, ended=Mode.ONLINE)),
        (("U", CALL), ("H", CALL), Change(False, True, False)),
        (("U", ""), ("", CALL), Change(False, True, True)),
        (("", CALL), ("U", ""), Change(False, True, True)),
        (("", ""), ("U", ""), Change(False, True, False)),
        (("", ""), ("", CALL), Change(False, True, True)),
        (("", ""), ("U", CALL), Change(False, True, True, opened=Mode.ONLINE)),
        (("U", CALL), ("", ""), Change(False, True, True, ended=Mode.ONLINE)),
    ],
)
def test_a_way_that_comes_or_goes_beside_another_is_another_place_only_for_those_whose_way_it_was(
    before: tuple[str, str], after: tuple[str, str], change: Change
) -> None:
    told, now = (replace(TOLD, location=place, online_url=link) for place, link in (before, after))
    assert difference(told, now) == change
    assert bool(change)


def test_another_link_for_the_same_call_is_no_other_place() -> None:
    online = replace(TOLD, location="", online_url="https://meet.example.org/1")
    assert difference(online, replace(online, online_url="https://meet.example.org/2")) == Change(
        moved=False, relocated=False, edited=True
    )


def test_edits_become_one_mail_after_a_pause_but_never_later_than_three_pauses() -> None:
    pause, minute = timedelta(seconds=20), timedelta(seconds=60)
    assert announce_at(NOW, NOW, pause) == NOW + pause
    assert announce_at(NOW, NOW + timedelta(seconds=30), pause) == NOW + timedelta(seconds=50)
    assert announce_at(NOW, NOW + timedelta(seconds=50), pause) == NOW + minute
