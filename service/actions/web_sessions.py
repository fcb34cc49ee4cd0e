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
from service.errors import NotAllowed
from service.formats.tokens import hashed, new_token
from service.model import Role
from service.rules.access import Actor
from service.store import web_sessions

if TYPE_CHECKING:
    from service.database import Connection

MEMBERS: Final = timedelta(days=30)
STAFF: Final = timedelta(days=7)
STAFF_IDLE: Final = timedelta(hours=12)
_STAFF_ROLES: Final = (Role.STAFF, Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Begun:
    """A new session: the cookie's value, known to nobody else, and when it ends."""

    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a session; `form_key` signs the forms of that browser."""

    actor: Actor
    name: str
    language: str
    form_key: bytes


async def begin(conn: "Connection", person_id: int, *, now: datetime) -> Begun:
    """Begin a session for a person who has proved to be that person."""
    role = await web_sessions.select_person_role(conn, person_id)
    begun = Begun(new_token(), now + (STAFF if role in _STAFF_ROLES else MEMBERS))
    await web_sessions.insert_web_session(
        conn, hashed(begun.token), person_id, secrets.token_bytes(32), expires_at=begun.expires_at, now=now
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
    return Holder(actor, found.name, found.language, found.form_key)


async def end(db: Database, token: str) -> None:
    """End one session."""
    async with db.transaction() as conn:
        await web_sessions.delete_web_session(conn, hashed(token))


async def end_all(db: Database, actor: Actor) -> None:
    """End all sessions of the person who asks, in every browser."""
    if actor.person_id is None or not actor.signed_in:
        raise NotAllowed
    async with db.transaction() as conn:
        await web_sessions.delete_web_sessions_of(conn, actor.person_id)


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
