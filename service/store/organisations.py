"""Organisations in the database; who works for them is in `service/store/people.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.model import Organisation
from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection

INSERT_ORGANISATION = """
    insert into organisation (name, domains, created_at) values ($1, $2, $3)
    on conflict (lower(name)) do nothing
    returning id, name, domains
"""


async def insert_organisation(
    conn: "Connection", name: str, domains: Sequence[str], now: datetime
) -> Organisation | None:
    """Add an organisation; None when the name is taken, in whatever case."""
    return rows.one(Organisation, await conn.fetchrow(INSERT_ORGANISATION, name, domains, now))


# The update changes nothing; it makes the row of whoever came first be returned, and holds it.
FIND_OR_ADD = """
    insert into organisation (name, created_at) values ($1, $2)
    on conflict (lower(name)) do update set name = organisation.name
    returning id
"""


async def find_or_add(conn: "Connection", name: str, now: datetime) -> int:
    """Return the organisation of a name, in whatever case, added as a guest where there is none yet."""
    return int(await conn.fetchval(FIND_OR_ADD, name, now))


SELECT_ORGANISATIONS = "select id, name, domains from organisation where id > $1 order by id limit $2"


async def select_organisations(conn: "Connection", after: int, limit: int) -> list[Organisation]:
    """Read a page of organisations in the order of their ids."""
    return rows.many(Organisation, await conn.fetch(SELECT_ORGANISATIONS, after, limit))


@dataclass(frozen=True, slots=True)
class Peopled:
    """An organisation with how many people work for it now."""

    id: int
    name: str
    domains: list[str]
    people: int


SELECT_ORGANISATIONS_FOUND = """
    select o.id, o.name, o.domains, (
        select count(*) from affiliation f where f.organisation_id = o.id and f.until is null)::integer as people
    from organisation o
    where (position($1 in lower(o.name)) > 0 or exists (select from unnest(o.domains) d where position($1 in d) > 0))
      and ($2::bigint is null
           or (lower(o.name), o.id) > (select lower(q.name), q.id from organisation q where q.id = $2))
    order by lower(o.name), o.id limit $3
"""


async def select_organisations_found(conn: "Connection", words: str, after: int | None, limit: int) -> list[Peopled]:
    """Read a page of organisations by name, behind one of them; `words` of a name or a domain."""
    return rows.many(Peopled, await conn.fetch(SELECT_ORGANISATIONS_FOUND, words.lower(), after, limit))


SELECT_NAMES = "select id, name from organisation order by lower(name), id"


async def select_names(conn: "Connection") -> dict[int, str]:
    """Read what every organisation is called, in the order of their names."""
    return {row["id"]: row["name"] for row in await conn.fetch(SELECT_NAMES)}


SELECT_ORGANISATION = "select id, name, domains from organisation where id = $1"


async def select_organisation(conn: "Connection", organisation_id: int) -> Organisation | None:
    """Read one organisation."""
    return rows.one(Organisation, await conn.fetchrow(SELECT_ORGANISATION, organisation_id))


UPDATE_ORGANISATION = """
    update organisation o set name = $2, domains = $3
    where id = $1 and not exists (select from organisation x where lower(x.name) = lower($2) and x.id <> $1)
    returning id
"""


async def update_organisation(conn: "Connection", organisation_id: int, name: str, domains: Sequence[str]) -> bool:
    """Rename an organisation and set its domains; False when another one has the name."""
    return await conn.fetchval(UPDATE_ORGANISATION, organisation_id, name, list(domains)) is not None


ORGANISATION_EXISTS = "select exists (select from organisation where id = $1)"


async def organisation_exists(conn: "Connection", organisation_id: int) -> bool:
    """Tell whether there is an organisation of this id."""
    return bool(await conn.fetchval(ORGANISATION_EXISTS, organisation_id))
