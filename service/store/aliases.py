"""Addresses from which somebody answered in a person's name, until somebody has decided whether they are theirs."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class Proposal:
    """An address that a person seems to have besides, and the one by which they are known."""

    person_id: int
    person: str
    known: str | None
    value: str
    proposed_at: datetime


# An address that is somebody's already is proposed to nobody.
PROPOSE_ALIAS = """
    insert into alias_proposal (person_id, value, proposed_at)
    select $1, $2, $3 where not exists (select from address a where a.channel = 'mail' and a.value = $2)
    on conflict (person_id, value) do update set proposed_at = $3
    returning person_id
"""


async def propose_alias(conn: "Connection", person_id: int, value: str, now: datetime) -> bool:
    """Remember an address that somebody seems to have besides; False where it is known already."""
    return await conn.fetchval(PROPOSE_ALIAS, person_id, value, now) is not None


SELECT_PROPOSALS = """
    select n.person_id, p.name as person, a.value as known, n.value, n.proposed_at
    from alias_proposal n join person p on p.id = n.person_id
    left join address a on a.person_id = p.id and a.channel = 'mail' and a.is_primary
    order by n.proposed_at, n.person_id, n.value limit $1
"""


async def select_proposals(conn: "Connection", limit: int) -> list[Proposal]:
    """List what waits for a decision, the oldest first."""
    return rows.many(Proposal, await conn.fetch(SELECT_PROPOSALS, limit))


DROP_PROPOSAL = "delete from alias_proposal where person_id = $1 and value = $2 returning person_id"


async def drop_proposal(conn: "Connection", person_id: int, value: str) -> bool:
    """Forget a proposal; False when there is none."""
    return await conn.fetchval(DROP_PROPOSAL, person_id, value) is not None


ADD_ALIAS = """
    insert into address (person_id, channel, value, is_primary, verified_at, created_at)
    values ($1, 'mail', $2, false, $3, $3) on conflict (channel, value) do nothing returning id
"""


async def add_alias(conn: "Connection", person_id: int, value: str, now: datetime) -> bool:
    """Give a person one more address, which mail does not go to; False when it is somebody's already."""
    return await conn.fetchval(ADD_ALIAS, person_id, value, now) is not None
