"""Inviting a guest from outside the association, by name and address."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from handlers.web import filling
from handlers.web.render import go, page
from handlers.web.routes import Access, Route
from handlers.web.site import KEYS, NUMBER, actor, database, now, site
from handlers.web.steps import run
from service.actions import guests, scheduling
from service.actions.allowances import allow
from service.errors import Conflict, Invalid
from service.model import Gathering
from service.rules import access
from service.rules.access import Verb
from service.texts.catalogue import marked

_FAULTS: Final = {
    **filling.FAULTS,
    "conflict": marked("Guests can be invited once the gathering is published, until it begins."),
}
_FIELDS: Final = ("name", "email", "organisation", "language")


async def ask(request: web.Request) -> web.Response:
    """Ask who is to be invited."""
    return _page(request, await _host(request), {"language": site(request).language})


async def invite(request: web.Request) -> web.Response:
    """Invite a guest, who gets the invitation by mail at once."""
    found, form = await _host(request), await filling.typed(request)
    typed = {name: form.get(name, "") for name in _FIELDS}
    db, who, at = database(request), actor(request), now(request)
    try:
        guest = guests.checked(typed)
        if not who.staff and not await allow(db, guests.INVITER, who.name, keys=request.app[KEYS], now=at):
            raise web.HTTPTooManyRequests(headers={"Retry-After": "3600"})
        await guests.invite(db, who, found.id, guest, now=at)
    except (Invalid, Conflict) as error:
        return _page(request, found, typed, faults=filling.faults(error, _FAULTS))
    return go(f"/manage/gatherings/{found.id}/guests?saved")


async def _host(request: web.Request) -> Gathering:
    found = await run(request)
    access.require(actor(request), Verb.INVITE_GUEST, scheduling.scope(found))
    return found


def _page(
    request: web.Request, found: Gathering, typed: Mapping[str, str], *, faults: filling.Faults | None = None
) -> web.Response:
    return page(
        request,
        "guests.html",
        gathering=found,
        typed={name: typed.get(name, "") for name in _FIELDS},
        faults=faults,
        saved="saved" in request.query,
    )


ROUTES: Final = [
    Route("GET", f"/manage/gatherings/{NUMBER}/guests", ask, Access.MANAGER, private=True),
    Route("POST", f"/manage/gatherings/{NUMBER}/guests", invite, Access.MANAGER, private=True),
]
