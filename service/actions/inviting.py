"""Who is invited: the steps that publishing, joining and leaving a circle share.

Each works inside the caller's transaction, under the gathering's lock; the verbs are in `scheduling`, `series` and
`joining`.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import product
from typing import TYPE_CHECKING

from service.actions import calendars, minimum, promotion
from service.actions.calendars import Message
from service.formats import tokens
from service.model import Gathering, Partstat, Purpose, Status
from service.rules import reminders
from service.store import copies, feeds, outbox, queues, registrations
from service.store import gatherings as rows
from service.store.copies import Held

if TYPE_CHECKING:
    from service.database import Connection


async def invite(
    conn: "Connection", gatherings: Sequence[Gathering], person_ids: Iterable[int], *, now: datetime
) -> list[Held]:
    """Invite people to published gatherings: registration, calendar invitation, reminders; repeating it does nothing.

    For a gathering that has begun only the registrations are made: an invitation to it is of no use to anyone. Returns
    the registrations that it made.
    """
    pairs = list(product((gathering.id for gathering in gatherings), dict.fromkeys(person_ids)))
    if not pairs:
        return []
    uids = [tokens.new_uid() for _ in pairs]
    invited = await registrations.invite(conn, pairs, uids, counted=True, now=now)
    if invited:
        await write_invitations(conn, gatherings, invited, now=now)
    return invited


async def write_invitations(
    conn: "Connection",
    gatherings: Sequence[Gathering],
    invited: Sequence[Held],
    *,
    now: datetime,
    again: bool = False,
) -> None:
    """Put the calendar invitation and the reminders of registrations into the outbox."""
    to_come = {gathering.id: gathering for gathering in gatherings if gathering.starts_at > now}
    more = {"again": again or None}
    messages = [
        Message(to_come[held.gathering_id], held, Purpose.INVITATION, Partstat.NEEDS_ACTION, more)
        for held in invited
        if held.gathering_id in to_come
    ]
    if messages:
        await calendars.write_requests(conn, messages, now=now)
        await arm_reminders(conn, list(to_come.values()), now=now, only=[message.held.id for message in messages])


async def arm_reminders(
    conn: "Connection", gatherings: Sequence[Gathering], *, now: datetime, only: Sequence[int] | None = None
) -> None:
    """Plan the reminders of gatherings as they stand now, and when to look whether enough people come."""
    dues = {
        one.id: reminders.plan(one.reminders, one.starts_local, one.timezone, one.starts_at, now) for one in gatherings
    }
    await outbox.arm_reminders(conn, dues, now, only=only)
    await minimum.arm(conn, gatherings, now=now)


async def coming(conn: "Connection", circle_id: int, *, now: datetime) -> list[Gathering]:
    """Hold the gatherings of a circle that are still to come, whatever their status, and return them.

    Before anything else is held: whoever answers holds a gathering first and a person afterwards.
    """
    return await rows.lock_to_come(conn, circle_id, now)


async def joined(conn: "Connection", to_come: Sequence[Gathering], person_ids: Sequence[int], *, now: datetime) -> None:
    """Invite people who have joined a circle to its published gatherings that are still to come."""
    published = [gathering for gathering in to_come if gathering.status == Status.PUBLISHED]
    await invite(conn, published, person_ids, now=now)
    await minimum.arm(conn, published, now=now)
    await feeds.mark_people(conn, person_ids, now)


async def left(
    conn: "Connection", to_come: Sequence[Gathering], person_ids: Sequence[int], *, by: str, now: datetime
) -> None:
    """Take people who have left a circle off its gatherings to come; their calendars are told, their seats move on.

    Off the cancelled ones too, of which nobody need be told: they are not to be asked should one of them be re-opened.
    """
    about = {gathering.id: gathering for gathering in to_come}
    gone = await copies.withdraw(conn, list(about), person_ids, by, now)
    moved: list[int] = []
    if gone:
        ids = [one.id for one in gone]
        await outbox.cancel_planned_of(conn, ids, "no longer invited")
        published = [one.id for one in gone if about[one.gathering_id].status == Status.PUBLISHED]
        held = await copies.select_held_by_id(conn, published)
        await calendars.write_cancels(conn, about, held, Purpose.WITHDRAWAL, "", now=now)
        for ident in await queues.select_queued(conn, [one.gathering_id for one in gone if one.seated]):
            moved += await promotion.fill(conn, about[ident], now=now)
        for ident in sorted({one.gathering_id for one in held}):
            await minimum.fell_short(conn, about[ident], now=now)
    await minimum.arm(conn, to_come, now=now)
    await feeds.mark_people(conn, [*person_ids, *moved], now)
