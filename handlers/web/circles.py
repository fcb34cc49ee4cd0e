"""The circles that a visitor may see, each with what it is for and when it meets; joining and leaving one."""

from collections.abc import Iterable
from contextlib import suppress
from itertools import groupby
from typing import Final

from aiohttp import web

from handlers.web import forms, paging
from handlers.web.agenda import by_month, lines
from handlers.web.render import go, page, texts
from handlers.web.routes import Access, Route
from handlers.web.site import actor, database, now
from service.actions import circles, joining, members, scheduling, unsubscribing
from service.errors import Conflict
from service.model import Circle
from service.rules import access
from service.rules.access import Verb

SLUG: Final = "{slug:[a-z0-9-]{1,80}}"
_PAGE: Final = 200
_COMING: Final = 50


async def overview(request: web.Request) -> web.Response:
    """Show the circles, programme by programme."""
    db, who = database(request), actor(request)
    found = await circles.visible(db, who, after=request.query.get("after", "")[:80], limit=_PAGE + 1)
    shown, more = paging.first(found, _PAGE, lambda one: one.slug)
    return page(
        request,
        "circles.html",
        programmes=_by_programme(shown, texts(request).language),
        labels=await labels(request),
        memberships=await unsubscribing.memberships(db, who),
        more=more,
    )


async def circle(request: web.Request) -> web.Response:
    """Show one circle with what it has planned."""
    db, who = database(request), actor(request)
    found = await circles.get(db, who, request.match_info["slug"])
    coming = await scheduling.upcoming(db, who, since=now(request), circle=found.slug, limit=_COMING)
    return page(
        request,
        "circle.html",
        circle=found,
        label=(await labels(request))[found.kind],
        months=by_month(await lines(request, coming)),
        membership=(await unsubscribing.memberships(db, who)).get(found.id),
        runs=access.can(who, Verb.SET_MEMBERS, circles.scope(found)),
        complete=await members.complete(db, who, found),
        wish=f"circle:{found.slug}",
    )


async def join(request: web.Request) -> web.Response:
    """Join a circle, or ask to, as its kind allows."""
    db, who, slug = database(request), actor(request), request.match_info["slug"]
    with suppress(Conflict):  # complete or closed in the meantime, which the page says
        await joining.join(db, who, slug, now=now(request))
    return go(f"/circles/{slug}")


async def leave(request: web.Request) -> web.Response:
    """Leave a circle; one that is seen only from inside is left for one's own page."""
    db, who, slug = database(request), actor(request), request.match_info["slug"]
    await joining.leave(db, who, slug, now=now(request))
    return go("/me#circles")


async def mails(request: web.Request) -> web.Response:
    """Stop or resume the invitations of an own circle."""
    db, who = database(request), actor(request)
    found = await circles.get(db, who, request.match_info["slug"])
    wanted = await forms.text(request, "mails") == "yes"
    await unsubscribing.choose(db, who, found.id, wanted, now=now(request))
    return go(f"/circles/{found.slug}")


async def labels(request: web.Request) -> dict[str, str]:
    """Return what each kind of circle is called."""
    spoken = texts(request).language
    return {kind.name: kind.label(spoken) for kind in await circles.kinds(database(request))}


def _by_programme(found: Iterable[Circle], spoken: str) -> list[tuple[str, list[Circle]]]:
    """Group circles by programme; those without one come last."""
    ordered = sorted(found, key=lambda one: (not one.programme, one.programme, one.title(spoken).casefold()))
    return [(programme, list(group)) for programme, group in groupby(ordered, lambda one: one.programme)]


ROUTES: Final = [
    Route("GET", "/circles", overview),
    Route("GET", f"/circles/{SLUG}", circle),
    Route("POST", f"/circles/{SLUG}/join", join, Access.SIGNED_IN),
    Route("POST", f"/circles/{SLUG}/leave", leave, Access.SIGNED_IN),
    Route("POST", f"/circles/{SLUG}/mails", mails, Access.SIGNED_IN),
]
