"""What a person prefers: how Kring reaches them, when it keeps quiet, and what comes from each circle.

The language is in `people`; stopping a circle's invitations by a link in a mail in `unsubscribing`.
"""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Final

from service.database import Database
from service.errors import Invalid, NotAllowed, NotFound
from service.rules.access import Actor
from service.store import addresses, unsubscribing
from service.store import preferences as rows
from service.store.addresses import Address

MAIL: Final = "mail"


@dataclass(frozen=True, slots=True)
class Preferences:
    """How somebody wants to be reached; `chats` are the chats that are linked, `quiet_from` None: no quiet hours."""

    channel: str
    quiet_from: time | None
    quiet_until: time | None
    chats: list[Address]


async def get(db: Database, actor: Actor) -> Preferences:
    """Read one's own preferences."""
    person_id = _oneself(actor)
    async with db.reading() as conn:
        found = await rows.select_preferred(conn, person_id)
        chats = [one for one in await addresses.select_addresses(conn, person_id) if one.channel != MAIL]
    if found is None:
        raise NotFound
    return Preferences(found.preferred_channel, found.quiet_from, found.quiet_until, chats)


async def set_quiet(db: Database, actor: Actor, begins: time | None, ends: time | None) -> None:
    """Keep quiet between two wall times, or at no time: reminders and what else can wait come afterwards."""
    if (begins is None) != (ends is None):
        raise Invalid("quiet_until" if ends is None else "quiet_from", "Give both times, or neither.")
    if begins is not None and begins == ends:
        raise Invalid("quiet_until", "The end must differ from the beginning.")
    async with db.transaction() as conn:
        await rows.update_quiet(conn, _oneself(actor), begins, ends)


async def set_channel(db: Database, actor: Actor, channel: str) -> None:
    """Choose where confirmations and reminders go: by mail, or to a chat that is linked."""
    person_id = _oneself(actor)
    async with db.transaction() as conn:
        linked = {one.channel for one in await addresses.select_addresses(conn, person_id)}
        if channel != MAIL and channel not in linked:
            raise Invalid("channel", "Link this chat first.")
        await rows.update_channel(conn, person_id, channel)


async def unlink(db: Database, actor: Actor, address_id: int) -> None:
    """Unlink a chat; what went there goes by mail again."""
    person_id = _oneself(actor)
    async with db.transaction() as conn:
        if not await rows.delete_chat(conn, address_id, person_id):
            raise NotFound
        await rows.fall_back(conn, person_id)


async def set_circle(
    db: Database, actor: Actor, circle_id: int, *, mails: bool, reminders: bool, now: datetime
) -> None:
    """Choose what comes from a circle that one belongs to: its invitations, and its reminders."""
    person_id = _oneself(actor)
    if circle_id not in actor.member_of | actor.facilitates:
        raise NotAllowed
    async with db.transaction() as conn:
        await unsubscribing.set_mails(conn, circle_id, person_id, mails, now)
        await rows.set_reminders(conn, circle_id, person_id, reminders)


def _oneself(actor: Actor) -> int:
    if actor.person_id is None or not actor.signed_in:
        raise NotAllowed
    return actor.person_id
