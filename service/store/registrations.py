"""Registrations in the database: answers, seats, the queue and the copies in people's calendars."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from service.model import Gathering
from service.rules.seating import Waiter
from service.store import gatherings, outbox, rows

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

    def held(self) -> "Held":
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


SELECT_PENDING = f"""
    {STANDING} where r.gathering_id = $1 and r.waiting_reason = 'approval' order by r.answered_at, r.id
"""


async def select_pending(conn: "Connection", gathering_id: int) -> list[Standing]:
    """Read how those stand who wait for approval, in the order of asking; each with the same counts, them left out."""
    return rows.many(Standing, await conn.fetch(SELECT_PENDING, gathering_id))


SELECT_JOINING = f"""
    {STANDING} where r.gathering_id = $1 and r.withdrawn_at is null and r.answered_at is not null
        and r.partstat in ('accepted', 'needs-action') and (r.mode = 'online' or (r.mode is null and not $2))
    order by r.answered_at, r.id
"""


async def select_joining(conn: "Connection", gathering_id: int, *, chosen: bool) -> list[Standing]:
    """Read how those stand who said yes to joining online, in the order of their answers; each left out of the counts.

    With those who were asked anew and not told yet; `chosen` without those who had no choice.
    """
    return rows.many(Standing, await conn.fetch(SELECT_JOINING, gathering_id, chosen))


FORGET_MODES = """
    update registration set mode = null,
        answered_at = case when partstat <> 'needs-action' then answered_at end,
        via = case when partstat <> 'needs-action' then via end
    where gathering_id = $1 and mode is not null
"""


async def forget_modes(conn: "Connection", gathering_id: int) -> None:
    """Forget how people said they come, where that is no question any more and everybody has been told."""
    await conn.execute(FORGET_MODES, gathering_id)


SELECT_LONGEST_WAITING = """
    select id, organisation_id, 0 as organisation_taken from registration
    where gathering_id = $1 and seat = 'waiting' and queue_number is not null order by queue_number limit $2
"""

SELECT_ELIGIBLE = """
    select id, organisation_id, organisation_taken from (
        select w.id, w.organisation_id, w.queue_number, coalesce(t.taken, 0)::integer as organisation_taken,
            row_number() over (partition by w.organisation_id order by w.queue_number) as turn
        from registration w
        left join (select organisation_id, count(*) as taken from registration
                   where gathering_id = $1 and seat in ('seated', 'offered')
                   group by organisation_id) t
            on t.organisation_id = w.organisation_id
        where w.gathering_id = $1 and w.seat = 'waiting' and w.queue_number is not null
    ) waiting
    where organisation_id is null or turn <= $2 - organisation_taken
    order by queue_number limit $3
"""


async def select_eligible(
    conn: "Connection", gathering_id: int, organisation_quota: int | None, limit: int | None
) -> list[Waiter]:
    """List the first people in the queue whom a free seat would suit, in its order; all of them without a limit.

    Reads the whole queue only where organisations have a quota.
    """
    if organisation_quota is None:
        found = await conn.fetch(SELECT_LONGEST_WAITING, gathering_id, limit)
    else:
        found = await conn.fetch(SELECT_ELIGIBLE, gathering_id, organisation_quota, limit)
    return [Waiter(row["id"], row["organisation_id"], row["organisation_taken"]) for row in found]


SELECT_FACILITATORS = """
    select person_id from membership where circle_id = $1 and role = 'facilitator' and state = 'active'
    order by person_id
"""


async def select_facilitators(conn: "Connection", circle_id: int) -> list[int]:
    """List the people who facilitate a circle."""
    return [row["person_id"] for row in await conn.fetch(SELECT_FACILITATORS, circle_id)]


SELECT_QUEUED = """
    select distinct gathering_id from registration
    where gathering_id = any($1) and seat = 'waiting' and queue_number is not null
    order by gathering_id
"""


async def select_queued(conn: "Connection", gathering_ids: Sequence[int]) -> list[int]:
    """List which of these gatherings have a queue."""
    return [row["gathering_id"] for row in await conn.fetch(SELECT_QUEUED, list(gathering_ids))]


SELECT_TAKEN = "select count(*) from registration where gathering_id = $1 and seat in ('seated', 'offered')"


async def select_taken(conn: "Connection", gathering_id: int) -> int:
    """Count the seats held: seated and offered."""
    return int(await conn.fetchval(SELECT_TAKEN, gathering_id))


@dataclass(frozen=True, slots=True)
class Held:
    """A registration with the copy in its person's calendar, as needed to write the next message about it."""

    id: int
    gathering_id: int
    person_id: int
    facilitator: bool
    partstat: str
    seat: str
    confirmed_sequence: int | None
    sequence: int
    dtstamp: datetime | None
    calendar_status: str | None
    mode: str | None = None


HELD = """
    r.id, r.gathering_id, r.person_id, r.facilitator, r.partstat, r.seat, r.confirmed_sequence, r.sequence, r.dtstamp,
    r.calendar_status, r.mode
"""

SELECT_HELD = f"""
    select {HELD} from registration r
    where r.gathering_id = any($1) and r.withdrawn_at is null and r.invited_at is not null order by r.id
"""


async def select_held(conn: "Connection", *gathering_ids: int) -> list[Held]:
    """List everyone who is invited to a gathering, or to one of several."""
    return rows.many(Held, await conn.fetch(SELECT_HELD, list(gathering_ids)))


SELECT_HELD_BY_ID = f"select {HELD} from registration r where r.id = any($1) order by r.id"


async def select_held_by_id(conn: "Connection", ids: Sequence[int]) -> list[Held]:
    """List registrations by their ids."""
    return rows.many(Held, await conn.fetch(SELECT_HELD_BY_ID, list(ids)))


SELECT_EXPIRED_OFFERS = """
    select distinct r.gathering_id from registration r
    join gathering g on g.id = r.gathering_id and g.status = 'published'
    where r.seat = 'offered' and r.offer_expires_at <= $1 order by r.gathering_id limit 100
"""


async def select_expired_offers(conn: "Connection", now: datetime) -> list[int]:
    """List the published gatherings in which an offer has run out."""
    return [row["gathering_id"] for row in await conn.fetch(SELECT_EXPIRED_OFFERS, now)]


SELECT_LATE = f"""
    select {HELD} from registration r
    where r.gathering_id = $1 and r.seat = 'offered' and r.offer_expires_at <= $2 order by r.offer_expires_at, r.id
"""


async def select_late(conn: "Connection", gathering_id: int, now: datetime) -> list[Held]:
    """List the people of a gathering whose offer has run out, the earliest first."""
    return rows.many(Held, await conn.fetch(SELECT_LATE, gathering_id, now))


SELECT_UNKNOWN_PEOPLE = """
    select n.id from unnest($1::bigint[]) as n (id)
    where not exists (select from person p where p.id = n.id and ($2 or p.erased_at is null)) order by 1
"""


async def select_unknown_people(conn: "Connection", person_ids: Sequence[int], *, past: bool = False) -> list[int]:
    """List the ids that are nobody's; `past`: those of people who are erased are somebody's."""
    return [row["id"] for row in await conn.fetch(SELECT_UNKNOWN_PEOPLE, list(person_ids), past)]


INVITE = f"""
    insert into registration as r (gathering_id, person_id, organisation_id, facilitator, uid, invited_at, created_at)
    select n.gathering_id, p.id,
        (select a.organisation_id from affiliation a where a.person_id = p.id and a.until is null
         order by a.since, a.id limit 1),
        coalesce((select m.role = 'facilitator' from membership m join gathering g on g.circle_id = m.circle_id
                  where g.id = n.gathering_id and m.person_id = p.id and m.state = 'active'), false),
        n.uid, case when $5 then $4::timestamptz end, $4
    from unnest($1::bigint[], $2::bigint[], $3::text[]) as n (gathering_id, person_id, uid)
    join person p on p.id = n.person_id and p.erased_at is null
    order by n.gathering_id, p.id
    on conflict (gathering_id, person_id) do update
        set invited_at = excluded.invited_at, withdrawn_at = null, organisation_id = excluded.organisation_id,
            facilitator = excluded.facilitator, partstat = 'needs-action', answered_at = null, via = null,
            confirmed_sequence = null, moved_sequence = r.sequence, mode = null
        where r.withdrawn_at is not null or ($5 and r.invited_at is null)
    returning {HELD}
"""


async def invite(
    conn: "Connection", pairs: Sequence[tuple[int, int]], uids: Sequence[str], *, counted: bool, now: datetime
) -> list[Held]:
    """Give people a registration, by gathering and person, and return the new ones and those of who had left.

    No pair may come twice. `counted` False makes the registration of a visitor who has not pressed the mailed link yet.
    """
    gathering_ids, person_ids = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return rows.many(Held, await conn.fetch(INVITE, gathering_ids, person_ids, list(uids), now, counted))


UPDATE_ANSWERED = "update registration set answered_at = $2 where id = $1"


async def update_answered(conn: "Connection", registration_id: int, answered_at: datetime) -> None:
    """Remember a later click that said the same: it outweighs what was clicked before it and arrives after it."""
    await conn.execute(UPDATE_ANSWERED, registration_id, answered_at)


# Numbers for the queue are drawn in the order of the list, not in the order in which the rows happen to be joined. The
# ids come a second time because the planner takes any list of JSON for a hundred rows and would read the whole table.
# Without the lock this waits for whoever holds it, finds that the turn has passed, and writes nothing.
SAVE = f"""
    with turn as (
        update gathering set turn = turn + 1 where id = $6 and turn = $7 returning id
    ), allowed as (
        select where $6::bigint is null or exists (select from turn)
    ), wanted as (
        select w.*, nextval('queue_number') as turn
        from allowed, jsonb_to_recordset($3) as w (id bigint, partstat text, seat text, waiting_reason text,
            requeue boolean, approved boolean, offer_expires_at timestamptz, answered_at timestamptz, via text,
            confirmed_sequence integer, reply_sequence integer, reply_dtstamp timestamptz, sequence integer,
            dtstamp timestamptz, calendar_status text, actor text, note text, mode text)
    ), changed as (
        update registration r set partstat = w.partstat, seat = w.seat, waiting_reason = w.waiting_reason,
            queue_number = case when w.waiting_reason in ('full', 'organisation')
                then case when w.requeue or r.queue_number is null then w.turn else r.queue_number end end,
            approved = w.approved, offer_expires_at = w.offer_expires_at, mode = coalesce(w.mode, r.mode),
            answered_at = coalesce(w.answered_at, r.answered_at), via = coalesce(w.via, r.via),
            confirmed_sequence = coalesce(w.confirmed_sequence, r.confirmed_sequence),
            reply_sequence = coalesce(w.reply_sequence, r.reply_sequence),
            reply_dtstamp = coalesce(w.reply_dtstamp, r.reply_dtstamp),
            sequence = w.sequence, dtstamp = w.dtstamp, calendar_status = w.calendar_status,
            invited_at = coalesce(r.invited_at, $2)
        from wanted w where r.id = w.id and r.id = any($5::bigint[])
    ), history as (
        insert into registration_history (registration_id, at, actor, via, partstat, seat, note)
        select id, $2, actor, via, partstat, seat, coalesce(note, '') from wanted
    ), notices as ({outbox.INSERT_NOTICES.replace("$1", "(select $1::jsonb from allowed)")}
    ), marked as (
        update feed set revision = revision + 1, changed_at = greatest(changed_at, $2)
        from (select f.id from allowed, feed f
              where f.person_id = any($4) and f.kind = 'person' and f.revoked_at is null
              order by f.id for update of f) of_theirs
        where feed.id = of_theirs.id
    )
    select exists (select from allowed)
"""


async def save(
    conn: "Connection",
    changes: Sequence[dict[str, Any]],
    notices: Sequence[dict[str, Any]],
    now: datetime,
    *,
    mark: Sequence[int] = (),
    seen: Glance | None = None,
) -> bool:
    """Write changed registrations with their history, what people must hear of it, and the mark on a person's feed.

    One statement, because it runs while the gathering's lock is held and every round trip makes others wait. Name the
    people to `mark` only where no feed is marked afterwards: a transaction marks feeds once (`service/store/feeds.py`).
    With what was `seen` the lock is not needed: everything is written at once or, where somebody has taken a turn since
    then, nothing. Returns whether it was written.
    """
    ids = [change["id"] for change in changes]
    place = (seen.gathering.id, seen.turn) if seen else (None, None)
    return bool(await conn.fetchval(SAVE, notices, now, changes, list(mark), ids, *place))
