"""How people stand at gatherings, with what is counted there: what the rules of seating are asked with.

Reads; what was decided is written in `service/store/registrations.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from service.model import Gathering
from service.store import gatherings, rows
from service.store.copies import Held

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class Standing:
    """A registration as the seating rules need it, with the counts of its gathering, itself left out of them."""

    id: int
    gathering_id: int
    person_id: int
    person_name: str
    organisation_id: int | None
    organisation: str | None
    facilitator: bool
    partstat: str
    seat: str
    waiting_reason: str | None
    approved: bool
    answered_at: datetime | None
    confirmed_sequence: int | None
    sequence: int
    dtstamp: datetime | None
    calendar_status: str | None
    invited_at: datetime | None
    withdrawn_at: datetime | None
    attendance: str | None
    provisional: bool
    generation: int
    taken: int
    organisation_taken: int
    waiting: int
    ahead: int  # of them in the queue; all of them for someone who is not in it
    mode: str | None

    def held(self) -> Held:
        """Return the copy in the person's calendar."""
        return Held(
            self.id,
            self.gathering_id,
            self.person_id,
            self.facilitator,
            self.partstat,
            self.seat,
            self.confirmed_sequence,
            self.sequence,
            self.dtstamp,
            self.calendar_status,
            self.mode,
        )


STANDING_COLUMNS = """
    r.id, r.gathering_id, r.person_id, p.name as person_name, r.organisation_id, o.name as organisation,
    r.facilitator, r.partstat, r.seat, r.waiting_reason, r.approved, r.answered_at, r.confirmed_sequence,
    r.sequence, r.dtstamp, r.calendar_status, r.invited_at, r.withdrawn_at, r.attendance,
    p.provisional_until is not null as provisional, r.generation, seats.taken, seats.organisation_taken,
    queue.waiting, queue.ahead, r.mode
"""

COUNTED = """
    registration r join person p on p.id = r.person_id left join organisation o on o.id = r.organisation_id
    cross join lateral (
        select count(*)::integer - (r.seat in ('seated', 'offered'))::integer as taken,
            (count(*) filter (where t.organisation_id = r.organisation_id))::integer
                - (r.seat in ('seated', 'offered') and r.organisation_id is not null)::integer as organisation_taken
        from registration t where t.gathering_id = r.gathering_id and t.seat in ('seated', 'offered')
    ) seats
    cross join lateral (
        select count(*)::integer - (r.queue_number is not null)::integer as waiting,
            (count(*) filter (where r.queue_number is null or t.queue_number < r.queue_number))::integer as ahead
        from registration t
        where t.gathering_id = r.gathering_id and t.seat = 'waiting' and t.queue_number is not null
    ) queue
"""

STANDING = f"select {STANDING_COLUMNS} from {COUNTED}"

SELECT_STANDING = f"{STANDING} where r.gathering_id = $1 and r.person_id = $2"


async def select_standing(conn: "Connection", gathering_id: int, person_id: int) -> Standing | None:
    """Read how a person stands at a gathering and how full it is; under the gathering's lock this cannot change."""
    return rows.one(Standing, await conn.fetchrow(SELECT_STANDING, gathering_id, person_id))


SELECT_STANDING_BY_ID = f"{STANDING} where r.id = $1"


async def select_standing_by_id(conn: "Connection", registration_id: int) -> Standing | None:
    """Read the same of a registration."""
    return rows.one(Standing, await conn.fetchrow(SELECT_STANDING_BY_ID, registration_id))


@dataclass(frozen=True, slots=True)
class Glance:
    """How a person stands at a gathering, read without its lock; true as long as nobody has taken the next turn."""

    gathering: Gathering
    standing: Standing
    turn: int


GLANCE = f"""
    select {gatherings.COLUMNS}, {STANDING_COLUMNS}, g.turn
    from {COUNTED} join ({gatherings.SOURCE}) on g.id = r.gathering_id
"""

GLANCE_AT = f"{GLANCE} where r.gathering_id = $1 and r.person_id = $2"


async def glance_at(conn: "Connection", gathering_id: int, person_id: int) -> Glance | None:
    """Read a gathering and how a person stands there, without waiting for anybody."""
    row = await conn.fetchrow(GLANCE_AT, gathering_id, person_id)
    return None if row is None else _glance(row)


GLANCE_BY_ID = f"{GLANCE} where r.id = $1"


async def glance_by_id(conn: "Connection", registration_id: int) -> Glance | None:
    """Read the same of a registration."""
    row = await conn.fetchrow(GLANCE_BY_ID, registration_id)
    return None if row is None else _glance(row)


GLANCES = f"{GLANCE} where r.id = any($1)"


async def glances(conn: "Connection", registration_ids: Sequence[int]) -> dict[int, Glance]:
    """Read the same of several registrations, all of one moment, by their ids."""
    seen = [_glance(row) for row in await conn.fetch(GLANCES, list(registration_ids))]
    return {one.standing.id: one for one in seen}


# As an array, for the planner would look for pairs in all registrations.
GLANCES_AT = f"""
    {GLANCE} where r.id = any(array(
        select i.id from unnest($1::bigint[], $2::bigint[]) as n (gathering_id, person_id)
        join registration i using (gathering_id, person_id)))
"""


async def glances_at(conn: "Connection", pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Glance]:
    """Read the same of gatherings and people, by those."""
    found = await conn.fetch(GLANCES_AT, [pair[0] for pair in pairs], [pair[1] for pair in pairs])
    seen = map(_glance, found)
    return {(one.gathering.id, one.standing.person_id): one for one in seen}


def _glance(row: Any) -> Glance:
    return Glance(*rows.split(row, Gathering, Standing), row["turn"])


SELECT_ONLINE = f"""
    {STANDING} where r.gathering_id = $1 and r.withdrawn_at is null and r.answered_at is not null
        and r.partstat in ('accepted', 'needs-action') and (r.mode = 'online' or (r.mode is null and not $2))
    order by r.answered_at, r.id
"""


async def select_online(conn: "Connection", gathering_id: int, *, chosen: bool) -> list[Standing]:
    """Read how those stand who said yes to joining online, in the order of their answers; each left out of the counts.

    With those who were asked anew and not told yet; `chosen` without those who had no choice.
    """
    return rows.many(Standing, await conn.fetch(SELECT_ONLINE, gathering_id, chosen))


SELECT_PENDING = f"""
    {STANDING} where r.gathering_id = $1 and r.waiting_reason = 'approval' order by r.answered_at, r.id
"""


async def select_pending(conn: "Connection", gathering_id: int) -> list[Standing]:
    """Read how those stand who wait for approval, in the order of asking; each with the same counts, them left out."""
    return rows.many(Standing, await conn.fetch(SELECT_PENDING, gathering_id))
