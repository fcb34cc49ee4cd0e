"""Who is registered, as people read it: the roster, one's own registrations, one answer page, the counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.model import Registration
from service.store import rows

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
    r.attendance, r.generation, r.withdrawn_at, r.mode
"""
"""The columns of `service.model.Registration`."""

SOURCE = "registration r join person p on p.id = r.person_id left join organisation o on o.id = r.organisation_id"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many stand where at one gathering: `invited` is everybody, all else without those who lead it.

    They take no seat, so that who comes is the same number wherever it is told.
    """

    invited: int = 0
    accepted: int = 0
    tentative: int = 0
    declined: int = 0
    needs_action: int = 0
    seated: int = 0
    offered: int = 0
    waiting: int = 0
    present: int = 0
    online: int = 0
    facilitators: int = 0  # who have not said no


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


SELECT_BY_ID = f"select {COLUMNS} from {SOURCE} where r.id = $1"


async def select_by_id(conn: "Connection", registration_id: int) -> Registration | None:
    """Read one registration."""
    return rows.one(Registration, await conn.fetchrow(SELECT_BY_ID, registration_id))


SELECT_MINE = f"""
    select {COLUMNS} from {SOURCE} join gathering g on g.id = r.gathering_id
    where r.person_id = $1 and r.withdrawn_at is null and r.invited_at is not null and g.status <> 'draft'
      and g.ends_at > $2
    order by g.starts_at, g.id limit 500
"""


async def select_mine(conn: "Connection", person_id: int, since: datetime) -> list[Registration]:
    """List a person's registrations for gatherings that end after `since`, in order of time."""
    return rows.many(Registration, await conn.fetch(SELECT_MINE, person_id, since))


@dataclass(frozen=True, slots=True)
class Contact:
    """How a person is written to: primary mail address, None without one, and language."""

    email: str | None
    language: str


SELECT_CONTACT = """
    select (select a.value from address a where a.person_id = p.id and a.channel = 'mail'
            order by a.is_primary desc, a.id limit 1) as email, p.language
    from person p where p.id = $1
"""


async def select_contact(conn: "Connection", person_id: int) -> Contact | None:
    """Read how a person is written to."""
    return rows.one(Contact, await conn.fetchrow(SELECT_CONTACT, person_id))


SELECT_COUNTS = """
    select gathering_id,
        count(*)::integer as invited,
        count(*) filter (where not facilitator and partstat = 'accepted')::integer as accepted,
        count(*) filter (where not facilitator and partstat = 'tentative')::integer as tentative,
        count(*) filter (where not facilitator and partstat = 'declined')::integer as declined,
        count(*) filter (where not facilitator and partstat = 'needs-action')::integer as needs_action,
        count(*) filter (where seat = 'seated')::integer as seated,
        count(*) filter (where seat = 'offered')::integer as offered,
        count(*) filter (where seat = 'waiting')::integer as waiting,
        count(*) filter (where not facilitator and attendance = 'present')::integer as present,
        count(*) filter (where not facilitator and partstat = 'accepted' and mode = 'online' and seat = 'none')::integer
            as online,
        count(*) filter (where facilitator and partstat <> 'declined')::integer as facilitators
    from registration
    where gathering_id = any($1) and withdrawn_at is null and invited_at is not null
    group by gathering_id
"""


async def select_counts(conn: "Connection", gathering_ids: Sequence[int]) -> dict[int, Counts]:
    """Count who stands where, for many gatherings at once; zeros where nobody is invited."""
    counted = {gathering_id: Counts() for gathering_id in gathering_ids}
    for row in await conn.fetch(SELECT_COUNTS, list(gathering_ids)):
        values = dict(row)
        gathering_id = values.pop("gathering_id")
        counted[gathering_id] = Counts(**values)
    return counted
