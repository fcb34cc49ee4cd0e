"""From an answer to a seat: what every door does once it knows whose answer it is.

Works inside the caller's transaction, under the gathering's lock: counts, lets `service/rules/seating.py` decide,
writes the answer with what people must hear of it, and lets the queue move.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from service.actions import calendars, inviting, promotion
from service.model import Gathering, Mode, Partstat, Purpose, Registration, Seat, Via, WaitingReason
from service.rules import notices, revisions, seating
from service.rules.access import Actor
from service.rules.notices import NewNotice
from service.rules.seating import Asker, House, Place
from service.store import feeds, outbox, questions, registrations, rosters, visitors
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
    """One answer on its way through the door; `reply_sequence` is what a calendar reply says that it answers."""

    actor: Actor
    partstat: Partstat
    via: Via
    clicked_at: datetime
    now: datetime
    for_another: bool
    reply_sequence: int | None = None
    mode: Mode | None = None  # None: as they said before, else on site


async def settle(conn: "Connection", gathering: Gathering, standing: Standing, answer: Answer) -> Outcome:
    """Decide what the answer leads to and write it, with all that follows; the gathering is locked."""
    clicked, before = answer.clicked_at.replace(microsecond=0), standing.answered_at
    if before is not None and clicked < before:
        return await _outcome(conn, gathering, standing.person_id, changed=False)
    house = await house_of(conn, gathering, standing)
    approved = standing.approved or answer.for_another
    mode = _mode(gathering, standing, answer)
    asker = asker_of(standing, approved=approved, chosen=answer.for_another, online=mode is Mode.ONLINE)
    place = seating.decide(answer.partstat, asker, house)
    if _same(standing, gathering, answer.partstat, place, mode):
        if before is not None and clicked > before:
            await registrations.update_answered(conn, standing.id, clicked)
        return await _outcome(conn, gathering, standing.person_id, changed=False)
    said = {
        "answered_at": clicked.isoformat(),
        "via": answer.via,
        "confirmed_sequence": gathering.sequence,
        "mode": mode,
    }
    heard = notices.heard_on(answer.via, for_another=answer.for_another)
    if answer.reply_sequence is not None:
        said |= {"reply_sequence": answer.reply_sequence, "reply_dtstamp": clicked.isoformat()}
    change, told = _written(
        gathering,
        standing,
        answer.partstat,
        place,
        approved=approved,
        by=answer.actor,
        now=answer.now,
        heard=heard,
        **said,
    )
    freed = _frees(standing, place)
    moves = freed or (place.reason is WaitingReason.FULL and not house.full)
    await registrations.save(conn, [change], told, answer.now, mark=None if moves else standing.person_id)
    await _forget(conn, gathering, standing, answer)
    if standing.invited_at is None and gathering.starts_at > answer.now:
        await inviting.arm_reminders(conn, [gathering], now=answer.now, only=[standing.id])
    if standing.provisional:
        await visitors.confirm_visitors(conn, [standing.person_id], answer.now)
    if moves:
        moved = await promotion.fill(conn, gathering, now=answer.now, freed=freed)
        await feeds.mark_answers(conn, [standing.person_id, *moved], answer.now)
        return await _outcome(conn, gathering, standing.person_id, changed=True)
    return Outcome(gathering, _registered(gathering, standing, answer, place, clicked, mode), changed=True)


async def _forget(conn: "Connection", gathering: Gathering, standing: Standing, answer: Answer) -> None:
    """Let whoever declines take along what they answered to the questions of the gathering."""
    if gathering.questions and answer.partstat is Partstat.DECLINED:
        await questions.forget_answers(conn, standing.id)


async def approve_all(conn: "Connection", gathering: Gathering, actor: Actor, *, now: datetime) -> None:
    """Seat or queue everyone who waits for approval, in the order of asking, and tell them; the caller marks feeds."""
    pending = await registrations.select_pending(conn, gathering.id)
    if not pending:
        return
    house = await house_of(conn, gathering, pending[0])
    changes, written, seated, queued = [], [], Counter[int | None](), 0
    for standing in pending:
        organisation_taken = standing.organisation_taken + seated[standing.organisation_id]
        house_now = replace(house, taken=house.taken + seated.total(), organisation_taken=organisation_taken)
        online = gathering.hybrid and standing.mode == Mode.ONLINE
        asker = asker_of(standing, approved=True, chosen=False, online=online)
        place = seating.decide(Partstat.ACCEPTED, asker, house_now)
        behind = replace(standing, ahead=standing.ahead + queued)
        change, told = _written(gathering, behind, Partstat.ACCEPTED, place, approved=True, by=actor, now=now)
        changes.append(change)
        written += told
        seated[standing.organisation_id] += place.seat is Seat.SEATED
        queued += place.seat is Seat.WAITING
    await registrations.save(conn, changes, written, now)


def _mode(gathering: Gathering, standing: Standing, answer: Answer) -> Mode | None:
    """Tell how somebody who says yes comes; a calendar knows no more than yes, which keeps what was said before."""
    if not gathering.hybrid or answer.partstat is not Partstat.ACCEPTED:
        return None
    return answer.mode or (Mode(standing.mode) if standing.mode else Mode.ON_SITE)


def _same(standing: Standing, gathering: Gathering, partstat: Partstat, place: Place, mode: Mode | None) -> bool:
    """Tell whether an answer says what is known, about this time and place, and leads to where the person is."""
    return (
        standing.partstat == partstat
        and (standing.seat, standing.waiting_reason) == (place.seat, place.reason)
        and (standing.confirmed_sequence or 0) >= gathering.sequence
        and (mode is None or standing.mode == mode)
    )


async def house_of(conn: "Connection", gathering: Gathering, standing: Standing) -> House:
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


def asker_of(standing: Standing, *, approved: bool, chosen: bool, online: bool = False) -> Asker:
    """Return somebody as the seating rules see them."""
    return Asker(
        seat=Seat(standing.seat),
        reason=WaitingReason(standing.waiting_reason) if standing.waiting_reason else None,
        approved=approved,
        facilitator=standing.facilitator,
        organisation=standing.organisation_id is not None,
        chosen=chosen,
        online=online,
    )


def _written(
    gathering: Gathering,
    standing: Standing,
    partstat: Partstat,
    place: Place,
    *,
    approved: bool,
    by: Actor,
    now: datetime,
    heard: str | None = None,
    **said: object,
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Write down the answer with its history, and the one message about the resulting state.

    `heard` is the channel on which the person has been answered already.
    """
    purpose = notices.for_answer(partstat, place.seat)
    copy, told = calendars.copy_of(standing.held()), []
    if gathering.starts_at > now:
        facts: dict[str, object] = {"heard": heard} if heard else {}
        if purpose not in notices.WITHOUT_CALENDAR:
            copy = revisions.request(copy, revisions.status_for(place.seat), now)
            facts |= {"position": _position(standing, place), "reason": place.reason}
            facts = notices.calendar_facts(notices.REQUEST, copy, partstat, **facts)
        told.append(outbox.recorded(_notice(gathering, standing, purpose, facts, now)))
    approved = approved and partstat is Partstat.ACCEPTED
    return promotion.changed(standing.id, partstat, place, copy, actor=by.name, approved=approved, **said), told


def _notice(
    gathering: Gathering, standing: Standing, purpose: Purpose, facts: dict[str, object], now: datetime
) -> NewNotice:
    """Make the notice of an answer: a calendar message, or plain words where the calendar is left alone."""
    if "method" in facts:
        return calendars.calendar_notice(gathering, standing.held(), purpose, facts, now)
    return NewNotice(
        dedupe_key=f"{purpose}:{standing.id}:{now.isoformat()}",
        purpose=purpose,
        person_id=standing.person_id,
        due_at=now,
        gathering_id=gathering.id,
        registration_id=standing.id,
        facts=facts,
        expires_at=gathering.ends_at,
    )


def _frees(standing: Standing, place: Place) -> bool:
    held = (Seat.SEATED, Seat.OFFERED)
    return standing.seat in held and place.seat not in held


def _position(standing: Standing, place: Place) -> int | None:
    return standing.ahead + 1 if place.reason in (WaitingReason.FULL, WaitingReason.ORGANISATION) else None


def _registered(
    gathering: Gathering, standing: Standing, answer: Answer, place: Place, clicked: datetime, mode: Mode | None
) -> Registration:
    """Return the registration as it was just saved, without reading it again while others wait for the lock."""
    return Registration(
        id=standing.id,
        gathering_id=gathering.id,
        person_id=standing.person_id,
        person_name=standing.person_name,
        organisation_id=standing.organisation_id,
        organisation=standing.organisation,
        facilitator=standing.facilitator,
        partstat=answer.partstat,
        seat=place.seat,
        waiting_reason=place.reason,
        position=_position(standing, place),
        offer_expires_at=place.offer_expires_at,
        answered_at=clicked,
        via=answer.via,
        confirmed_sequence=gathering.sequence,
        attendance=standing.attendance,
        generation=standing.generation,
        withdrawn_at=standing.withdrawn_at,
        mode=mode or standing.mode,
    )


async def _outcome(conn: "Connection", gathering: Gathering, person_id: int, *, changed: bool) -> Outcome:
    registration = await rosters.select_registration(conn, gathering.id, person_id)
    assert registration is not None
    return Outcome(gathering, registration, changed)
