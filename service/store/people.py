"""People in the database, with the organisation they work for; where to reach them is in `addresses.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.model import Person
from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection

# The primary affiliation is the current one that began first.
PERSON = """
    select p.id, p.name, p.language, p.role, p.preferred_channel, p.provisional_until, m.value as email,
        f.organisation_id, f.organisation, f.title
    from person p
    left join address m on m.person_id = p.id and m.channel = 'mail' and m.is_primary
    left join lateral (
        select f.organisation_id, o.name as organisation, f.title
        from affiliation f join organisation o on o.id = f.organisation_id
        where f.person_id = p.id and f.until is null
        order by f.since, f.id limit 1
    ) f on true
"""
"""The columns of `service.model.Person`."""

SELECT_PERSON = f"{PERSON} where p.id = $1 and p.erased_at is null"


async def select_person(conn: "Connection", person_id: int) -> Person | None:
    """Read one person."""
    return rows.one(Person, await conn.fetchrow(SELECT_PERSON, person_id))


SELECT_PERSON_BY_ADDRESS = f"""
    {PERSON} where p.id = (select a.person_id from address a where a.channel = $1 and a.value = $2)
"""


async def select_person_by_address(conn: "Connection", channel: str, value: str) -> Person | None:
    """Read the person whose address this is, primary or not; `value` as it is kept."""
    return rows.one(Person, await conn.fetchrow(SELECT_PERSON_BY_ADDRESS, channel, value))


SELECT_PERSON_BY_TRUSTED_MAIL = f"""
    {PERSON} where p.id = (select a.person_id from address a
                            where a.channel = 'mail' and a.value = $1 and a.verified_at is not null)
"""


async def select_person_by_trusted_mail(conn: "Connection", value: str) -> Person | None:
    """Read the person whose trusted mail address this is."""
    return rows.one(Person, await conn.fetchrow(SELECT_PERSON_BY_TRUSTED_MAIL, value))


SELECT_PEOPLE = f"{PERSON} where p.id > $1 and p.erased_at is null order by p.id limit $2"


async def select_people(conn: "Connection", after: int, limit: int) -> list[Person]:
    """Read a page of people in the order of their ids."""
    return rows.many(Person, await conn.fetch(SELECT_PEOPLE, after, limit))


# The organisation is looked up for the page alone.
SELECT_PEOPLE_FOUND = f"""
    {PERSON}
    where p.id in (
        select p.id from person p
        where (position($1 in lower(p.name)) > 0
               or exists (select from address a where a.person_id = p.id and position($1 in lower(a.value)) > 0
                          and a.channel = 'mail')
               or exists (select from affiliation f join organisation o on o.id = f.organisation_id
                          where f.person_id = p.id and f.until is null and position($1 in lower(o.name)) > 0))
          and p.erased_at is null
          and ($2::bigint is null
               or (lower(p.name), p.id) > (select lower(q.name), q.id from person q where q.id = $2))
        order by lower(p.name), p.id limit $3)
    order by lower(p.name), p.id
"""


async def select_people_found(conn: "Connection", words: str, after: int | None, limit: int) -> list[Person]:
    """Read a page of people by name, behind a person; `words` of a name, a mail address or an organisation."""
    return rows.many(Person, await conn.fetch(SELECT_PEOPLE_FOUND, words.lower(), after, limit))


SELECT_UNKNOWN_PEOPLE = """
    select n.id from unnest($1::bigint[]) as n (id)
    where not exists (select from person p where p.id = n.id and ($2 or p.erased_at is null)) order by 1
"""


async def select_unknown_people(conn: "Connection", person_ids: Sequence[int], *, past: bool = False) -> list[int]:
    """List the ids that are nobody's; `past`: those of people who are erased are somebody's."""
    return [row["id"] for row in await conn.fetch(SELECT_UNKNOWN_PEOPLE, list(person_ids), past)]


LOCK_PERSON = "select role from person where id = $1 and erased_at is null for no key update"


async def lock_person(conn: "Connection", person_id: int) -> str | None:
    """Hold a person until the transaction ends and return their role; None when there is no such person."""
    role: str | None = await conn.fetchval(LOCK_PERSON, person_id)
    return role


INSERT_PERSON = "insert into person (name, language, role, created_at) values ($1, $2, $3, $4) returning id"


async def insert_person(conn: "Connection", name: str, language: str, role: str, now: datetime) -> int:
    """Add a person and return the id."""
    return int(await conn.fetchval(INSERT_PERSON, name, language, role, now))


UPDATE_PERSON = """
    update person set name = coalesce($2, name), language = coalesce($3, language), role = coalesce($4, role)
    where id = $1
"""


async def update_person(
    conn: "Connection", person_id: int, *, name: str | None = None, language: str | None = None, role: str | None = None
) -> None:
    """Change what is given and leave the rest."""
    await conn.execute(UPDATE_PERSON, person_id, name, language, role)


HAS_ADMIN = "select exists (select from person where role = 'admin')"


async def has_admin(conn: "Connection") -> bool:
    """Tell whether anybody is an admin."""
    return bool(await conn.fetchval(HAS_ADMIN))


HAS_OTHER_ADMIN = "select exists (select from person where role = 'admin' and id <> $1)"


async def has_other_admin(conn: "Connection", person_id: int) -> bool:
    """Tell whether anybody else is an admin."""
    return bool(await conn.fetchval(HAS_OTHER_ADMIN, person_id))


KEEP_PERSON = "update person set provisional_until = null where id = $1 and provisional_until is not null"


async def keep_person(conn: "Connection", person_id: int) -> None:
    """Make a visitor who would be forgotten a person like any other."""
    await conn.execute(KEEP_PERSON, person_id)


END_AFFILIATIONS = """
    update affiliation set until = greatest(since, $3::date)
    where person_id = $1 and until is null and organisation_id is distinct from $2
"""


async def end_affiliations(conn: "Connection", person_id: int, *, keep: int | None, now: datetime) -> None:
    """End what a person's current affiliations are, except the one with the organisation `keep`."""
    await conn.execute(END_AFFILIATIONS, person_id, keep, now.date())


SET_AFFILIATION = """
    insert into affiliation (person_id, organisation_id, title, since) values ($1, $2, coalesce($3, ''), $4::date)
    on conflict (person_id, organisation_id) where until is null
    do update set title = $3 where $3 is not null and affiliation.title <> $3
"""


async def set_affiliation(
    conn: "Connection", person_id: int, organisation_id: int, title: str | None, now: datetime
) -> None:
    """Let a person work for an organisation from now on, or still; a title of None leaves the title."""
    await conn.execute(SET_AFFILIATION, person_id, organisation_id, title, now.date())


SET_TITLE = "update affiliation set title = $2 where person_id = $1 and until is null"


async def set_title(conn: "Connection", person_id: int, title: str) -> None:
    """Change the title of a person where they work now."""
    await conn.execute(SET_TITLE, person_id, title)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person is to the association and to its circles."""

    role: str
    member_of: list[int]
    facilitates: list[int]


SELECT_STANDING = """
    select p.role, coalesce(array_agg(m.circle_id) filter (where m.circle_id is not null), '{}') as member_of,
        coalesce(array_agg(m.circle_id) filter (where m.role = 'facilitator'), '{}') as facilitates
    from person p left join membership m on m.person_id = p.id and m.state = 'active'
    where p.id = $1 and p.erased_at is null
    group by p.id
"""


async def select_standing(conn: "Connection", person_id: int) -> Standing | None:
    """Read what `service.rules.access` needs to know of a person."""
    return rows.one(Standing, await conn.fetchrow(SELECT_STANDING, person_id))
