"""Answers: `respond` is the one door through which every answer comes, whichever channel it came by.

It locks the gathering, reads, lets `service/rules/seating.py` decide, writes, and leaves in the outbox what people must
now hear, all in one transaction. Two doors that disagree: the later click wins, and on a tie the later arrival.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from service.actions import calendars, inviting, promotion
from service.actions.scheduling import scope
from service.database import Database
from service.errors import Conflict, Expired, NotAllowed, NotFound
from service.formats import tokens
from service.formats.tokens import Keys
from service.model import (
    Gathering,
    Ledgered,
    Partstat,
    Purpose,
    Registration,
    Seat,
    Status,
    Via,
    WaitingReason,
)
from service.rules import access, notices, revisions, seating
from service.rules.access import Actor, Verb
from service.rules.notices import NewNotice
from service.rules.seating import Asker, House, Place
from service.store import gatherings, outbox, registrations, rosters
from service.store.registrations import Standing

if TYPE_CHECKING:
    from service.database import Connection

LINK_LASTS = timedelta(days=30)
"""How long after the end of a gathering its answer link still shows something."""

RECENT = timedelta(days=30)
ANSWER = "r"
"""The purpose of the handle that answers for one registration."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A person's own view of one gathering: what it is, and how they stand."""

    gathering: Gathering
    registration: Registration
    email: str | None
    language: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an answer led to; `changed` False when everything was so already, or a later click stands."""

    gathering: Gathering
    registration: Registration
    changed: bool


@dataclass(frozen=True, slots=True)
class _Answer:
    """One answer on its way through the door."""

    actor: Actor
    partstat: Partstat
    via: Via
    clicked_at: datetime
    now: datetime
    for_another: bool


async def respond(
    db: Database,
    actor: Actor,
    gathering_id: int,
    person_id: int,
    partstat: Partstat,
    *,
    via: Via,
    now: datetime,
    clicked_at: datetime | None = None,
) -> Outcome:
    """Answer for oneself, or as facilitator or staff for somebody else.

    Whoever may see a published gathering may sign up for it without invitation. A facilitator's or staff's yes is also
    the approval where one is needed, and works after the end, so that the list can be put right. Raises NotFound,
    NotAllowed, and Conflict when the gathering takes no answers (draft, cancelled, over).
    """
    async with db.transaction() as conn:
        gathering = await gatherings.lock_gathering(conn, gathering_id)
        if gathering is None:
            raise NotFound
        answer = _Answer(actor, partstat, via, clicked_at or now, now, person_id != actor.person_id)
        standing = await registrations.select_standing(conn, gathering_id, person_id)
        _require(answer, gathering, standing)
        if standing is None or standing.withdrawn_at is not None:
            standing = await _admit(conn, gathering, person_id, now)
        return await _settle(conn, gathering, standing, answer)


async def answer_by_handle(
    db: Database,
    handle: str,
    partstat: Partstat,
    *,
    keys: Keys,
    via: Via,
    now: datetime,
    clicked_at: datetime | None = None,
) -> Outcome:
    """Answer as the holder of a registration's handle; raises NotFound, Expired or Conflict."""
    ident = tokens.read_handle(handle)
    if ident is None:
        raise NotFound
    async with db.transaction() as conn:
        gathering = await gatherings.lock_by_registration(conn, ident)
        standing = await registrations.select_standing_by_id(conn, ident)
        if gathering is None or standing is None:
            raise NotFound
        _require_holder(keys, handle, standing.generation, standing.withdrawn_at, gathering, now)
        actor = Actor(f"person:{standing.person_id}", registration_id=ident)
        answer = _Answer(actor, partstat, via, clicked_at or now, now, for_another=False)
        _require_open(answer, gathering)
        return await _settle(conn, gathering, standing, answer)


async def by_handle(db: Database, handle: str, *, keys: Keys, now: datetime) -> Ticket:
    """Show the registration whose handle this is; raises NotFound for what we never made, Expired when it is over."""
    ident = tokens.read_handle(handle)
    if ident is None:
        raise NotFound
    async with db.reading() as conn:
        registration = await rosters.select_by_id(conn, ident)
        if registration is None:
            raise NotFound
        gathering = await gatherings.select_gathering(conn, registration.gathering_id)
        contact = await rosters.select_contact(conn, registration.person_id)
    assert gathering is not None and contact is not None
    _require_holder(keys, handle, registration.generation, registration.withdrawn_at, gathering, now)
    return Ticket(gathering, registration, contact.email, contact.language)


async def own(db: Database, actor: Actor, gathering_id: int, *, now: datetime) -> Registration | None:
    """Read the actor's own registration for a gathering, None without one."""
    if actor.person_id is None:
        return None
    async with db.reading() as conn:
        found = await rosters.select_registration(conn, gathering_id, actor.person_id)
    return found if found and found.withdrawn_at is None else None


async def mine(db: Database, actor: Actor, *, now: datetime) -> list[Ticket]:
    """List the actor's registrations, those to come and those of the last thirty days, in order of time."""
    if actor.person_id is None or not actor.signed_in:
        raise NotAllowed
    async with db.reading() as conn:
        found = await rosters.select_mine(conn, actor.person_id, now - RECENT)
        about = {g.id: g for g in await gatherings.select_many(conn, [r.gathering_id for r in found])}
        contact = await rosters.select_contact(conn, actor.person_id)
    assert contact is not None
    return [Ticket(about[r.gathering_id], r, contact.email, contact.language) for r in found]


async def roster(
    db: Database, actor: Actor, gathering_id: int, *, now: datetime
) -> tuple[Gathering, list[Registration]]:
    """Read who is invited and how they stand, in roster order; NotAllowed for whoever may not see names."""
    async with db.reading() as conn:
        gathering = await gatherings.select_gathering(conn, gathering_id)
        if gathering is None:
            raise NotFound
        access.require(actor, Verb.SEE_ROSTER, scope(gathering))
        return gathering, await rosters.select_roster(conn, gathering_id)


async def ledger(db: Database, actor: Actor, gathering_id: int, *, now: datetime) -> list[Ledgered]:
    """Read every notice about a gathering, person by person."""
    async with db.reading() as conn:
        gathering = await gatherings.select_gathering(conn, gathering_id)
        if gathering is None:
            raise NotFound
        access.require(actor, Verb.SEE_LEDGER, scope(gathering))
        return await outbox.select_ledger(conn, gathering_id)


async def _settle(conn: "Connection", gathering: Gathering, standing: Standing, answer: _Answer) -> Outcome:
    """Decide what the answer leads to and write it, with all that follows; the gathering is locked."""
    clicked = answer.clicked_at.replace(microsecond=0)
    late = standing.answered_at is not None and clicked < standing.answered_at
    if late or _same(standing, gathering, answer):
        return await _outcome(conn, gathering, standing.person_id, changed=False)
    house = await _house(conn, gathering, standing)
    approved = standing.approved or answer.for_another
    place = seating.decide(answer.partstat, _asker(standing, approved=approved), house)
    await _write(conn, gathering, standing, answer, place, approved=approved)
    if standing.provisional:
        await registrations.confirm_visitor(conn, standing.person_id, answer.now)
    if _frees(standing, place) or (place.reason is WaitingReason.FULL and not house.full):
        await promotion.fill(conn, gathering, now=answer.now)
    return await _outcome(conn, gathering, standing.person_id, changed=True)


def _same(standing: Standing, gathering: Gathering, answer: _Answer) -> bool:
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
    conn: "Connection", gathering: Gathering, standing: Standing, answer: _Answer, place: Place, *, approved: bool
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
    await registrations.save(conn, [change], [outbox.recorded(notice) for notice in written], answer.now)


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


async def _admit(conn: "Connection", gathering: Gathering, person_id: int, now: datetime) -> Standing:
    """Give somebody who was not invited a registration, reminders included, and return how they stand."""
    if await registrations.select_unknown_people(conn, [person_id]):
        raise NotFound
    await registrations.invite(conn, gathering.id, [person_id], [tokens.new_uid()], counted=True, now=now)
    standing = await registrations.select_standing(conn, gathering.id, person_id)
    assert standing is not None
    if gathering.starts_at > now:
        await inviting.arm_reminders(conn, gathering, now=now, only=[standing.id])
    return standing


def _require(answer: _Answer, gathering: Gathering, standing: Standing | None) -> None:
    """Refuse an answer that is not the actor's to give, or that comes at the wrong time."""
    if answer.for_another:
        access.require(answer.actor, Verb.ANSWER_FOR, scope(gathering))
    elif standing is None or standing.withdrawn_at is not None:
        if not answer.actor.signed_in:
            raise NotAllowed
        if not access.can(answer.actor, Verb.SEE_GATHERING, scope(gathering)):
            raise NotFound
    else:
        target = replace(scope(gathering), person_id=standing.person_id, registration_id=standing.id)
        access.require(answer.actor, Verb.ANSWER, target)
    _require_open(answer, gathering)


def _require_open(answer: _Answer, gathering: Gathering) -> None:
    if gathering.status == Status.CANCELLED:
        raise Conflict("this gathering is cancelled")
    if gathering.status == Status.DRAFT:
        raise Conflict("this gathering is not published yet")
    if gathering.ends_at <= answer.now and not answer.for_another:
        raise Conflict("this gathering is over")


def _require_holder(
    keys: Keys, handle: str, generation: int, withdrawn_at: datetime | None, gathering: Gathering, now: datetime
) -> None:
    """Refuse a handle that we did not make, or that was taken back, or whose gathering is long over."""
    if not tokens.verifies(keys, ANSWER, handle, generation):
        raise NotFound
    if withdrawn_at is not None or gathering.status == Status.DRAFT or gathering.ends_at + LINK_LASTS <= now:
        raise Expired


async def _outcome(conn: "Connection", gathering: Gathering, person_id: int, *, changed: bool) -> Outcome:
    registration = await rosters.select_registration(conn, gathering.id, person_id)
    assert registration is not None
    return Outcome(gathering, registration, changed)
