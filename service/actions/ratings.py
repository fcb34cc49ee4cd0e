"""How it was: those who were there say it once, from 1 to 10; those who run things see all of it together.

Nobody sees a single answer. Of a confidential gathering only scores are taken: in a group of six, words are a name.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from service.actions.registration import held_by
from service.actions.scheduling import read, scope
from service.database import Database
from service.errors import Conflict, Invalid, NotFound
from service.formats import fields
from service.formats.tokens import Keys
from service.model import Gathering, Rating, Registration
from service.rules import access, ratings
from service.rules.access import Actor, Verb
from service.store import gatherings, rosters
from service.store import ratings as rows

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class Visit:
    """What somebody was at, whether they may say how it was, and what they have said."""

    gathering: Gathering
    registration: Registration
    language: str
    open: bool
    given: Rating | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What those think who have said so, five by five; average and comments only where they are enough to hide in."""

    count: int
    average: float | None
    comments: list[str]


async def by_handle(db: Database, handle: str, *, keys: Keys, now: datetime) -> Visit:
    """Show what the holder of a registration's handle was at; raises NotFound and Expired as the handle does."""
    async with db.reading() as conn:
        gathering, registration = await held_by(conn, handle, keys=keys, now=now)
        return await _visit(conn, gathering, registration, now)


async def own(db: Database, actor: Actor, gathering_id: int, *, now: datetime) -> Visit:
    """Show the same to somebody who has signed in; raises NotFound where they were not invited."""
    async with db.reading() as conn:
        gathering, registration = await _own(conn, actor, gathering_id)
        return await _visit(conn, gathering, registration, now)


async def rate_by_handle(
    db: Database, handle: str, score: int, comment: str | None, *, keys: Keys, now: datetime
) -> Gathering:
    """Rate as the holder of a registration's handle."""
    async with db.transaction() as conn:
        gathering, registration = await held_by(conn, handle, keys=keys, now=now)
        await _rate(conn, gathering, registration, score, comment, now)
        return gathering


async def rate(
    db: Database, actor: Actor, gathering_id: int, score: int, comment: str | None = None, *, now: datetime
) -> Gathering:
    """Rate what one was at; again, and the newer one counts. A comment of None leaves the comment as it is.

    Raises Invalid for what is no score, and Conflict for whoever was not marked as present, and when it is too early or
    too late.
    """
    async with db.transaction() as conn:
        gathering, registration = await _own(conn, actor, gathering_id)
        await _rate(conn, gathering, registration, score, comment, now)
        return gathering


async def awaiting(db: Database, actor: Actor, *, now: datetime) -> list[Gathering]:
    """List what the actor was at and may say something of, the latest first."""
    if actor.person_id is None:
        return []
    async with db.reading() as conn:
        ids = await rows.select_open(conn, actor.person_id, now, since=now - ratings.OPEN)
        found = {one.id: one for one in await gatherings.select_many(conn, ids)}
    return [found[ident] for ident in ids]


async def verdict(db: Database, actor: Actor, gathering_id: int) -> Verdict:
    """Add up what those who were there said."""
    async with db.reading() as conn:
        await read(conn, actor, gathering_id, Verb.SEE_RATING)
        found = await rows.select_sum(conn, gathering_id, ratings.FEWEST)
    average = ratings.average(found.count, found.total)
    return Verdict(found.count, average, [] if average is None else found.comments)


async def let_go(db: Database, *, now: datetime) -> None:
    """Forget whose the ratings are that can be changed no more."""
    async with db.transaction() as conn:
        await rows.let_go(conn, now - ratings.OPEN)


async def _own(conn: "Connection", actor: Actor, gathering_id: int) -> tuple[Gathering, Registration]:
    person_id = access.oneself(actor)
    gathering = await gatherings.select_gathering(conn, gathering_id)
    registration = await rosters.select_registration(conn, gathering_id, person_id)
    if gathering is None or registration is None or registration.withdrawn_at is not None:
        raise NotFound
    access.require(actor, Verb.RATE, replace(scope(gathering), person_id=person_id))
    return gathering, registration


async def _visit(conn: "Connection", gathering: Gathering, registration: Registration, now: datetime) -> Visit:
    asked = ratings.takes(gathering.ends_at, now) and await rows.asks(conn, registration.id)
    contact = await rosters.select_contact(conn, registration.person_id)
    assert contact is not None
    return Visit(gathering, registration, contact.language, asked, await rows.select_own(conn, registration.id))


async def _rate(
    conn: "Connection", gathering: Gathering, registration: Registration, score: int, comment: str | None, now: datetime
) -> None:
    if not ratings.LOWEST <= score <= ratings.HIGHEST:
        raise Invalid("score", f"give a whole number from {ratings.LOWEST} to {ratings.HIGHEST}")
    kept = None if comment is None else fields.text("comment", comment)
    if kept and gathering.confidential:
        raise Invalid("comment", "of a confidential gathering only the number is kept")
    if not await rows.asks(conn, registration.id):
        raise Conflict("only who was there can say how it was")
    if not ratings.takes(gathering.ends_at, now):
        raise Conflict("it can be rated from its end on, for thirty days")
    await rows.save(conn, gathering.id, registration.id, score, kept, now)
