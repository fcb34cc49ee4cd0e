"""Somebody to speak as, in the chat of the demo: people of each sort; the lists of the team are in `people`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody who was found, and what they are to the association."""

    id: int
    name: str
    email: str
    role: str
    leads: bool  # a circle


# Without words: some of each sort, staff and facilitators and members by turns.
SELECT_FOUND = """
    select id, name, email, role, leads from (
        select p.id, p.name, a.value as email, p.role, l.leads,
            row_number() over (partition by p.role, l.leads order by p.id) as turn
        from person p
        join address a on a.person_id = p.id and a.channel = 'mail' and a.is_primary
        cross join lateral (select exists (select from membership m where m.person_id = p.id and m.state = 'active'
                                           and m.role = 'facilitator') as leads) l
        where position($1 in lower(p.name)) > 0 or position($1 in lower(a.value)) > 0
    ) found
    order by case when $1 = '' then turn end, role desc, leads desc, lower(name), id limit $2
"""


async def select_found(conn: "Connection", words: str, limit: int) -> list[Found]:
    """Find people whose name or primary mail address holds these words, in whatever case."""
    return rows.many(Found, await conn.fetch(SELECT_FOUND, words.lower(), limit))
