"""The annual plan in the database: what its lines promise, and what the gatherings and circles come to."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from service.formats.plan_rows import PlanRow
from service.store import rows
from service.store.ratings import SHOWN

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class PlanYear:
    """A plan year: twelve months from a day on."""

    year: int
    starts_on: date


SELECT_YEARS = "select year, starts_on from plan_year order by year desc"


async def select_years(conn: "Connection") -> list[PlanYear]:
    """Read the years that have a plan, the latest first."""
    return rows.many(PlanYear, await conn.fetch(SELECT_YEARS))


SELECT_YEAR = "select year, starts_on from plan_year where year = $1"


async def select_year(conn: "Connection", year: int) -> PlanYear | None:
    """Read one plan year."""
    return rows.one(PlanYear, await conn.fetchrow(SELECT_YEAR, year))


# The update holds the row, so that two imports of one year come one after the other.
SET_YEAR = """
    insert into plan_year as y (year, starts_on) values ($1, coalesce($2::date, make_date($1, 1, 1)))
    on conflict (year) do update set starts_on = coalesce($2::date, y.starts_on)
"""


async def set_year(conn: "Connection", year: int, starts_on: date | None) -> None:
    """Let there be a plan year; without a day it starts where it did, or else on the first of January."""
    await conn.execute(SET_YEAR, year, starts_on)


SELECT_LINES = """
    select t.programme, t.title, t.kind, t.output, t.min_count, t.max_count, t.period, t.months, t.language, t.audience,
        t.source, c.slug as circle
    from target t left join circle c on c.id = t.circle_id
    where t.year = $1 order by t.position
"""


async def select_lines(conn: "Connection", year: int) -> list[PlanRow]:
    """Read the lines of a year's plan as a file would hold them."""
    return rows.many(PlanRow, await conn.fetch(SELECT_LINES, year))


DELETE_OTHER_LINES = """
    delete from target
    where year = $1
        and (programme, title) not in (select r.programme, r.title
                                       from jsonb_to_recordset($2::jsonb) r (programme text, title text))
"""


async def delete_other_lines(conn: "Connection", year: int, lines: Sequence[PlanRow]) -> None:
    """Take the lines out of a year's plan that are not among those given."""
    await conn.execute(DELETE_OTHER_LINES, year, [asdict(line) for line in lines])


SET_LINES = """
    insert into target (year, programme, title, kind, output, min_count, max_count, period, months, language, audience,
        source, circle_id, position)
    select $1, r.programme, r.title, r.kind, r.output, r.min_count, r.max_count, r.period, r.months, r.language,
        r.audience, r.source, c.id, r.position
    from rows from (jsonb_to_recordset($2::jsonb) as (programme text, title text, kind text, output text,
            min_count integer, max_count integer, period text, months integer[], language text, audience text,
            source text, circle text)) with ordinality r (programme, title, kind, output, min_count, max_count, period,
            months, language, audience, source, circle, position)
    left join circle c on c.slug = r.circle
    on conflict (year, programme, title) do update set kind = excluded.kind, output = excluded.output,
        min_count = excluded.min_count, max_count = excluded.max_count, period = excluded.period,
        months = excluded.months, language = excluded.language, audience = excluded.audience,
        source = excluded.source, circle_id = excluded.circle_id, position = excluded.position
"""


async def set_lines(conn: "Connection", year: int, lines: Sequence[PlanRow]) -> None:
    """Add or change lines of a year's plan; their order is that of the plan."""
    await conn.execute(SET_LINES, year, [asdict(line) for line in lines])


@dataclass(frozen=True, slots=True)
class Counted:
    """A line of the plan and what it comes to; for an output of groups `held` counts the groups there are."""

    programme: str
    title: str
    kind: str
    output: str
    period: str
    months: list[int]
    circle: str | None
    planned_min: int
    planned_max: int | None
    scheduled: int
    drafts: int
    held: int
    cancelled: int
    seated: int
    present: int
    ratings: int
    rating_total: int


# A line counts its own circle. A line without one, and a line that promises groups, counts the circles of its
# programme and kind that no line claims as its own. A gathering belongs to the year in which it takes place.
SELECT_COUNTED = f"""
    with line as (
        select t.*, y.starts_on, (y.starts_on + interval '1 year') as ends_on
        from target t join plan_year y on y.year = t.year
        where t.year = $1
    ), counted as (
        select l.id, c.id as circle_id
        from line l join circle c on c.id = l.circle_id
            or ((l.circle_id is null or l.output = 'group') and c.programme = l.programme and c.kind = l.kind
                and (l.output <> 'group' or c.language = l.language)
                and not exists (select from line other where other.circle_id = c.id))
    ), gatherings as (
        select l.id, count(*) filter (where g.status = 'published' and g.ends_at > $2) as scheduled,
            count(*) filter (where g.status = 'published' and g.ends_at <= $2) as held,
            count(*) filter (where g.status = 'draft') as drafts,
            count(*) filter (where g.status = 'cancelled') as cancelled,
            sum(r.seated) filter (where g.status = 'published') as seated,
            sum(r.present) filter (where g.status = 'published') as present
        from line l join counted k on k.id = l.id
        join gathering g on g.circle_id = k.circle_id and g.starts_local >= l.starts_on and g.starts_local < l.ends_on
        cross join lateral (
            select count(*) filter (where r.seat = 'seated') as seated,
                count(*) filter (where r.attendance = 'present') as present
            from registration r where r.gathering_id = g.id and not r.facilitator
        ) r
        where l.output = 'gathering'
        group by l.id
    ), rated as (
        select id, count(*) as ratings, sum(score) as total from (
            select l.id, x.score, row_number() over (partition by l.id order by x.rated_at, x.id) as place,
                count(*) over (partition by l.id) as everyone
            from line l join counted k on k.id = l.id
            join gathering g on g.circle_id = k.circle_id and g.starts_local >= l.starts_on
                and g.starts_local < l.ends_on and g.status = 'published'
            join rating x on x.gathering_id = g.id
            where l.output = 'gathering'
        ) x
        where place <= {SHOWN.format(step="$3::integer")}
        group by id
    ), groups as (
        select k.id, count(*) as held
        from counted k
        where exists (select from membership m where m.circle_id = k.circle_id and m.state = 'active')
        group by k.id
    )
    select l.programme, l.title, l.kind, l.output, l.period, l.months, c.slug as circle, l.min_count as planned_min,
        l.max_count as planned_max, coalesce(g.scheduled, 0) as scheduled, coalesce(g.drafts, 0) as drafts,
        case when l.output = 'group' then coalesce(p.held, 0) else coalesce(g.held, 0) end as held,
        coalesce(g.cancelled, 0) as cancelled, coalesce(g.seated, 0)::bigint as seated,
        coalesce(g.present, 0)::bigint as present, coalesce(x.ratings, 0)::bigint as ratings,
        coalesce(x.total, 0)::bigint as rating_total
    from line l
    left join circle c on c.id = l.circle_id
    left join gatherings g on g.id = l.id
    left join rated x on x.id = l.id
    left join groups p on p.id = l.id
    order by l.position
"""


async def select_counted(conn: "Connection", year: int, now: datetime, step: int) -> list[Counted]:
    """Read the lines of a year's plan with what they come to at a moment; ratings are counted in whole steps."""
    return rows.many(Counted, await conn.fetch(SELECT_COUNTED, year, now, step))
