"""From an answer to a seat: what every door does once it knows whose answer it is.

Works inside the caller's transaction, under the gathering's lock: counts, lets `service/rules/seating.py` decide,
writes the answer with what people must hear of it, and lets the queue move.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from service.actions import calendars, inviting, promotion
from service.model import Gathering, Partstat, Purpose, Registration, Seat, Via, WaitingReason
from service.rules import notices, revisions, seating
from service.rules.access import Actor
from service.rules.notices import NewNotice
from service.rules.seating import Asker, House, Place
from service.store import feeds, outbox, registrations, rosters, visitors
from service.store.registrations import Standing

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an answer led to; `changed` False when everything was so already, or a later click stands."""

    gathering: Gathering
    registration: Registration
    changed: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer on its way through the door."""

    actor: Actor
    partstat: Partstat
    via: Via
    clicked_at: datetime
    now: datetime
    for_another: bool


async def settle(conn: "Connection", gathering: Gathering, standing: Standing, answer: Answer) -> Outcome:
    """Decide what the answer leads to and write it, with all that follows; the gathering is locked."""
    clicked = answer.clicked_at.replace(microsecond=0)
    late = standing.answered_at is not None and clicked < standing.answered_at
    if late or _same(standing, gathering, answer):
        return await _outcome(conn, gathering, standing.person_id, changed=False)
    house = await _house(conn, gathering, standing)
    approved = standing.approved or answer.for_another
    place = seating.decide(answer.partstat, _asker(standing, approved=approved), house)
    moves = _frees(standing, place) or (place.reason is WaitingReason.FULL and not house.full)
    mark = [] if moves else [standing.person_id]
    await _write(conn, gathering, standing, answer, place, approved=approved, mark=mark)
    if standing.invited_at is None and gathering.starts_at > answer.now:
        await inviting.arm_reminders(conn, gathering, now=answer.now, only=[standing.id])
    if standing.provisional:
        await visitors.confirm_visitor(conn, standing.person_id, answer.now)
    if moves:
        moved = await promotion.fill(conn, gathering, now=answer.now)
        await feeds.mark_answers(conn, [standing.person_id, *moved], answer.now)
    return await _outcome(conn, gathering, standing.person_id, changed=True)


def _same(standing: Standing, gathering: Gathering, answer: Answer) -> bool:
    """Tell whether the answer says what is known: given before, about this time and place, and no offer to take."""
    return (
        standing.partstat == answer.partstat
        and standing.seat != Seat.OFFERED
        and (standing.confirmed_sequence or 0) >= gathering.sequence
        and not (answer.for_another and standing.waiting_reason == WaitingReason.APPROVAL)
    )


async def _house(conn: "Connection", gathering: Gathering, standing: Standing) -> House:
    """Count what the seating rules need; whether the queue moves is only asked while a seat is free and people wait."""
    house = House(
        starts_at=gathering.starts_at,
        capacity=gathering.capacity,
        organisation_quota=gathering.organisation_quota,
        approval=gathering.approval,
        taken=standing.taken,
        organisation_taken=standing.organisation_taken,
        queue_moves=False,
    )
    if house.full or not standing.waiting:
        return house
    first = await registrations.select_eligible(conn, gathering.id, gathering.organisation_quota, 1)
    return replace(house, queue_moves=bool(first))


def _asker(standing: Standing, *, approved: bool) -> Asker:
    return Asker(
        seat=Seat(standing.seat),
        reason=WaitingReason(standing.waiting_reason) if standing.waiting_reason else None,
        approved=approved,
        facilitator=standing.facilitator,
        organisation=standing.organisation_id is not None,
    )


async def _write(
    conn: "Connection",
    gathering: Gathering,
    standing: Standing,
    answer: Answer,
    place: Place,
    *,
    approved: bool,
    mark: Sequence[int],
) -> None:
    """Write the answer, its history, and the one message about the resulting state."""
    held = standing.held(answer.partstat, place.seat)
    purpose = notices.for_answer(answer.partstat, place.seat)
    copy = calendars.copy_of(held)
    written = []
    if gathering.starts_at > answer.now:
        if purpose in notices.WITHOUT_CALENDAR:
            facts: dict[str, object] = {}
        else:
            copy = revisions.request(copy, revisions.status_for(place.seat), answer.now)
            queued = place.reason in (WaitingReason.FULL, WaitingReason.ORGANISATION)
            position = standing.ahead + 1 if queued else None
            facts = notices.calendar_facts(
                notices.REQUEST, copy, answer.partstat, position=position, reason=place.reason
            )
        written.append(_notice(gathering, standing, purpose, facts, answer.now))
    change = promotion.changed(
        standing.id,
        answer.partstat,
        place,
        copy,
        actor=answer.actor.name,
        approved=approved and answer.partstat is Partstat.ACCEPTED,
        answered_at=answer.clicked_at.replace(microsecond=0).isoformat(),
        via=answer.via,
        confirmed_sequence=gathering.sequence,
    )
    await registrations.save(conn, [change], [outbox.recorded(notice) for notice in written], answer.now, mark=mark)


def _notice(
    gathering: Gathering, standing: Standing, purpose: Purpose, facts: dict[str, object], now: datetime
) -> NewNotice:
    """Make the notice of an answer: a calendar message, or plain words where the calendar is left alone."""
    if facts:
        return calendars.calendar_notice(gathering, standing.held(), purpose, facts, now)
    return NewNotice(
        dedupe_key=f"{purpose}:{standing.id}:{now.isoformat()}",
        purpose=purpose,
        person_id=standing.person_id,
        due_at=now,
        gathering_id=gathering.id,
        registration_id=standing.id,
        expires_at=gathering.ends_at,
    )


def _frees(standing: Standing, place: Place) -> bool:
    held = (Seat.SEATED, Seat.OFFERED)
    return standing.seat in held and place.seat not in held


async def _outcome(conn: "Connection", gathering: Gathering, person_id: int, *, changed: bool) -> Outcome:
    registration = await rosters.select_registration(conn, gathering.id, person_id)
    assert registration is not None
    return Outcome(gathering, registration, changed)
