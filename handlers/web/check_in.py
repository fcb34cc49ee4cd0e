"""Checking in oneself: what the door shows, the page behind it, and the link that is mailed from there.

Nothing is done on GET; each page has one button.
"""

from typing import Final

from aiohttp import web
from markupsafe import Markup

from handlers.web import answers, forms, sessions
from handlers.web.render import go, link, page
from handlers.web.routes import Access, Guard, Route
from handlers.web.site import KEYS, NUMBER, actor, database, ident, now
from service.actions import checking_in
from service.actions.allowances import allow, network
from service.errors import Expired, Invalid, NotFound
from service.rules.checking_in import LEAD

REFRESH: Final = 30
"""Seconds after which the door shows the next sign."""

STILL: Final = "still"


async def sign(request: web.Request) -> web.Response:
    """Show the sign that people at the door look at; it renews itself unless it is asked not to."""
    shown = await checking_in.sign(
        database(request), actor(request), ident(request), keys=request.app[KEYS], now=now(request)
    )
    address = link(request, f"/here/{shown.handle}") if shown.handle else ""
    still = STILL in request.query
    response = page(
        request,
        "check_in_sign.html",
        gathering=shown.gathering,
        picture=_picture(address) if address else "",
        code=shown.code,
        opens=shown.gathering.starts_at - LEAD,
        over=shown.gathering.ends_at <= now(request),
        still=still,
    )
    if address and not still:
        response.headers["Refresh"] = str(REFRESH)
    return response


async def here(request: web.Request) -> web.Response:
    """Show what the sign leads to: one button for somebody signed in, a link by mail for everybody else."""
    return await _here(request)


async def check_in(request: web.Request) -> web.Response:
    """Mark the visitor, who has signed in, as present."""
    try:
        found = await checking_in.check_in(
            database(request), actor(request), _handle(request), keys=request.app[KEYS], now=now(request)
        )
    except Expired:
        return page(request, "checked_in.html", status=410, gathering=None)
    return page(request, "checked_in.html", gathering=found)


async def mail(request: web.Request) -> web.Response:
    """Mail a link to check in with; the same answer whoever asks."""
    name, email = await forms.text(request, "name"), await forms.text(request, "email")
    keys = request.app[KEYS]
    if not await allow(
        database(request), checking_in.NETWORK, network(sessions.client(request)), keys=keys, now=now(request)
    ):
        raise web.HTTPTooManyRequests(headers={"Retry-After": "3600"})
    try:
        await checking_in.ask_for_link(
            database(request), _handle(request), name=name, email=email, keys=keys, now=now(request)
        )
    except Invalid as error:
        return await _here(request, status=400, fault=error.field, name=name, email=email)
    except Expired:
        return page(request, "checked_in.html", status=410, gathering=None)
    return page(request, "check_in_mailed.html")


async def by_link(request: web.Request) -> web.Response:
    """Show what a mailed link checks in to."""
    try:
        found, _ = await checking_in.by_link(
            database(request), _handle(request), keys=request.app[KEYS], now=now(request)
        )
    except (NotFound, Expired) as error:
        return answers.gone(request, error)
    return page(request, "check_in.html", gathering=found, known=True, fault="", name="", email="")


async def check_in_by_link(request: web.Request) -> web.Response:
    """Mark the holder of a mailed link as present."""
    try:
        found = await checking_in.check_in_by_link(
            database(request), _handle(request), keys=request.app[KEYS], now=now(request)
        )
    except (NotFound, Expired) as error:
        return answers.gone(request, error)
    return page(request, "checked_in.html", gathering=found)


async def by_code(request: web.Request) -> web.Response:
    """Mark the holder of an answer link as present, who has typed the code at the door."""
    try:
        found = await checking_in.check_in_by_code(
            database(request),
            _handle(request),
            await forms.text(request, "code"),
            keys=request.app[KEYS],
            now=now(request),
        )
    except Invalid:
        return go(f"/r/{_handle(request)}?code#answer")
    except (NotFound, Expired):
        return go(f"/r/{_handle(request)}")
    return page(request, "checked_in.html", gathering=found)


async def _here(
    request: web.Request, *, status: int = 200, fault: str = "", name: str = "", email: str = ""
) -> web.Response:
    try:
        found = await checking_in.behind(database(request), _handle(request), keys=request.app[KEYS], now=now(request))
    except (NotFound, Expired) as error:
        return page(request, "checked_in.html", status=410 if isinstance(error, Expired) else 404, gathering=None)
    known = actor(request).signed_in
    return page(
        request, "check_in.html", status=status, gathering=found, known=known, fault=fault, name=name, email=email
    )


def _picture(address: str) -> Markup:
    """Draw a QR code that a phone reads from a few metres, dark on light in any colour scheme."""
    import segno  # only who shows a sign waits for it

    drawn = segno.make(address, error="m").svg_inline(scale=8, border=4, dark="#000", light="#fff", omitsize=True)
    return Markup(drawn)  # noqa: S704  # made of squares: nothing in it was typed


def _handle(request: web.Request) -> str:
    return request.match_info["handle"]


ROUTES: Final = [
    Route("GET", f"/manage/gatherings/{NUMBER}/check-in", sign, Access.MANAGER, private=True),
    Route("GET", "/here/{handle}", here, private=True),
    Route("POST", "/here/{handle}", check_in, Access.SIGNED_IN, private=True),
    Route("POST", "/here/{handle}/mail", mail, guard=Guard.OPEN, private=True),
    Route("GET", "/present/{handle}", by_link, Access.HANDLE, Guard.HANDLE, private=True, session=False),
    Route("POST", "/present/{handle}", check_in_by_link, Access.HANDLE, Guard.HANDLE, private=True, session=False),
    Route("POST", "/r/{handle}/here", by_code, Access.HANDLE, Guard.HANDLE, private=True, session=False),
]
