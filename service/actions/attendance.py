"""Who was there: set by a person, at the door or afterwards, never by silence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from service.actions import strangers
from service.actions.scheduling import lock, read, scope
from service.database import Database
from service.errors import Conflict, Invalid
from service.formats import fields, tokens
from service.model import Attendance, Gathering, Language, Registration, Role, Status
from service.rules import absence, access
from service.rules import ratings as asking
from service.rules.absence import Remark
from service.rules.access import Actor, Verb
from service.rules.attendance import is_at_the_door, may_be_marked
from service.store import attendance as rows
from service.store import organisations, people, ratings, registrations, rosters, visitors
from service.store import people as person_rows
from service.store.attendance import Passer

if TYPE_CHECKING:
    from service.database import Connection

FEWEST_LETTERS: Final = 2
"""Of a word by which somebody is looked for."""

MOST_FOUND: Final = 12


@dataclass(frozen=True, slots=True)
class Search:
    """Who fits what was typed: those on the list, and people who may have walked in."""

    listed: list[Registration]
    passers: list[Passer]


async def mark(
    db: Database, actor: Actor, gathering_id: int, marks: Mapping[int, Attendance | None], *, now: datetime
) -> list[Registration]:
    """Set who was there, by person; None takes a mark back. Returns the roster.

    Somebody who walked in without a registration gets one; to a confidential gathering only people of its circle walk
    in. Who is marked as present is asked afterwards how it was; marked otherwise before that, they are not. Raises
    Conflict while a gathering is not published and before its doors open, an hour before the start, and Invalid for
    people who do not exist and for what is no mark.
    """
    for there in marks.values():
        if there is not None:
            fields.choice("attendance", there, Attendance)
    async with db.transaction() as conn:
        gathering = await _lock(conn, actor, gathering_id, now)
        unknown = await people.select_unknown_people(conn, list(marks), past=True)
        if unknown:
            raise Invalid("person_id", f"there is no person {unknown[0]}")
        await strangers.count(conn, actor, [one for one, there in marks.items() if there is not None], now=now)
        await set_marks(conn, gathering, marks, actor.name, now)
        return await rosters.select_roster(conn, gathering_id)


async def undo(db: Database, actor: Actor, gathering_id: int, *, now: datetime) -> int:
    """Put back what the actor marked last, as far as nobody has marked it since; returns for how many people."""
    async with db.transaction() as conn:
        gathering = await _lock(conn, actor, gathering_id, now)
        before = await rows.select_last_marks(conn, gathering_id, actor.name)
        marks = {person: Attendance(there) if there else None for person, there in before.items()}
        await set_marks(conn, gathering, marks, actor.name, now)
        return len(marks)


async def close(db: Database, actor: Actor, gathering_id: int, *, now: datetime) -> list[Registration]:
    """Mark as absent who had a seat and was not marked: only ever because somebody asks for it. Returns the roster.

    Raises Conflict before the end: until then somebody may still come in.
    """
    async with db.transaction() as conn:
        gathering = await _lock(conn, actor, gathering_id, now)
        if gathering.ends_at > now:
            raise Conflict("it is not over yet")
        unmarked = await rows.select_unmarked(conn, gathering_id)
        await set_marks(conn, gathering, dict.fromkeys(unmarked, Attendance.ABSENT), actor.name, now)
        return await rosters.select_roster(conn, gathering_id)


async def find(db: Database, actor: Actor, gathering_id: int, text: str, *, now: datetime) -> Search:
    """Look for somebody at the door by a few letters of name or organisation, on the list and beside it.

    Who is not of the team looks through the whole association only while people come in. Raises Invalid for fewer
    letters than two.
    """
    words = fields.line("q", text).casefold().split()
    if max(map(len, words), default=0) < FEWEST_LETTERS:
        raise Invalid("q", f"type at least {FEWEST_LETTERS} letters")
    async with db.reading() as conn:
        gathering = await read(conn, actor, gathering_id, Verb.MARK_ATTENDANCE)
        listed = [one for one in await rosters.select_roster(conn, gathering_id) if _fits(one, words)]
        outside = access.can(actor, Verb.ADD_WALK_IN, scope(gathering)) and (
            access.can(actor, Verb.NAME_ANYBODY) or is_at_the_door(gathering, now)
        )
        passers = await rows.select_passers(conn, gathering_id, words, outside=outside, limit=MOST_FOUND)
    return Search(listed[:MOST_FOUND], passers)


async def walk_in(
    db: Database, actor: Actor, gathering_id: int, *, name: str, organisation: str = "", now: datetime
) -> Registration:
    """Mark somebody as present of whom only a name is known, and perhaps an organisation; they become a person.

    Somebody of that name at that organisation is that person: pressed twice is still one. Refused for a confidential
    gathering, to which nobody walks in.
    """
    name, organisation = fields.needed("name", name), fields.line("organisation", organisation)
    async with db.transaction() as conn:
        gathering = await _lock(conn, actor, gathering_id, now)
        access.require(actor, Verb.ADD_WALK_IN, scope(gathering))
        person_id = await rows.select_namesake(conn, name, organisation)
        if person_id is None:
            person_id = await _newcomer(conn, gathering, name, organisation, now)
        await set_marks(conn, gathering, {person_id: Attendance.PRESENT}, actor.name, now)
        found = await rosters.select_registration(conn, gathering_id, person_id)
        assert found is not None
        return found


async def remarks(
    db: Database, actor: Actor, gathering_id: int, people: Sequence[int] | None = None
) -> dict[int, Remark]:
    """Tell who cancelled late and who did not show, by person, to those who run the gathering and to nobody else.

    With `people` only of some.
    """
    async with db.reading() as conn:
        gathering = await read(conn, actor, gathering_id, Verb.MARK_ATTENDANCE)
        turns = await rows.select_turns(conn, gathering_id, people)
    found = {one.person_id: absence.remark(one, gathering.starts_at) for one in turns}
    return {person: remark for person, remark in found.items() if remark is not None}


async def _lock(conn: "Connection", actor: Actor, gathering_id: int, now: datetime) -> Gathering:
    gathering = await lock(conn, actor, gathering_id, Verb.MARK_ATTENDANCE)
    if gathering.status != Status.PUBLISHED:
        raise Conflict("only of a published gathering attendance can be marked")
    if not may_be_marked(gathering, now):
        raise Conflict("who is there can be marked from an hour before the start")
    return gathering


async def set_marks(
    conn: "Connection", gathering: Gathering, marks: Mapping[int, Attendance | None], by: str, now: datetime
) -> None:
    """Write marks, with a registration for whoever has none, and plan what those who were there are asked.

    A step inside the transaction of whoever holds the gathering and may mark.
    """
    if gathering.confidential and (strangers := await rows.select_outsiders(conn, gathering.id, list(marks))):
        raise Invalid("person_id", f"person {strangers[0]} is not of this circle")
    seen = [(gathering.id, person_id) for person_id, there in marks.items() if there is not None]
    uids = [tokens.new_uid() for _ in seen]
    # Who takes a mark back has seen nobody: that vouches for no address.
    await visitors.confirm_visitors(conn, [person_id for _, person_id in seen], now)
    await registrations.invite(conn, seen, uids, counted=True, now=now)
    await rows.update_attendance(conn, gathering.id, marks, by, now)
    await ratings.arm(
        conn,
        gathering.id,
        list(marks),
        due_at=asking.asked_at(gathering.ends_at, gathering.timezone, now),
        expires_at=gathering.ends_at + asking.ASKED,
        now=now,
    )


async def _newcomer(conn: "Connection", gathering: Gathering, name: str, organisation: str, now: datetime) -> int:
    """Add a person without an address, in the language in which the gathering has a title."""
    language = Language.DUTCH if gathering.title_nl else Language.ENGLISH
    person_id = await person_rows.insert_person(conn, name, language, Role.MEMBER, now)
    if organisation:
        employer = await organisations.find_or_add(conn, organisation, now)
        await person_rows.set_affiliation(conn, person_id, employer, None, now)
    return person_id


def _fits(one: Registration, words: list[str]) -> bool:
    said = f"{one.person_name} {one.organisation or ''}".casefold()
    return all(word in said for word in words)
