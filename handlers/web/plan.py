"""The annual plan against what takes place: per programme, line by line, in circles and in words.

Every number comes from `service/actions/planning.py`; here they only get their place on the page.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from aiohttp import web

from handlers.web.render import page, texts
from handlers.web.routes import Access, Route
from handlers.web.site import actor, database, now
from handlers.web.words import Tone
from service.actions import planning
from service.actions.planning import PlanLine
from service.errors import NotFound
from service.model import Output, Period
from service.rules import ratings
from service.store.targets import PlanYear
from service.texts.catalogue import Texts, marked

DRAWN: Final = 20
"""More circles than this no line gets: the numbers beside them go on."""

_RHYTHMS: Final[dict[str, str]] = {
    Period.WEEK: marked("every week"),
    Period.MONTH: marked("every month"),
    Period.QUARTER: marked("spread over the quarters"),
    Period.HALF_YEAR: marked("spread over both half years"),
    Period.YEAR: "",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line as the page shows it: `circles` names the state of each thing that was promised or is there."""

    line: PlanLine
    planned: str
    rhythm: str
    counted: bool
    circles: list[str]
    tone: Tone
    word: str


@dataclass(frozen=True, slots=True)
class Sums:
    """How the year as a whole stands."""

    held: int
    scheduled: int
    drafts: int
    present: int
    rating: float | None
    on_track: int
    behind: int
    uncounted: int


async def latest(request: web.Request) -> web.Response:
    """Show the plan of the year that is under way, or else the latest there is."""
    years = await planning.years(database(request))
    today = now(request).date()
    under_way = next((one for one in years if one.starts_on <= today <= _last(one)), None)
    chosen = under_way or next(iter(years), None)
    if chosen is None:
        return page(request, "plan.html", year=None, years=[], programmes=[], sums=None, first=None, last=None)
    return await _show(request, chosen, years)


async def plan(request: web.Request) -> web.Response:
    """Show the plan of a year."""
    years = await planning.years(database(request))
    chosen = next((one for one in years if one.year == int(request.match_info["year"])), None)
    if chosen is None:
        raise NotFound
    return await _show(request, chosen, years)


async def _show(request: web.Request, chosen: PlanYear, years: Sequence[PlanYear]) -> web.Response:
    lines = await planning.plan(database(request), actor(request), chosen.year, now=now(request))
    return page(
        request,
        "plan.html",
        year=chosen.year,
        years=years,
        programmes=_by_programme(_row(texts(request), line) for line in lines),
        sums=_sums(lines),
        aim=ratings.AIM,
        first=chosen.starts_on,
        last=_last(chosen),
    )


def _last(year: PlanYear) -> date:
    """Return the last day of a plan year, which is twelve months long."""
    first = year.starts_on
    following = first.replace(year=first.year + 1, day=min(first.day, 28)) + timedelta(days=max(first.day - 28, 0))
    return following - timedelta(days=1)


def _by_programme(rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    """Group the lines by programme; programmes and lines keep the order of the plan."""
    places: dict[str, int] = {}
    found = list(rows)
    for row in found:
        places.setdefault(row.line.programme, len(places))
    found.sort(key=lambda row: places[row.line.programme])
    return [(programme, list(group)) for programme, group in groupby(found, lambda row: row.line.programme)]


def _row(spoken: Texts, line: PlanLine) -> Row:
    rhythm = _RHYTHMS.get(line.period, "")
    tone, word = _track(spoken, line)
    counted = line.on_track is not None
    return Row(
        line,
        _planned(spoken, line),
        spoken.gettext(rhythm) if rhythm else "",
        counted,
        _circles(line) if counted else [],
        tone,
        word,
    )


def _planned(spoken: Texts, line: PlanLine) -> str:
    """Write how many were promised: 4, 3–4, at least 6."""
    if line.planned_max is None:
        return spoken.gettext("at least %(count)s", count=line.planned_min)
    if line.planned_max == line.planned_min:
        return str(line.planned_min)
    return f"{line.planned_min}–{line.planned_max}"


def _track(spoken: Texts, line: PlanLine) -> tuple[Tone, str]:
    if line.on_track is None:
        return Tone.OPEN, spoken.gettext("Not in Kring yet")
    if line.held >= line.planned_min:
        return Tone.YES, spoken.gettext("Done")
    if line.on_track:
        return Tone.YES, spoken.gettext("On track")
    return Tone.WAIT, spoken.gettext("Behind")


def _circles(line: PlanLine) -> list[str]:
    """Draw one circle for each thing: held, scheduled, in draft, and what was promised and is not there yet."""
    drafts = 0 if line.output == Output.GROUP else line.drafts
    drawn = ["held"] * line.held + ["scheduled"] * line.scheduled + ["draft"] * drafts
    drawn += ["open"] * (line.planned_min - len(drawn))
    return drawn[:DRAWN]


def _sums(lines: Sequence[PlanLine]) -> Sums:
    gatherings = [line for line in lines if line.output == Output.GATHERING]
    return Sums(
        held=sum(line.held for line in gatherings),
        scheduled=sum(line.scheduled for line in gatherings),
        drafts=sum(line.drafts for line in gatherings),
        present=sum(line.present for line in gatherings),
        rating=_overall(gatherings),
        on_track=sum(line.on_track is True for line in lines),
        behind=sum(line.on_track is False for line in lines),
        uncounted=sum(line.on_track is None for line in lines),
    )


def _overall(lines: Sequence[PlanLine]) -> float | None:
    """Average what is shown of the lines, each by the number of those who rated."""
    rated = [line for line in lines if line.rating is not None]
    count = sum(line.ratings for line in rated)
    return round(sum((line.rating or 0) * line.ratings for line in rated) / count, 1) if count else None


ROUTES: Final = [
    Route("GET", "/manage/plan", latest, Access.STAFF, private=True),
    Route("GET", r"/manage/plan/{year:\d{4}}", plan, Access.STAFF, private=True),
]
