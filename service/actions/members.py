"""Who is in a circle, page by page, for those who run it; and letting in somebody of whom only an address is known.

Letting in, taking out, joining and leaving are in `joining`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.actions import inviting, joining
from service.actions.circles import read, scope
from service.channels import MAIL
from service.database import Database
from service.errors import Conflict, NotFound
from service.formats import fields
from service.formats.addresses import normalised
from service.model import Circle, Language, MembershipRole, MembershipState, Role
from service.rules import access
from service.rules.access import Actor, Verb
from service.store import addresses, memberships, people
from service.store.memberships import Member, Size

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class Leaving:
    """Who would be taken out of a circle, and off how many gatherings to come."""

    member: Member
    invited: int


async def everyone(db: Database, actor: Actor, slug: str) -> list[Member]:
    """List who is in a circle and who asks to be; of a confidential one only for its own people."""
    async with db.reading() as conn:
        circle = await read(conn, actor, slug, Verb.SEE_ROSTER)
        return await memberships.select_members(conn, circle.id)


async def count(db: Database, actor: Actor, slug: str) -> int:
    """Count the active members of a circle that the actor may see."""
    async with db.reading() as conn:
        circle = await read(conn, actor, slug)
        return await memberships.count_members(conn, circle.id)


async def complete(db: Database, actor: Actor, circle: Circle) -> bool:
    """Tell whether a group has all the members that its kind allows; no other circle ever has."""
    access.require(actor, Verb.SEE_CIRCLE, scope(circle))
    if circle.most_members is None:
        return False
    async with db.reading() as conn:
        return await memberships.count_group(conn, circle.id) >= circle.most_members


async def size(db: Database, actor: Actor, slug: str) -> tuple[Circle, Size]:
    """Count who is in a circle that the actor runs."""
    async with db.reading() as conn:
        circle = await read(conn, actor, slug, Verb.SET_MEMBERS)
        return circle, await memberships.select_size(conn, circle.id)


def room(circle: Circle, counted: Size) -> int | None:
    """Tell how many more a group takes in; None where any number comes."""
    if circle.most_members is None:
        return None
    group = counted.members - (0 if circle.facilitators_count else counted.facilitators)
    return max(0, circle.most_members - group)


async def page(
    db: Database,
    actor: Actor,
    slug: str,
    *,
    state: str = MembershipState.ACTIVE,
    words: str = "",
    after: int | None = None,
    limit: int = 100,
) -> list[Member]:
    """List who is in a circle, or asks to be, behind a person; of a confidential one only for its own people.

    `words` of a name or of an organisation.
    """
    state = fields.choice("state", state, (MembershipState.ACTIVE, MembershipState.REQUESTED))
    words = fields.line("q", words)
    async with db.reading() as conn:
        circle = await read(conn, actor, slug, Verb.SEE_ROSTER)
        return await memberships.select_member_page(conn, circle.id, state=state, words=words, after=after, limit=limit)


async def leaving(db: Database, actor: Actor, slug: str, person_id: int, *, now: datetime) -> Leaving:
    """Tell what taking a person out of a circle would do."""
    async with db.reading() as conn:
        circle = await read(conn, actor, slug, Verb.SET_MEMBERS)
        access.require(actor, Verb.SEE_ROSTER, scope(circle))
        member = await memberships.select_member(conn, circle.id, person_id)
        if member is None:
            raise NotFound
        return Leaving(member, await memberships.count_invited(conn, circle.id, person_id, now))


async def add_by_address(
    db: Database,
    actor: Actor,
    slug: str,
    *,
    name: str,
    email: str,
    language: str,
    role: str = MembershipRole.PARTICIPANT,
    now: datetime,
) -> int:
    """Let the person of an address into a circle, adding them where nobody has it; returns the person's id.

    Whoever runs the circle types the address, so it is trusted. The name of somebody known stays what it is. A person
    is added and let in by one transaction, or not at all.
    """
    value = normalised(email)
    shown = fields.needed("name", name)
    language = fields.choice("language", language, Language)
    async with db.transaction() as conn:
        circle = await read(conn, actor, slug, Verb.SET_MEMBERS)
        await inviting.coming(conn, circle.id, now=now)  # gatherings are held before people, here as everywhere
        known = await people.select_person_by_address(conn, MAIL, value)
        person_id = known.id if known else await _added(conn, shown, value, language, now)
        await joining.set_member(db.within(conn), actor, slug, person_id, role, now=now, by_address=True)
    return person_id


async def _added(conn: "Connection", name: str, value: str, language: str, now: datetime) -> int:
    person_id = await people.insert_person(conn, name, language, Role.MEMBER, now)
    if not await addresses.trust_primary(conn, person_id, MAIL, value, now):
        raise Conflict("This address is somebody's already.")
    return person_id
