"""Mails that need a human: what staff see of them, and the answer that somebody gives in a person's place.

How a mail comes to be here is decided in `replies`. The team sees all of them, facilitators what is about their
gatherings.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from service.actions import registration
from service.actions.scheduling import scope
from service.database import Database
from service.errors import Conflict, NotAllowed, NotFound
from service.formats.received import ReceivedMail
from service.model import Gathering, Partstat, Via
from service.rules import access
from service.rules.access import NOTHING, Actor, Verb
from service.store import gatherings, inbox
from service.store.inbox import Verdict, Waiting

if TYPE_CHECKING:
    from service.database import Connection

NEEDS_SOMEBODY: Final = ("parked", "dead")
ANSWERED: Final = "answered-by-staff"


@dataclass(frozen=True, slots=True)
class Parked:
    """A message that needs somebody, with the gathering that it is about.

    `hidden`: it is about a confidential circle of others, so that nothing tells who wrote or what.
    """

    message: Waiting
    gathering: Gathering | None
    hidden: bool


def noted(verdict: Verdict, received: ReceivedMail) -> Verdict:
    """Note with a message that needs somebody who wrote what, for whoever decides."""
    if verdict.state not in NEEDS_SOMEBODY:
        return verdict
    said = {"from": received.from_address, "subject": received.subject, "lines": list(received.lines)}
    return replace(verdict, facts={name: value for name, value in said.items() if value} | verdict.facts)


async def waiting(db: Database, actor: Actor, state: str, *, after: int = 0, limit: int = 100) -> list[Parked]:
    """List the parked or the dead messages, the oldest first: to facilitators those about their own gatherings."""
    if not (actor.staff or actor.facilitates):
        raise NotAllowed
    circles = None if actor.staff else sorted(actor.facilitates)
    async with db.reading() as conn:
        return await _seen(conn, actor, await inbox.select_waiting(conn, state, after, limit, circles))


async def one(db: Database, actor: Actor, message_id: int) -> Parked:
    """Read a message that needs somebody; raises NotFound."""
    async with db.reading() as conn:
        return await _one(conn, actor, message_id)


async def original(db: Database, actor: Actor, message_id: int) -> bytes:
    """Read a message as it came; raises NotFound, NotAllowed where it is about a confidential circle of others."""
    async with db.reading() as conn:
        found = await _one(conn, actor, message_id)
        if found.gathering is not None:
            access.require(actor, Verb.SEE_ROSTER, scope(found.gathering))
        raw = await inbox.select_raw(conn, message_id)
    if raw is None:
        raise NotFound
    return raw


async def answer(db: Database, actor: Actor, message_id: int, partstat: Partstat, *, now: datetime) -> None:
    """Answer for the person whom a message is about, as it would have, and be done with the message.

    Raises NotFound, NotAllowed, and Conflict when it is not known who it is about or nobody can answer any more.
    """
    async with db.transaction() as conn:
        shown = await _one(conn, actor, message_id)
        if shown.gathering is not None:
            access.require(actor, Verb.ANSWER_FOR, scope(shown.gathering))
        found = shown.message
        if found.gathering_id is None or found.person_id is None:
            raise Conflict("it is not known whose answer this is")
        await registration.respond(
            db.within(conn), actor, found.gathering_id, found.person_id, partstat, via=Via.MAIL, now=now
        )
        if not await inbox.settle(conn, message_id, "applied", ANSWERED, now):
            raise NotFound


async def replay(db: Database, actor: Actor, message_id: int, *, now: datetime) -> None:
    """Have a parked or dead message worked on again, as if it had just come."""
    async with db.transaction() as conn:
        await _one(conn, actor, message_id)
        await inbox.replay(conn, message_id, now)


async def dismiss(db: Database, actor: Actor, message_id: int, *, now: datetime) -> None:
    """Put a parked or dead message aside: a human has seen to it."""
    async with db.transaction() as conn:
        await _one(conn, actor, message_id)
        await inbox.settle(conn, message_id, "no-op", "dismissed", now)


async def _one(conn: "Connection", actor: Actor, message_id: int) -> Parked:
    found = await inbox.select_one_waiting(conn, message_id)
    if found is None:
        raise NotFound
    (about,) = await gatherings.select_many(conn, [found.gathering_id]) if found.gathering_id else (None,)
    access.require(actor, Verb.READ_INBOX, scope(about) if about else NOTHING)
    return _shown(actor, found, about)


async def _seen(conn: "Connection", actor: Actor, found: Sequence[Waiting]) -> list[Parked]:
    ids = {one.gathering_id for one in found if one.gathering_id is not None}
    about = {one.id: one for one in await gatherings.select_many(conn, sorted(ids))}
    return [_shown(actor, one, about.get(one.gathering_id or 0)) for one in found]


def _shown(actor: Actor, message: Waiting, gathering: Gathering | None) -> Parked:
    """Leave out of a message about a confidential circle of others who wrote, and what."""
    if gathering is None or access.can(actor, Verb.SEE_ROSTER, scope(gathering)):
        return Parked(message, gathering, False)
    return Parked(replace(message, facts={}, recipient="", person_id=None, person=None), gathering, True)
