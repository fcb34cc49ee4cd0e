"""Voting for a date: by the link in the mail, without a cookie, or signed in as a member of the circle.

GET shows and changes nothing. Whoever holds the link sees the moments and their own votes, nobody else's.
"""

from dataclasses import dataclass
from typing import Final

from aiohttp import web

from handlers.web import filling
from handlers.web.render import go, page, texts
from handlers.web.routes import Access, Guard, Route
from handlers.web.site import KEYS, NUMBER, actor, database, ident, now, site
from service.actions import voting
from service.actions.voting import Ballot
from service.errors import Expired, NotFound
from service.model import Vote
from service.texts.catalogue import marked

VOTES: Final = (
    (Vote.YES, marked("Yes")),
    (Vote.IF_NEED_BE, marked("If need be")),
    (Vote.NO, marked("No")),
)
SAVED: Final = "saved"
FIELD: Final = "m"
"""Before the number of a moment: what somebody says to it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A moment with what the reader said to it."""

    id: int
    words: str
    vote: str


async def show(request: web.Request) -> web.Response:
    """Show the moments to the holder of a link."""
    try:
        ballot = await voting.by_handle(database(request), request.match_info["handle"], keys=request.app[KEYS])
    except NotFound:
        return page(request, "gone.html", status=404)
    reader = ballot.voter.language if ballot.voter else None
    return _page(request, ballot, f"/p/{request.match_info['handle']}", reader=reader)


async def vote(request: web.Request) -> web.Response:
    """Take the votes of the holder of a link; once the poll is closed the page says so."""
    handle = request.match_info["handle"]
    try:
        await voting.vote_by_handle(
            database(request), handle, await _votes(request), keys=request.app[KEYS], now=now(request)
        )
    except NotFound:
        return page(request, "gone.html", status=404)
    except Expired:
        return go(f"/p/{handle}")
    return go(f"/p/{handle}?{SAVED}")


async def show_own(request: web.Request) -> web.Response:
    """Show the moments to a member of the circle."""
    ballot = await voting.own(database(request), actor(request), ident(request))
    return _page(request, ballot, f"/polls/{ident(request)}")


async def vote_own(request: web.Request) -> web.Response:
    """Take the votes of a member of the circle."""
    number = ident(request)
    try:
        await voting.vote(database(request), actor(request), number, await _votes(request), now=now(request))
    except Expired:
        return go(f"/polls/{number}")
    return go(f"/polls/{number}?{SAVED}")


def _page(request: web.Request, ballot: Ballot, place: str, *, reader: str | None = None) -> web.Response:
    spoken, found = texts(request, reader), ballot.gathering
    rows = [
        Row(
            moment.id,
            spoken.when(moment.starts_local, moment.ends_local, found.timezone, home=site(request).timezone),
            ballot.votes.get(moment.id, ""),
        )
        for moment in ballot.moments
    ]
    return page(
        request,
        "poll.html",
        reader=reader,
        gathering=found,
        place=place,
        rows=rows,
        votes=VOTES,
        open=ballot.open(now(request)),
        voted=ballot.voter is not None and ballot.voter.voted_at is not None,
        saved=SAVED in request.query,
    )


async def _votes(request: web.Request) -> dict[int, str]:
    """Read what was ticked; a moment without a tick is left as it was."""
    form = await filling.typed(request)
    said = {filling.number(name.removeprefix(FIELD)): vote for name, vote in form.items() if name.startswith(FIELD)}
    return {moment: vote for moment, vote in said.items() if moment is not None and vote}


ROUTES: Final = [
    Route("GET", "/p/{handle}", show, Access.HANDLE, Guard.HANDLE, private=True, session=False),
    Route("POST", "/p/{handle}", vote, Access.HANDLE, Guard.HANDLE, private=True, session=False),
    Route("GET", f"/polls/{NUMBER}", show_own, Access.SIGNED_IN, private=True),
    Route("POST", f"/polls/{NUMBER}", vote_own, Access.SIGNED_IN, private=True),
]
