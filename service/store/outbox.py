"""What is put into the outbox and taken back out of it, and its pause; for workers see `claims` and `notices`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from service.model import Ledgered
from service.rules.notices import NewNotice
from service.rules.reminders import Due
from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection


def recorded(notice: NewNotice) -> dict[str, Any]:
    """Turn a notice into what the statements below (and `registrations.SAVE`) read as a row."""
    return {
        "dedupe_key": notice.dedupe_key,
        "purpose": notice.purpose,
        "person_id": notice.person_id,
        "gathering_id": notice.gathering_id,
        "registration_id": notice.registration_id,
        "channel": notice.channel,
        "conversation": notice.conversation,
        "facts": notice.facts,
        "due_at": notice.due_at.isoformat(),
        "expires_at": notice.expires_at.isoformat() if notice.expires_at else None,
    }


# A calendar message goes by mail whatever a person prefers. Whoever prefers another channel is told the same there in
# plain words, unless that is where they have just said it and were answered. Each person is looked up by id: the
# planner takes any list of JSON for a hundred rows and would read all people for it.
INSERT_NOTICES = """
    insert into notice (dedupe_key, purpose, person_id, gathering_id, registration_id, channel, conversation, lane,
        facts, due_at, expires_at, created_at)
    select told.dedupe_key, n.purpose, n.person_id, n.gathering_id, n.registration_id, told.channel, n.conversation,
        told.lane, told.facts, n.due_at, n.expires_at, $2
    from rows from (jsonb_to_recordset($1) as (dedupe_key text, purpose text, person_id bigint, gathering_id bigint,
        registration_id bigint, channel text, conversation text, facts jsonb, due_at timestamptz,
        expires_at timestamptz)) with ordinality as n (dedupe_key, purpose, person_id, gathering_id, registration_id,
        channel, conversation, facts, due_at, expires_at, position)
    cross join lateral (
        select (select preferred_channel from person where id = n.person_id) as preferred_channel offset 0
    ) p
    cross join lateral (
        select n.dedupe_key, n.channel, coalesce(n.channel, p.preferred_channel) as lane, n.facts
        where n.channel is not null or p.preferred_channel = 'mail'
           or n.facts ->> 'heard' is distinct from p.preferred_channel
        union all
        select 'words:' || n.dedupe_key, null, p.preferred_channel,
            n.facts - array['method', 'sequence', 'dtstamp', 'status', 'partstat', 'rsvp'] || '{"mailed": true}'
        where n.facts ? 'method' and p.preferred_channel <> 'mail'
          and n.facts ->> 'heard' is distinct from p.preferred_channel
    ) told
    order by n.position
    on conflict (dedupe_key) do nothing
"""


async def insert_notices(conn: "Connection", notices: Sequence[NewNotice], now: datetime) -> None:
    """Put notices into the outbox; one whose dedupe key is there already changes nothing."""
    await conn.execute(INSERT_NOTICES, [recorded(notice) for notice in notices], now)


SELECT_WRITTEN = "select dedupe_key from notice where dedupe_key = any($1)"


async def select_written(conn: "Connection", dedupe_keys: Sequence[str]) -> set[str]:
    """Tell which of these notices have been put into the outbox, whatever came of them."""
    return {row["dedupe_key"] for row in await conn.fetch(SELECT_WRITTEN, list(dedupe_keys))}


# One that is due and not out yet fits as long as its kind is wanted and the start is the same.
ARM_REMINDERS = """
    with wanted as (
        select r.id as registration_id, r.gathering_id, r.person_id, p.preferred_channel, k.kind, k.due_at, k.starts_at,
            'reminder:' || r.id || ':' || k.kind || ':' || extract(epoch from k.starts_at)::bigint as dedupe_key
        from unnest($2::bigint[], $3::text[], $4::timestamptz[], $5::timestamptz[])
            as k (gathering_id, kind, due_at, starts_at)
        join registration r on r.gathering_id = k.gathering_id
        join person p on p.id = r.person_id
        where r.withdrawn_at is null and r.invited_at is not null and ($7::bigint[] is null or r.id = any($7))
    ), dropped as (
        update notice n set state = 'cancelled', error = 're-planned'
        from gathering g
        where g.id = any($1) and n.gathering_id = g.id and n.purpose = 'reminder' and n.state = 'planned'
          and $7::bigint[] is null
          and not (n.expires_at = g.starts_at and n.facts ->> 'kind' = any(g.reminders))
    )
    insert into notice (dedupe_key, purpose, person_id, gathering_id, registration_id, lane, facts, due_at, expires_at,
        created_at)
    select dedupe_key, 'reminder', person_id, gathering_id, registration_id, preferred_channel,
        jsonb_build_object('kind', kind), due_at, starts_at, $6
    from wanted
    on conflict (dedupe_key) do update set due_at = excluded.due_at, expires_at = excluded.expires_at,
        state = 'planned', error = null
        where notice.state in ('planned', 'cancelled')
"""


async def arm_reminders(
    conn: "Connection", dues: Mapping[int, Sequence[Due]], now: datetime, *, only: Sequence[int] | None = None
) -> None:
    """Plan the reminders of gatherings, by their id, for everyone invited, and drop those that no longer fit.

    With `only` for some registrations, dropping nothing.

    At most one is ever created per registration, kind and start: the start is in the dedupe key, so that a moved
    gathering reminds anew and an unmoved one never twice.
    """
    flat = [(gathering_id, due) for gathering_id, many in dues.items() for due in many]
    await conn.execute(
        ARM_REMINDERS,
        list(dues),
        [gathering_id for gathering_id, _ in flat],
        [due.kind for _, due in flat],
        [due.due_at for _, due in flat],
        [due.starts_at for _, due in flat],
        now,
        None if only is None else list(only),
    )


CANCEL_PLANNED = """
    update notice set state = 'cancelled', error = $2
    where gathering_id = any($1) and state = 'planned' and purpose not in ('withdrawal', 'broadcast')
"""


async def cancel_planned(conn: "Connection", gathering_ids: Sequence[int], reason: str) -> None:
    """Take back what has not been sent about gatherings.

    Who has left the list is told so in any case, for nothing else will reach their calendar; and what somebody wrote
    to the people is theirs to call off.
    """
    await conn.execute(CANCEL_PLANNED, list(gathering_ids), reason)


CANCEL_PLANNED_OF = """
    update notice set state = 'cancelled', error = $2 where registration_id = any($1) and waits and state = 'planned'
"""


async def cancel_planned_of(conn: "Connection", registration_ids: Sequence[int], reason: str) -> None:
    """Take back what has not been sent about registrations."""
    await conn.execute(CANCEL_PLANNED_OF, list(registration_ids), reason)


SELECT_TOLD = """
    select distinct registration_id from notice
    where gathering_id = $1 and registration_id is not null and facts ? 'method' and created_at < $3
      and (sent_at >= $2 or state in ('claimed', 'unknown'))
"""


async def select_told(conn: "Connection", gathering_id: int, since: datetime, *, before: datetime) -> set[int]:
    """List the registrations of which calendar messages, written before a moment, went out since another or do now."""
    found = await conn.fetch(SELECT_TOLD, gathering_id, since, before)
    return {row["registration_id"] for row in found}


CONFIRMS = """
    select exists (
        select from notice
        where person_id = $1 and created_at >= $2 and channel = 'mail'
          and purpose in ('confirmation', 'waiting', 'tentative', 'declined'))
"""


async def confirms(conn: "Connection", person_id: int, since: datetime) -> bool:
    """Tell whether a mail that confirms an answer was written for somebody since a moment."""
    return bool(await conn.fetchval(CONFIRMS, person_id, since))


SELECT_LEDGER = """
    select n.id, n.purpose, n.person_id, p.name as person, n.channel, n.due_at as due, n.state, n.sent_at, n.error
    from notice n join person p on p.id = n.person_id
    where n.gathering_id = $1
      and ($2::bigint = 0 or (n.due_at, n.id) > (select due_at, id from notice where id = $2 and gathering_id = $1))
    order by n.due_at, n.id limit $3
"""


async def select_ledger(conn: "Connection", gathering_id: int, after: int, limit: int | None) -> list[Ledgered]:
    """List the notices about a gathering, person by person, in the order in which they are due, behind one of them."""
    return rows.many(Ledgered, await conn.fetch(SELECT_LEDGER, gathering_id, after, limit))


@dataclass(frozen=True, slots=True)
class Pile:
    """How many notices with one purpose stand at one point, and when the first of them is or was due."""

    state: str
    purpose: str
    count: int
    first_due: datetime


SELECT_PILES = """
    select state, purpose, count(*)::integer as count, min(due_at) as first_due
    from notice group by state, purpose order by state, purpose
"""


async def select_piles(conn: "Connection") -> list[Pile]:
    """Count all notices by state and purpose."""
    return rows.many(Pile, await conn.fetch(SELECT_PILES))


# What a mail says anyway is not said by mail a second time.
REROUTE = """
    update notice set lane = $2, state = case when facts ? 'mailed' and $2 = 'mail' then 'cancelled' else state end
    where person_id = $1 and state = 'planned' and channel is null and conversation is null and lane <> $2
"""


async def reroute(conn: "Connection", person_id: int, channel: str) -> None:
    """Let what waits for a person, and is not bound to a channel, go by another one from now on."""
    await conn.execute(REROUTE, person_id, channel)


FORGET_ANSWERS = """
    delete from notice where purpose = 'answer' and created_at < $1 and state not in ('planned', 'claimed')
"""


async def forget_answers(conn: "Connection", before: datetime) -> None:
    """Remove the answers of conversations that were given before a moment."""
    await conn.execute(FORGET_ANSWERS, before)


COUNT_AS_TOLD = """
    update notice set state = 'sent', sent_at = due_at, channel = coalesce(channel, lane)
    where waits and state = 'planned' and due_at < $1
"""


async def count_as_told(conn: "Connection", before: datetime) -> None:
    """Count what was due before a moment as sent: history that is loaded was told elsewhere."""
    await conn.execute(COUNT_AS_TOLD, before)


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
