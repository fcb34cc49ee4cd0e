"""Numbers about Kring as a whole, for whoever watches it; nothing about a person."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class Measures:
    """How much there is, and how the outbox stands; `late` is due for longer than it should take to send."""

    due: int
    late: int
    claimed: int
    failed: int
    unknown: int
    paused: bool
    organisations: int
    people: int
    circles: int
    drafts: int
    published: int
    cancelled: int


SELECT_MEASURES = """
    select waiting.due, waiting.late, waiting.claimed, lost.failed, lost.unknown,
        exists (select from outbox_pause) as paused,
        (select count(*) from organisation) as organisations,
        (select count(*) from person where provisional_until is null and erased_at is null) as people,
        (select count(*) from circle) as circles, g.drafts, g.published, g.cancelled
    from (
        select count(*) filter (where state = 'planned' and due_at <= $1) as due,
            count(*) filter (where due_at <= $1 - $2::interval) as late,
            count(*) filter (where state = 'claimed') as claimed
        from notice where waits
    ) waiting cross join (
        select count(*) filter (where state = 'failed') as failed, count(*) filter (where state = 'unknown') as unknown
        from notice where lost
    ) lost cross join (
        select count(*) filter (where status = 'draft') as drafts,
            count(*) filter (where status = 'published') as published,
            count(*) filter (where status = 'cancelled') as cancelled
        from gathering
    ) g
"""


async def select_measures(conn: "Connection", now: datetime, patience: timedelta) -> Measures:
    """Count everything in one statement; a notice is late when it is due for longer than `patience`."""
    found = rows.one(Measures, await conn.fetchrow(SELECT_MEASURES, now, patience))
    assert found is not None
    return found
