"""Stopping the invitations of one circle by mail, and having them again.

Its scope is that circle's invitations and nothing else: a membership, an answer and the mails about what somebody
registered for stay as they are. Publishing skips who is unsubscribed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.database import Database
from service.errors import NotAllowed, NotFound
from service.formats import tokens
from service.formats.tokens import Keys
from service.model import localised
from service.rules.access import Actor
from service.store import unsubscribing
from service.store.unsubscribing import Listed, Membership

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class Subscription:
    """What the holder of an unsubscribe link may know; no title of a confidential circle."""

    title_nl: str
    title_en: str
    language: str
    mails: bool

    def title(self, language: str) -> str:
        """Return what the circle is called; empty for a confidential one."""
        return localised(self.title_nl, self.title_en, language)


async def look(db: Database, handle: str, *, keys: Keys) -> Subscription:
    """Read what an unsubscribe link is about; raises NotFound for one that we did not make."""
    async with db.reading() as conn:
        return _shown(await _listed(conn, handle, keys))


async def set_mails(db: Database, handle: str, wanted: bool, *, keys: Keys, now: datetime) -> None:
    """Stop or resume the invitations of the link's circle; doing it twice changes nothing more."""
    async with db.transaction() as conn:
        found = await _listed(conn, handle, keys)
        await unsubscribing.set_mails(conn, found.circle_id, found.person_id, wanted, now)


async def choose(db: Database, actor: Actor, circle_id: int, wanted: bool, *, now: datetime) -> None:
    """Stop or resume the invitations of a circle that one belongs to."""
    if actor.person_id is None or circle_id not in actor.member_of | actor.facilitates:
        raise NotAllowed
    async with db.transaction() as conn:
        await unsubscribing.set_mails(conn, circle_id, actor.person_id, wanted, now)


async def memberships(db: Database, actor: Actor) -> dict[int, Membership]:
    """Return what one is in one's own circles, by the circle's id; also where one has asked to come in."""
    if actor.person_id is None or not actor.signed_in:
        return {}
    async with db.reading() as conn:
        found = await unsubscribing.select_memberships(conn, actor.person_id)
    return {membership.circle_id: membership for membership in found}


async def _listed(conn: "Connection", handle: str, keys: Keys) -> Listed:
    """Find whom a handle is about; it outlives the registration's other links, so that unsubscribing always works."""
    ident = tokens.read_handle(handle)
    found = None if ident is None else await unsubscribing.select_listed(conn, ident)
    if found is None or not any(
        tokens.verifies(keys, tokens.UNSUBSCRIBE, handle, past) for past in range(found.generation + 1)
    ):
        raise NotFound
    return found


def _shown(found: Listed) -> Subscription:
    nl, en = ("", "") if found.confidential else (found.title_nl, found.title_en)
    return Subscription(nl, en, found.language, found.mails)
