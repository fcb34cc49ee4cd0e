"""Who was there, in the database: marks, what they were before, who may have walked in, and how it went for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.rules.absence import Turn
from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection

UPDATE_ATTENDANCE = """
    with marked as (
        update registration r set attendance = m.attendance, attendance_at = $4
        from unnest($2::bigint[], $3::text[]) as m (person_id, attendance)
        where r.gathering_id = $1 and r.person_id = m.person_id and r.attendance is distinct from m.attendance
        returning r.id, r.partstat, r.seat, r.attendance
    )
    insert into registration_history (registration_id, at, actor, partstat, seat, note)
    select id, $4, $5, partstat, seat, coalesce(attendance, 'attendance unknown') from marked
"""


async def update_attendance(
    conn: "Connection", gathering_id: int, marks: Mapping[int, str | None], actor: str, now: datetime
) -> None:
    """Set who was there, by person, and note in the history what changes; None takes a mark back."""
    await conn.execute(UPDATE_ATTENDANCE, gathering_id, list(marks), list(marks.values()), now, actor)


# What somebody else has marked since stays as it is.
SELECT_LAST_MARKS = """
    with marks as (
        select h.id, h.registration_id, h.at, h.actor, nullif(h.note, 'attendance unknown') as attendance,
            lag(nullif(h.note, 'attendance unknown')) over (partition by h.registration_id order by h.id) as before
        from registration_history h join registration r on r.id = h.registration_id
        where r.gathering_id = $1 and h.note in ('present', 'absent', 'excused', 'attendance unknown')
    )
    select r.person_id, m.before
    from marks m join registration r on r.id = m.registration_id
    where m.actor = $2 and m.at = (select max(o.at) from marks o where o.actor = $2)
      and r.attendance is not distinct from m.attendance and r.attendance_at = m.at
    order by r.person_id
"""


async def select_last_marks(conn: "Connection", gathering_id: int, actor: str) -> dict[int, str | None]:
    """Return what the people were marked as before somebody marked them last, by person."""
    found = await conn.fetch(SELECT_LAST_MARKS, gathering_id, actor)
    return {row["person_id"]: row["before"] for row in found}


SELECT_UNMARKED = """
    select person_id from registration
    where gathering_id = $1 and seat = 'seated' and partstat = 'accepted' and not facilitator
      and attendance is null and withdrawn_at is null
    order by person_id
"""


async def select_unmarked(conn: "Connection", gathering_id: int) -> list[int]:
    """List who has a seat and no mark; facilitators take no seat."""
    return [row["person_id"] for row in await conn.fetch(SELECT_UNMARKED, gathering_id)]


SELECT_OUTSIDERS = """
    select n.id from unnest($2::bigint[]) as n (id)
    where not exists (select from registration r where r.gathering_id = $1 and r.person_id = n.id)
      and not exists (select from membership m join gathering g on g.circle_id = m.circle_id
                      where g.id = $1 and m.person_id = n.id and m.state = 'active')
    order by 1
"""


async def select_outsiders(conn: "Connection", gathering_id: int, person_ids: Sequence[int]) -> list[int]:
    """List which people are neither registered for a gathering nor in its circle."""
    return [row["id"] for row in await conn.fetch(SELECT_OUTSIDERS, gathering_id, list(person_ids))]


@dataclass(frozen=True, slots=True)
class Passer:
    """Somebody who is not on the list; `member` of the circle or not."""

    person_id: int
    name: str
    organisation: str | None
    member: bool


SELECT_PASSERS = """
    select p.id as person_id, p.name, f.name as organisation, m.person_id is not null as member
    from person p
    left join lateral (
        select o.name from affiliation f join organisation o on o.id = f.organisation_id
        where f.person_id = p.id and f.until is null order by f.since, f.id limit 1
    ) f on true
    left join membership m on m.person_id = p.id and m.state = 'active'
        and m.circle_id = (select g.circle_id from gathering g where g.id = $1)
    where p.provisional_until is null and p.erased_at is null and ($3 or m.person_id is not null)
      and not exists (select from unnest($2::text[]) w (word)
                      where position(w.word in lower(p.name || ' ' || coalesce(f.name, ''))) = 0)
      and not exists (select from registration r where r.gathering_id = $1 and r.person_id = p.id
                      and r.withdrawn_at is null and r.invited_at is not null)
    order by m.person_id is null, lower(p.name), p.id limit $4
"""


async def select_passers(
    conn: "Connection", gathering_id: int, words: Sequence[str], *, outside: bool, limit: int
) -> list[Passer]:
    """Find people who are not on the list by parts of name and organisation; the circle's own first.

    `outside` looks in the whole association, else in the circle alone.
    """
    meant = [word.lower() for word in words]
    return rows.many(Passer, await conn.fetch(SELECT_PASSERS, gathering_id, meant, outside, limit))


SELECT_NAMESAKE = """
    select p.id from person p
    left join affiliation f on f.person_id = p.id and f.until is null
    left join organisation o on o.id = f.organisation_id
    where lower(p.name) = lower($1) and lower(coalesce(o.name, '')) = lower($2)
      and p.provisional_until is null and p.erased_at is null
    order by p.id limit 1
"""


async def select_namesake(conn: "Connection", name: str, organisation: str) -> int | None:
    """Find somebody of this name who works for an organisation of that name, or for none where it is empty."""
    found: int | None = await conn.fetchval(SELECT_NAMESAKE, name, organisation)
    return found


SELECT_TURNS = """
    with steps as (
        select h.registration_id, h.at, h.seat,
            lag(h.seat) over (partition by h.registration_id order by h.id) as before
        from registration_history h join registration r on r.id = h.registration_id
        where r.gathering_id = $1 and ($2::bigint[] is null or r.person_id = any($2))
    )
    select r.person_id, r.facilitator, r.partstat, r.seat, r.answered_at, r.attendance,
        max(s.at) filter (where s.seat = 'seated' and s.before in ('waiting', 'offered')) as moved_up_at,
        max(s.at) filter (where s.seat = 'none' and s.before = 'seated') as gave_up_at
    from registration r left join steps s on s.registration_id = r.id
    where r.gathering_id = $1 and ($2::bigint[] is null or r.person_id = any($2))
    group by r.id
"""


async def select_turns(conn: "Connection", gathering_id: int, person_ids: Sequence[int] | None = None) -> list[Turn]:
    """Read how it went for everybody who was on the list of a gathering, or for some of them."""
    only = None if person_ids is None else list(person_ids)
    return rows.many(Turn, await conn.fetch(SELECT_TURNS, gathering_id, only))
