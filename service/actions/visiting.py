"""Asking for a seat with an address that nobody has proved: nothing counts until the link in the mail is pressed.

A step inside the caller's transaction, under the gathering's lock, for the web's form and for forwarded invitations.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from service.actions.allowances import VISITOR_ADDRESS, spend
from service.channels import MAIL
from service.formats import tokens
from service.formats.tokens import Keys
from service.model import Gathering, Language, Purpose
from service.rules.notices import NewNotice
from service.store import outbox, people, registrations, standings, visitors

if TYPE_CHECKING:
    from service.database import Connection

FORGET: Final = timedelta(days=7)
"""How long a visitor has to press the mailed link."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody with an address, normalised; an empty language is that of the gathering's circle."""

    name: str
    address: str
    language: str


async def ask(
    conn: "Connection",
    gathering: Gathering,
    visitor: Visitor,
    purpose: Purpose,
    facts: Mapping[str, Any],
    *,
    keys: Keys,
    now: datetime,
) -> bool:
    """Give a visitor a registration that does not count yet, and mail them the link; False where that is too often."""
    if not await spend(conn, VISITOR_ADDRESS, visitor.address, keys=keys, now=now):
        return False
    until = now + FORGET
    person_id = await _person(conn, gathering, visitor, until, now)
    await registrations.invite(conn, [(gathering.id, person_id)], [tokens.new_uid()], counted=False, now=now)
    standing = await standings.select_standing(conn, gathering.id, person_id)
    assert standing is not None
    notice = NewNotice(
        dedupe_key=f"{purpose}:{standing.id}:{now.isoformat()}",
        purpose=purpose,
        person_id=person_id,
        due_at=now,
        gathering_id=gathering.id,
        registration_id=standing.id,
        channel=MAIL,
        facts=dict(facts),
        expires_at=min(until, gathering.ends_at),
    )
    await outbox.insert_notices(conn, [notice], now)
    return True


async def _person(conn: "Connection", gathering: Gathering, visitor: Visitor, until: datetime, now: datetime) -> int:
    known = await people.select_person_by_address(conn, MAIL, visitor.address)
    if known is not None:
        await visitors.keep_visitor(conn, known.id, until)
        return known.id
    language = visitor.language or (Language.DUTCH if gathering.title_nl else Language.ENGLISH)
    return await visitors.insert_visitor(conn, visitor.name, language, visitor.address, until, now)
