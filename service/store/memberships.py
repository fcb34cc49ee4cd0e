"""Who is in which circle; rows stay when somebody leaves, as history."""

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


SELECT_MEMBERS = """
    select m.person_id, p.name, o.organisation, m.role, m.state, m.since
    from membership m
    join person p on p.id = m.person_id
    left join lateral (
        select o.name as organisation from affiliation f join organisation o on o.id = f.organisation_id
        where f.person_id = m.person_id and f.until is null
        order by f.since, f.id limit 1
    ) o on true
    where m.circle_id = $1 and m.state in ('active', 'requested')
    order by m.role, lower(p.name), m.person_id
"""


async def select_members(conn: "Connection", circle_id: int) -> list[Member]:
    """Read who is in a circle or asks to be: facilitators first, then by name."""
    return rows.many(Member, await conn.fetch(SELECT_MEMBERS, circle_id))


COUNT_MEMBERS = "select count(*) from membership where circle_id = $1 and state = 'active'"


async def count_members(conn: "Connection", circle_id: int) -> int:
    """Count the active members of a circle."""
    return int(await conn.fetchval(COUNT_MEMBERS, circle_id))


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


SELECT_INVITED = """
    select person_id from membership where circle_id = $1 and state = 'active' and mails order by person_id
"""


async def select_invited(conn: "Connection", circle_id: int) -> list[int]:
    """List the active members of a circle who have not unsubscribed from its mails."""
    return [row["person_id"] for row in await conn.fetch(SELECT_INVITED, circle_id)]
