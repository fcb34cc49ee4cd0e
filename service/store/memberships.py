"""Who is in which circle; rows stay when somebody leaves, as history."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a circle, active or waiting to be let in; `organisation` is their primary current affiliation."""

    person_id: int
    name: str
    organisation: str | None
    role: str
    state: str
    since: datetime


WORKS_FOR = """
    left join lateral (
        select o.name as organisation from affiliation f join organisation o on o.id = f.organisation_id
        where f.person_id = m.person_id and f.until is null
        order by f.since, f.id limit 1
    ) o on true
"""

MEMBER = f"""
    select m.person_id, p.name, o.organisation, m.role, m.state, m.since
    from membership m
    join person p on p.id = m.person_id
    {WORKS_FOR}
"""

SELECT_MEMBERS = f"""
    {MEMBER}
    where m.circle_id = $1 and m.state in ('active', 'requested')
    order by m.role, lower(p.name), m.person_id
"""


async def select_members(conn: "Connection", circle_id: int) -> list[Member]:
    """Read who is in a circle or asks to be: facilitators first, then by name."""
    return rows.many(Member, await conn.fetch(SELECT_MEMBERS, circle_id))


# The organisation is looked up for the page alone. Whoever has left in the meantime still tells where a page began.
SELECT_MEMBER_PAGE = f"""
    select m.person_id, m.name, o.organisation, m.role, m.state, m.since
    from (
        select m.person_id, p.name, m.role, m.state, m.since
        from membership m join person p on p.id = m.person_id
        where m.circle_id = $1 and m.state = $2
          and ($3 = '' or position($3 in lower(p.name)) > 0 or exists (
              select from affiliation f join organisation o on o.id = f.organisation_id
              where f.person_id = m.person_id and f.until is null and position($3 in lower(o.name)) > 0))
          and ($4::bigint is null or (m.role, lower(p.name), m.person_id) > (
              select s.role, lower(q.name), s.person_id from membership s join person q on q.id = s.person_id
              where s.circle_id = $1 and s.person_id = $4))
        order by m.role, lower(p.name), m.person_id limit $5
    ) m
    {WORKS_FOR}
    order by m.role, lower(m.name), m.person_id
"""


async def select_member_page(
    conn: "Connection", circle_id: int, *, state: str, words: str, after: int | None, limit: int
) -> list[Member]:
    """Read a page of who is in a circle, facilitators first, then by name, behind a person; `words` of a name."""
    return rows.many(Member, await conn.fetch(SELECT_MEMBER_PAGE, circle_id, state, words.lower(), after, limit))


SELECT_MEMBER = f"""
    {MEMBER}
    where m.circle_id = $1 and m.person_id = $2 and m.state in ('active', 'requested')
"""


async def select_member(conn: "Connection", circle_id: int, person_id: int) -> Member | None:
    """Read what one person is in a circle."""
    return rows.one(Member, await conn.fetchrow(SELECT_MEMBER, circle_id, person_id))


@dataclass(frozen=True, slots=True)
class Size:
    """How many are in a circle, how many of them lead it, and how many ask to come in."""

    members: int
    facilitators: int
    requests: int


SELECT_SIZE = """
    select count(*) filter (where state = 'active')::integer as members,
        count(*) filter (where state = 'active' and role = 'facilitator')::integer as facilitators,
        count(*) filter (where state = 'requested')::integer as requests
    from membership where circle_id = $1
"""


async def select_size(conn: "Connection", circle_id: int) -> Size:
    """Count who is in a circle."""
    return Size(*await conn.fetchrow(SELECT_SIZE, circle_id))  # type: ignore[misc]


SELECT_PEOPLE_OF = "select person_id from membership where circle_id = $1 and state = any($2) order by person_id"


async def select_people_of(conn: "Connection", circle_id: int, states: Sequence[str]) -> list[int]:
    """List the people who stand in a circle in one of these states."""
    return [row["person_id"] for row in await conn.fetch(SELECT_PEOPLE_OF, circle_id, list(states))]


SELECT_FACILITATORS = """
    select person_id from membership where circle_id = $1 and role = 'facilitator' and state = 'active'
    order by person_id
"""


async def select_facilitators(conn: "Connection", circle_id: int) -> list[int]:
    """List the people who facilitate a circle."""
    return [row["person_id"] for row in await conn.fetch(SELECT_FACILITATORS, circle_id)]


END_REQUESTS = "update membership set state = 'left', until = $2 where circle_id = $1 and state = 'requested'"


async def end_requests(conn: "Connection", circle_id: int, now: datetime) -> None:
    """Let nobody ask to come into a circle any more."""
    await conn.execute(END_REQUESTS, circle_id, now)


COUNT_MEMBERS = "select count(*) from membership where circle_id = $1 and state = 'active'"


async def count_members(conn: "Connection", circle_id: int) -> int:
    """Count the active members of a circle."""
    return int(await conn.fetchval(COUNT_MEMBERS, circle_id))


COUNT_GROUP = """
    select count(*) from membership m join circle c on c.id = m.circle_id join circle_kind k on k.name = c.kind
    where m.circle_id = $1 and m.state = 'active' and m.person_id is distinct from $2
      and (k.facilitators_count or m.role = 'participant')
"""


async def count_group(conn: "Connection", circle_id: int, *, without: int | None = None) -> int:
    """Count who counts as one of a group, `without` a person; its facilitators only where the kind says so."""
    return int(await conn.fetchval(COUNT_GROUP, circle_id, without))


# Of who was erased there is no membership any more; what they were registered for is still counted.
HAS_HISTORY = """
    select exists (select from membership where circle_id = $1 and state <> 'requested')
        or exists (select from registration r join gathering g on g.id = r.gathering_id where g.circle_id = $1)
"""


async def has_history(conn: "Connection", circle_id: int) -> bool:
    """Tell whether anybody is or ever was in a circle, or on the list of one of its gatherings."""
    return bool(await conn.fetchval(HAS_HISTORY, circle_id))


@dataclass(frozen=True, slots=True)
class Place:
    """What somebody is in a circle."""

    role: str
    state: str


LOCK_PLACE = "select role, state from membership where circle_id = $1 and person_id = $2 for update"


async def lock_place(conn: "Connection", circle_id: int, person_id: int) -> Place | None:
    """Read what somebody is in a circle and hold that until the transaction ends; None when they never were in it."""
    return rows.one(Place, await conn.fetchrow(LOCK_PLACE, circle_id, person_id))


# The count of the days in the circle begins anew only for who comes in.
SET_PLACE = """
    insert into membership as m (circle_id, person_id, role, state, since) values ($1, $2, $3, $4, $5)
    on conflict (circle_id, person_id) do update set role = $3, state = $4, until = null,
        since = case when m.state = $4 then m.since else $5 end,
        mails = m.mails or m.state = 'left'
"""


async def set_place(
    conn: "Connection", circle_id: int, person_id: int, *, role: str, state: str, now: datetime
) -> None:
    """Make somebody active in a circle or let them ask for it; who comes back gets its mails again."""
    await conn.execute(SET_PLACE, circle_id, person_id, role, state, now)


END_PLACE = "update membership set state = 'left', until = $3 where circle_id = $1 and person_id = $2"


async def end_place(conn: "Connection", circle_id: int, person_id: int, now: datetime) -> None:
    """Let somebody be in a circle no longer."""
    await conn.execute(END_PLACE, circle_id, person_id, now)


COUNT_INVITED = """
    select count(*) from registration r join gathering g on g.id = r.gathering_id
    where r.person_id = $2 and g.circle_id = $1 and g.status = 'published' and g.starts_at > $3
      and r.withdrawn_at is null
"""


async def count_invited(conn: "Connection", circle_id: int, person_id: int, now: datetime) -> int:
    """Count the published gatherings to come of a circle to which a person is invited."""
    return int(await conn.fetchval(COUNT_INVITED, circle_id, person_id, now))


SELECT_INVITED = """
    select person_id from membership where circle_id = $1 and state = 'active' and mails order by person_id
"""


async def select_invited(conn: "Connection", circle_id: int) -> list[int]:
    """List the active members of a circle who have not unsubscribed from its mails."""
    return [row["person_id"] for row in await conn.fetch(SELECT_INVITED, circle_id)]


COUNT_UNMET = """
    select count(*) from unnest($2::bigint[]) as n (id)
    where not exists (select from membership m where m.person_id = n.id and m.circle_id = any($1))
      and not exists (select from registration r join gathering g on g.id = r.gathering_id
                      where r.person_id = n.id and g.circle_id = any($1))
"""


async def count_unmet(conn: "Connection", circle_ids: Collection[int], person_ids: Collection[int]) -> int:
    """Count which of these people were never in one of the circles, nor on the list of a gathering of one."""
    return int(await conn.fetchval(COUNT_UNMET, list(circle_ids), list(person_ids)))
