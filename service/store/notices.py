"""Claimed notices as their worker sees them: what each is about, and the mark of what came of it.

What is put into the outbox and taken back out of it is in `outbox`, who has claimed what in `claims`. The statements of
a worker run on the connection that holds its lock, so that a worker whose lock is gone can mark nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from service.channels import DueNotice, DueRegistration
from service.model import Gathering, Numbers, Purpose
from service.store import gatherings, minimum

if TYPE_CHECKING:
    from service.database import Connection

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
