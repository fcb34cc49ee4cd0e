"""What facilitators and staff see first: the gatherings they run, and each of them with what can be done about it.

Who is coming, person by person, is in `roster`; what they were told in `ledger`; the year as a whole in `plan`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from aiohttp import web

from handlers.web import agenda, forms, tallies
from handlers.web.render import go, page, texts
from handlers.web.routes import Access, Route
from handlers.web.site import NUMBER, actor, database, ident, now
from service.actions import overview, ratings, registration, scheduling
from service.model import Gathering, Status
from service.rules import access
from service.rules import ratings as aims
from service.rules.access import Verb
from service.store.rosters import Counts
from service.texts.catalogue import marked

COMING: Final = 40
"""Gatherings to come on one page."""

OVER: Final = 30
"""Gatherings that are over on one page; on the overview only the latest of them."""

LATEST: Final = 6
SOON: Final = timedelta(days=28)
"""A draft that begins within this time is worth a word."""

SAVED: Final = "saved"
_SAVED: Final = {
    "published": marked("Published. The invitations are on their way."),
    "cancelled": marked("Cancelled. Everyone who needs to know is told."),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A gathering as the overview shows it."""

    gathering: Gathering
    sentence: str
    standing: Status
    names: bool  # the visitor may see who
    unmarked: bool  # over, somebody came, and nobody was marked


async def manage(request: web.Request) -> web.Response:
    """Show what the visitor runs: to come, just over, and what asks for attention."""
    db, who = database(request), actor(request)
    after = agenda.after(request)
    found = await overview.coming(db, who, now=now(request), after=after, limit=COMING + 1)
    past = [] if after else await overview.over(db, who, now=now(request), limit=LATEST)
    rows = await _rows(request, [*found[:COMING], *past])
    coming, over = rows[: len(found[:COMING])], rows[len(found[:COMING]) :]
    return page(
        request,
        "manage.html",
        coming=coming,
        over=over,
        drafts=sum(_is_soon(request, row) for row in coming),
        unmarked=sum(row.unmarked for row in over),
        later=after is not None,
        more=agenda.cursor(found[COMING - 1]) if len(found) > COMING else None,
        circles=sorted(await overview.led(db, who), key=lambda one: one.title(texts(request).language).casefold()),
    )


async def past(request: web.Request) -> web.Response:
    """Show what the visitor ran, the latest first."""
    before = agenda.after(request)
    found = await overview.over(database(request), actor(request), now=now(request), before=before, limit=OVER + 1)
    return page(
        request,
        "manage_past.html",
        over=await _rows(request, found[:OVER]),
        more=agenda.cursor(found[OVER - 1]) if len(found) > OVER else None,
    )


async def gathering(request: web.Request) -> web.Response:
    """Show one gathering to whoever runs it."""
    db, who, spoken = database(request), actor(request), texts(request)
    found = await _run(request)
    counts = (await scheduling.counts(db, [found.id]))[found.id]
    scope = scheduling.scope(found)
    ledger = (
        await registration.ledger(db, who, found.id, now=now(request))
        if access.can(who, Verb.SEE_LEDGER, scope)
        else None
    )
    standing = found.standing(now(request))
    return page(
        request,
        "manage_gathering.html",
        gathering=found,
        standing=standing,
        figures=tallies.figures(spoken, found, counts, over=standing is Status.HELD),
        invited=counts.invited,
        verdict=await ratings.verdict(db, who, found.id) if standing is Status.HELD else None,
        aim=aims.AIM,
        told=None if ledger is None else tallies.told(spoken, ledger),
        names=access.can(who, Verb.SEE_ROSTER, scope),
        saved=_SAVED.get(request.query.get(SAVED, ""), ""),
        over=found.ends_at <= now(request),
    )


async def ask_publish(request: web.Request) -> web.Response:
    """Ask whether to publish, saying how many people get an invitation."""
    found = await _run(request)
    invited = await overview.would_invite(database(request), actor(request), found.id, now=now(request))
    return page(
        request,
        "publish.html",
        gathering=found,
        invited=invited,
        over=found.ends_at <= now(request),
        begun=found.starts_at <= now(request),
    )


async def publish(request: web.Request) -> web.Response:
    """Publish, or open again what was cancelled."""
    found = await scheduling.publish(database(request), actor(request), ident(request), now=now(request))
    return go(f"/manage/gatherings/{found.id}?{SAVED}=published")


async def ask_cancel(request: web.Request) -> web.Response:
    """Ask whether to cancel, and why, saying how many people are told."""
    found = await _run(request)
    told = await overview.would_tell(database(request), actor(request), found.id, now=now(request))
    return page(request, "cancel.html", gathering=found, told=told, over=found.ends_at <= now(request))


async def cancel(request: web.Request) -> web.Response:
    """Cancel, with the reason that was given."""
    reason = await forms.text(request, "reason")
    found = await scheduling.cancel(database(request), actor(request), ident(request), reason, now=now(request))
    return go(f"/manage/gatherings/{found.id}?{SAVED}=cancelled")


async def _run(request: web.Request) -> Gathering:
    """Read the gathering in the path for somebody who runs it; for anybody else it is refused as the actions do."""
    found = await scheduling.get(database(request), actor(request), ident(request), now=now(request))
    access.require(actor(request), Verb.EDIT_GATHERING, scheduling.scope(found))
    return found


async def _rows(request: web.Request, found: Sequence[Gathering]) -> list[Row]:
    counts = await scheduling.counts(database(request), [one.id for one in found])
    return [_row(request, one, counts[one.id]) for one in found]


def _row(request: web.Request, found: Gathering, counts: Counts) -> Row:
    standing = found.standing(now(request))
    unmarked = standing is Status.HELD and not counts.present and tallies.attending(counts) > 0
    names = access.can(actor(request), Verb.SEE_ROSTER, scheduling.scope(found))
    over = found.ends_at <= now(request)
    return Row(found, tallies.sentence(texts(request), counts, over=over), standing, names, unmarked)


def _is_soon(request: web.Request, row: Row) -> bool:
    return row.standing is Status.DRAFT and row.gathering.starts_at <= now(request) + SOON


ROUTES: Final = [
    Route("GET", "/manage", manage, Access.MANAGER, private=True),
    Route("GET", "/manage/past", past, Access.MANAGER, private=True),
    Route("GET", f"/manage/gatherings/{NUMBER}", gathering, Access.MANAGER, private=True),
    Route("GET", f"/manage/gatherings/{NUMBER}/publish", ask_publish, Access.MANAGER, private=True),
    Route("POST", f"/manage/gatherings/{NUMBER}/publish", publish, Access.MANAGER, private=True),
    Route("GET", f"/manage/gatherings/{NUMBER}/cancel", ask_cancel, Access.MANAGER, private=True),
    Route("POST", f"/manage/gatherings/{NUMBER}/cancel", cancel, Access.MANAGER, private=True),
]
