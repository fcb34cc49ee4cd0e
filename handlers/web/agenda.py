"""The agenda: what is to come, month by month, as far as the visitor may see it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Final

from aiohttp import web

from handlers.web import filling, paging, words
from handlers.web.render import link, page, texts
from handlers.web.routes import Route
from handlers.web.site import actor, database, now, site
from handlers.web.words import Tone
from service.actions import registration, scheduling
from service.model import Gathering, Registration
from service.store.rosters import Counts
from service.texts.catalogue import Texts

PAGE: Final = 30
"""Gatherings on one page."""

FEED: Final = "/feeds/public.ics"
_STAMP: Final = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Line:
    """A gathering as a list shows it: what to know about it, and how the visitor stands."""

    gathering: Gathering
    hint: tuple[Tone, str] | None
    own: words.Standing | None


@dataclass(frozen=True, slots=True)
class Month:
    """The gatherings of one month; `first` is a day in it."""

    first: datetime
    lines: list[Line]


async def agenda(request: web.Request) -> web.Response:
    """Show the gatherings to come, thirty at a time."""
    found = await scheduling.upcoming(
        database(request), actor(request), since=now(request), after=after(request), limit=PAGE + 1
    )
    shown, more = paging.first(found, PAGE, cursor)
    return page(
        request,
        "agenda.html",
        months=by_month(await lines(request, shown)),
        more=more,
        later="after" in request.query,
        feed=subscription(request, FEED),
    )


async def lines(request: web.Request, gatherings: Sequence[Gathering]) -> list[Line]:
    """Add to gatherings what a list says about them."""
    spoken, moment, home = texts(request), now(request), site(request).timezone
    counts = await scheduling.counts(database(request), [gathering.id for gathering in gatherings])
    own = await _own(request)
    return [
        _line(spoken, gathering, counts.get(gathering.id), own.get(gathering.id), moment, home)
        for gathering in gatherings
    ]


def by_month(lines: Sequence[Line]) -> list[Month]:
    """Group a list that is in order of time."""
    return list(_months(lines))


def subscription(request: web.Request, path: str) -> dict[str, str]:
    """Give the two addresses of a feed: one that opens a calendar program, one to copy."""
    address = link(request, path)
    return {"webcal": "webcal" + address.removeprefix("https").removeprefix("http"), "https": address}


def cursor(gathering: Gathering) -> str:
    """Write where a page ended, for the address of the next."""
    return f"{gathering.starts_at.astimezone(UTC):{_STAMP}}-{gathering.id}"


def after(request: web.Request) -> tuple[datetime, int] | None:
    """Read where the page before ended; what is no such place means the beginning."""
    stamp, _, number = request.query.get("after", "").partition("-")
    last = filling.number(number)
    try:
        return None if last is None else (datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC), last)
    except ValueError:
        return None


def _months(lines: Sequence[Line]) -> Iterator[Month]:
    for _, group in groupby(lines, lambda line: (line.gathering.starts_local.year, line.gathering.starts_local.month)):
        found = list(group)
        yield Month(found[0].gathering.starts_local, found)


def _line(
    spoken: Texts, gathering: Gathering, counts: Counts | None, own: Registration | None, moment: datetime, home: str
) -> Line:
    standing = None
    if own is not None and words.closing(spoken, gathering, own, moment) is None:
        standing = words.standing(spoken, gathering, own, home=home)
    return Line(gathering, words.hint(spoken, gathering, counts), standing)


async def _own(request: web.Request) -> dict[int, Registration]:
    if not actor(request).signed_in:
        return {}
    tickets = await registration.mine(database(request), actor(request), now=now(request))
    return {ticket.gathering.id: ticket.registration for ticket in tickets}


ROUTES: Final = [Route("GET", "/", agenda)]
