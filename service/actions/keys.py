"""Keys of programs that use the API: made once, shown once, kept as a hash."""

from collections.abc import Mapping
from datetime import datetime

from service.database import Database
from service.errors import Invalid, NotFound
from service.formats import fields
from service.formats.tokens import hashed, new_token
from service.model import Role
from service.rules import access
from service.rules.access import Actor, Verb
from service.store import api_keys
from service.store import circles as circle_rows
from service.store.api_keys import ListedKey

FACILITATOR = "facilitator"
"""The role of a key that works for one circle."""


async def create_key(
    db: Database, actor: Actor, *, name: str, role: str, circle: str | None = None, now: datetime
) -> str:
    """Make a key and return it, for the only time; a facilitator's key needs the slug of its circle."""
    access.require(actor, Verb.OPERATE)
    name = fields.needed("name", name)
    role = fields.choice("role", role, (FACILITATOR, Role.STAFF, Role.ADMIN))
    if (role == FACILITATOR) != (circle is not None):
        raise Invalid("circle", "A facilitator's key needs a circle, and no other key has one.")
    key = new_token()
    async with db.transaction() as conn:
        found = None if circle is None else await circle_rows.select_circle(conn, circle)
        if found is None and circle is not None:
            raise NotFound("There is no such circle.")
        await api_keys.insert_api_key(conn, hashed(key), name, role, found.id if found else None, now)
    return key


async def every(db: Database, actor: Actor, *, now: datetime) -> list[ListedKey]:
    """List the keys that still open something."""
    access.require(actor, Verb.OPERATE)
    async with db.reading() as conn:
        return await api_keys.select_api_keys(conn, now)


async def revoke(db: Database, actor: Actor, key_id: int, *, now: datetime) -> None:
    """End a key, from the next request that it comes with; raises NotFound for one that opens nothing."""
    access.require(actor, Verb.OPERATE)
    async with db.transaction() as conn:
        if not await api_keys.revoke_api_key(conn, key_id, now):
            raise NotFound("There is no such key.")


async def note_used(db: Database, seen: Mapping[bytes, datetime]) -> None:
    """Write down when keys were last used, by their hash."""
    async with db.transaction() as conn:
        await api_keys.update_last_used(conn, list(seen.keys()), list(seen.values()))


async def actor_for_key(db: Database, key: str, *, now: datetime) -> Actor | None:
    """Return whoever holds a key as an actor, or None for a key that is unknown or revoked."""
    async with db.reading() as conn:
        found = await api_keys.select_api_key(conn, hashed(key), now)
    if found is None:
        return None
    circles = frozenset() if found.circle_id is None else frozenset({found.circle_id})
    role = Role.MEMBER if found.role == FACILITATOR else Role(found.role)
    return Actor(f"api:{found.id}", role=role, facilitates=circles, signed_in=True)
