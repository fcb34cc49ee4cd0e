"""What is held about somebody: to take along, and to have erased. One's own, and for the team anybody's.

Both ask for having signed in a moment ago: a browser that somebody left open gives nothing away and erases nobody.
"""

import json
from typing import Final

from aiohttp import web

from handlers.web import export_page, forms, sessions
from handlers.web.me import own_circles
from handlers.web.render import go, page, texts
from handlers.web.routes import Access, Route
from handlers.web.site import KEYS, NOBODY, NUMBER, VISITOR, actor, database, ident, now
from service.actions import people, privacy, registration
from service.errors import Conflict, NotAllowed
from service.model import Partstat, Person
from service.texts.catalogue import marked

SURE: Final = ("wissen", "erase")
"""What is typed to be sure, in either language."""

_FAULTS: Final = {
    "sure": marked("Type the word exactly as it stands here, if you are sure."),
    "admin": marked("This is the only admin. Make somebody else an admin first."),
}


async def show(request: web.Request) -> web.Response:
    """Show what can be taken along, and what erasing does."""
    return await _page(request)


async def export(request: web.Request) -> web.Response:
    """Hand over what is held, as JSON or as a page to read."""
    person = await _person(request)
    if not sessions.fresh(request):
        return go(_place(request))
    held = await privacy.export(database(request), actor(request), person.id, keys=request.app[KEYS], now=now(request))
    if await forms.text(request, "format") == "html":
        return _file(export_page.written(request, held), "text/html", f"kring-{person.id}.html")
    body = json.dumps(held, ensure_ascii=False, indent=2)
    return _file(body, "application/json", f"kring-{person.id}.json")


async def erase(request: web.Request) -> web.Response:
    """Erase the person, once that is typed; who erases themselves is signed in no more."""
    person = await _person(request)
    if not sessions.fresh(request):
        return go(_place(request))
    if (await forms.text(request, "sure")).strip().lower() not in SURE:
        return await _page(request, fault="sure")
    try:
        await privacy.erase(database(request), actor(request), person.id, keys=request.app[KEYS], now=now(request))
    except Conflict:
        return await _page(request, fault="admin")
    if person.id != actor(request).person_id:
        return go("/manage/people?saved=erased")
    request[VISITOR] = NOBODY
    response = page(request, "erased.html", address=person.email)
    sessions.forget(request, response)
    return response


async def _page(request: web.Request, *, fault: str = "") -> web.Response:
    db, who, person = database(request), actor(request), await _person(request)
    own = person.id == who.person_id
    coming = [
        one
        for one in (await registration.mine(db, who, now=now(request)) if own else [])
        if one.gathering.starts_at > now(request) and one.registration.partstat == Partstat.ACCEPTED
    ]
    return page(
        request,
        "my_data.html",
        status=400 if fault else 200,
        own=own,
        person=person,
        place=_place(request),
        wish="data" if own else f"person:{person.id}",
        address=person.email if own else (await people.person(db, who, who.person_id or 0)).email,
        fresh=sessions.fresh(request),
        coming=coming,
        leads=await own_circles(request, who.facilitates) if own else [],
        word=SURE[texts(request).language == "en"],
        fault=_FAULTS.get(fault, ""),
    )


async def _person(request: web.Request) -> Person:
    """Return whose data these are."""
    who = actor(request)
    number = ident(request) if "id" in request.match_info else who.person_id
    if number is None:
        raise NotAllowed
    return await people.person(database(request), who, number)


def _place(request: web.Request) -> str:
    return f"/manage/people/{ident(request)}/data" if "id" in request.match_info else "/me/data"


def _file(text: str, media: str, name: str) -> web.Response:
    return web.Response(
        body=text.encode(),
        content_type=media,
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


_THEIRS: Final = f"/manage/people/{NUMBER}/data"

ROUTES: Final = [
    Route("GET", "/me/data", show, Access.SIGNED_IN, private=True),
    Route("POST", "/me/data/export", export, Access.SIGNED_IN, private=True),
    Route("POST", "/me/data/erase", erase, Access.SIGNED_IN, private=True),
    Route("GET", _THEIRS, show, Access.STAFF, private=True),
    Route("POST", f"{_THEIRS}/export", export, Access.STAFF, private=True),
    Route("POST", f"{_THEIRS}/erase", erase, Access.STAFF, private=True),
]
