"""What people of a gathering are told by whoever leads it; each copy of it is a notice."""

from datetime import datetime
from typing import TYPE_CHECKING

from service.model import Broadcast
from service.rules.audiences import Listener
from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection

SELECT_LISTENERS = """
    select r.id as registration_id, r.person_id, r.partstat, r.seat, r.facilitator, coalesce(m.mails, true) as mails,
        r.attendance
    from registration r
    join gathering g on g.id = r.gathering_id
    left join membership m on m.circle_id = g.circle_id and m.person_id = r.person_id
    where r.gathering_id = $1 and r.withdrawn_at is null and r.invited_at is not null
    order by r.id
"""


async def select_listeners(conn: "Connection", gathering_id: int) -> list[Listener]:
    """List everybody invited to a gathering."""
    return rows.many(Listener, await conn.fetch(SELECT_LISTENERS, gathering_id))


INSERT_BROADCAST = """
    insert into broadcast (gathering_id, audience, text, person_id, actor, key, created_at)
    values ($1, $2, $3, $4, $5, $6, $7) on conflict (key) do nothing returning id
"""


async def insert_broadcast(
    conn: "Connection",
    gathering_id: int,
    audience: str,
    text: str,
    *,
    person_id: int | None,
    actor: str,
    key: str | None,
    now: datetime,
) -> int | None:
    """Keep what is told, and return its id; None when there is one with this key already."""
    found: int | None = await conn.fetchval(INSERT_BROADCAST, gathering_id, audience, text, person_id, actor, key, now)
    return found


COLUMNS = """
    b.id, b.gathering_id, b.audience, b.text, p.name as author, b.created_at, b.called_off_at
"""
"""The columns of `service.model.Broadcast`."""

SELECT_BROADCAST = f"select {COLUMNS} from broadcast b left join person p on p.id = b.person_id where b.id = $1"


async def select_broadcast(conn: "Connection", broadcast_id: int) -> Broadcast | None:
    """Read what was told."""
    return rows.one(Broadcast, await conn.fetchrow(SELECT_BROADCAST, broadcast_id))


SELECT_BY_KEY = f"select {COLUMNS} from broadcast b left join person p on p.id = b.person_id where b.key = $1"


async def select_by_key(conn: "Connection", key: str) -> Broadcast | None:
    """Read what was told under a key."""
    return rows.one(Broadcast, await conn.fetchrow(SELECT_BY_KEY, key))


SELECT_OF_GATHERING = f"""
    select {COLUMNS} from broadcast b left join person p on p.id = b.person_id
    where b.gathering_id = $1 order by b.id desc limit 100
"""


async def select_of_gathering(conn: "Connection", gathering_id: int) -> list[Broadcast]:
    """List what the people of a gathering were told, the latest first."""
    return rows.many(Broadcast, await conn.fetch(SELECT_OF_GATHERING, gathering_id))


SELECT_HEARD = f"""
    select {COLUMNS} from broadcast b left join person p on p.id = b.person_id
    where b.gathering_id = $1 and b.called_off_at is null and exists (
        select from notice n
        where n.gathering_id = b.gathering_id and n.person_id = $2 and n.purpose = 'broadcast'
          and n.facts ->> 'broadcast' = b.id::text and n.state <> 'cancelled')
    order by b.id
"""


async def select_heard(conn: "Connection", gathering_id: int, person_id: int) -> list[Broadcast]:
    """List what one person was told about a gathering, in the order in which it was written."""
    return rows.many(Broadcast, await conn.fetch(SELECT_HEARD, gathering_id, person_id))


CALL_OFF = """
    with kept as (
        update broadcast set called_off_at = $3 where id = $1 and called_off_at is null returning id
    )
    update notice set state = 'cancelled', error = 'called off'
    where gathering_id = $2 and purpose = 'broadcast' and facts ->> 'broadcast' = $1::text and state = 'planned'
      and exists (select from kept)
    returning id
"""


async def call_off(conn: "Connection", broadcast_id: int, gathering_id: int, now: datetime) -> int:
    """Take back every copy that has not gone out, and return how many those were."""
    return len(await conn.fetch(CALL_OFF, broadcast_id, gathering_id, now))
