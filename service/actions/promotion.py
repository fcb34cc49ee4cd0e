"""Moving up from the waiting list: the one step that everything which frees a seat goes through.

Works inside the caller's transaction, under the gathering's lock; the deciding is in `service/rules/seating.py`.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from service.actions.calendars import calendar_notice, copy_of
from service.model import Gathering, Mode, Partstat, Purpose, Status
from service.rules import notices, revisions, seating
from service.rules.notices import NewNotice
from service.rules.revisions import Copy
from service.rules.seating import Place
from service.store import copies, memberships, outbox, queues, registrations
from service.store.copies import Held

if TYPE_CHECKING:
    from service.database import Connection

KRING = "kring"


async def fill(conn: "Connection", gathering: Gathering, *, now: datetime, freed: bool = True) -> list[int]:
    """Give, or offer, every free seat to the first people in the queue whom it suits, and tell them.

    Too close to the start nobody is moved: the facilitators hear that there is room, once, when a seat has been
    `freed`. Returns the people who moved: the caller marks their feeds.
    """
    if gathering.status != Status.PUBLISHED or gathering.starts_at <= now:
        return []
    free = seating.free_seats(gathering.capacity, await queues.select_taken(conn, gathering.id))
    if free == 0:
        return []
    waiters = await queues.select_eligible(conn, gathering.id, gathering.organisation_quota, free)
    chosen = seating.eligible(waiters, free, gathering.organisation_quota)
    if not chosen:
        return []
    place = seating.freed(gathering.starts_at, gathering.timezone, now)
    if place is None:
        if freed:
            await _tell_facilitators(conn, gathering, len(chosen), now)
        return []
    held = await copies.select_held_by_id(conn, [waiter.registration_id for waiter in chosen])
    await move(conn, gathering, held, place, now=now)
    return [one.person_id for one in held]


async def move(
    conn: "Connection",
    gathering: Gathering,
    held: list[Held],
    place: Place,
    *,
    now: datetime,
    by: str = KRING,
    note: str = "",
    purpose: Purpose | None = None,
) -> None:
    """Put people in another place than the one they had, without their doing, and tell them; the caller marks feeds.

    `by` whom and with which `note` is kept in the history; the note is told too where the `purpose` is not the usual.
    """
    changes, written = [], []
    mode = Mode.ON_SITE if gathering.hybrid else None  # seats and queues are of the place
    for one in held:
        copy = revisions.request(copy_of(one), revisions.status_for(place.seat), now)
        changes.append(
            changed(one.id, Partstat(one.partstat), place, copy, actor=by, approved=True, note=note, mode=mode)
        )
        deadline = place.offer_expires_at
        facts = notices.calendar_facts(
            notices.REQUEST,
            copy,
            Partstat(one.partstat),
            reason=place.reason,
            offer_expires_at=deadline.isoformat() if deadline else None,
            note=note if purpose else None,
        )
        written.append(calendar_notice(gathering, one, purpose or notices.for_move(place.seat), facts, now))
    await registrations.save(conn, changes, [outbox.recorded(notice) for notice in written], now)


def changed(
    ident: int, partstat: Partstat, place: Place, copy: Copy, *, actor: str, approved: bool, **more: Any
) -> dict[str, Any]:
    """Write down a registration as it is to be, as `registrations.save` reads it."""
    return {
        "id": ident,
        "partstat": partstat,
        "seat": place.seat,
        "waiting_reason": place.reason,
        "requeue": place.requeue,
        "approved": approved,
        "offer_expires_at": place.offer_expires_at and place.offer_expires_at.isoformat(),
        "sequence": copy.sequence,
        "dtstamp": copy.dtstamp and copy.dtstamp.isoformat(),
        "calendar_status": copy.status,
        "actor": actor,
        **more,
    }


async def _tell_facilitators(conn: "Connection", gathering: Gathering, count: int, now: datetime) -> None:
    """Tell the facilitators that people wait and seats are free."""
    facilitators = await memberships.select_facilitators(conn, gathering.circle_id)
    await outbox.insert_notices(
        conn,
        [
            NewNotice(
                dedupe_key=f"{Purpose.SEAT_FREED}:{gathering.id}:{person_id}:{now.isoformat()}",
                purpose=Purpose.SEAT_FREED,
                person_id=person_id,
                due_at=now,
                gathering_id=gathering.id,
                facts={"count": count},
                expires_at=gathering.starts_at,
            )
            for person_id in facilitators
        ],
        now,
    )
