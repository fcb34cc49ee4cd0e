"""Somebody to speak as, in the chat of the demo; what the team finds in its lists is in `people`."""

from typing import Final

from service.database import Database
from service.rules import access
from service.rules.access import Actor, Verb
from service.store import finding
from service.store.finding import Found

SHOWN: Final = 20


async def find_people(db: Database, actor: Actor, words: str) -> list[Found]:
    """Find people by a part of their name or address; without words some of each sort."""
    access.require(actor, Verb.SEE_PEOPLE)
    async with db.reading() as conn:
        return await finding.select_found(conn, words.strip(), SHOWN)
