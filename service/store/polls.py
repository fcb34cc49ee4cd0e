"""Polls for a date in the database: the moments, who is asked, what they said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.model import Gathering
from service.store import rows
from service.store.gatherings import COLUMNS, SOURCE

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class Poll:
    """A poll for the date of a gathering."""

    gathering_id: int
    asked_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment that is proposed, in local time of the gathering."""

    id: int
    starts_local: datetime
    ends_local: datetime
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Voter:
    """Somebody who is asked, or voted without having been asked."""

    id: int
    gathering_id: int
    person_id: int
    name: str
    language: str
    voted_at: datetime | None


SELECT_POLL = "select gathering_id, asked_at, closed_at from poll where gathering_id = $1"


async def select_poll(conn: "Connection", gathering_id: int) -> Poll | None:
    """Read the poll of a gathering."""
    return rows.one(Poll, await conn.fetchrow(SELECT_POLL, gathering_id))


UPSERT_POLL = """
    insert into poll (gathering_id, created_at) values ($1, $2)
    on conflict (gathering_id) do update set asked_at = null, closed_at = null, created_at = excluded.created_at
"""


async def upsert_poll(conn: "Connection", gathering_id: int, now: datetime) -> None:
    """Begin a poll; one that is over begins anew."""
    await conn.execute(UPSERT_POLL, gathering_id, now)


DELETE_VOTERS = "delete from poll_voter where gathering_id = $1"


async def delete_voters(conn: "Connection", gathering_id: int) -> None:
    """Forget who was asked and what they said."""
    await conn.execute(DELETE_VOTERS, gathering_id)


REPLACE_MOMENTS = """
    with gone as (delete from poll_moment where gathering_id = $1 and not starts_local = any($2))
    insert into poll_moment (gathering_id, starts_local, ends_local, starts_at)
    select $1, * from unnest($2::timestamp[], $3::timestamp[], $4::timestamptz[])
    on conflict (gathering_id, starts_local)
        do update set ends_local = excluded.ends_local, starts_at = excluded.starts_at
"""


async def replace_moments(
    conn: "Connection", gathering_id: int, moments: Sequence[tuple[datetime, datetime, datetime]]
) -> None:
    """Propose these moments and no others: local start and end, and the instant of the start."""
    columns = [[moment[place] for moment in moments] for place in range(3)]
    await conn.execute(REPLACE_MOMENTS, gathering_id, *columns)


SELECT_MOMENTS = """
    select id, starts_local, ends_local, starts_at from poll_moment where gathering_id = $1 order by starts_at, id
"""


async def select_moments(conn: "Connection", gathering_id: int) -> list[Moment]:
    """Read the moments of a poll, in order of time."""
    return rows.many(Moment, await conn.fetch(SELECT_MOMENTS, gathering_id))


DROP_VOTERS = """
    with gone as (
        delete from poll_voter v using gathering g
        where g.id = v.gathering_id and g.circle_id = $1 and v.person_id = $2 returning v.id
    )
    update notice n set state = 'cancelled', error = 'no longer in the circle' from gone
    where n.dedupe_key in ('poll:' || gone.id, 'poll-reminder:' || gone.id) and n.state = 'planned'
"""


async def drop_voters(conn: "Connection", circle_id: int, person_id: int) -> None:
    """Take somebody out of all polls of a circle, with their votes and what they have not been sent yet."""
    await conn.execute(DROP_VOTERS, circle_id, person_id)


ADD_VOTERS = """
    insert into poll_voter (gathering_id, person_id) select $1, unnest($2::bigint[])
    on conflict (gathering_id, person_id) do nothing
"""


async def add_voters(conn: "Connection", gathering_id: int, person_ids: Sequence[int]) -> None:
    """Add people to those who are asked."""
    await conn.execute(ADD_VOTERS, gathering_id, list(person_ids))


VOTER = """
    v.id, v.gathering_id, v.person_id, p.name, p.language, v.voted_at
    from poll_voter v join person p on p.id = v.person_id
"""
SELECT_VOTERS = f"select {VOTER} where v.gathering_id = $1 order by lower(p.name), v.id"


async def select_voters(conn: "Connection", gathering_id: int) -> list[Voter]:
    """List who is asked, by name."""
    return rows.many(Voter, await conn.fetch(SELECT_VOTERS, gathering_id))


SELECT_VOTER = f"select {VOTER} where v.id = $1"


async def select_voter(conn: "Connection", voter_id: int) -> Voter | None:
    """Read one of those who are asked."""
    return rows.one(Voter, await conn.fetchrow(SELECT_VOTER, voter_id))


SELECT_VOTES = """
    select v.voter_id, v.moment_id, v.vote from poll_vote v join poll_voter o on o.id = v.voter_id
    where o.gathering_id = $1
"""


async def select_votes(conn: "Connection", gathering_id: int) -> list[tuple[int, int, str]]:
    """List every vote of a poll: who, for which moment, and what."""
    return [(row["voter_id"], row["moment_id"], row["vote"]) for row in await conn.fetch(SELECT_VOTES, gathering_id)]


# Whoever was taken out of the poll at this very moment votes for nothing.
SAVE_VOTES = """
    with voted as (update poll_voter set voted_at = $4 where id = $1 returning id),
    reminded as (
        update notice set state = 'cancelled', error = 'has voted'
        where dedupe_key = 'poll-reminder:' || $1 and state = 'planned'
    )
    insert into poll_vote (voter_id, moment_id, vote)
    select voted.id, said.* from voted, unnest($2::bigint[], $3::text[]) said
    on conflict (voter_id, moment_id) do update set vote = excluded.vote
"""


async def save_votes(conn: "Connection", voter_id: int, votes: Mapping[int, str], now: datetime) -> None:
    """Keep what somebody says, and take back their reminder."""
    await conn.execute(SAVE_VOTES, voter_id, list(votes), list(votes.values()), now)


UPDATE_ASKED = "update poll set asked_at = $2 where gathering_id = $1"


async def update_asked(conn: "Connection", gathering_id: int, now: datetime) -> None:
    """Note that people are asked."""
    await conn.execute(UPDATE_ASKED, gathering_id, now)


CLOSE = """
    with reminded as (
        update notice set state = 'cancelled', error = 'the poll is closed'
        where gathering_id = $1 and purpose = 'poll' and state = 'planned'
    )
    update poll set closed_at = $2 where gathering_id = $1
"""


async def close(conn: "Connection", gathering_id: int, now: datetime) -> None:
    """End a poll, and take back what has not been sent of it."""
    await conn.execute(CLOSE, gathering_id, now)


SELECT_OPEN = f"""
    select {COLUMNS} from {SOURCE} join poll q on q.gathering_id = g.id
    where g.circle_id = any($1) and q.asked_at is not null and q.closed_at is null
      and exists (select from poll_moment m where m.gathering_id = g.id and m.starts_at > $2)
    order by q.asked_at, g.id limit 20
"""


async def select_open(conn: "Connection", circle_ids: Sequence[int], now: datetime) -> list[Gathering]:
    """List the gatherings of circles for which a date is looked for now."""
    return rows.many(Gathering, await conn.fetch(SELECT_OPEN, list(circle_ids), now))
