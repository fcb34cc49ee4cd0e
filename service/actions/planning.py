"""The annual plan: taking in its lines from a file, and showing what was planned against what takes place."""

from dataclasses import dataclass
from datetime import date, datetime

from service.actions.importing import ImportReport
from service.database import Database
from service.errors import Invalid, NotFound
from service.formats import plan_rows
from service.formats.plan_rows import PlanRow
from service.formats.tables import Fault
from service.rules import access, planning, ratings
from service.rules.access import Actor, Verb
from service.store import circles as circle_rows
from service.store import kinds as kind_rows
from service.store import targets
from service.store.targets import Counted, PlanYear


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A line of the plan against what takes place in its year; `rating` is None until there are ratings enough.

    `scheduled` is published and not yet held; `seated` and `present` count people over what is published, without
    facilitators. Of a line that promises groups, `held` counts the circles that have members. `on_track` is None where
    Kring does not count: see `service.rules.planning`.
    """

    programme: str
    title: str
    kind: str
    output: str
    period: str
    circle: str | None
    planned_min: int
    planned_max: int | None
    scheduled: int
    drafts: int
    held: int
    cancelled: int
    seated: int
    present: int
    rating: float | None
    ratings: int
    on_track: bool | None


async def import_plan(
    db: Database, actor: Actor, source: str | bytes, *, year: int, starts_on: date | None = None
) -> ImportReport:
    """Take in a CSV file as the whole plan of a year: lines that it no longer holds go, the same file changes nothing.

    A plan year lasts twelve months from `starts_on`: given, else as it was, else from the first of January. With errors
    nothing is taken in.
    """
    access.require(actor, Verb.EDIT_PLAN)
    if not date.min.year <= year < date.max.year:
        raise Invalid("year", "This is no year.")
    async with db.transaction() as conn:
        kinds = {kind.name for kind in await kind_rows.select_kinds(conn)}
        found = list(plan_rows.read(source, kinds=kinds, circles=await circle_rows.select_slugs(conn)))
        errors = [row for row in found if isinstance(row, Fault)]
        if errors:
            return ImportReport(errors=errors)
        lines = [row for row in found if isinstance(row, PlanRow)]
        await targets.set_year(conn, year, starts_on)
        before = await targets.select_lines(conn, year)
        if before != lines:
            await targets.delete_other_lines(conn, year, lines)
            await targets.set_lines(conn, year, lines)
        return _compared(before, lines)


async def plan(db: Database, actor: Actor, year: int, *, now: datetime) -> list[PlanLine]:
    """Show a year's plan line by line, in the order of its file."""
    access.require(actor, Verb.SEE_PLAN)
    async with db.reading() as conn:
        found = await targets.select_year(conn, year)
        if found is None:
            raise NotFound
        return [_line(counted, found, now) for counted in await targets.select_counted(conn, year, now, ratings.FEWEST)]


async def years(db: Database) -> list[PlanYear]:
    """List the years that have a plan, the latest first."""
    async with db.reading() as conn:
        return await targets.select_years(conn)


def _compared(before: list[PlanRow], after: list[PlanRow]) -> ImportReport:
    old = {(line.programme, line.title): line for line in before}
    new = {(line.programme, line.title): line for line in after}
    kept = [new[key] == old[key] for key in new if key in old]
    return ImportReport(
        added=len(new) - len(kept), changed=kept.count(False), unchanged=kept.count(True), removed=len(old) - len(kept)
    )


def _line(counted: Counted, year: PlanYear, now: datetime) -> PlanLine:
    due = planning.promised(
        counted.planned_min, counted.period, counted.months, starts_on=year.starts_on, today=now.date()
    )
    return PlanLine(
        programme=counted.programme,
        title=counted.title,
        kind=counted.kind,
        output=counted.output,
        period=counted.period,
        circle=counted.circle,
        planned_min=counted.planned_min,
        planned_max=counted.planned_max,
        scheduled=counted.scheduled,
        drafts=counted.drafts,
        held=counted.held,
        cancelled=counted.cancelled,
        seated=counted.seated,
        present=counted.present,
        rating=ratings.average(counted.ratings, counted.rating_total),
        ratings=counted.ratings,
        on_track=planning.on_track(counted.output, held=counted.held, scheduled=counted.scheduled, due=due),
    )
