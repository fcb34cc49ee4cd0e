"""Cards of gatherings in groups: where they are, and which of them no longer show what is so.

That something has changed is marked by triggers (schema.sql), in the transaction of the change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class GroupCard:
    """A card that is still kept up; `revision` counts the changes of what it may show."""

    id: int
    channel: str
    conversation: str
    gathering_id: int
    language: str  # of the circle
    revision: int
    written: int
    digest: bytes | None
    replaced: bool
    fate: str | None  # the state of the message that was written last


COLUMNS = """
    k.id, k.channel, k.conversation, k.gathering_id, c.language, k.revision, k.written, k.digest, k.replaced,
    n.state as fate
"""

SOURCE = """
    group_card k join gathering g on g.id = k.gathering_id join circle c on c.id = g.circle_id
    left join notice n on n.dedupe_key = 'card:' || k.id || ':' || k.written
"""


def key(card_id: int, revision: int) -> str:
    """Return the dedupe key of the message that was written for a revision of a card."""
    return f"card:{card_id}:{revision}"


REPLACE = """
    update group_card set replaced = true, revision = revision + 1
    where channel = $1 and conversation = $2 and gathering_id = $3 and closed_at is null and not replaced
"""


async def replace(conn: "Connection", channel: str, conversation: str, gathering_id: int) -> None:
    """Let the card of a gathering that stands in a group give way to a newer one."""
    await conn.execute(REPLACE, channel, conversation, gathering_id)


INSERT_CARD = """
    insert into group_card (channel, conversation, gathering_id, person_id, created_at) values ($1, $2, $3, $4, $5)
"""


async def insert_card(
    conn: "Connection", channel: str, conversation: str, gathering_id: int, person_id: int | None, now: datetime
) -> None:
    """Add a card, which has yet to be written."""
    await conn.execute(INSERT_CARD, channel, conversation, gathering_id, person_id, now)


TAKE_MARKED = f"""
    select {COLUMNS} from {SOURCE}
    where k.revision > k.told and k.closed_at is null and n.state is distinct from 'claimed'
    order by k.id limit $1 for update of k skip locked
"""


async def take_marked(conn: "Connection", limit: int) -> list[GroupCard]:
    """Lock and read cards that may show what is no longer so.

    Left alone are those that another process has in hand, and those whose message is being handed over: what changes
    meanwhile, for as long as its limits make it wait, is one message after it.
    """
    return rows.many(GroupCard, await conn.fetch(TAKE_MARKED, limit))


MARK_OVER = """
    with over as (
        select k.id from group_card k join gathering g on g.id = k.gathering_id
        where k.closed_at is null and k.revision = k.told and g.ends_at <= $1
        order by k.gathering_id, k.id for update of k skip locked
    )
    update group_card set revision = revision + 1 where id in (select id from over)
"""


async def mark_over(conn: "Connection", now: datetime) -> None:
    """Mark the cards of gatherings that have ended, for a last time."""
    await conn.execute(MARK_OVER, now)


DELETE_CLOSED = "delete from group_card where closed_at < $1"


async def delete_closed(conn: "Connection", before: datetime) -> None:
    """Delete cards that were let go before a moment."""
    await conn.execute(DELETE_CLOSED, before)


UPDATE_TOLD = """
    update group_card k set told = n.revision, written = n.written, digest = n.digest,
        closed_at = case when n.last then $6::timestamptz end
    from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[], $5::boolean[])
        as n (id, revision, written, digest, last)
    where k.id = n.id
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What was written of a card and for which revision; `last`: the card follows no more."""

    card_id: int
    revision: int
    written: int
    digest: bytes | None
    last: bool


async def update_told(conn: "Connection", told: Sequence[Told], now: datetime) -> None:
    """Note what was written of cards."""
    await conn.execute(
        UPDATE_TOLD,
        [one.card_id for one in told],
        [one.revision for one in told],
        [one.written for one in told],
        [one.digest for one in told],
        [one.last for one in told],
        now,
    )


SELECT_COMING = """
    select g.id as gathering_id, coming.names
    from unnest($1::bigint[]) as g (id)
    cross join lateral (
        select array_agg(first.name) as names from (
            select p.name from registration r join person p on p.id = r.person_id
            where r.gathering_id = g.id and r.seat = 'seated' and r.withdrawn_at is null and r.invited_at is not null
            order by r.answered_at, r.id limit $2
        ) first
    ) coming
    where coming.names is not null
"""


async def select_coming(conn: "Connection", gathering_ids: Sequence[int], limit: int) -> dict[int, list[str]]:
    """List, by gathering, the names of the first of those who have a seat, in the order of their answers."""
    found = await conn.fetch(SELECT_COMING, list(gathering_ids), limit)
    return {row["gathering_id"]: row["names"] for row in found}


# A message that is being handed over says what it says; only one that still waits can be changed.
UPDATE_WAITING = """
    update notice n set facts = n.facts || w.facts
    from unnest($1::text[], $2::jsonb[]) as w (key, facts)
    where n.dedupe_key = w.key and n.state = 'planned'
    returning w.key
"""


async def update_waiting(conn: "Connection", facts: Mapping[str, dict[str, Any]]) -> set[str]:
    """Let messages that wait in the outbox say something newer, by their key; return which of them did."""
    found = await conn.fetch(UPDATE_WAITING, list(facts.keys()), list(facts.values()))
    return {row["key"] for row in found}
