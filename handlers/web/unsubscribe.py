"""Unsubscribing from the mails of one circle: a page with a button, and the one-click POST of RFC 8058.

GET shows and changes nothing: mail scanners open every link.
"""

from typing import Final

from aiohttp import web

from handlers.web import forms
from handlers.web.render import go, page
from handlers.web.routes import Access, Guard, Route
from handlers.web.site import KEYS, database, now
from service.actions import unsubscribing
from service.errors import NotFound


async def show(request: web.Request) -> web.Response:
    """Show whether this circle's invitations come by mail, and a button to change that."""
    try:
        found = await unsubscribing.look(database(request), request.match_info["handle"], keys=request.app[KEYS])
    except NotFound:
        return page(request, "gone.html", status=404)
    return page(request, "unsubscribe.html", reader=found.language, subscription=found)


async def change(request: web.Request) -> web.Response:
    """Stop or resume; a mailbox provider that posts one click gets 200 and no redirect (RFC 8058 section 3.1)."""
    handle, one_click = request.match_info["handle"], await forms.one_click(request)
    wanted = not one_click and await forms.text(request, "mails") == "yes"
    try:
        await unsubscribing.set_mails(database(request), handle, wanted, keys=request.app[KEYS], now=now(request))
    except NotFound:
        return page(request, "gone.html", status=404)
    return await show(request) if one_click else go(f"/u/{handle}")


ROUTES: Final = [
    Route("GET", "/u/{handle}", show, Access.HANDLE, Guard.HANDLE, private=True, session=False),
    Route("POST", "/u/{handle}", change, Access.HANDLE, Guard.ONE_CLICK, private=True, session=False),
]
