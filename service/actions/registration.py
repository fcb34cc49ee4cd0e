"""Answers: `respond` is the one door through which every answer comes, whichever channel it came by.

It locks the gathering, finds whose answer it is and whether it may be given; what the answer leads to is in
`answering`, in the same transaction. Two doors that disagree: the later click wins, on a tie the later arrival.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from service.actions import inviting, privacy, strangers, visiting
from service.actions.answering import Answer, Outcome, settle
from service.actions.scheduling import read, scope
from service.actions.together import settle_all, settle_together
from service.actions.visiting import Visitor
from service.database import Database
from service.errors import Conflict, Expired, Invalid, KringError, NotFound
from service.formats import fields, tokens
from service.formats.addresses import normalised
from service.formats.tokens import Keys
from service.model import Gathering, Language, Ledgered, Mode, Partstat, Purpose, Registration, Status, Via
from service.rules import access
from service.rules.access import Actor, Verb
from service.store import gatherings, outbox, people, registrations, rosters, standings
from service.store.standings import Glance, Standing

if TYPE_CHECKING:
    from service.database import Connection

LINK_LASTS = timedelta(days=30)
"""How long after the end of a gathering its answer link still shows something."""

RECENT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Ticket:
    """A person's own view of one gathering: what it is, and how they stand."""

    gathering: Gathering
    registration: Registration
    email: str | None
    language: str


async def respond(  # noqa: PLR0913  # the facts of an answer, by keyword
    db: Database,
    actor: Actor,
    gathering_id: int,
    person_id: int,
    partstat: Partstat,
    *,
    via: Via,
    now: datetime,
    clicked_at: datetime | None = None,
    mode: Mode | None = None,
) -> Outcome:
    """Answer for oneself, or as facilitator or staff for somebody else.

    Whoever may see a published gathering may sign up for it without invitation. A facilitator's or staff's yes is also
    the approval where one is needed, gives a free seat to whomever it chooses, and works after the end, so that the
    list can be put right. Raises NotFound, NotAllowed, Invalid for no answer at all, and Conflict when the gathering
    takes no answers (draft, cancelled, over).
    """
    _require_answer(partstat)
    answer = Answer(actor, partstat, via, clicked_at or now, now, person_id != actor.person_id, mode=mode)

    def answered(gathering: Gathering, standing: Standing | None) -> Answer:
        _require(answer, gathering, standing)
        return answer

    look = partial(standings.glance_at, gathering_id=gathering_id, person_id=person_id)
    if outcome := await settle_together(db, look, answered):
        return outcome
    async with db.transaction() as conn:
        gathering = await gatherings.lock_gathering(conn, gathering_id)
        if gathering is None:
            raise NotFound
        standing = await standings.select_standing(conn, gathering_id, person_id)
        answered(gathering, standing)
        if standing is None or standing.withdrawn_at is not None:
            if answer.for_another:
                await strangers.count(conn, actor, [person_id], now=now)
            standing = await _admit(conn, gathering, person_id, now)
        return await settle(conn, gathering, standing, answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An answer that somebody gives for themselves, as `respond` takes it."""

    actor: Actor
    gathering_id: int
    person_id: int
    partstat: Partstat
    via: Via
    clicked_at: datetime
    mode: Mode | None = None


async def respond_together(db: Database, wishes: Sequence[Wish], *, now: datetime) -> list[Outcome | None]:
    """Take the answers of many in one transaction, as far as each touches nobody else.

    None, with nothing done, for each that `respond` has to take, or to refuse.
    """
    outcomes: list[Outcome | None] = [None] * len(wishes)
    async with db.joining() as conn:
        pairs = [(wish.gathering_id, wish.person_id) for wish in wishes]
        await gatherings.hold(conn, sorted({gathering_id for gathering_id, _ in pairs}))
        glances = await standings.glances_at(conn, pairs)
        given: dict[int, tuple[Glance, Answer]] = {}
        for place, (wish, pair) in enumerate(zip(wishes, pairs, strict=True)):
            answer = Answer(wish.actor, wish.partstat, wish.via, wish.clicked_at, now, False, mode=wish.mode)
            with suppress(KringError):
                if pair in glances:
                    _require(answer, glances[pair].gathering, glances[pair].standing)
                    given[place] = glances[pair], answer
        for place, outcome in zip(given, await settle_all(conn, list(given.values()), now=now), strict=True):
            outcomes[place] = outcome
    return outcomes


async def answer_by_handle(
    db: Database,
    handle: str,
    partstat: Partstat,
    *,
    keys: Keys,
    via: Via,
    now: datetime,
    clicked_at: datetime | None = None,
    mode: Mode | None = None,
) -> Outcome:
    """Answer as the holder of a registration's handle; raises NotFound, Expired, Invalid or Conflict."""
    _require_answer(partstat)
    ident = tokens.read_handle(handle)
    if ident is None:
        raise NotFound

    def answered(gathering: Gathering, standing: Standing) -> Answer:
        _require_holder(keys, handle, standing.generation, standing.withdrawn_at, gathering, now)
        _require_open(gathering, now)
        actor = Actor(f"person:{standing.person_id}", registration_id=ident)
        return Answer(actor, partstat, via, clicked_at or now, now, for_another=False, mode=mode)

    if outcome := await settle_together(db, partial(standings.glance_by_id, registration_id=ident), answered):
        return outcome
    async with db.transaction() as conn:
        gathering = await gatherings.lock_by_registration(conn, ident)
        standing = await standings.select_standing_by_id(conn, ident)
        if gathering is None or standing is None:
            raise NotFound
        answer = answered(gathering, standing)
        if standing.provisional:
            await privacy.know_again(conn, standing.person_id, keys=keys)
        return await settle(conn, gathering, standing, answer)


async def by_handle(db: Database, handle: str, *, keys: Keys, now: datetime) -> Ticket:
    """Show the registration whose handle this is; raises NotFound for what we never made, Expired when it is over."""
    async with db.reading() as conn:
        gathering, registration = await held_by(conn, handle, keys=keys, now=now)
        contact = await rosters.select_contact(conn, registration.person_id)
    assert contact is not None
    return Ticket(gathering, registration, contact.email, contact.language)


async def held_by(
    conn: "Connection", handle: str, *, keys: Keys, now: datetime, purpose: str = tokens.ANSWER
) -> tuple[Gathering, Registration]:
    """Find the registration whose handle of a purpose this is, with its gathering, as `by_handle` does."""
    ident = tokens.read_handle(handle)
    registration = None if ident is None else await rosters.select_by_id(conn, ident)
    if registration is None:
        raise NotFound
    gathering = await gatherings.select_gathering(conn, registration.gathering_id)
    assert gathering is not None
    _require_holder(keys, handle, registration.generation, registration.withdrawn_at, gathering, now, purpose)
    return gathering, registration


async def register_visitor(
    db: Database, gathering_id: int, *, name: str, email: str, language: str, keys: Keys, now: datetime
) -> None:
    """Let a visitor ask for a seat at a public gathering: nothing counts until the link in the mail is pressed.

    Nothing tells whether the address is known, nor that it was asked for too often. Raises NotFound for a gathering
    that is not public, Conflict for one that takes no answers, Invalid with the field.
    """
    value, shown = normalised(email), fields.needed("name", name)
    language = fields.choice("language", language, Language)
    async with db.transaction() as conn:
        gathering = await gatherings.lock_gathering(conn, gathering_id)
        if gathering is None or not access.can(access.ANONYMOUS, Verb.SEE_GATHERING, scope(gathering)):
            raise NotFound
        _require_open(gathering, now)
        visitor = Visitor(shown, value, language)
        await visiting.ask(conn, gathering, visitor, Purpose.VISITOR, {}, keys=keys, now=now)


async def own(db: Database, actor: Actor, gathering_id: int) -> Registration | None:
    """Read the actor's own registration for a gathering, None without one."""
    if actor.person_id is None:
        return None
    async with db.reading() as conn:
        found = await rosters.select_registration(conn, gathering_id, actor.person_id)
    return found if found and found.withdrawn_at is None else None


async def mine(db: Database, actor: Actor, *, now: datetime) -> list[Ticket]:
    """List the actor's registrations, those to come and those of the last thirty days, in order of time."""
    person_id = access.oneself(actor)
    async with db.reading() as conn:
        found = await rosters.select_mine(conn, person_id, now - RECENT)
        about = {g.id: g for g in await gatherings.select_many(conn, [r.gathering_id for r in found])}
        contact = await rosters.select_contact(conn, person_id)
    assert contact is not None
    return [Ticket(about[r.gathering_id], r, contact.email, contact.language) for r in found]


async def roster(db: Database, actor: Actor, gathering_id: int) -> tuple[Gathering, list[Registration]]:
    """Read who is invited and how they stand, in roster order; NotAllowed for whoever may not see names."""
    async with db.reading() as conn:
        gathering = await read(conn, actor, gathering_id, Verb.SEE_ROSTER)
        return gathering, await rosters.select_roster(conn, gathering_id)


async def ledger(
    db: Database, actor: Actor, gathering_id: int, *, after: int = 0, limit: int | None = None
) -> list[Ledgered]:
    """Read the notices about a gathering, person by person, as they are due: all, or some of those behind one."""
    async with db.reading() as conn:
        await read(conn, actor, gathering_id, Verb.SEE_LEDGER)
        return await outbox.select_ledger(conn, gathering_id, after, limit)


async def _admit(conn: "Connection", gathering: Gathering, person_id: int, now: datetime) -> Standing:
    """Give somebody who was not invited a registration, reminders included, and return how they stand."""
    if await people.lock_person(conn, person_id) is None:
        raise NotFound
    await registrations.invite(conn, [(gathering.id, person_id)], [tokens.new_uid()], counted=True, now=now)
    standing = await standings.select_standing(conn, gathering.id, person_id)
    assert standing is not None
    if gathering.starts_at > now:
        await inviting.arm_reminders(conn, [gathering], now=now, only=[standing.id])
    return standing


def _require(answer: Answer, gathering: Gathering, standing: Standing | None) -> None:
    """Refuse an answer that is not the actor's to give, or that comes at the wrong time."""
    if answer.for_another:
        access.require(answer.actor, Verb.ANSWER_FOR, scope(gathering))
    elif standing is None or standing.withdrawn_at is not None:
        access.require(answer.actor, Verb.SIGN_UP, scope(gathering))
    else:
        target = replace(scope(gathering), person_id=standing.person_id, registration_id=standing.id)
        access.require(answer.actor, Verb.ANSWER, target)
    _require_open(gathering, answer.now, late=answer.for_another)


def _require_answer(partstat: Partstat) -> None:
    if partstat == Partstat.NEEDS_ACTION:
        raise Invalid("partstat", "say yes, no or maybe")


def _require_open(gathering: Gathering, now: datetime, *, late: bool = False) -> None:
    if gathering.status == Status.CANCELLED:
        raise Conflict("this gathering is cancelled")
    if gathering.status == Status.DRAFT:
        raise Conflict("this gathering is not published yet")
    if gathering.ends_at <= now and not late:
        raise Conflict("this gathering is over")


def _require_holder(
    keys: Keys,
    handle: str,
    generation: int,
    withdrawn_at: datetime | None,
    gathering: Gathering,
    now: datetime,
    purpose: str = tokens.ANSWER,
) -> None:
    """Refuse a handle that we did not make, or that was taken back, or whose gathering is long over."""
    if not tokens.verifies(keys, purpose, handle, generation):
        raise NotFound
    if withdrawn_at is not None or gathering.status == Status.DRAFT or gathering.ends_at + LINK_LASTS <= now:
        raise Expired
