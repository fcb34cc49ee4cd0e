"""The queue for the seats of a gathering, the seats that are taken, and the offers that run out."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from service.rules.seating import Waiter
from service.store import rows
from service.store.copies import HELD, Held

if TYPE_CHECKING:
    from service.database import Connection


SELECT_LONGEST_WAITING = """
    select id, organisation_id, 0 as organisation_taken from registration
    where gathering_id = $1 and seat = 'waiting' and queue_number is not null order by queue_number limit $2
"""

SELECT_ELIGIBLE = """
    select id, organisation_id, organisation_taken from (
        select w.id, w.organisation_id, w.queue_number, coalesce(t.taken, 0)::integer as organisation_taken,
            row_number() over (partition by w.organisation_id order by w.queue_number) as turn
        from registration w
        left join (select organisation_id, count(*) as taken from registration
                   where gathering_id = $1 and seat in ('seated', 'offered')
                   group by organisation_id) t
            on t.organisation_id = w.organisation_id
        where w.gathering_id = $1 and w.seat = 'waiting' and w.queue_number is not null
    ) waiting
    where organisation_id is null or turn <= $2 - organisation_taken
    order by queue_number limit $3
"""


async def select_eligible(
    conn: "Connection", gathering_id: int, organisation_quota: int | None, limit: int | None
) -> list[Waiter]:
    """List the first people in the queue whom a free seat would suit, in its order; all of them without a limit.

    Reads the whole queue only where organisations have a quota.
    """
    if organisation_quota is None:
        found = await conn.fetch(SELECT_LONGEST_WAITING, gathering_id, limit)
    else:
        found = await conn.fetch(SELECT_ELIGIBLE, gathering_id, organisation_quota, limit)
    return [Waiter(row["id"], row["organisation_id"], row["organisation_taken"]) for row in found]


SELECT_QUEUED = """
    select distinct gathering_id from registration
    where gathering_id = any($1) and seat = 'waiting' and queue_number is not null
    order by gathering_id
"""


async def select_queued(conn: "Connection", gathering_ids: Sequence[int]) -> list[int]:
    """List which of these gatherings have a queue."""
    return [row["gathering_id"] for row in await conn.fetch(SELECT_QUEUED, list(gathering_ids))]


SELECT_TAKEN = "select count(*) from registration where gathering_id = $1 and seat in ('seated', 'offered')"


async def select_taken(conn: "Connection", gathering_id: int) -> int:
    """Count the seats held: seated and offered."""
    return int(await conn.fetchval(SELECT_TAKEN, gathering_id))


SELECT_EXPIRED_OFFERS = """
    select distinct r.gathering_id from registration r
    join gathering g on g.id = r.gathering_id and g.status = 'published'
    where r.seat = 'offered' and r.offer_expires_at <= $1 order by r.gathering_id limit 100
"""


async def select_expired_offers(conn: "Connection", now: datetime) -> list[int]:
    """List the published gatherings in which an offer has run out."""
    return [row["gathering_id"] for row in await conn.fetch(SELECT_EXPIRED_OFFERS, now)]


SELECT_LATE = f"""
    select {HELD} from registration r
    where r.gathering_id = $1 and r.seat = 'offered' and r.offer_expires_at <= $2 order by r.offer_expires_at, r.id
"""


async def select_late(conn: "Connection", gathering_id: int, now: datetime) -> list[Held]:
    """List the people of a gathering whose offer has run out, the earliest first."""
    return rows.many(Held, await conn.fetch(SELECT_LATE, gathering_id, now))
