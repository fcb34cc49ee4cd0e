"""At the door: find somebody by a few letters, and let in whoever walks in, on the list or not."""

from typing import Final

from aiohttp import web

from handlers.web import forms, roster
from handlers.web.render import go, page
from handlers.web.routes import Access, Route
from handlers.web.site import NUMBER, actor, database, ident, now
from service.actions import attendance, scheduling
from service.actions.attendance import FEWEST_LETTERS, Search
from service.errors import Invalid
from service.model import Attendance
from service.rules import access
from service.rules.access import Verb


async def find(request: web.Request) -> web.Response:
    """Show who fits what was typed: those on the list to mark, others to let in."""
    text = request.query.get("q", "")
    found = await scheduling.get(database(request), actor(request), ident(request))
    access.require(actor(request), Verb.MARK_ATTENDANCE, scheduling.scope(found))
    try:
        search = await attendance.find(database(request), actor(request), found.id, text, now=now(request))
    except Invalid:
        search = None
    return await _show(request, text, search)


async def walk_in(request: web.Request) -> web.Response:
    """Mark somebody as present who is not on the list: one of those found, or somebody new by name."""
    db, who, number = database(request), actor(request), ident(request)
    person = await forms.text(request, "person")
    if person:
        person_id = roster.number_of(person)
        await attendance.mark(db, who, number, {person_id: Attendance.PRESENT}, now=now(request))
    else:
        name, organisation = await forms.text(request, "name"), await forms.text(request, "organisation")
        try:
            made = await attendance.walk_in(db, who, number, name=name, organisation=organisation, now=now(request))
        except Invalid as error:
            return await _show(request, name, None, status=400, fault=error.field)
        person_id = made.person_id
    place = f"/manage/gatherings/{number}/roster"
    return go(f"{place}?show=coming&{roster.SAVED}=walked-in#{roster.MARK}{person_id}")


async def _show(
    request: web.Request, text: str, search: Search | None, *, status: int = 200, fault: str = ""
) -> web.Response:
    found = await scheduling.get(database(request), actor(request), ident(request))
    listed = await roster.described(request, found, search.listed) if search else []
    return page(
        request,
        "walk_ins.html",
        status=status,
        gathering=found,
        text=text,
        letters=FEWEST_LETTERS,
        searched=search is not None,
        rows=listed,
        passers=search.passers if search else [],
        fault=fault,
        **roster.rights(request, found),
    )


_PLACE: Final = f"/manage/gatherings/{NUMBER}/roster"

ROUTES: Final = [
    Route("GET", f"{_PLACE}/find", find, Access.MANAGER, private=True),
    Route("POST", f"{_PLACE}/walk-in", walk_in, Access.MANAGER, private=True),
]
