"""How was it: the page on which somebody who was there gives a mark, from the link in the mail or signed in.

A link with a mark in it only chooses it; one button gives it.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from handlers.web import answers, forms
from handlers.web.render import go, page
from handlers.web.routes import Access, Guard, Route
from handlers.web.site import KEYS, NUMBER, actor, database, ident, now
from service.actions import ratings
from service.actions.ratings import Visit
from service.errors import Expired, Invalid, NotFound
from service.model import Gathering
from service.rules.ratings import HIGHEST, LOWEST

SAVED: Final = "saved"
SCORES: Final = range(LOWEST, HIGHEST + 1)

Rate = Callable[[int, str | None], Awaitable[Gathering]]


async def show_by_handle(request: web.Request) -> web.Response:
    """Show the page to the holder of an answer link."""
    try:
        visit = await ratings.by_handle(database(request), _handle(request), keys=request.app[KEYS], now=now(request))
    except (NotFound, Expired) as error:
        return answers.gone(request, error)
    return _page(request, visit)


async def rate_by_handle(request: web.Request) -> web.Response:
    """Keep the mark of the holder of an answer link."""

    async def rate(score: int, comment: str | None) -> Gathering:
        keys = request.app[KEYS]
        return await ratings.rate_by_handle(
            database(request), _handle(request), score, comment, keys=keys, now=now(request)
        )

    try:
        return await _keep(request, rate)
    except (NotFound, Expired) as error:
        return answers.gone(request, error)


async def show(request: web.Request) -> web.Response:
    """Show the page to somebody who has signed in."""
    return _page(request, await ratings.own(database(request), actor(request), ident(request), now=now(request)))


async def rate(request: web.Request) -> web.Response:
    """Keep the mark of somebody who has signed in."""

    async def rate(score: int, comment: str | None) -> Gathering:
        return await ratings.rate(database(request), actor(request), ident(request), score, comment, now=now(request))

    return await _keep(request, rate)


async def _keep(request: web.Request, rate: Rate) -> web.Response:
    given = await forms.text(request, "score")
    if given not in map(str, SCORES):
        raise Invalid("score", "Choose a mark from 1 to 10.")
    comment = (await request.post()).get("comment")
    await rate(int(given), comment if isinstance(comment, str) else None)
    return go(f"{request.path}?{SAVED}")


def _page(request: web.Request, visit: Visit) -> web.Response:
    wish = request.query.get("score", "")
    given = str(visit.given.score) if visit.given else ""
    return page(
        request,
        "rate.html",
        reader=visit.language,
        gathering=visit.gathering,
        open=visit.open,
        scores=SCORES,
        chosen=wish if wish in map(str, SCORES) else given,
        given=given,
        comment=visit.given.comment if visit.given else "",
        early=visit.gathering.ends_at > now(request),
        saved=SAVED in request.query and bool(given),
    )


def _handle(request: web.Request) -> str:
    return request.match_info["handle"]


ROUTES: Final = [
    Route("GET", "/r/{handle}/rate", show_by_handle, Access.HANDLE, Guard.HANDLE, private=True, session=False),
    Route("POST", "/r/{handle}/rate", rate_by_handle, Access.HANDLE, Guard.HANDLE, private=True, session=False),
    Route("GET", f"/gatherings/{NUMBER}/rate", show, Access.SIGNED_IN, private=True),
    Route("POST", f"/gatherings/{NUMBER}/rate", rate, Access.SIGNED_IN, private=True),
]
