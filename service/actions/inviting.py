"""Who is invited: the steps that publishing, joining and leaving a circle share.

Each works inside the caller's transaction, under the gathering's lock; the verbs are in `scheduling` and `circles`.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from service.actions import calendars, promotion
from service.formats import tokens
from service.model import Gathering, Partstat, Purpose
from service.rules import reminders
from service.store import copies, feeds, gatherings, outbox, registrations
from service.store.registrations import Held

if TYPE_CHECKING:
    from service.database import Connection


async def invite(conn: "Connection", gathering: Gathering, person_ids: Iterable[int], *, now: datetime) -> list[Held]:
    """Invite people to a published gathering: registration, calendar invitation, reminders; repeating it does nothing.

    For a gathering that has begun only the registrations are made: an invitation to it is of no use to anyone. Returns
    whom it invited.
    """
    new = list(dict.fromkeys(person_ids))
    uids = [tokens.new_uid() for _ in new]
    invited = await registrations.invite(conn, gathering.id, new, uids, counted=True, now=now)
    if invited:
        await write_invitations(conn, gathering, invited, now=now)
    return invited


async def write_invitations(
    conn: "Connection", gathering: Gathering, invited: Sequence[Held], *, now: datetime, again: bool = False
) -> None:
    """Put the calendar invitation and the reminders of registrations into the outbox."""
    if gathering.starts_at <= now:
        return
    await calendars.write_requests(
        conn,
        gathering,
        [(held, Purpose.INVITATION, Partstat.NEEDS_ACTION, {"again": again or None}) for held in invited],
        now=now,
    )
    await arm_reminders(conn, gathering, now=now, only=[held.id for held in invited])


async def arm_reminders(
    conn: "Connection", gathering: Gathering, *, now: datetime, only: Sequence[int] | None = None
) -> None:
    """Plan the reminders of a gathering as it stands now."""
    dues = reminders.plan(gathering.reminders, gathering.starts_local, gathering.timezone, gathering.starts_at, now)
    await outbox.arm_reminders(conn, gathering.id, gathering.starts_at, dues, now, only=only)


async def coming(conn: "Connection", circle_id: int, *, now: datetime) -> list[Gathering]:
    """Hold the gatherings of a circle that are still to come, and return the published ones.

    Before anything else is held: whoever answers holds a gathering first and a person afterwards.
    """
    return await gatherings.lock_to_come(conn, circle_id, now)


async def joined(conn: "Connection", to_come: Sequence[Gathering], person_ids: Sequence[int], *, now: datetime) -> None:
    """Invite people who have joined a circle to its published gatherings that are still to come."""
    for gathering in to_come:
        await invite(conn, gathering, person_ids, now=now)
    await feeds.mark_people(conn, person_ids, now)


async def left(conn: "Connection", to_come: Sequence[Gathering], person_ids: Sequence[int], *, now: datetime) -> None:
    """Take people who have left a circle off its gatherings to come; their calendars are told, their seats move on."""
    moved: list[int] = []
    for gathering in to_come:
        gone = await copies.withdraw(conn, gathering.id, person_ids, "kring", now)
        if gone:
            await outbox.cancel_planned(conn, gathering.id, "no longer invited", only=gone)
            held = await registrations.select_held_by_id(conn, gone)
            await calendars.write_cancels(conn, gathering, held, Purpose.WITHDRAWAL, "", now=now)
            moved += await promotion.fill(conn, gathering, now=now)
    await feeds.mark_people(conn, [*person_ids, *moved], now)
