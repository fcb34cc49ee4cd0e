"""The outbox as a worker sees it: claim what is due, read what it is about, mark what came of it.

What is put in and taken back out is in `service/store/outbox.py`. The statements of a worker run on the connection that
holds its lock, so that a worker whose lock is gone can mark nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from service.channels import DueNotice, DueRegistration
from service.model import Gathering, Numbers, Purpose
from service.store import gatherings, minimum

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


# An answer goes to the conversation it was asked in. Somebody without an address of this channel is reached by mail.
SELECT_DUE = """
    select n.id, n.purpose, n.priority, n.facts, n.created_at, n.due_at, n.expires_at, n.attempts, n.attempted_at,
        n.person_id, coalesce(n.facts ->> 'name', p.name, '') as name,
        coalesce(p.language, n.facts ->> 'language') as language,
        a.id as address_id, n.lane as channel, coalesce(n.conversation, a.value) as address,
        coalesce(a.others, 0)::integer as others,
        coalesce(m.mails, true) as mails, coalesce(m.reminders, true) as reminders, p.quiet_from, p.quiet_until,
        n.gathering_id, n.registration_id, r.uid, r.generation, r.partstat, r.seat,
        r.facilitator, coalesce(r.mode = 'online', false) as online, greatest(r.answered_at, r.invited_at) as heard_at,
        r.answered_at is not null as answered, r.invited_at is not null as invited,
        r.withdrawn_at is not null as withdrawn, r.attendance
    from notice n
    left join person p on p.id = n.person_id
    left join registration r on r.id = n.registration_id
    left join gathering g on g.id = n.gathering_id
    left join membership m on m.circle_id = g.circle_id and m.person_id = n.person_id
    left join lateral (
        select a.id, a.value, count(*) over () - 1 as others
        from address a
        where a.person_id = n.person_id and a.channel = n.lane and a.undeliverable_at is null
          and n.conversation is null
          and (a.verified_at is not null or n.purpose in ('sign-in', 'visitor', 'register-here', 'check-in'))
        order by a.is_primary desc, a.id
        limit 1
    ) a on true
    where n.id = any($1) and n.state = 'claimed'
    order by n.priority, n.due_at, n.id
"""


async def select_due(conn: "Connection", ids: Sequence[int], now: datetime) -> list[DueNotice]:
    """Read claimed notices with the person, the address to use and what they are about, the most urgent first.

    The address is a trusted, deliverable one on the channel of the notice's lane. Two statements, whatever the number
    of notices, and a third where one of them depends on how many come.
    """
    found = await conn.fetch(SELECT_DUE, list(ids))
    about = {row["gathering_id"] for row in found if row["gathering_id"] is not None}
    known = {one.id: one for one in await gatherings.select_many(conn, sorted(about))} if about else {}
    few = sorted({row["gathering_id"] for row in found if row["purpose"] == Purpose.TOO_FEW})
    numbers = await minimum.select_numbers(conn, few, now) if few else {}
    return [_due(row, known, numbers) for row in found]


def _due(row: Any, known: Mapping[int, Gathering], numbers: Mapping[int, Numbers]) -> DueNotice:
    values = dict(row)
    registration = {name: values.pop(name) for name in _REGISTRATION}
    ident, gathering_id = values.pop("registration_id"), values.pop("gathering_id")
    retry = values["facts"].get("retry", {})
    if retry:
        values["due_at"] = datetime.fromisoformat(retry["since"])
    return DueNotice(
        **values,
        retries=retry.get("times", 0),
        gathering=known.get(gathering_id),
        numbers=numbers.get(gathering_id) if values["purpose"] == Purpose.TOO_FEW else None,
        registration=None if ident is None else DueRegistration(id=ident, **registration),
    )


_REGISTRATION = (
    "uid",
    "generation",
    "partstat",
    "seat",
    "facilitator",
    "answered",
    "invited",
    "withdrawn",
    "attendance",
    "online",
    "heard_at",
)

SELECT_SUPPRESSED = "select address_hash, reason from suppression where address_hash = any($1)"


async def select_suppressed(conn: "Connection", hashes: Sequence[bytes]) -> dict[bytes, str]:
    """Return which of these addresses are suppressed, each with the reason."""
    return {row["address_hash"]: row["reason"] for row in await conn.fetch(SELECT_SUPPRESSED, list(hashes))}


class Outcome(NamedTuple):
    """What came of a claimed notice: its new state, and the row for the ledger when something was handed over.

    `retry_at` goes with the state planned, and `lane` where it goes on in another one. `handed` is the delivery's
    outcome (sent, deferred, refused, unknown), None when nothing was tried. `undeliverable`: the address is to blame.
    `repeated`: the same is told once more, by mail. `postponed`: it only waits until `retry_at`. The fields stand
    in the order in which the statement that marks takes them.
    """

    notice_id: int
    owner: int
    state: str
    at: datetime
    handed: str | None = None
    channel: str | None = None
    address_id: int | None = None
    detail: str = ""
    retry_at: datetime | None = None
    undeliverable: bool = False
    lane: str | None = None
    repeated: bool = False
    postponed: bool = False


BEGIN = """
    update notice set attempted_at = $3 where id = $1 and (state, owner) is not distinct from ('claimed', $2::integer)
    returning id
"""


async def begin(conn: "Connection", notice_id: int, owner: int, now: datetime) -> bool:
    """Write down that a notice is about to be handed over; False when its owner has lost it."""
    return await conn.fetchval(BEGIN, notice_id, owner, now) is not None


# A secret in the facts, or what was said in a conversation, goes once it can be of no more use to a later attempt.
# What few outcomes need stands in the longer statement: getting ready for it costs as much as marking a notice.
_MARKED = """
    with marked as (
        update notice n set state = o.state, owner = null, due_at = coalesce(o.retry_at, n.due_at),
            sent_at = case when o.state = 'sent' then o.at end,
            error = case when o.state <> 'sent' then nullif(o.detail, '') end,
            channel = case when o.state = 'sent' then o.channel else n.channel end, lane = coalesce(o.lane, n.lane),
            attempted_at = case when o.state <> 'planned' then n.attempted_at end,
            attempts = n.attempts - o.postponed::integer,
            facts = case
                when o.state <> 'planned' then n.facts - array['token', 'code', 'outbound']
                when o.postponed then n.facts
                else n.facts || jsonb_build_object('retry', jsonb_build_object(
                    'since', coalesce(n.facts #> '{retry,since}', to_jsonb(n.due_at)),
                    'times', coalesce((n.facts #>> '{retry,times}')::integer, 0) + 1)) end
        from unnest($1::bigint[], $2::integer[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::bigint[],
            $8::text[], $9::timestamptz[], $10::boolean[], $11::text[], $12::boolean[], $13::boolean[])
            as o (id, owner, state, at, handed, channel, address_id, detail, retry_at, undeliverable, lane, repeated,
                postponed)
        where n.id = o.id and (n.state, n.owner) is not distinct from ('claimed', o.owner)
        returning o.id, o.at, o.handed, o.channel, o.address_id, o.detail, o.undeliverable, o.repeated
    ), ledger as (
        insert into delivery (notice_id, channel, address_id, at, outcome, detail)
        select m.id, m.channel, m.address_id, m.at, m.handed, m.detail
        from marked m where m.handed is not null
    )"""
_TOLD = "select (select count(*) from marked) as marked, exists (select from outbox_pause) as paused"
MARK = f"{_MARKED} {_TOLD}"
MARK_WITH_MORE = f"""{_MARKED}, copies as (
        insert into notice (dedupe_key, purpose, person_id, gathering_id, registration_id, channel, facts, due_at,
            expires_at, created_at)
        select 'mail:' || n.dedupe_key, n.purpose, n.person_id, n.gathering_id, n.registration_id, 'mail', n.facts,
            n.due_at, n.expires_at, m.at
        from marked m join notice n on n.id = m.id
        where m.repeated
        on conflict (dedupe_key) do nothing
    ), unreachable as (
        update address a set undeliverable_at = m.at
        from marked m where m.undeliverable and a.id = m.address_id and a.undeliverable_at is null
    ) {_TOLD}
"""


@dataclass(frozen=True, slots=True)
class Marked:
    """How many notices were still their owner's, and whether the outbox is paused."""

    marked: int
    paused: bool


async def mark(conn: "Connection", outcomes: Sequence[Outcome]) -> Marked:
    """Write what came of notices, with the rows of the ledger, in one statement and one commit.

    A notice that its owner has lost in the meantime stays as it is.
    """
    columns = list(zip(*outcomes, strict=True)) or [()] * len(Outcome._fields)
    more = any(one.repeated or one.undeliverable for one in outcomes)
    row = await conn.fetchrow(MARK_WITH_MORE if more else MARK, *columns)
    assert row is not None
    return Marked(**row)


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


PAUSE = "insert into outbox_pause (paused_at) values ($1) on conflict do nothing"


async def pause(conn: "Connection", now: datetime) -> None:
    """Stop all sending, of every worker, before its next message."""
    await conn.execute(PAUSE, now)


RESUME = "delete from outbox_pause"


async def resume(conn: "Connection") -> None:
    """Let sending go on."""
    await conn.execute(RESUME)


SELECT_PAUSED = "select paused_at from outbox_pause"


async def select_paused(conn: "Connection") -> datetime | None:
    """Return since when the outbox is paused, or None."""
    paused: datetime | None = await conn.fetchval(SELECT_PAUSED)
    return paused
