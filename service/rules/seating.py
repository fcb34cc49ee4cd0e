"""Who is seated, who waits and who moves up: the one decision behind every door.

Decides from counts and from the few people at the head of the queue; what is then told is decided in
`service/rules/notices.py`, and `service/actions/answering.py` carries both out under the gathering's lock.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from service.model import Partstat, Seat, WaitingReason
from service.rules.mornings import MORNING, morning

HELD = (Seat.SEATED, Seat.OFFERED)
"""Seats that count against the capacity."""

GIVEN_UNTIL = timedelta(hours=48)
"""Longer than this before the start a freed seat is given; from here on it is offered."""

OFFERED_UNTIL = timedelta(hours=3)
"""From here on nobody is moved up by itself: the facilitator decides."""

OFFER_LASTS = timedelta(hours=12)
OFFER_LASTS_AT_LEAST = timedelta(minutes=30)

LATE = time(23)
"""An offer that would end at night, where its reader is asleep, lasts until the morning."""


@dataclass(frozen=True, slots=True)
class House:
    """What counts about a gathering at the moment of an answer; `taken` is seated and offered, the asker left out."""

    starts_at: datetime
    timezone: str
    capacity: int | None
    organisation_quota: int | None
    approval: bool
    taken: int
    organisation_taken: int  # of the asker's organisation, the asker left out
    queue_moves: bool  # someone waits whom a free seat would suit

    @property
    def full(self) -> bool:
        """Tell whether every seat is taken."""
        return self.capacity is not None and self.taken >= self.capacity


@dataclass(frozen=True, slots=True)
class Place:
    """The organizer's answer to one person; `requeue` puts them at the back of the queue."""

    seat: Seat
    reason: WaitingReason | None = None
    requeue: bool = False
    offer_expires_at: datetime | None = None


NOWHERE = Place(Seat.NONE)
SEATED = Place(Seat.SEATED)


@dataclass(frozen=True, slots=True)
class Asker:
    """The person who answers, as they stand now; a facilitator is invited and takes no seat."""

    seat: Seat
    reason: WaitingReason | None
    approved: bool
    facilitator: bool
    organisation: bool  # represents one, so that a quota can bind
    chosen: bool  # it is the facilitator who says yes: to a seat that is free, whoever else waits
    online: bool = False  # joins from elsewhere and takes no seat


def decide(answer: Partstat, asker: Asker, house: House) -> Place:
    """Place a person who has just answered.

    Whoever holds a seat keeps it, whoever is offered one takes it, whoever waits keeps their turn unless the
    facilitator chooses them. Full is not an error: it is a place on the waiting list.
    """
    if answer is not Partstat.ACCEPTED or asker.facilitator:
        return NOWHERE
    held = asker.seat in HELD
    if held and not asker.online:
        return SEATED
    if house.approval and not asker.approved and not held:
        return Place(Seat.WAITING, WaitingReason.APPROVAL)
    if asker.online:
        return NOWHERE
    queued = asker.seat is Seat.WAITING and asker.reason is not WaitingReason.APPROVAL
    if not queued:
        return _newcomer(asker, house)
    chosen = asker.chosen and _newcomer(asker, house) == SEATED
    return SEATED if chosen else Place(Seat.WAITING, asker.reason)


def _newcomer(asker: Asker, house: House) -> Place:
    """Seat someone who is not in the queue yet, or send them to its end."""
    if house.full:
        return Place(Seat.WAITING, WaitingReason.FULL)
    if asker.organisation and _reached(house.organisation_quota, house.organisation_taken):
        return Place(Seat.WAITING, WaitingReason.ORGANISATION)
    # A seat that happens to be free belongs to those who already wait.
    waits = house.queue_moves and not asker.chosen
    return Place(Seat.WAITING, WaitingReason.FULL) if waits else SEATED


class Hand(StrEnum):
    """What a facilitator does to somebody's seat by hand."""

    PROMOTE = "promote"  # give a free seat, whoever else waits
    OFFER = "offer"  # hold a free seat until they say yes
    DEMOTE = "demote"  # take the seat back: to the end of the queue
    OVERRIDE = "override"  # a seat beyond capacity and quota


def by_hand(hand: Hand, asker: Asker, house: House, now: datetime) -> Place | None:
    """Place somebody as a facilitator decides; None where that is not possible as they and the house stand."""
    held = asker.seat in HELD
    if hand is Hand.DEMOTE:
        # Where a seat is free and nobody else waits for it, they would have it back at once.
        useful = house.full or house.queue_moves
        return expired() if held and useful else None
    if asker.facilitator or asker.online or asker.seat is Seat.SEATED:
        return None  # who joins online has not asked for a seat
    if hand is Hand.OVERRIDE:
        return SEATED
    room = asker.seat is Seat.OFFERED or _newcomer(replace(asker, chosen=True), house) == SEATED
    if not room:
        return None
    if hand is Hand.PROMOTE:
        return SEATED
    deadline = _deadline(now, house.starts_at, house.timezone)
    soon = deadline < now + OFFER_LASTS_AT_LEAST
    return None if soon or held else Place(Seat.OFFERED, offer_expires_at=deadline)


def has_room(capacity: int | None, organisation_quota: int | None, taken: int, organisation_taken: int) -> bool:
    """Tell whether a seat is free for somebody, of whose organisation so many have one."""
    return not _reached(capacity, taken) and not _reached(organisation_quota, organisation_taken)


def free_seats(capacity: int | None, taken: int) -> int | None:
    """Count the seats that nobody holds; None when there is no end to them, 0 when more are taken than there are."""
    return None if capacity is None else max(0, capacity - taken)


def freed(starts_at: datetime, timezone: str, now: datetime) -> Place | None:
    """Tell how the first eligible waiter moves up at this moment, or None where the facilitator decides."""
    left = starts_at - now
    if left > GIVEN_UNTIL:
        return SEATED
    if left >= OFFERED_UNTIL:
        deadline = _deadline(now, starts_at - OFFERED_UNTIL, timezone)
        return Place(Seat.OFFERED, offer_expires_at=max(deadline, now + OFFER_LASTS_AT_LEAST))
    return None


def _deadline(now: datetime, latest: datetime, timezone: str) -> datetime:
    """Tell until when an offer of this moment is held."""
    ends = now + OFFER_LASTS
    there = ends.astimezone(ZoneInfo(timezone))
    if not MORNING <= there.time() < LATE:
        ends = morning(there.date() + timedelta(days=there.time() >= LATE), timezone)
    return min(ends, latest)


def expired() -> Place:
    """Place someone who let an offer pass: at the back of the queue."""
    return Place(Seat.WAITING, WaitingReason.FULL, requeue=True)


@dataclass(frozen=True, slots=True)
class Waiter:
    """Someone in the queue, in the order of the queue; `organisation_taken` counts the seats of their organisation."""

    registration_id: int
    organisation_id: int | None
    organisation_taken: int


def eligible(waiters: Sequence[Waiter], free: int | None, organisation_quota: int | None) -> list[Waiter]:
    """Choose who moves up: in the order of the queue, as many as there are seats, no organisation above its quota."""
    chosen: list[Waiter] = []
    seats: dict[int, int] = {}
    for waiter in waiters:
        if free is not None and len(chosen) >= free:
            break
        if waiter.organisation_id is not None:
            taken = seats.setdefault(waiter.organisation_id, waiter.organisation_taken)
            if _reached(organisation_quota, taken):
                continue
            seats[waiter.organisation_id] = taken + 1
        chosen.append(waiter)
    return chosen


def _reached(limit: int | None, taken: int) -> bool:
    return limit is not None and taken >= limit
