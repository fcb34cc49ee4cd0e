"""From an answer to a seat: what every door does once it knows whose answer it is.

Works inside the caller's transaction, under the gathering's lock: asks `placing` where somebody comes, writes the
answer with what people must hear of it, and lets the queue move.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from service.actions import calendars, inviting, minimum, placing, promotion
from service.model import Gathering, Mode, Partstat, Purpose, Registration, Seat, Via, WaitingReason
from service.rules import notices, revisions, seating
from service.rules.access import Actor
from service.rules.notices import NewNotice
from service.rules.seating import House, Place
from service.store import feeds, outbox, questions, registrations, rosters, standings, visitors
from service.store.copies import Held
from service.store.standings import Glance, Standing

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


@dataclass(frozen=True, slots=True)
class _Settled:
    """What an answer leads to, before any of it is written."""

    registration: Registration
    change: dict[str, Any]
    told: list[dict[str, Any]]
    frees: bool
    moves: bool  # the queue may move because of it


async def settle(conn: "Connection", gathering: Gathering, standing: Standing, answer: Answer) -> Outcome:
    """Decide what the answer leads to and write it, with all that follows; the gathering is locked."""
    clicked, before = answer.clicked_at.replace(microsecond=0), standing.answered_at
    if before is not None and clicked < before:
        return await _outcome(conn, gathering, standing.person_id, changed=False)
    settled = _settled(gathering, standing, answer, await placing.house_of(conn, gathering, standing))
    if settled is None:
        if before is not None and clicked > before:
            await registrations.update_answered(conn, standing.id, clicked)
        return await _outcome(conn, gathering, standing.person_id, changed=False)
    mark = [] if settled.moves else [standing.person_id]
    await registrations.save(conn, [settled.change], settled.told, answer.now, mark=mark)
    await _let_go(conn, gathering, standing, answer)
    if standing.invited_at is None and gathering.starts_at > answer.now:
        await inviting.arm_reminders(conn, [gathering], now=answer.now, only=[standing.id])
    if standing.provisional:
        await visitors.confirm_visitors(conn, [standing.person_id], answer.now)
    if settled.moves:
        moved = await promotion.fill(conn, gathering, now=answer.now, freed=settled.frees)
        await feeds.mark_answers(conn, [standing.person_id, *moved], answer.now)
        return await _outcome(conn, gathering, standing.person_id, changed=True)
    return Outcome(gathering, settled.registration, changed=True)


async def settle_at_a_glance(
    conn: "Connection", given: Sequence[tuple[Glance, Answer]], *, marks: bool = True
) -> list[Outcome | None]:
    """Write answers to one gathering that touch nobody else, in their order, without the lock and in one statement.

    They are of different people, looked at in the same moment. None for any other answer, and for all of them, with
    nothing written, where somebody else has come in between: then lock and settle. Without `marks` the caller marks
    the feeds, where more follows that waits for somebody.
    """
    settled, taken, queued = list[_Settled | None](), Counter[int | None](), 0
    for seen, answer in given:
        standing = seen.standing
        if len(given) > 1 and standing.seat != Seat.NONE:
            settled.append(None)  # would change what the others have counted
            continue
        one = _settled_alone(seen.gathering, placing.behind(standing, taken, queued), answer)
        settled.append(one)
        if one is not None:
            if one.registration.seat == Seat.SEATED:
                taken[standing.organisation_id] += 1
            queued += one.registration.position is not None
    todo = [one for one in settled if one is not None]
    written = bool(todo) and await registrations.save(
        conn,
        [one.change for one in todo],
        [notice for one in todo for notice in one.told],
        max(answer.now for _, answer in given),
        mark=[one.registration.person_id for one in todo if marks],
        seen=given[0][0],
    )
    gathering = given[0][0].gathering
    return [Outcome(gathering, one.registration, changed=True) if one and written else None for one in settled]


def _settled_alone(gathering: Gathering, standing: Standing, answer: Answer) -> _Settled | None:
    """Decide what an answer leads to if that is all there is to write; None for any other answer."""
    house = placing.house_at_a_glance(gathering, standing)
    asks_who_is_next = standing.waiting and not house.full
    concerns_others = asks_who_is_next or minimum.is_at_stake(gathering, answer.partstat)
    if concerns_others or standing.invited_at is None or standing.provisional or standing.withdrawn_at is not None:
        return None
    if standing.answered_at is not None and answer.clicked_at.replace(microsecond=0) < standing.answered_at:
        return None
    if _forgets(gathering, answer):
        return None
    settled = _settled(gathering, standing, answer, house)
    return None if settled is None or settled.moves else settled


async def _let_go(conn: "Connection", gathering: Gathering, standing: Standing, answer: Answer) -> None:
    """Do what only a no leads to: answers to questions go with it, and a group may have become too small."""
    if _forgets(gathering, answer):
        await questions.forget_answers(conn, standing.id)
    if minimum.is_at_stake(gathering, answer.partstat):
        await minimum.fell_short(conn, gathering, now=answer.now)


def _forgets(gathering: Gathering, answer: Answer) -> bool:
    """Tell whether an answer takes along what the person answered to the questions of the gathering."""
    return gathering.questions > 0 and answer.partstat is Partstat.DECLINED


def _settled(gathering: Gathering, standing: Standing, answer: Answer, house: House) -> _Settled | None:
    """Decide what an answer leads to; None for one that says what is known already."""
    clicked = answer.clicked_at.replace(microsecond=0)
    approved = standing.approved or answer.for_another
    mode = _mode(gathering, standing, answer)
    online = placing.joins_online(gathering, mode)
    asker = placing.asker_of(standing, approved=approved, chosen=answer.for_another, online=online)
    place = seating.decide(answer.partstat, asker, house)
    if _same(standing, gathering, answer.partstat, place, mode):
        return None
    said = {
        "answered_at": clicked.isoformat(),
        "via": answer.via,
        "confirmed_sequence": gathering.sequence,
        "mode": mode,
    }
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
        heard=notices.heard_on(answer.via, for_another=answer.for_another),
        **said,
    )
    frees = _frees(standing, place)
    return _Settled(
        registration=_registered(gathering, standing, answer, place, clicked, mode),
        change=change,
        told=told,
        frees=frees,
        moves=frees or (place.reason is WaitingReason.FULL and not house.full),
    )


async def approve_all(conn: "Connection", gathering: Gathering, actor: Actor, *, now: datetime) -> None:
    """Seat or queue everyone who waits for approval, in the order of asking, and tell them; the caller marks feeds."""
    pending = await standings.select_pending(conn, gathering.id)
    if not pending:
        return
    house, changes, written, queued = await placing.house_of(conn, gathering, pending[0]), [], [], 0
    askers = [
        placing.asker_of(one, approved=True, chosen=False, online=placing.joins_online(gathering, one.mode))
        for one in pending
    ]
    for standing, place in zip(pending, placing.placed_in_turn(house, pending, askers), strict=True):
        behind = replace(standing, ahead=standing.ahead + queued)
        change, told = _written(gathering, behind, Partstat.ACCEPTED, place, approved=True, by=actor, now=now)
        changes.append(change)
        written += told
        queued += place.seat is Seat.WAITING
    await registrations.save(conn, changes, written, now)


def _mode(gathering: Gathering, standing: Standing, answer: Answer) -> Mode | None:
    """Tell how somebody who says yes comes; a calendar knows no more than yes, which keeps what was said before.

    Where there is no choice any more it is a yes to what there is, and replaces an earlier choice.
    """
    if answer.partstat is not Partstat.ACCEPTED:
        return None
    if not gathering.hybrid:
        return next(iter(gathering.ways)) if standing.mode else None
    return answer.mode or (Mode(standing.mode) if standing.mode else Mode.ON_SITE)


def _same(standing: Standing, gathering: Gathering, partstat: Partstat, place: Place, mode: Mode | None) -> bool:
    """Tell whether an answer says what is known, about this time and place, and leads to where the person is."""
    return (
        standing.partstat == partstat
        and (standing.seat, standing.waiting_reason) == (place.seat, place.reason)
        and (standing.confirmed_sequence or 0) >= gathering.sequence
        and (mode is None or standing.mode == mode)
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
    held, told = standing.held(), []
    copy = calendars.copy_of(held)
    if gathering.starts_at > now:
        facts: dict[str, object] = {"heard": heard} if heard else {}
        if purpose not in notices.WITHOUT_CALENDAR:
            copy = revisions.request(copy, revisions.status_for(place.seat), now)
            facts |= {"position": _position(standing, place), "reason": place.reason}
            facts = notices.calendar_facts(notices.REQUEST, copy, partstat, **facts)
        told.append(outbox.recorded(_notice(gathering, held, purpose, facts, now)))
    approved = approved and partstat is Partstat.ACCEPTED
    return promotion.changed(standing.id, partstat, place, copy, actor=by.name, approved=approved, **said), told


def _notice(gathering: Gathering, held: Held, purpose: Purpose, facts: dict[str, object], now: datetime) -> NewNotice:
    """Make the notice of an answer: a calendar message, or plain words where the calendar is left alone."""
    if "method" in facts:
        return calendars.calendar_notice(gathering, held, purpose, facts, now)
    return NewNotice(
        dedupe_key=f"{purpose}:{held.id}:{now.isoformat()}",
        purpose=purpose,
        person_id=held.person_id,
        due_at=now,
        gathering_id=gathering.id,
        registration_id=held.id,
        facts=facts,
        expires_at=gathering.ends_at,
    )


def _frees(standing: Standing, place: Place) -> bool:
    return standing.seat in seating.HELD and place.seat not in seating.HELD


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
