"""Who works on what of the outbox: the locks by which workers know of each other, and what each of them has claimed."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.database import Connection

LOCK_SPACE = 0x4B72_6E67
"""The first key of the advisory locks of workers; the second is the owner of the rows they claim."""

# A worker whose machine vanished is known by its silence; without effect on a unix socket. Planning the statements
# below anew each time would cost more than running them.
SETTLE = """
    set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 2;
    set tcp_user_timeout = 15000; set plan_cache_mode = force_generic_plan
"""
TAKE_LOCK = "select pg_try_advisory_lock($1, $2)"


async def take_lock(conn: "Connection", owner: int) -> bool:
    """Hold the lock of an owner for as long as the connection lives; False when somebody else holds it."""
    await conn.execute(SETTLE)
    return bool(await conn.fetchval(TAKE_LOCK, LOCK_SPACE, owner))


HOLD_LANE = "select pg_try_advisory_lock($1, hashtext($2))"
LANE_SPACE = 0x4B72_6E6C
"""The first key of the locks that make a worker the only one of its lane."""


async def hold_lane(conn: "Connection", lane: str) -> bool:
    """Be the only worker of a lane for as long as the connection lives; False while another one is."""
    return bool(await conn.fetchval(HOLD_LANE, LANE_SPACE, lane))


SELECT_OWNERS = f"""
    select l.objid::bigint as owner from pg_locks l
    where l.locktype = 'advisory' and l.classid::bigint = {LOCK_SPACE} and l.granted
      and l.database = (select d.oid from pg_database d where d.datname = current_database())
"""


async def select_owners(conn: "Connection") -> set[int]:
    """List the owners that are alive, of all lanes; a number that was among them and is no more never comes back."""
    return {row["owner"] for row in await conn.fetch(SELECT_OWNERS)}


# Rows of an owner whose lock is gone are due as ever: their worker is dead, its lock was freed with its socket.
# The number of attempts is committed before the work, so that it counts even when the work ends the worker.
CLAIM = f"""
    with due as (
        select found.id from generate_series(0, $5) level cross join lateral (
            select n.id from notice n
            where n.waits and n.lane = $3 and n.priority = level and n.due_at <= $1
              and (n.state = 'planned' or n.owner <> $2 and n.owner <> all(array({SELECT_OWNERS})))
            order by n.due_at, n.id limit $4 for update skip locked
        ) found order by level limit $4
    )
    update notice set state = 'claimed', owner = $2, attempts = attempts + 1
    where id = any(array(select id from due)) and not exists (select from outbox_pause)
    returning id
"""

LEVELS = 3
"""The lowest priority there is; 0 is the highest."""


async def claim(
    conn: "Connection", owner: int, lane: str, now: datetime, *, limit: int, lowest: int = LEVELS
) -> list[int]:
    """Claim at most `limit` due notices of a lane, those of dead workers among them; the most urgent first.

    Down to the priority `lowest`, and nothing while the outbox is paused.
    """
    return [row["id"] for row in await conn.fetch(CLAIM, now, owner, lane, limit, lowest)]


# No index knows the claimed rows, for with one no claim would be cheap: this reads what waits in the lane, and runs
# only when an owner has gone.
TAKE_OVER = """
    with lost as (
        select id from notice
        where waits and lane = $3 and state = 'claimed' and owner = any($2)
        order by priority, due_at, id limit $4 for update skip locked
    )
    update notice set owner = $1, attempts = attempts + 1
    where id = any(array(select id from lost)) and not exists (select from outbox_pause)
    returning id
"""


async def take_over(conn: "Connection", owner: int, gone: Collection[int], lane: str, *, limit: int) -> list[int]:
    """Claim at most `limit` notices of a lane that owners have left behind who are `gone`; nothing during a pause."""
    return [row["id"] for row in await conn.fetch(TAKE_OVER, owner, list(gone), lane, limit)]


RELEASE = """
    update notice set state = 'planned', owner = null, attempts = attempts - 1,
        attempted_at = case when id = any($3) then attempted_at end
    where id = any($2) and (state, owner) is not distinct from ('claimed', $1::integer)
"""


async def release(conn: "Connection", owner: int, ids: Sequence[int], abroad: Sequence[int]) -> None:
    """Give back what an owner claimed and has not tried; of those `abroad` nobody knows whether they arrived."""
    await conn.execute(RELEASE, owner, list(ids), list(abroad))


# What a mail has said already is not said again; what answers a conversation belongs nowhere else.
DIVERT = """
    with late as (
        select id from notice
        where waits and state = 'planned' and lane = $1 and due_at <= $2 and conversation is null
        for update skip locked
    )
    update notice n set lane = 'mail', state = case when n.facts ? 'mailed' then 'expired' else n.state end,
        error = case when n.facts ? 'mailed' then 'told by mail' end
    from late where n.id = late.id
"""


async def divert(conn: "Connection", lane: str, due_before: datetime) -> None:
    """Let go by mail what has been due in a lane since before a moment."""
    await conn.execute(DIVERT, lane, due_before)
