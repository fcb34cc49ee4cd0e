"""What a person prefers: when Kring keeps quiet, and what comes from each circle.

The language is in `people`, chats in `linking`, stopping a circle's invitations by a link in a mail in `unsubscribing`.
"""

from dataclasses import dataclass
from datetime import datetime, time

from service.database import Database
from service.errors import Invalid, NotAllowed, NotFound
from service.rules.access import Actor
from service.store import preferences as rows
from service.store import unsubscribing


@dataclass(frozen=True, slots=True)
class Preferences:
    """When somebody wants to hear nothing that can wait; None: no quiet hours."""

    quiet_from: time | None
    quiet_until: time | None


async def get(db: Database, actor: Actor) -> Preferences:
    """Read one's own preferences."""
    person_id = _oneself(actor)
    async with db.reading() as conn:
        found = await rows.select_quiet(conn, person_id)
    if found is None:
        raise NotFound
    return Preferences(*found)


async def set_quiet(db: Database, actor: Actor, begins: time | None, ends: time | None) -> None:
    """Keep quiet between two wall times, or at no time: reminders and what else can wait come afterwards."""
    if (begins is None) != (ends is None):
        raise Invalid("quiet_until" if ends is None else "quiet_from", "Give both times, or neither.")
    if begins is not None and begins == ends:
        raise Invalid("quiet_until", "The end must differ from the beginning.")
    async with db.transaction() as conn:
        await rows.update_quiet(conn, _oneself(actor), begins, ends)


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
