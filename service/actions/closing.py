"""Closing a circle, and opening it again: what is to come is cancelled, its people are told, and history stays.

Memberships stay too, so that a circle that opens again has its people.
"""

from dataclasses import dataclass
from datetime import datetime

from service.actions import cancelling, circle_notices, inviting
from service.actions.circles import read
from service.database import Database
from service.model import Circle, MembershipState, Purpose, Status
from service.rules.access import Actor, Verb
from service.store import circles, feeds, memberships

_TOLD = (MembershipState.ACTIVE, MembershipState.REQUESTED)


@dataclass(frozen=True, slots=True)
class Closing:
    """What closing a circle would do: how many are told, and what goes out of how many people's calendars."""

    people: int
    gatherings: int
    calendars: int


async def would_close(db: Database, actor: Actor, slug: str, *, now: datetime) -> Closing:
    """Count whom closing a circle would tell what."""
    async with db.reading() as conn:
        circle = await read(conn, actor, slug, Verb.EDIT_CIRCLE)
        told = await memberships.select_people_of(conn, circle.id, _TOLD)
        to_come = await circles.select_to_come(conn, circle.id, now)
        held = await cancelling.would_tell(conn, to_come)
    return Closing(len(told), len(to_come), len({one.person_id for one in held}))


async def close(db: Database, actor: Actor, slug: str, reason: str, *, now: datetime) -> Circle:
    """Close a circle; repeating it does nothing.

    What is to come is cancelled, drafts too; whoever has it in a calendar gets a CANCEL for each. Everybody in the
    circle, and who asked to be, gets one mail that says so. Requests to come in are over.
    """
    async with db.transaction() as conn:
        seen = await read(conn, actor, slug, Verb.EDIT_CIRCLE)
        to_come = await inviting.coming(conn, seen.id, now=now)
        circle = await circles.lock_circle(conn, slug)
        assert circle is not None
        if circle.closed_at is not None:
            return circle
        reason = cancelling.cleaned(reason)
        told = await memberships.select_people_of(conn, circle.id, _TOLD)
        await circles.set_closed(conn, circle.id, now)
        await memberships.end_requests(conn, circle.id, now)
        await cancelling.cancel(conn, [one for one in to_come if one.status != Status.CANCELLED], reason, now=now)
        await circle_notices.tell(conn, circle, Purpose.CIRCLE_CLOSED, told, now=now, reason=reason)
        await feeds.mark_circle(conn, circle.id, now)
        return await read(conn, actor, slug)


async def reopen(db: Database, actor: Actor, slug: str, *, now: datetime) -> Circle:
    """Open a circle that has closed; mails nobody, and what was cancelled stays so until it is opened again itself."""
    async with db.transaction() as conn:
        await read(conn, actor, slug, Verb.EDIT_CIRCLE)
        circle = await circles.lock_circle(conn, slug)
        assert circle is not None
        await circles.set_closed(conn, circle.id, None)
        await feeds.mark_circle(conn, circle.id, now)
        return await read(conn, actor, slug)
