"""What happens by itself when its time has come: edits are told, offers expire, visitors are forgotten.

Each step is one transaction; `service/scheduler.py` takes them in turn.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from service.actions import calendars, promotion
from service.database import Database
from service.model import Gathering, Partstat, Purpose, Status
from service.rules import notices, revisions, seating
from service.rules.revisions import Change, Told
from service.store import feeds, gatherings, registrations, visitors
from service.store.registrations import Held

if TYPE_CHECKING:
    from service.database import Connection


Step = Callable[..., Awaitable[None]]


async def due(db: Database, *, now: datetime) -> list[tuple[Step, int]]:
    """List what is due: steps, each with the gathering that it is about."""
    async with db.reading() as conn:
        edited = await gatherings.select_to_announce(conn, now)
        offered = await registrations.select_expired_offers(conn, now)
    return [*((announce, ident) for ident in edited), *((expire_offers, ident) for ident in offered)]


async def announce(db: Database, gathering_id: int, *, now: datetime) -> None:
    """Tell everyone concerned, in one calendar mail, how a gathering differs from what they were told last."""
    async with db.transaction() as conn:
        gathering = await gatherings.lock_gathering(conn, gathering_id)
        pending = await gatherings.select_pending(conn, gathering_id)
        if gathering is None or pending.announce_at is None or pending.announce_at > now or pending.told is None:
            return
        await gatherings.clear_pending(conn, gathering_id)
        told = _thawed(pending.told)
        change = revisions.difference(told, _as_told(gathering))
        if change and gathering.status == Status.PUBLISHED and gathering.ends_at > now:
            await _tell(conn, gathering, told, change, now)


async def expire_offers(db: Database, gathering_id: int, *, now: datetime) -> None:
    """Put whoever let an offer pass at the back of the queue, and offer the seats to the next."""
    async with db.transaction() as conn:
        gathering = await gatherings.lock_gathering(conn, gathering_id)
        late = await registrations.select_late(conn, gathering_id, now)
        if gathering is None or gathering.status != Status.PUBLISHED or not late:
            return
        await promotion.move(conn, gathering, late, seating.expired(), now=now)
        moved = await promotion.fill(conn, gathering, now=now)
        await feeds.mark_answers(conn, [*(one.person_id for one in late), *moved], now)


async def forget_visitors(db: Database, *, now: datetime) -> None:
    """Forget people who typed an address and never pressed the mailed link."""
    async with db.transaction() as conn:
        await visitors.delete_visitors(conn, now)


async def _tell(conn: "Connection", gathering: Gathering, told: Told, change: Change, now: datetime) -> None:
    more: dict[str, Any] = {
        "moved": change.moved or None,
        "relocated": change.relocated or None,
        "edited": change.edited or None,
        "previous": {
            "starts_local": told.starts_local.isoformat(),
            "ends_local": told.ends_local.isoformat(),
            "location": told.location,
        }
        if change.jeopardises
        else None,
    }
    messages = [
        (held, Purpose.UPDATE, _partstat(held, gathering, change), more)
        for held in await registrations.select_held(conn, gathering.id)
        if held.dtstamp is not None and notices.hears_of_update(Partstat(held.partstat), change)
    ]
    await calendars.write_requests(conn, gathering, messages, now=now)
    await feeds.mark_answers(conn, [held.person_id for held, *_ in messages], now)


def _partstat(held: Held, gathering: Gathering, change: Change) -> Partstat:
    confirmed = held.confirmed_sequence is not None and held.confirmed_sequence >= gathering.sequence
    return notices.told_partstat(Partstat(held.partstat), change, confirmed=confirmed)


def _as_told(gathering: Gathering) -> Told:
    return Told(**{name: getattr(gathering, name) for name in Told.__dataclass_fields__})


def _thawed(told: dict[str, Any]) -> Told:
    times = ("starts_local", "ends_local", "starts_at", "ends_at")
    thawed: dict[str, Any] = {name: datetime.fromisoformat(v) if name in times else v for name, v in told.items()}
    return Told(**thawed)
