"""Who is registered, as people read it: the roster, one's own registrations, one answer page, the counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.model import Gathering, Registration
from service.store import gatherings, rows

if TYPE_CHECKING:
    from service.database import Connection

POSITION = """
    case when r.seat = 'waiting' and r.queue_number is not null then
        (select count(*) from registration q where q.gathering_id = r.gathering_id and q.seat = 'waiting'
         and q.queue_number <= r.queue_number)::integer end as position
"""

COLUMNS = f"""
    r.id, r.gathering_id, r.person_id, p.name as person_name, r.organisation_id, o.name as organisation, r.facilitator,
    r.partstat, r.seat, r.waiting_reason, {POSITION}, r.offer_expires_at, r.answered_at, r.via, r.confirmed_sequence,
    r.attendance, r.generation, r.withdrawn_at
"""
"""The columns of `service.model.Registration`."""

SOURCE = "registration r join person p on p.id = r.person_id left join organisation o on o.id = r.organisation_id"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many stand where at one gathering."""

    invited: int = 0
    accepted: int = 0
    tentative: int = 0
    declined: int = 0
    needs_action: int = 0
    seated: int = 0
    offered: int = 0
    waiting: int = 0
    present: int = 0


@dataclass(frozen=True, slots=True)
class Ticket:
    """A person's own view of one gathering: what it is, and how they stand."""

    gathering: Gathering
    registration: Registration
    email: str | None
    language: str


SELECT_ROSTER = f"""
    select {COLUMNS} from {SOURCE}
    where r.gathering_id = $1 and r.withdrawn_at is null and r.invited_at is not null
    order by case when r.facilitator then 4 when r.seat = 'seated' then 1 when r.seat = 'offered' then 2
             when r.seat = 'waiting' then 3 when r.partstat = 'accepted' then 1 when r.partstat = 'tentative' then 5
             when r.partstat = 'needs-action' then 6 else 7 end,
        r.queue_number nulls last, lower(p.name), r.id
"""


async def select_roster(conn: "Connection", gathering_id: int) -> list[Registration]:
    """List everyone invited: seated, offered, waiting in turn, facilitators, tentative, silent, declined."""
    return rows.many(Registration, await conn.fetch(SELECT_ROSTER, gathering_id))


SELECT_REGISTRATION = f"select {COLUMNS} from {SOURCE} where r.gathering_id = $1 and r.person_id = $2"


async def select_registration(conn: "Connection", gathering_id: int, person_id: int) -> Registration | None:
    """Read one person's registration for one gathering."""
    return rows.one(Registration, await conn.fetchrow(SELECT_REGISTRATION, gathering_id, person_id))


TICKET = f"""
    (select row_to_json(x) from (select {gatherings.COLUMNS}) x) as gathering
"""
