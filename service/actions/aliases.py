"""Addresses that people also write from: proposed by an answer that came from one, decided by the team.

Never by a press on an answer link: an address of one's own can sign in, so a handle would become a login.
"""

from datetime import datetime
from typing import Final

from service.actions import given_addresses
from service.database import Database
from service.errors import Conflict, NotFound
from service.rules import access
from service.rules.access import Actor, Verb
from service.store import aliases
from service.store.aliases import Proposal

MANY: Final = 100


async def proposals(db: Database, actor: Actor) -> list[Proposal]:
    """List the addresses that wait for a decision, the oldest first."""
    access.require(actor, Verb.EDIT_PEOPLE)
    async with db.reading() as conn:
        return await aliases.select_proposals(conn, MANY)


async def accept(db: Database, actor: Actor, person_id: int, value: str, *, now: datetime) -> None:
    """Make an address one of the person's: answers from it count, and it can sign in; mail still goes to the known one.

    Raises NotFound where nothing of the kind was proposed, Conflict where the address has become somebody else's.
    """
    access.require(actor, Verb.EDIT_PEOPLE)
    async with db.transaction() as conn:
        if not await aliases.drop_proposal(conn, person_id, value):
            raise NotFound
        was = await given_addresses.before(conn, [person_id])
        if not await aliases.add_alias(conn, person_id, value, now):
            raise Conflict("This address is somebody's already.")
        await given_addresses.settle(conn, actor, was, now=now)


async def refuse(db: Database, actor: Actor, person_id: int, value: str) -> None:
    """Forget that an address was proposed; the next answer from it proposes it again."""
    access.require(actor, Verb.EDIT_PEOPLE)
    async with db.transaction() as conn:
        if not await aliases.drop_proposal(conn, person_id, value):
            raise NotFound
