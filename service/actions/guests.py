"""Guests from outside the association: invited to one gathering by name and address, with their organisation.

A guest is a person like any other, of a guest organisation; they join no circle and see nothing but their invitation.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from service.actions import inviting
from service.actions.allowances import Limit
from service.actions.scheduling import lock, require_to_come, scope
from service.channels import MAIL
from service.database import Database
from service.formats import fields
from service.formats.addresses import normalised
from service.model import Language, Registration, Role
from service.rules import access
from service.rules.access import Actor, Verb
from service.store import addresses, organisations, people, rosters, visitors

if TYPE_CHECKING:
    from service.database import Connection

INVITER: Final = Limit("guest-inviter", 30, timedelta(days=1))
"""How many guests somebody who is not of the team may invite in a day, each of whom gets a mail."""


@dataclass(frozen=True, slots=True)
class Guest:
    """Who is invited, as it was typed and found fit."""

    name: str
    email: str
    organisation: str
    language: str


def checked(given: dict[str, Any]) -> Guest:
    """Read what was typed; raises Invalid with the field."""
    return Guest(
        name=fields.needed("name", given["name"]),
        email=normalised(given["email"]),
        organisation=fields.line("organisation", given["organisation"]),
        language=fields.choice("language", given["language"], Language),
    )


async def invite(db: Database, actor: Actor, gathering_id: int, guest: Guest, *, now: datetime) -> Registration:
    """Invite somebody by name and address; an address that is somebody's already invites that person, as they are.

    The address is trusted, as everything that those who run a gathering enter; nothing of a person who is known is
    changed by it. Raises Conflict unless the gathering is published and still to come.
    """
    async with db.transaction() as conn:
        gathering = await lock(conn, actor, gathering_id)
        access.require(actor, Verb.INVITE_GUEST, scope(gathering))
        require_to_come(gathering, now)
        known = await people.select_person_by_address(conn, MAIL, guest.email)
        person_id = await _add(conn, guest, now) if known is None else known.id
        await visitors.confirm_visitors(conn, [person_id], now)
        await inviting.invite(conn, [gathering], [person_id], now=now)
        found = await rosters.select_registration(conn, gathering_id, person_id)
        assert found is not None
        return found


async def _add(conn: "Connection", guest: Guest, now: datetime) -> int:
    person_id = await people.insert_person(conn, guest.name, guest.language, Role.MEMBER, now)
    await addresses.trust_primary(conn, person_id, MAIL, guest.email, now)
    if guest.organisation:
        organisation_id = await organisations.find_or_add(conn, guest.organisation, now)
        await people.set_affiliation(conn, person_id, organisation_id, "", now)
    return person_id
