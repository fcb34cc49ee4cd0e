"""Organisations in the database; who works for them is in `service/store/people.py`."""

from collections.abc import Sequence
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


ORGANISATION_EXISTS = "select exists (select from organisation where id = $1)"


async def organisation_exists(conn: "Connection", organisation_id: int) -> bool:
    """Tell whether there is an organisation of this id."""
    return bool(await conn.fetchval(ORGANISATION_EXISTS, organisation_id))
