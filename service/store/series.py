"""Series in the database: what they are called, and their gatherings, several at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from service.model import Gathering
from service.store import rows
from service.store.gatherings import COLUMNS, EDITABLE, SOURCE, TURNS

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class Head:
    """A series with what decides who may see and run it."""

    id: int
    circle_id: int
    circle_slug: str
    visibility: str
    confidential: bool
    title_nl: str
    title_en: str


INSERT_SERIES = "insert into series (circle_id, title_nl, title_en, created_at) values ($1, $2, $3, $4) returning id"


async def insert_series(conn: "Connection", circle_id: int, title_nl: str, title_en: str, now: datetime) -> int:
    """Add a series and return its id."""
    return int(await conn.fetchval(INSERT_SERIES, circle_id, title_nl, title_en, now))


SELECT_SERIES = """
    select s.id, s.circle_id, c.slug as circle_slug, k.visibility, k.confidential, s.title_nl, s.title_en
    from series s join circle c on c.id = s.circle_id join circle_kind k on k.name = c.kind
    where s.id = $1
"""


async def select_series(conn: "Connection", series_id: int) -> Head | None:
    """Read a series."""
    return rows.one(Head, await conn.fetchrow(SELECT_SERIES, series_id))


SELECT_OF_SERIES = f"select {COLUMNS} from {SOURCE} where g.series_id = $1 order by g.starts_at, g.id"


async def select_of_series(conn: "Connection", series_id: int) -> list[Gathering]:
    """Read the gatherings of a series, in order of time."""
    return rows.many(Gathering, await conn.fetch(SELECT_OF_SERIES, series_id))


LOCK_SERIES = f"with held as (select id from gathering where series_id = $1 order by id for update), {TURNS}"


async def lock_series(conn: "Connection", series_id: int) -> list[Gathering]:
    """Lock and read the gatherings of a series, in the order in which everything locks gatherings."""
    return rows.many(Gathering, await conn.fetch(LOCK_SERIES, series_id))


INSERT_GATHERINGS = """
    insert into gathering (uid, circle_id, series_id, title_nl, title_en, description_nl, description_en, starts_local,
        ends_local, timezone, starts_at, ends_at, location, online_url, capacity, organisation_quota, approval,
        reminders, visibility, created_at, changed_at)
    select n.uid, $1, $2, n.title_nl, n.title_en, n.description_nl, n.description_en, n.starts_local, n.ends_local,
        n.timezone, n.starts_at, n.ends_at, n.location, n.online_url, n.capacity, n.organisation_quota, n.approval,
        n.reminders, n.visibility, $4, $4
    from jsonb_to_recordset($3) as n (uid text, title_nl text, title_en text, description_nl text, description_en text,
        starts_local timestamp, ends_local timestamp, timezone text, starts_at timestamptz, ends_at timestamptz,
        location text, online_url text, capacity integer, organisation_quota integer, approval boolean,
        reminders text[], visibility text)
    order by n.starts_at
    returning id
"""


async def insert_gatherings(
    conn: "Connection",
    circle_id: int,
    series_id: int,
    uids: Sequence[str],
    facts: Sequence[dict[str, Any]],
    now: datetime,
) -> list[int]:
    """Add drafts with all the facts of `gatherings.EDITABLE` and return their ids."""
    written = [
        {"uid": uid, **{name: _written(each[name]) for name in EDITABLE}} for uid, each in zip(uids, facts, strict=True)
    ]
    return [row["id"] for row in await conn.fetch(INSERT_GATHERINGS, circle_id, series_id, written, now)]


PUBLISH = """
    update gathering set status = 'published', revision = revision + 1, published_at = $2,
        changed_at = greatest($2, changed_at + interval '1 second')
    where id = any($1) and status = 'draft'
"""


async def publish(conn: "Connection", ids: Sequence[int], now: datetime) -> None:
    """Publish drafts."""
    await conn.execute(PUBLISH, list(ids), now)


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
