"""Sessions of browsers: beginning one, finding who holds it, ending it.

How a person proves to be that person is in `service/actions/signing_in.py`.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from service.actions import people
from service.database import Database
from service.errors import NotFound
from service.formats.cleaning import clean_line
from service.formats.tokens import hashed, new_token
from service.model import Role
from service.rules import access
from service.rules.access import Actor, Object, Verb
from service.store import people as person_rows
from service.store import second_factors, web_sessions
from service.store.web_sessions import Listed

if TYPE_CHECKING:
    from service.database import Connection

MEMBERS: Final = timedelta(days=30)
STAFF: Final = timedelta(days=7)
STAFF_IDLE: Final = timedelta(hours=12)
AWAITING: Final = timedelta(minutes=10)
"""How long a code of the app may follow the mail."""

FRESH: Final = timedelta(minutes=15)
"""How long signing in counts for what asks for it anew: taking everything along, and erasing."""

_AGENT: Final = 60
_STAFF_ROLES: Final = (Role.STAFF, Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Begun:
    """A new session: the cookie's value, known to nobody else, and when it ends."""

    token: str
    expires_at: datetime
    awaits_code: bool = False  # worth nothing until a code of the person's app follows


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a session; `form_key` signs the forms of that browser."""

    actor: Actor
    name: str
    language: str
    form_key: bytes
    begun_at: datetime


async def begin(
    conn: "Connection",
    person_id: int,
    *,
    address_id: int | None = None,
    agent: str = "",
    proved: bool = False,
    now: datetime,
) -> Begun:
    """Begin a session for a person who has proved to be that person, by an address or on the console.

    Who has set up an app is first asked for its code, unless that is `proved` too. `agent` says which browser it is.
    """
    role = await web_sessions.select_person_role(conn, person_id)
    awaits = not proved and await second_factors.select_state(conn, person_id) is not None
    life = AWAITING if awaits else STAFF if role in _STAFF_ROLES else MEMBERS
    begun = Begun(new_token(), now + life, awaits)
    await web_sessions.insert_web_session(
        conn,
        hashed(begun.token),
        person_id,
        secrets.token_bytes(32),
        expires_at=begun.expires_at,
        agent=clean_line(agent, _AGENT),
        awaits_code=awaits,
        address_id=address_id,
        now=now,
    )
    return begun


async def holder(db: Database, token: str, *, seen: datetime | None, now: datetime) -> Holder | None:
    """Find who holds a session; None when it has ended or, for staff, lay idle.

    `seen` is when this process last met it: the database is told of that later, because reading writes nothing.
    """
    async with db.reading() as conn:
        found = await web_sessions.select_web_session(conn, hashed(token), now)
        if found is None or _idle(found, seen, now):
            return None
        actor = await people.actor_for(db.within(conn), found.person_id)
    return Holder(actor, found.name, found.language, found.form_key, found.created_at)


async def end(db: Database, token: str) -> None:
    """End one session."""
    async with db.transaction() as conn:
        await web_sessions.delete_web_session(conn, hashed(token))


async def end_all(db: Database, actor: Actor) -> None:
    """End all sessions of the person who asks, in every browser."""
    async with db.transaction() as conn:
        await web_sessions.delete_web_sessions_of(conn, access.oneself(actor))


async def every(db: Database, actor: Actor, person_id: int, *, token: str = "", now: datetime) -> list[Listed]:
    """List the browsers in which oneself is signed in, or for an admin anybody; `token` is the session that asks."""
    access.require(actor, Verb.SIGN_OUT, Object(person_id=person_id))
    async with db.reading() as conn:
        if await person_rows.select_person(conn, person_id) is None:
            raise NotFound
        return await web_sessions.select_sessions_of(conn, person_id, hashed(token), now)


async def end_one(db: Database, actor: Actor, person_id: int, session_id: int, *, token: str = "") -> bool:
    """End one of one's own sessions, or as admin one of anybody's, and tell whether it was the one that asks.

    Raises NotFound for a session that is not that person's.
    """
    access.require(actor, Verb.SIGN_OUT, Object(person_id=person_id))
    async with db.transaction() as conn:
        ended = await web_sessions.end_session(conn, session_id, person_id)
    if ended is None:
        raise NotFound
    return ended == hashed(token)


async def end_others(db: Database, actor: Actor, *, token: str) -> None:
    """End every session of one's own but the one that asks."""
    async with db.transaction() as conn:
        await web_sessions.end_others(conn, access.oneself(actor), hashed(token))


async def note_used(db: Database, seen: Mapping[bytes, datetime]) -> None:
    """Write down when sessions were last used, by the hash of their token."""
    async with db.transaction() as conn:
        await web_sessions.update_last_used(conn, list(seen.keys()), list(seen.values()))


async def forget_old(db: Database, *, now: datetime) -> None:
    """Remove the sessions that have expired."""
    async with db.transaction() as conn:
        await web_sessions.delete_expired_sessions(conn, now)


def _idle(found: web_sessions.WebSession, seen: datetime | None, now: datetime) -> bool:
    last = max(found.last_used_at, seen or found.last_used_at)
    return found.role in _STAFF_ROLES and now - last > STAFF_IDLE
