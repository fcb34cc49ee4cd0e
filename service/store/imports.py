"""A file of people taken into the database with a handful of statements, however many people it holds.

Each statement writes only what differs, so that the same file again writes no row. Whether what they wrote stands is
decided in `service/actions/importing.py`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from service.formats.people_rows import PersonRow
from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection

LOCK_IMPORT = "select pg_advisory_xact_lock(hashtext('kring import people'))"


async def lock_import(conn: "Connection") -> None:
    """Wait until no other import of people is under way."""
    await conn.execute(LOCK_IMPORT)


CREATE_INCOMING = """
    create temp table incoming (
        line integer, name text, emails text, language text, organisation text, title text, role text, circles text
    ) on commit drop
"""


async def copy_incoming(conn: "Connection", people: Iterable[PersonRow]) -> None:
    """Bring the rows of a file into the database, for this transaction only."""
    await conn.execute(CREATE_INCOMING)
    await conn.copy_records_to_table("incoming", records=people, columns=PersonRow._fields)


INSERT_ORGANISATIONS = """
    insert into organisation (name, created_at)
    select distinct on (lower(i.organisation)) i.organisation, $1
    from incoming i
    where i.organisation <> '' and not exists (select from organisation o where lower(o.name) = lower(i.organisation))
    order by lower(i.organisation), i.line
    on conflict (lower(name)) do nothing
"""


async def insert_organisations(conn: "Connection", now: datetime) -> None:
    """Add the organisations that the file names and nobody knew."""
    await conn.execute(INSERT_ORGANISATIONS, now)


# `people` counts whom the addresses of a row belong to; `held_role` is what the person was before.
CREATE_ARRIVING = """
    create temp table arriving on commit drop as
    select i.line, i.name, string_to_array(i.emails, ' ') as emails, i.language, o.id as organisation_id, i.title,
        i.role, string_to_array(i.circles, ' ') as circles, k.person_id is null as fresh,
        coalesce(k.person_id, nextval('person_id_seq')) as person_id, coalesce(k.people, 0) as people,
        p.role as held_role
    from incoming i
    left join (
        select i.line, min(a.person_id) as person_id, count(distinct a.person_id) as people
        from incoming i
        cross join string_to_table(i.emails, ' ') e (value)
        join address a on a.channel = 'mail' and a.value = e.value
        group by i.line
    ) k on k.line = i.line
    left join person p on p.id = k.person_id
    left join organisation o on lower(o.name) = lower(i.organisation)
    order by i.line
"""


async def match_people(conn: "Connection") -> None:
    """Find which rows are of people who are there already, by any of their addresses; the others get an id."""
    await conn.execute(CREATE_ARRIVING)
    await conn.execute("analyze arriving")


@dataclass(frozen=True, slots=True)
class Clash:
    """A row that does not fit what is there: whose addresses are two people's, a person twice, a circle unknown."""

    line: int
    kind: str
    detail: str


SELECT_CLASHES = """
    select line, 'ambiguous' as kind, '' as detail from arriving where people > 1
    union all
    select line, 'twice', first::text
    from (select line, min(line) over (partition by person_id) as first from arriving where people = 1) same
    where line > first
    union all
    select a.line, 'circle', ltrim(s.slug, '*')
    from arriving a cross join unnest(a.circles) s (slug) left join circle c on c.slug = ltrim(s.slug, '*')
    where c.id is null
    order by line
"""


async def select_clashes(conn: "Connection") -> list[Clash]:
    """Read the rows that cannot be taken in, in the order of their lines."""
    return rows.many(Clash, await conn.fetch(SELECT_CLASHES))


INSERT_PEOPLE = """
    insert into person (id, name, language, role, created_at) overriding system value
    select person_id, name, coalesce(nullif(language, ''), $1), coalesce(nullif(role, ''), 'member'), $2
    from arriving where fresh order by line
"""


async def insert_people(conn: "Connection", language: str, now: datetime) -> None:
    """Add the people who are new; `language` where the file says nothing."""
    await conn.execute(INSERT_PEOPLE, language, now)


SELECT_KNOWN = "select person_id from arriving where not fresh order by 1"


async def select_known(conn: "Connection") -> list[int]:
    """List the people of the file who were known before."""
    return [row["person_id"] for row in await conn.fetch(SELECT_KNOWN)]


UPDATE_PEOPLE = """
    update person p
    set name = a.name, language = coalesce(nullif(a.language, ''), p.language),
        role = coalesce(nullif(a.role, ''), p.role), provisional_until = null
    from arriving a
    where p.id = a.person_id and not a.fresh
        and (p.name <> a.name or a.language not in ('', p.language) or a.role not in ('', p.role)
             or p.provisional_until is not null)
    returning p.id
"""


async def update_people(conn: "Connection") -> list[int]:
    """Change the names, languages and roles that differ and return whose."""
    return _ids(await conn.fetch(UPDATE_PEOPLE))


DEMOTE_ADDRESSES = """
    update address x set is_primary = false
    from arriving a
    where x.person_id = a.person_id and not a.fresh and x.channel = 'mail' and x.is_primary and x.value <> a.emails[1]
    returning x.person_id
"""


async def demote_addresses(conn: "Connection") -> list[int]:
    """Make room for the primary addresses that the file names, and return whose."""
    return _ids(await conn.fetch(DEMOTE_ADDRESSES))


UPDATE_ADDRESSES = """
    update address x set verified_at = coalesce(x.verified_at, $1), is_primary = x.is_primary or x.value = a.emails[1]
    from arriving a cross join unnest(a.emails) e (value)
    where not a.fresh and x.channel = 'mail' and x.value = e.value
        and (x.verified_at is null or (x.value = a.emails[1] and not x.is_primary))
    returning x.person_id
"""


async def update_addresses(conn: "Connection", now: datetime) -> list[int]:
    """Trust the addresses that the file names, make the first of each person the primary one, and return whose."""
    return _ids(await conn.fetch(UPDATE_ADDRESSES, now))


# How an insert tells whose rows it added, of the people who were there before.
_OF_KNOWN = "select distinct id from added where id in (select person_id from arriving where not fresh)"

INSERT_ADDRESSES = f"""
    with added (id) as (
        insert into address (person_id, channel, value, is_primary, verified_at, created_at)
        select a.person_id, 'mail', e.value, e.place = 1, $1, $1
        from arriving a cross join unnest(a.emails) with ordinality e (value, place)
        where a.fresh or not exists (select from address x where x.channel = 'mail' and x.value = e.value)
        returning person_id
    )
    {_OF_KNOWN}
"""


async def insert_addresses(conn: "Connection", now: datetime) -> list[int]:
    """Add the addresses that are new and return which people known before got one."""
    return _ids(await conn.fetch(INSERT_ADDRESSES, now))


END_AFFILIATIONS = """
    update affiliation f set until = greatest(f.since, $1::date)
    from arriving a
    where not a.fresh and f.person_id = a.person_id and f.until is null and f.organisation_id <> a.organisation_id
        and not exists (select from affiliation h
                        where h.person_id = a.person_id and h.organisation_id = a.organisation_id and h.until is null)
    returning f.person_id
"""


async def end_affiliations(conn: "Connection", now: datetime) -> list[int]:
    """End the affiliations of the people whom the file knows elsewhere, and return whose."""
    return _ids(await conn.fetch(END_AFFILIATIONS, now.date()))


UPDATE_AFFILIATIONS = """
    update affiliation f set title = a.title
    from arriving a
    where not a.fresh and f.person_id = a.person_id and f.organisation_id = a.organisation_id and f.until is null
        and a.title not in ('', f.title)
    returning f.person_id
"""


async def update_affiliations(conn: "Connection") -> list[int]:
    """Change the titles that differ and return whose."""
    return _ids(await conn.fetch(UPDATE_AFFILIATIONS))


INSERT_AFFILIATIONS = f"""
    with added (id) as (
        insert into affiliation (person_id, organisation_id, title, since)
        select a.person_id, a.organisation_id, a.title, $1::date
        from arriving a
        where a.organisation_id is not null
            and (a.fresh or not exists (select from affiliation h where h.person_id = a.person_id
                                            and h.organisation_id = a.organisation_id and h.until is null))
        returning person_id
    )
    {_OF_KNOWN}
"""


async def insert_affiliations(conn: "Connection", now: datetime) -> list[int]:
    """Add the affiliations that are new and return which people known before got one."""
    return _ids(await conn.fetch(INSERT_AFFILIATIONS, now.date()))


_PLACES = """
    (select a.fresh, a.person_id, c.id as circle_id,
         case when s.slug like '*%' then 'facilitator' else 'participant' end as role
     from arriving a cross join unnest(a.circles) s (slug) join circle c on c.slug = ltrim(s.slug, '*')) a
"""

# Who has left a circle stays out: only they and its facilitators take that back.
UPDATE_MEMBERSHIPS = f"""
    update membership m
    set state = 'active', since = case when m.state = 'active' then m.since else $1 end,
        role = case when 'facilitator' in (m.role, a.role) then 'facilitator' else m.role end
    from {_PLACES}
    where not a.fresh and m.circle_id = a.circle_id and m.person_id = a.person_id and m.state <> 'left'
        and (m.state = 'requested' or (a.role = 'facilitator' and m.role <> 'facilitator'))
    returning m.person_id
"""


async def update_memberships(conn: "Connection", now: datetime) -> list[int]:
    """Let in who asked to be, make facilitators of those the file calls so, and return whom."""
    return _ids(await conn.fetch(UPDATE_MEMBERSHIPS, now))


INSERT_MEMBERSHIPS = f"""
    with added (id) as (
        insert into membership (circle_id, person_id, role, state, since)
        select a.circle_id, a.person_id, a.role, 'active', $1
        from {_PLACES}
        where a.fresh
            or not exists (select from membership m where m.circle_id = a.circle_id and m.person_id = a.person_id)
        returning person_id
    )
    {_OF_KNOWN}
"""


async def insert_memberships(conn: "Connection", now: datetime) -> list[int]:
    """Add the memberships that are new and return which people known before got one."""
    return _ids(await conn.fetch(INSERT_MEMBERSHIPS, now))


# A group that had too many already is no fault of a file that adds nobody to it.
SELECT_OVERFULL = """
    select a.line, ltrim(s.slug, '*') as slug
    from arriving a cross join unnest(a.circles) s (slug)
    join circle c on c.slug = ltrim(s.slug, '*') join circle_kind k on k.name = c.kind
    join membership m on m.circle_id = c.id and m.person_id = a.person_id and m.state = 'active' and m.since = $1
    where k.most_members is not null and (k.facilitators_count or m.role = 'participant')
      and k.most_members < (
          select count(*) from membership t
          where t.circle_id = c.id and t.state = 'active' and (k.facilitators_count or t.role = 'participant'))
    order by a.line
"""


async def select_overfull(conn: "Connection", now: datetime) -> list[tuple[int, str]]:
    """Read the lines that let somebody, just now, into a group that has more members than it takes; each with it."""
    return [(row["line"], row["slug"]) for row in await conn.fetch(SELECT_OVERFULL, now)]


SELECT_TOUCHED_ADMINS = """
    select line from arriving
    where (role = 'admin' or held_role = 'admin') and (fresh or person_id = any($1::bigint[]))
    order by line
"""


async def select_touched_admins(conn: "Connection", changed: Iterable[int]) -> list[int]:
    """Read the lines that make an admin or change one; `changed` are the people whom the file changes."""
    return [row["line"] for row in await conn.fetch(SELECT_TOUCHED_ADMINS, list(changed))]


SELECT_LAST_ADMINS = """
    select line from arriving
    where held_role = 'admin' and not exists (select from person where role = 'admin')
    order by line
"""


async def select_last_admins(conn: "Connection") -> list[int]:
    """Read the lines that take the role from admins so that nobody is one any more."""
    return [row["line"] for row in await conn.fetch(SELECT_LAST_ADMINS)]


COUNT_ARRIVING = "select count(*) filter (where fresh) as fresh, count(*) as everyone from arriving"


async def count_arriving(conn: "Connection") -> tuple[int, int]:
    """Count the people who are new and all the people of the file."""
    row = await conn.fetchrow(COUNT_ARRIVING)
    assert row is not None
    return row["fresh"], row["everyone"]


DROP_TABLES = "drop table incoming, arriving"


async def drop_tables(conn: "Connection") -> None:
    """Forget the file, so that another may follow in the same transaction."""
    await conn.execute(DROP_TABLES)


def _ids(found: Sequence[Any]) -> list[int]:
    return [row[0] for row in found]
