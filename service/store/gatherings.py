"""Gatherings in the database, read, locked and written; how people stand at them is in `standings`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from service.model import Gathering
from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection

COLUMNS = """
    g.id, g.uid, g.circle_id, c.slug as circle_slug, c.title_nl as circle_title_nl, c.title_en as circle_title_en,
    c.programme, k.confidential, g.series_id, g.status, g.title_nl, g.title_en,
    g.description_nl, g.description_en, g.starts_local, g.ends_local, g.timezone, g.starts_at, g.ends_at,
    g.location, g.online_url, g.capacity, g.organisation_quota, g.approval, g.reminders, g.visibility,
    g.sequence, g.revision, g.cancel_reason, g.created_at, g.changed_at, k.minimum, k.facilitators_count,
    g.questions, g.answers_days, g.published_at
"""
"""The columns of `service.model.Gathering`."""

SOURCE = "gathering g join circle c on c.id = g.circle_id join circle_kind k on k.name = c.kind"

TURNS = f"""
    turns as (
        update gathering g set turn = g.turn + 1 from held, circle c join circle_kind k on k.name = c.kind
        where g.id = held.id and c.id = g.circle_id
        returning {COLUMNS}
    )
    select * from turns order by id
"""
"""Locks the gatherings of a list `held` and says so in their `turn`, for whoever has looked without a lock."""

EDITABLE = (
    "title_nl", "title_en", "description_nl", "description_en", "starts_local", "ends_local", "timezone",
    "starts_at", "ends_at", "location", "online_url", "capacity", "organisation_quota", "approval", "reminders",
    "visibility",
)  # fmt: skip
"""What an edit may set, in the order of the statements below."""

INSERT_GATHERING = """
    insert into gathering (uid, circle_id, series_id, title_nl, title_en, description_nl, description_en, starts_local,
        ends_local, timezone, starts_at, ends_at, location, online_url, capacity, organisation_quota, approval,
        reminders, visibility, created_at, changed_at)
    values ($1, $2, $3, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $4, $4)
    returning id
"""


async def insert_gathering(
    conn: "Connection", uid: str, circle_id: int, series_id: int | None, facts: dict[str, Any], now: datetime
) -> int:
    """Add a draft with all the facts of `EDITABLE` and return its id."""
    values = [facts[name] for name in EDITABLE]
    return int(await conn.fetchval(INSERT_GATHERING, uid, circle_id, series_id, now, *values))


SELECT_GATHERING = f"select {COLUMNS} from {SOURCE} where g.id = $1"


async def select_gathering(conn: "Connection", gathering_id: int) -> Gathering | None:
    """Read one gathering."""
    return rows.one(Gathering, await conn.fetchrow(SELECT_GATHERING, gathering_id))


SELECT_MANY = f"select {COLUMNS} from {SOURCE} where g.id = any($1) order by g.starts_at, g.id"


async def select_many(conn: "Connection", ids: Sequence[int]) -> list[Gathering]:
    """Read several gatherings, in order of time."""
    return rows.many(Gathering, await conn.fetch(SELECT_MANY, list(ids)))


SELECT_LATEST = f"""
    select {COLUMNS} from {SOURCE} where g.circle_id = $1 and g.status <> 'cancelled'
    order by g.starts_at desc, g.id desc limit $2
"""


async def select_latest(conn: "Connection", circle_id: int, limit: int) -> list[Gathering]:
    """Read the gatherings of a circle that begin last, the cancelled left out, the latest first."""
    return rows.many(Gathering, await conn.fetch(SELECT_LATEST, circle_id, limit))


SELECT_OF_KIND = f"""
    select {COLUMNS} from {SOURCE} where k.name = $1 and g.status = 'published' and g.starts_at > $2 order by g.id
"""


async def select_of_kind(conn: "Connection", kind: str, now: datetime) -> list[Gathering]:
    """Read the published gatherings of all circles of a kind that are still to come."""
    return rows.many(Gathering, await conn.fetch(SELECT_OF_KIND, kind, now))


LOCK_GATHERING = f"with held as (select $1::bigint as id), {TURNS}"


async def lock_gathering(conn: "Connection", gathering_id: int) -> Gathering | None:
    """Lock one gathering until the end of the transaction and read it as it is once the lock is held.

    Everything that touches seats takes this lock before it reads them: a statement that waits for a lock still sees its
    own old snapshot of other tables, so seats are counted in the next one. Whoever takes it also takes a turn: what was
    decided from a look without the lock is then known to be out of date (`registrations.save`).
    """
    return rows.one(Gathering, await conn.fetchrow(LOCK_GATHERING, gathering_id))


HOLD = "select id from gathering where id = any($1) order by id for update"


async def hold(conn: "Connection", ids: Sequence[int]) -> None:
    """Keep others from taking a turn in gatherings until the transaction ends, for whoever looks at them after this."""
    await conn.execute(HOLD, list(ids))


LOCK_TO_COME = f"""
    with held as (
        select id from gathering where circle_id = $1 and starts_at > $2 order by id for update
    ), {TURNS}
"""


async def lock_to_come(conn: "Connection", circle_id: int, now: datetime) -> list[Gathering]:
    """Lock and read the gatherings of a circle that have not begun, always in the same order.

    Drafts and cancelled ones too: who joins while one of them is published is invited by one of the two transactions.
    """
    return rows.many(Gathering, await conn.fetch(LOCK_TO_COME, circle_id, now))


LOCK_OF_PERSON = f"""
    with held as (
        select g.id from gathering g
        where g.starts_at > $2
          and (exists (select from registration r where r.gathering_id = g.id and r.person_id = $1)
               or g.circle_id in (select m.circle_id from membership m where m.person_id = $1 and m.state = 'active'))
        order by g.id for update of g
    ), {TURNS}
"""


async def lock_of_person(conn: "Connection", person_id: int, now: datetime) -> list[Gathering]:
    """Lock and read what is to come and a person is on the list of, or would be once it is published."""
    return rows.many(Gathering, await conn.fetch(LOCK_OF_PERSON, person_id, now))


LOCK_BY_REGISTRATION = f"with held as (select gathering_id as id from registration where id = $1), {TURNS}"


async def lock_by_registration(conn: "Connection", registration_id: int) -> Gathering | None:
    """Lock and read the gathering of a registration."""
    return rows.one(Gathering, await conn.fetchrow(LOCK_BY_REGISTRATION, registration_id))


LOCK_NAMED = f"""
    with held as (
        select id from gathering where id in (select gathering_id from registration where id = $1 or uid = $2)
        order by id for update
    ), {TURNS}
"""


async def lock_named(conn: "Connection", registration_id: int | None, uid: str | None) -> list[Gathering]:
    """Lock and read the gatherings of the registrations that an id and an iCalendar UID name, always in one order."""
    return rows.many(Gathering, await conn.fetch(LOCK_NAMED, registration_id, uid))


UPDATE_GATHERING = """
    update gathering set title_nl = $6, title_en = $7, description_nl = $8, description_en = $9, starts_local = $10,
        ends_local = $11, timezone = $12, starts_at = $13, ends_at = $14, location = $15, online_url = $16,
        capacity = $17, organisation_quota = $18, approval = $19, reminders = $20, visibility = $21,
        sequence = sequence + $2::integer, revision = revision + 1,
        changed_at = greatest($3, changed_at + interval '1 second'),
        told = coalesce(told, $4),
        edited_since = case when $4::jsonb is null then null else coalesce(edited_since, $3) end,
        announce_at = $5
    where id = $1
"""


async def update_gathering(
    conn: "Connection",
    gathering_id: int,
    facts: dict[str, Any],
    *,
    raise_sequence: bool,
    told: dict[str, Any] | None,
    announce_at: datetime | None,
    now: datetime,
) -> None:
    """Set all the facts of `EDITABLE`; `told` is what people knew before the first edit that waits to be announced."""
    values = [facts[name] for name in EDITABLE]
    await conn.execute(UPDATE_GATHERING, gathering_id, int(raise_sequence), now, told, announce_at, *values)


@dataclass(frozen=True, slots=True)
class Pending:
    """Edits that wait to be told: what people know, and since when that is no longer true."""

    told: dict[str, Any] | None
    edited_since: datetime | None
    announce_at: datetime | None


SELECT_PENDING = "select id, told, edited_since, announce_at from gathering where id = any($1)"


async def select_pending(conn: "Connection", ids: Sequence[int]) -> dict[int, Pending]:
    """Read the edits of gatherings that have not been told yet, by id."""
    return {ident: Pending(*edits) for ident, *edits in await conn.fetch(SELECT_PENDING, list(ids))}


SELECT_TO_ANNOUNCE = "select id from gathering where announce_at <= $1 order by announce_at limit 100"


async def select_to_announce(conn: "Connection", now: datetime) -> list[int]:
    """List the gatherings whose edits are due to be told."""
    return [row[0] for row in await conn.fetch(SELECT_TO_ANNOUNCE, now)]


CLEAR_PENDING = "update gathering set told = null, edited_since = null, announce_at = null where id = $1"


async def clear_pending(conn: "Connection", gathering_id: int) -> None:
    """Forget the edits that waited: they have been told, or there is nobody to tell."""
    await conn.execute(CLEAR_PENDING, gathering_id)


UPDATE_PUBLISHED = """
    update gathering set status = 'published', cancel_reason = '', sequence = sequence + $2::integer,
        revision = revision + 1, changed_at = greatest($3, changed_at + interval '1 second'), published_at = $3,
        cancelled_at = null, told = null, edited_since = null, announce_at = null
    where id = $1
"""


async def update_published(conn: "Connection", gathering_id: int, *, raise_sequence: bool, now: datetime) -> None:
    """Publish or re-open; edits that waited to be told are overtaken by it."""
    await conn.execute(UPDATE_PUBLISHED, gathering_id, int(raise_sequence), now)


UPDATE_CANCELLED = """
    with ended as (
        update poll set closed_at = $3 where gathering_id = any($1) and closed_at is null
    ), forgotten as (
        delete from question_answer a using registration r where r.id = a.registration_id and r.gathering_id = any($1)
    )
    update gathering set status = 'cancelled', cancel_reason = $2, sequence = sequence + 1, revision = revision + 1,
        changed_at = greatest($3, changed_at + interval '1 second'), cancelled_at = $3, told = null,
        edited_since = null, announce_at = null
    where id = any($1)
"""


async def update_cancelled(conn: "Connection", ids: Sequence[int], reason: str, now: datetime) -> None:
    """Cancel gatherings; edits that waited to be told are overtaken by it, and so is the search for another date.

    What people answered to questions goes at once: should it be opened again, they are asked again.
    """
    await conn.execute(UPDATE_CANCELLED, list(ids), reason, now)
