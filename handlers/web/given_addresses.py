"""Saying whether an address that somebody else gave is one's own: a page with two buttons."""

from typing import Final

from aiohttp import web

from handlers.web import forms
from handlers.web.render import go, page
from handlers.web.routes import Access, Guard, Route
from handlers.web.site import KEYS, database
from service.actions import given_addresses
from service.errors import NotFound


async def show(request: web.Request) -> web.Response:
    """Show the address, as far as its owner needs it, and ask; opening it changes nothing."""
    try:
        given = await given_addresses.look(database(request), request.match_info["handle"], keys=request.app[KEYS])
    except NotFound:
        return page(request, "gone.html", status=404)
    return page(request, "given_address.html", reader=given.language, given=given)


async def decide(request: web.Request) -> web.Response:
    """Take it for theirs, or take it away; anything but a clear yes or no changes nothing."""
    handle, said = request.match_info["handle"], await forms.text(request, "mine")
    try:
        given = await given_addresses.look(database(request), handle, keys=request.app[KEYS])
        if said == "yes":
            await given_addresses.confirm(database(request), handle, keys=request.app[KEYS])
        elif said == "no":
            await given_addresses.take_away(database(request), handle, keys=request.app[KEYS])
            return page(request, "given_address.html", reader=given.language, given=None)
    except NotFound:
        return page(request, "gone.html", status=404)
    return go(f"/address/{handle}")


ROUTES: Final = [
    Route("GET", "/address/{handle}", show, Access.HANDLE, Guard.HANDLE, private=True, session=False),
    Route("POST", "/address/{handle}", decide, Access.HANDLE, Guard.HANDLE, private=True, session=False),
]
