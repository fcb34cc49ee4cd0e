"""What happens by itself when its time has come: edits are told, offers expire, visitors are forgotten.

Each step is one transaction; `service/scheduler.py` takes them in turn.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from service.actions import calendars, promotion
from service.actions.calendars import Message
from service.database import Database
from service.model import Gathering, Mode, Partstat, Purpose, Status
from service.rules import notices, revisions, seating
from service.rules.revisions import Change
from service.store import copies, feeds, gatherings, outbox, queues, registrations, visitors
from service.store.copies import Held
from service.store.gatherings import Pending

if TYPE_CHECKING:
    from service.database import Connection


Step = Callable[..., Awaitable[None]]

LOOKED_BACK = timedelta(days=60)
"""How long ago a gathering may have begun of which a visitor's request is still looked for."""


async def due(db: Database, *, now: datetime) -> list[tuple[Step, int]]:
    """List what is due: steps, each with the gathering that it is about."""
    async with db.reading() as conn:
        edited = await gatherings.select_to_announce(conn, now)
        offered = await queues.select_expired_offers(conn, now)
    return [*((announce, ident) for ident in edited), *((expire_offers, ident) for ident in offered)]


async def announce(db: Database, gathering_id: int, *, now: datetime) -> None:
    """Tell everyone concerned, in one calendar mail, how a gathering differs from what they were told last."""
    async with db.transaction() as conn:
        gathering = await gatherings.lock_gathering(conn, gathering_id)
        pending = (await gatherings.select_pending(conn, [gathering_id])).get(gathering_id)
        if (
            gathering is None
            or pending is None
            or pending.announce_at is None
            or pending.announce_at > now
            or pending.told is None
        ):
            return
        await gatherings.clear_pending(conn, gathering_id)
        if gathering.status == Status.PUBLISHED and gathering.ends_at > now:
            await _tell(conn, gathering, pending, now)


async def expire_offers(db: Database, gathering_id: int, *, now: datetime) -> None:
    """Put whoever let an offer pass at the back of the queue, and offer the seats to the next."""
    async with db.transaction() as conn:
        gathering = await gatherings.lock_gathering(conn, gathering_id)
        late = await queues.select_late(conn, gathering_id, now)
        if gathering is None or gathering.status != Status.PUBLISHED or not late:
            return
        await promotion.move(conn, gathering, late, seating.expired(), now=now)
        moved = await promotion.fill(conn, gathering, now=now)
        await feeds.mark_answers(conn, [*(one.person_id for one in late), *moved], now)


async def forget_visitors(db: Database, *, now: datetime) -> None:
    """Forget people who typed an address and never pressed the mailed link, and what was asked in somebody's name."""
    async with db.transaction() as conn:
        await visitors.delete_visitors(conn, now)
        await visitors.forget_unpressed(conn, now, began_after=now - LOOKED_BACK)


async def _tell(conn: "Connection", gathering: Gathering, pending: Pending, now: datetime) -> None:
    """Write the updates. Where all was put back, only to whoever was mailed in between and knows something else."""
    told, told_sequence = revisions.thawed(pending.told or {})
    change, known = revisions.difference(told, revisions.as_told(gathering)), True
    if not change.jeopardises:
        await copies.confirm_again(conn, gathering.id, told_sequence, gathering.sequence)
    everyone = [held for held in await copies.select_held(conn, gathering.id) if held.dtstamp is not None]
    if change:
        concerned = [held for held in everyone if hears(held, gathering, change)]
    else:
        assert pending.edited_since is not None
        misled = await outbox.select_told(conn, gathering.id, pending.edited_since, before=gathering.changed_at)
        concerned = [held for held in everyone if held.id in misled or _asked_anew(held)]
        # What they know is not read again, so that only this is sure: it no longer holds.
        change, known = Change(moved=gathering.sequence > told_sequence, relocated=False, edited=True), False
    more = notices.news(change, told) if known else {"restored": True, "edited": True}
    messages = [
        Message(
            gathering,
            held,
            Purpose.UPDATE,
            _partstat(held, gathering, change),
            more | notices.said(held.mode, gathering),
        )
        for held in concerned
    ]
    await calendars.write_requests(conn, messages, now=now)
    if not gathering.hybrid:
        await registrations.forget_modes(conn, gathering.id)
    await feeds.mark_answers(conn, [held.person_id for held in concerned], now)


def _asked_anew(held: Held) -> bool:
    """Tell whether somebody's yes to joining online was taken back, which they have not been told yet."""
    return held.mode == Mode.ONLINE and held.partstat == Partstat.NEEDS_ACTION


def hears(held: Held, gathering: Gathering, change: Change) -> bool:
    """Tell whether somebody hears of a change."""
    return notices.hears_of_update(Partstat(held.partstat), change, confirmed=_confirmed(held, gathering))


def _partstat(held: Held, gathering: Gathering, change: Change) -> Partstat:
    """Choose the PARTSTAT under which a change is told to somebody."""
    return notices.told_partstat(Partstat(held.partstat), change, confirmed=_confirmed(held, gathering))


def _confirmed(held: Held, gathering: Gathering) -> bool:
    return held.confirmed_sequence is not None and held.confirmed_sequence >= gathering.sequence
