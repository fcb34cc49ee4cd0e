"""Who is seated, who waits and who moves up: the table of the design, row by row, and what must always hold."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.model import Partstat, Seat, WaitingReason
from service.rules.seating import (
    NOWHERE,
    SEATED,
    Asker,
    Hand,
    House,
    Place,
    Waiter,
    by_hand,
    decide,
    eligible,
    expired,
    free_seats,
    freed,
    has_room,
)

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
FULL = Place(Seat.WAITING, WaitingReason.FULL)
QUOTA = Place(Seat.WAITING, WaitingReason.ORGANISATION)
APPROVAL = Place(Seat.WAITING, WaitingReason.APPROVAL)


def house(**changes: object) -> House:
    facts: dict[str, object] = {
        "starts_at": NOW + timedelta(days=7),
        "timezone": "Europe/Amsterdam",
        "capacity": 2,
        "organisation_quota": None,
        "approval": False,
        "taken": 0,
        "organisation_taken": 0,
        "queue_moves": False,
    }
    return House(**(facts | changes))  # type: ignore[arg-type]


def asker(**changes: object) -> Asker:
    facts: dict[str, object] = {
        "seat": Seat.NONE,
        "reason": None,
        "approved": False,
        "facilitator": False,
        "organisation": True,
        "chosen": False,
    }
    return Asker(**(facts | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "who", "where", "place"),
    [
        (Partstat.ACCEPTED, asker(), house(), SEATED),
        (Partstat.ACCEPTED, asker(), house(capacity=None, taken=5000), SEATED),
        (Partstat.ACCEPTED, asker(), house(taken=2), FULL),
        (Partstat.ACCEPTED, asker(), house(taken=3), FULL),
        (Partstat.ACCEPTED, asker(), house(organisation_quota=1, organisation_taken=1), QUOTA),
        (Partstat.ACCEPTED, asker(), house(taken=2, organisation_quota=1, organisation_taken=1), FULL),
        (Partstat.ACCEPTED, asker(organisation=False), house(organisation_quota=1, organisation_taken=1), SEATED),
        (Partstat.ACCEPTED, asker(), house(approval=True), APPROVAL),
        (Partstat.ACCEPTED, asker(), house(approval=True, taken=2), APPROVAL),
        (Partstat.ACCEPTED, asker(approved=True), house(approval=True), SEATED),
        (Partstat.ACCEPTED, asker(approved=True), house(approval=True, taken=2), FULL),
        (
            Partstat.ACCEPTED,
            asker(approved=True, seat=Seat.WAITING, reason=WaitingReason.APPROVAL),
            house(approval=True),
            SEATED,
        ),
        (Partstat.ACCEPTED, asker(), house(queue_moves=True), FULL),
        (Partstat.ACCEPTED, asker(seat=Seat.SEATED), house(taken=5), SEATED),
        (Partstat.ACCEPTED, asker(seat=Seat.OFFERED), house(taken=1), SEATED),
        (Partstat.ACCEPTED, asker(seat=Seat.WAITING, reason=WaitingReason.FULL), house(), FULL),
        (Partstat.ACCEPTED, asker(seat=Seat.WAITING, reason=WaitingReason.ORGANISATION), house(), QUOTA),
        (Partstat.ACCEPTED, asker(seat=Seat.WAITING, reason=WaitingReason.FULL, chosen=True), house(), SEATED),
        (
            Partstat.ACCEPTED,
            asker(seat=Seat.WAITING, reason=WaitingReason.FULL, chosen=True),
            house(queue_moves=True),
            SEATED,
        ),
        (Partstat.ACCEPTED, asker(seat=Seat.WAITING, reason=WaitingReason.FULL, chosen=True), house(taken=2), FULL),
        (
            Partstat.ACCEPTED,
            asker(seat=Seat.WAITING, reason=WaitingReason.ORGANISATION, chosen=True),
            house(taken=2),
            QUOTA,
        ),
        (
            Partstat.ACCEPTED,
            asker(seat=Seat.WAITING, reason=WaitingReason.FULL, chosen=True),
            house(organisation_quota=1, organisation_taken=1),
            FULL,
        ),
        (Partstat.ACCEPTED, asker(chosen=True), house(queue_moves=True), SEATED),
        (Partstat.ACCEPTED, asker(chosen=True), house(taken=2), FULL),
        (Partstat.ACCEPTED, asker(facilitator=True), house(taken=2), NOWHERE),
        (Partstat.TENTATIVE, asker(), house(), NOWHERE),
        (Partstat.TENTATIVE, asker(seat=Seat.SEATED), house(), NOWHERE),
        (Partstat.DECLINED, asker(seat=Seat.SEATED), house(), NOWHERE),
        (Partstat.DECLINED, asker(seat=Seat.OFFERED), house(), NOWHERE),
        (Partstat.DECLINED, asker(seat=Seat.WAITING, reason=WaitingReason.FULL), house(), NOWHERE),
    ],
)
def test_an_answer_leads_to_the_place_of_the_table(answer: Partstat, who: Asker, where: House, place: Place) -> None:
    assert decide(answer, who, where) == place


@pytest.mark.parametrize(
    ("left", "place"),
    [
        (timedelta(days=7), SEATED),
        (timedelta(hours=48, seconds=1), SEATED),
        (timedelta(hours=48), Place(Seat.OFFERED, offer_expires_at=NOW + timedelta(hours=12))),
        (timedelta(hours=10), Place(Seat.OFFERED, offer_expires_at=NOW + timedelta(hours=7))),
        (timedelta(hours=3), Place(Seat.OFFERED, offer_expires_at=NOW + timedelta(minutes=30))),
        (timedelta(hours=3) - timedelta(seconds=1), None),
        (timedelta(hours=-1), None),
    ],
)
def test_a_freed_seat_is_given_then_offered_then_left_to_the_facilitator(left: timedelta, place: Place | None) -> None:
    assert freed(NOW + left, "Europe/Amsterdam", NOW) == place


@pytest.mark.parametrize(
    ("offered", "held_until"),  # in Amsterdam, that week at UTC+1
    [
        ("23T10:59:59", "23T22:59:59"),
        ("23T11:00:00", "24T09:00:00"),
        ("23T15:11:00", "24T09:00:00"),
        ("23T20:59:59", "24T09:00:00"),
        ("23T21:00:00", "24T09:00:00"),
        ("23T21:30:00", "24T09:30:00"),
    ],
)
def test_no_offer_ends_at_night_where_the_start_leaves_time(offered: str, held_until: str) -> None:
    now, until = (datetime.fromisoformat(f"2026-11-{text}+01:00") for text in (offered, held_until))
    start = now + timedelta(hours=40)
    assert freed(start, "Europe/Amsterdam", now) == Place(Seat.OFFERED, offer_expires_at=until)
    waits = asker(seat=Seat.WAITING, reason=WaitingReason.FULL)
    by_facilitator = by_hand(Hand.OFFER, waits, house(starts_at=start, taken=1), now)
    assert by_facilitator == Place(Seat.OFFERED, offer_expires_at=until)
    sooner = until - timedelta(minutes=1)
    assert freed(sooner + timedelta(hours=3), "Europe/Amsterdam", now) == Place(Seat.OFFERED, offer_expires_at=sooner)


def test_an_expired_offer_leads_to_the_back_of_the_queue() -> None:
    assert expired() == Place(Seat.WAITING, WaitingReason.FULL, requeue=True)


@pytest.mark.parametrize(("capacity", "taken", "free"), [(None, 9, None), (10, 3, 7), (10, 10, 0), (5, 8, 0)])
def test_free_seats_are_never_negative(capacity: int | None, taken: int, free: int | None) -> None:
    assert free_seats(capacity, taken) == free


queues = st.lists(st.one_of(st.none(), st.integers(1, 3)), max_size=20)


@given(queues, st.one_of(st.none(), st.integers(0, 8)), st.one_of(st.none(), st.integers(1, 3)))
def test_the_queue_moves_in_order_within_seats_and_quota(
    organisations: list[int | None], free: int | None, quota: int | None
) -> None:
    waiters = [Waiter(place, organisation, 1) for place, organisation in enumerate(organisations)]
    chosen = eligible(waiters, free, quota)
    assert [one.registration_id for one in chosen] == sorted(one.registration_id for one in chosen)
    assert free is None or len(chosen) <= free
    for organisation in (1, 2, 3):
        moved = [one for one in chosen if one.organisation_id == organisation]
        assert quota is None or not moved or 1 + len(moved) <= quota
    passed_over = [one for one in waiters if one not in chosen]
    if free is None or len(chosen) < free:
        for one in passed_over:
            assert quota is not None
            assert one.organisation_id is not None
            assert 1 + sum(other.organisation_id == one.organisation_id for other in chosen) >= quota


@pytest.mark.parametrize(
    ("capacity", "quota", "taken", "organisation_taken", "room"),
    [
        (None, None, 500, 9, True),
        (10, None, 9, 9, True),
        (10, None, 10, 0, False),
        (10, None, 12, 0, False),
        (10, 2, 5, 1, True),
        (10, 2, 5, 2, False),
        (None, 2, 5, 2, False),
    ],
)
def test_whether_a_seat_is_free_for_somebody(
    capacity: int | None, quota: int | None, taken: int, organisation_taken: int, room: bool
) -> None:
    assert has_room(capacity, quota, taken, organisation_taken) == room
