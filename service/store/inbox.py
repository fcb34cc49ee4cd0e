"""Foreign messages in the database: kept raw, taken in order, ended in one visible state."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from service.rules.notices import NewNotice
from service.store import outbox, rows

if TYPE_CHECKING:
    from service.database import Connection

INSERT_MESSAGE = """
    insert into inbox (channel, external_id, conversation, envelope_from, recipient, raw, received_at, not_before)
    values ($1, $2, $3, $4, $5, $6, $7, $7) on conflict (channel, external_id) do nothing returning id
"""


async def insert_message(
    conn: "Connection",
    *,
    channel: str,
    external_id: str,
    conversation: str,
    envelope_from: str,
    recipient: str,
    raw: bytes,
    now: datetime,
) -> bool:
    """Keep a message as it came; False when it is there already."""
    found = await conn.fetchval(INSERT_MESSAGE, channel, external_id, conversation, envelope_from, recipient, raw, now)
    return found is not None


INSERT_MESSAGES = """
    insert into inbox (channel, external_id, conversation, raw, received_at, not_before)
    select $1, m.external_id, m.conversation, m.raw, $5, $5
    from unnest($2::text[], $3::text[], $4::bytea[]) with ordinality as m (external_id, conversation, raw, position)
    order by m.position
    on conflict (channel, external_id) do nothing
"""


async def insert_messages(
    conn: "Connection", channel: str, messages: Sequence[tuple[str, str, bytes]], now: datetime
) -> None:
    """Keep messages as they came, in their order; what is there already stays as it is."""
    external_ids, conversations, raw = ([one[place] for one in messages] for place in range(3))
    await conn.execute(INSERT_MESSAGES, channel, external_ids, conversations, raw, now)


@dataclass(frozen=True, slots=True)
class Stored:
    """A message as it came, about to be worked on for the n-th time."""

    id: int
    channel: str
    conversation: str
    envelope_from: str
    recipient: str
    raw: bytes
    received_at: datetime
    attempts: int


TAKE = """
    update inbox set attempts = attempts + 1
    where id in (
        select i.id from inbox i
        where i.channel = $1 and i.state = 'new' and i.not_before <= $2 and i.id <> all($3)
          and (i.attempts > 0) = $5
          and not exists (select from inbox p where p.channel = i.channel
                          and p.conversation = i.conversation and p.state = 'new' and p.id < i.id)
        order by i.id limit $4
    )
    returning id, channel, conversation, envelope_from, recipient, raw, received_at, attempts
"""


async def take(
    conn: "Connection", channel: str, now: datetime, busy: Sequence[int], limit: int, *, again: bool = False
) -> list[Stored]:
    """Take the oldest due message of each conversation of a channel and count the attempt; `busy` are at work.

    `again`: those that were attempted before, else those that were not.
    """
    found = rows.many(Stored, await conn.fetch(TAKE, channel, now, list(busy), limit, again))
    return sorted(found, key=lambda one: one.id)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a message ended: applied, no-op or parked, with a stable word why and what was read in it.

    What is `told` because of it goes into the outbox with it.
    """

    state: str
    reason: str
    facts: dict[str, Any] = field(default_factory=dict)
    gathering_id: int | None = None
    person_id: int | None = None
    told: tuple[NewNotice, ...] = ()


# The ids come a second time because the planner takes any list of JSON for a hundred rows.
FINISH = f"""
    with notices as ({outbox.INSERT_NOTICES}), ended as (
        update inbox i set state = e.state, reason = e.reason, facts = e.facts, gathering_id = e.gathering_id,
            person_id = e.person_id, done_at = $2
        from jsonb_to_recordset($3) as e (id bigint, state text, reason text, facts jsonb, gathering_id bigint,
            person_id bigint)
        where i.id = e.id and i.id = any($4::bigint[]) and i.state = 'new'
        returning i.id
    )
    select count(*) from ended
"""


async def finish(conn: "Connection", ends: Sequence[tuple[int, Verdict]], now: datetime) -> int:
    """Write how messages ended, in the transaction of their effects, with what is told because of it.

    Returns how many had not been ended before, by another hand.
    """
    told = [outbox.recorded(notice) for _, verdict in ends for notice in verdict.told]
    ended = [
        {
            "id": message_id,
            "state": verdict.state,
            "reason": verdict.reason,
            "facts": verdict.facts,
            "gathering_id": verdict.gathering_id,
            "person_id": verdict.person_id,
        }
        for message_id, verdict in ends
    ]
    return int(await conn.fetchval(FINISH, told, now, ended, [message_id for message_id, _ in ends]))


POSTPONE = "update inbox set not_before = $2, reason = $3 where id = $1 and state = 'new'"


async def postpone(conn: "Connection", message_id: int, until: datetime, reason: str) -> None:
    """Leave a message that could not be worked on until later; the later ones of its conversation wait behind it."""
    await conn.execute(POSTPONE, message_id, until, reason)


GIVE_BACK = "update inbox set attempts = attempts - 1 where id = any($1) and state = 'new' and attempts > 0"


async def give_back(conn: "Connection", ids: Sequence[int]) -> None:
    """Take back the attempts that the database itself cut short."""
    await conn.execute(GIVE_BACK, list(ids))


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that needs a human, or a dead one, as staff see it in a list."""

    id: int
    channel: str
    state: str
    reason: str
    facts: dict[str, Any]
    recipient: str
    received_at: datetime
    gathering_id: int | None
    person_id: int | None
    person: str | None


WAITING = """
    select i.id, i.channel, i.state, i.reason, i.facts, i.recipient, i.received_at, i.gathering_id, i.person_id,
        p.name as person
    from inbox i left join person p on p.id = i.person_id
"""

SELECT_WAITING = f"""
    {WAITING} where i.state = $1 and i.id > $2
        and ($4::bigint[] is null
             or exists (select from gathering g where g.id = i.gathering_id and g.circle_id = any($4)))
    order by i.id limit $3
"""


async def select_waiting(
    conn: "Connection", state: str, after: int, limit: int, circles: Sequence[int] | None
) -> list[Waiting]:
    """List the messages in a state, the oldest first; only those about gatherings of some circles, unless None."""
    return rows.many(Waiting, await conn.fetch(SELECT_WAITING, state, after, limit, circles))


SELECT_ONE_WAITING = f"{WAITING} where i.id = $1 and i.state in ('parked', 'dead')"


async def select_one_waiting(conn: "Connection", message_id: int) -> Waiting | None:
    """Read a parked or dead message."""
    return rows.one(Waiting, await conn.fetchrow(SELECT_ONE_WAITING, message_id))


SELECT_RAW = "select raw from inbox where id = $1"


async def select_raw(conn: "Connection", message_id: int) -> bytes | None:
    """Read a message as it came."""
    found: bytes | None = await conn.fetchval(SELECT_RAW, message_id)
    return found


REPLAY = """
    update inbox set state = 'new', attempts = 0, not_before = $2, reason = '', done_at = null
    where id = $1 and state in ('parked', 'dead')
"""


async def replay(conn: "Connection", message_id: int, now: datetime) -> None:
    """Put a parked or dead message back in the queue."""
    await conn.execute(REPLAY, message_id, now)


SETTLE = """
    update inbox set state = $2, reason = $3, done_at = $4 where id = $1 and state in ('parked', 'dead') returning id
"""


async def settle(conn: "Connection", message_id: int, state: str, reason: str, now: datetime) -> bool:
    """Let a human decide about a parked or dead message; False when there is none."""
    return await conn.fetchval(SETTLE, message_id, state, reason, now) is not None


FORGET_RAW = "update inbox set raw = '' where done_at < $1 and state in ('applied', 'no-op') and raw <> ''"


async def forget_raw(conn: "Connection", before: datetime) -> None:
    """Forget the text of messages that ended long ago; that they came, and how they ended, stays."""
    await conn.execute(FORGET_RAW, before)


# What needs somebody is kept, under a name that no later message can have.
FORGET_MESSAGES = """
    with over as (
        delete from inbox where channel = any($1) and done_at < $2 and state in ('applied', 'no-op')
    )
    update inbox set external_id = external_id || '#' || id
    where channel = any($1) and done_at < $2 and state in ('parked', 'dead') and position('#' in external_id) = 0
"""


async def forget_messages(conn: "Connection", channels: Sequence[str], before: datetime) -> None:
    """Forget that messages came on these channels which ended before a moment."""
    await conn.execute(FORGET_MESSAGES, list(channels), before)
