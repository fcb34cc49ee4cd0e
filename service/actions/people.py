"""People: adding, reading and changing them and their addresses, and what a person may do.

Files full of people are read in `importing`; the organisations that they work for are in `organisations`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from service.actions import given_addresses, linking
from service.channels import MAIL
from service.database import Database
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.formats import fields
from service.formats.addresses import normalised
from service.formats.fields import Check
from service.model import Language, Person, Role
from service.rules import access
from service.rules.access import Actor, Verb
from service.rules.given_addresses import may_go
from service.store import addresses, feeds, web_sessions
from service.store import organisations as organisation_rows
from service.store import people as rows
from service.store.addresses import Address
from service.store.people import Standing

if TYPE_CHECKING:
    from service.database import Connection

_CHECKS: Final[Mapping[str, Check]] = {
    "name": fields.needed,
    "email": lambda _, value: normalised(value),
    "language": lambda name, value: fields.choice(name, value, Language),
    "organisation_id": lambda _, value: value,
    "title": fields.line,
    "role": lambda name, value: fields.choice(name, value, Role),
}


async def create_person(  # noqa: PLR0913  # the facts of a person, by keyword
    db: Database,
    actor: Actor,
    *,
    name: str,
    email: str,
    language: str,
    organisation_id: int | None = None,
    title: str = "",
    role: str = Role.MEMBER,
    now: datetime,
) -> Person:
    """Add a person with a trusted address; mails nobody. An address that is somebody's already is a conflict.

    Only an admin gives a role.
    """
    access.require(actor, Verb.EDIT_PEOPLE)
    given = {"name": name, "email": email, "language": language, "title": title, "role": role}
    facts = fields.checked(given | {"organisation_id": organisation_id}, _CHECKS)
    if facts["role"] != Role.MEMBER:
        access.require(actor, Verb.OPERATE)
    async with db.transaction() as conn:
        person_id = await rows.insert_person(conn, facts["name"], facts["language"], facts["role"], now)
        await _set_address(conn, person_id, facts["email"], now)
        if organisation_id is not None or facts["title"]:
            await _move(conn, person_id, organisation_id, facts["title"], now)
        return await _read(conn, person_id)


async def person(db: Database, actor: Actor, person_id: int) -> Person:
    """Read a person: oneself, or as staff anybody."""
    access.require(actor, Verb.SEE_PEOPLE, access.Object(person_id=person_id))
    async with db.reading() as conn:
        return await _read(conn, person_id)


async def people(
    db: Database, actor: Actor, *, email: str | None = None, after: int = 0, limit: int = 100
) -> list[Person]:
    """List people in the order of their ids, those after an id; with `email` only whose address that is."""
    access.require(actor, Verb.SEE_PEOPLE)
    if email is not None:
        found = await person_by_address(db, MAIL, email)
        return [found] if found is not None and found.id > after else []
    async with db.reading() as conn:
        return await rows.select_people(conn, after, limit)


async def found(db: Database, actor: Actor, words: str, *, after: int | None = None, limit: int = 100) -> list[Person]:
    """Find people by a part of their name, mail address or organisation, by name, behind one of them."""
    access.require(actor, Verb.SEE_PEOPLE)
    words = fields.line("q", words)
    async with db.reading() as conn:
        return await rows.select_people_found(conn, words, after, limit)


async def addresses_of(db: Database, actor: Actor, person_id: int) -> list[Address]:
    """List where a person can be reached: for themselves, and for staff."""
    access.require(actor, Verb.SEE_PEOPLE, access.Object(person_id=person_id))
    async with db.reading() as conn:
        await _read(conn, person_id)
        return await addresses.select_addresses(conn, person_id)


async def add_address(db: Database, actor: Actor, person_id: int, email: str, *, now: datetime) -> None:
    """Add a trusted mail address beside the primary one; one that is somebody else's is a conflict.

    The addresses the person had before hear of it, here and wherever else somebody changes them.
    """
    access.require(actor, Verb.EDIT_PEOPLE)
    value = normalised(email)
    async with db.transaction() as conn:
        await hold(conn, actor, person_id)
        was = await given_addresses.before(conn, [person_id])
        if not await addresses.add_address(conn, person_id, MAIL, value, now):
            raise Conflict("This address is somebody's already.")
        await given_addresses.settle(conn, actor, was, now=now)


async def remove_address(db: Database, actor: Actor, person_id: int, address_id: int, *, now: datetime) -> str:
    """Remove a mail address that is not the primary one, or part the person from a chat; returns its channel.

    What waited for the chat goes by mail. Whoever is signed in as the person is so no more where it was a mail address:
    with that one signs in. Raises Conflict for the last one that is surely theirs, while another waits for their word.
    """
    access.require(actor, Verb.EDIT_PEOPLE)
    async with db.transaction() as conn:
        await hold(conn, actor, person_id)
        was = await given_addresses.before(conn, [person_id])
        if not may_go(address_id, was.get(person_id, [])):
            raise Conflict("This is the only address that is surely theirs: from it they say whether the other one is.")
        channel = await addresses.delete_address(conn, address_id, person_id)
        if channel is None:
            raise NotFound
        if channel == MAIL:
            await given_addresses.settle(conn, actor, was, now=now)
            await web_sessions.delete_web_sessions_of(conn, person_id)
        else:
            await linking.parted(conn, person_id, now=now)
        return channel


async def change_person(
    db: Database, actor: Actor, person_id: int, changes: Mapping[str, Any], *, now: datetime
) -> Person:
    """Change the facts given: name, email, language, organisation_id, title or role.

    A new address becomes the trusted primary one, the former stays theirs. A new organisation ends the affiliations
    with others, none ends them all. Only an admin may change an admin, and only an admin gives or takes a role; the
    only admin stays one. Another address or another role ends every session of the person.
    """
    access.require(actor, Verb.EDIT_PEOPLE)
    facts = fields.checked(changes, _CHECKS)
    async with db.transaction() as conn:
        role = await hold(conn, actor, person_id)
        if facts.get("role", role) != role:
            access.require(actor, Verb.OPERATE)
            if role == Role.ADMIN and not await rows.has_other_admin(conn, person_id):
                raise Invalid("role", "This is the only admin: make somebody else one first.")
        before, was = await _read(conn, person_id), await given_addresses.before(conn, [person_id])
        await rows.update_person(
            conn, person_id, name=facts.get("name"), language=facts.get("language"), role=facts.get("role")
        )
        if "email" in facts:
            await _set_address(conn, person_id, facts["email"], now)
            await rows.keep_person(conn, person_id)
            await given_addresses.settle(conn, actor, was, now=now)
        if "organisation_id" in facts:
            await _move(conn, person_id, facts["organisation_id"], facts.get("title"), now)
        elif "title" in facts:
            _require_employer(before.organisation_id, facts["title"])
            await rows.set_title(conn, person_id, facts["title"])
        if facts.keys() & {"language", "role"}:
            await feeds.mark_people(conn, [person_id], now)
        after = await _read(conn, person_id)
        if (before.email, before.role) != (after.email, after.role):
            await web_sessions.delete_web_sessions_of(conn, person_id)
        return after


async def appoint_admin(db: Database, email: str, *, language: str, now: datetime) -> bool:
    """Make the person of an address an admin as long as there is none, adding them if need be; tell whether it did."""
    value = normalised(email)
    async with db.transaction() as conn:
        if await rows.has_admin(conn):
            return False
        found = await rows.select_person_by_address(conn, MAIL, value)
        if found is None:
            person_id = await rows.insert_person(conn, value.partition("@")[0], language, Role.ADMIN, now)
            await _set_address(conn, person_id, value, now)
        else:
            await rows.update_person(conn, found.id, role=Role.ADMIN)
            await rows.keep_person(conn, found.id)
            await feeds.mark_people(conn, [found.id], now)
        return True


async def person_by_address(db: Database, channel: str, value: str) -> Person | None:
    """Find whose address this is; for the fronts, which know by it who writes. No address at all is nobody's."""
    if channel == MAIL:
        try:
            value = normalised(value)
        except Invalid:
            return None
    async with db.reading() as conn:
        return await rows.select_person_by_address(conn, channel, value)


async def actor_for(db: Database, person_id: int) -> Actor:
    """Return a person who has proved to be that person, as an actor with what they may do at this moment."""
    async with db.reading() as conn:
        standing = await rows.select_standing(conn, person_id)
    if standing is None:
        raise NotFound
    return actor_of(person_id, standing)


def actor_of(person_id: int, standing: Standing, *, role: str | None = None) -> Actor:
    """Make an actor of a person who has proved to be that person, with a `role` below theirs where one is given."""
    return Actor(
        f"person:{person_id}",
        person_id=person_id,
        role=role or standing.role,
        facilitates=frozenset(standing.facilitates),
        member_of=frozenset(standing.member_of),
        signed_in=True,
    )


async def hold(conn: "Connection", actor: Actor, person_id: int) -> str:
    """Hold a person whom the actor may change until the transaction ends, and return their role."""
    role = await rows.lock_person(conn, person_id)
    if role is None:
        raise NotFound
    if actor.person_id != person_id:  # an admin who writes from a chat has only the rights of a member there
        _require_admin_over(actor, role)
    return role


def _require_admin_over(actor: Actor, *roles: str | None) -> None:
    """Refuse to let staff make themselves, or take over, an admin."""
    if Role.ADMIN in roles and actor.role != Role.ADMIN:
        raise NotAllowed


async def _set_address(conn: "Connection", person_id: int, email: str, now: datetime) -> None:
    await addresses.demote_addresses(conn, person_id, MAIL, email)
    if not await addresses.trust_primary(conn, person_id, MAIL, email, now):
        raise Conflict("This address is somebody's already.")


async def _move(
    conn: "Connection", person_id: int, organisation_id: int | None, title: str | None, now: datetime
) -> None:
    """Let a person work for this organisation and no other, or for none."""
    _require_employer(organisation_id, title)
    if organisation_id is not None and not await organisation_rows.organisation_exists(conn, organisation_id):
        raise Invalid("organisation_id", "There is no such organisation.")
    await rows.end_affiliations(conn, person_id, keep=organisation_id, now=now)
    if organisation_id is not None:
        await rows.set_affiliation(conn, person_id, organisation_id, title, now)


def _require_employer(organisation_id: int | None, title: str | None) -> None:
    if title and organisation_id is None:
        raise Invalid("title", "A title needs an organisation.")


async def _read(conn: "Connection", person_id: int) -> Person:
    found = await rows.select_person(conn, person_id)
    if found is None:
        raise NotFound
    return found
