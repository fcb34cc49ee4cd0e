"""How many of a group come to its gatherings, and the notices that tell who leads it when they are too few."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from service.model import Numbers

if TYPE_CHECKING:
    from service.database import Connection

# Who said no to a time that has changed since is asked anew, and may say yes to the new one.
SELECT_NUMBERS = """
    select g.id,
        count(r.id) filter (where r.partstat = 'accepted' and (r.seat = 'seated' or r.mode = 'online' or r.facilitator)
            and r.seat not in ('waiting', 'offered'))::integer as coming,
        count(r.id) filter (where r.partstat <> 'declined' or coalesce(r.confirmed_sequence, 0) < g.sequence)::integer
            as possible,
        exists (select from poll q join poll_moment o on o.gathering_id = q.gathering_id
                where q.gathering_id = g.id and q.asked_at is not null and q.closed_at is null and o.starts_at > $2)
            as asking
    from gathering g join circle c on c.id = g.circle_id join circle_kind k on k.name = c.kind
    left join registration r on r.gathering_id = g.id and r.withdrawn_at is null and r.invited_at is not null
        and (k.facilitators_count or not r.facilitator)
    where g.id = any($1)
    group by g.id
"""


async def select_numbers(conn: "Connection", gathering_ids: Sequence[int], now: datetime) -> dict[int, Numbers]:
    """Count, of several gatherings, who comes and who still could."""
    found = await conn.fetch(SELECT_NUMBERS, list(gathering_ids), now)
    return {row["id"]: Numbers(row["coming"], row["possible"], row["asking"]) for row in found}


# One per facilitator and start, as reminders are: a gathering that moves is looked at anew, an unmoved one once.
ARM = """
    with wanted as (
        select m.person_id, p.preferred_channel, g.id as gathering_id, k.due_at, g.starts_at,
            'too-few:' || g.id || ':' || m.person_id || ':' || extract(epoch from g.starts_at)::bigint as dedupe_key
        from unnest($1::bigint[], $2::timestamptz[]) as k (gathering_id, due_at)
        join gathering g on g.id = k.gathering_id and g.status = 'published'
        join membership m on m.circle_id = g.circle_id and m.role = 'facilitator' and m.state = 'active'
        join person p on p.id = m.person_id
        where k.due_at > $3
    ), dropped as (
        update notice n set state = 'cancelled', error = 're-planned'
        where n.gathering_id = any($4) and n.purpose = 'too-few' and n.state = 'planned' and n.due_at > $3
          and not exists (select from wanted w where w.dedupe_key = n.dedupe_key)
    )
    insert into notice (dedupe_key, purpose, person_id, gathering_id, lane, due_at, expires_at, created_at)
    select dedupe_key, 'too-few', person_id, gathering_id, preferred_channel, due_at, starts_at, $3 from wanted
    on conflict (dedupe_key) do update set due_at = excluded.due_at, expires_at = excluded.expires_at,
        state = 'planned', error = null
        where notice.state = 'cancelled' or notice.state = 'planned' and notice.due_at > $3
"""


async def arm(conn: "Connection", gathering_ids: Sequence[int], dues: Mapping[int, datetime], now: datetime) -> None:
    """Plan when those who lead gatherings hear that too few come, and take back what no longer fits or is not due."""
    await conn.execute(ARM, list(dues), list(dues.values()), now, list(gathering_ids))
