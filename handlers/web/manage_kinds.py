"""The kinds of circle as the team keeps them: a policy per kind, in words instead of codes."""

from typing import Any, Final

from aiohttp import web

from handlers.web import filling
from handlers.web.filling import Faults
from handlers.web.manage_circles import JOINING, LANGUAGES, SAVED, VISIBILITY
from handlers.web.render import go, page, texts
from handlers.web.routes import Access, Route
from handlers.web.site import actor, database, now
from service.actions import circles, kinds
from service.errors import Conflict, Invalid
from service.formats import slugs
from service.texts.catalogue import marked

REMINDERS: Final = {
    "P14D": marked("two weeks before"),
    "P7D": marked("a week before"),
    "P3D": marked("three days before"),
    "P1D": marked("the day before"),
    "PT2H": marked("two hours before"),
}
"""The reminders that the page offers, in the order in which they come."""

_FAULTS: Final = {
    "label": marked("Give it a name, in Dutch, in English or in both."),
    "name": marked("Give it a name with letters in it."),
    "minimum": marked("Fill in a whole number, at most that of the places and of the members, or leave it empty."),
    "most_members": marked("Fill in a whole number, or leave it empty when there is no limit."),
    "reminders": marked("Choose at most five reminders."),
    "conflict": marked("There is a kind of this name already. Choose another name."),
}
_CONFIDENTIAL: Final = {
    "conflict": marked("There are circles of this kind, and what was told in confidence stays so."),
}
_NUMBERS: Final = ("capacity", "organisation_quota", "minimum", "most_members")
_FLAGS: Final = ("confidential", "approval", "rating", "facilitators_count")
KIND: Final = "{kind:[a-z_]{1,80}}"


async def every(request: web.Request) -> web.Response:
    """List the kinds with the heart of their policy."""
    spoken = texts(request).language
    found = sorted(await circles.kinds(database(request)), key=lambda kind: kind.label(spoken).casefold())
    saved = marked("Saved.") if request.query.get(SAVED) else ""
    return page(request, "manage_kinds.html", kinds=found, joining=JOINING, visibility=VISIBILITY, saved=saved)


async def ask_new(request: web.Request) -> web.Response:
    """Show the form for a new kind."""
    return _form(request, "", dict(kinds.NEW), {})


async def make(request: web.Request) -> web.Response:
    """Add a kind; its name in the API is made from what it is called."""
    given = await _read(request)
    name = slugs.kind_name(given["label_en"] or given["label_nl"])
    try:
        if not given["label_nl"].strip() and not given["label_en"].strip():
            raise Invalid("label", "")
        await kinds.create(database(request), actor(request), name, given)
    except (Invalid, Conflict) as error:
        return _form(request, "", given, filling.faults(error, filling.FAULTS | _FAULTS))
    return go(f"/manage/kinds?{SAVED}=yes")


async def ask_edit(request: web.Request) -> web.Response:
    """Show the policy of a kind as a form."""
    found = await kinds.get(database(request), actor(request), request.match_info["kind"])
    return _form(request, found.name, {name: getattr(found, name) for name in kinds.NEW}, {})


async def edit(request: web.Request) -> web.Response:
    """Save the policy of a kind; reminders that the page does not offer stay."""
    db, who, name = database(request), actor(request), request.match_info["kind"]
    found = await kinds.get(db, who, name)
    given = await _read(request)
    given["reminders"] = [one for one in found.reminders if one not in REMINDERS] + given["reminders"]
    try:
        await kinds.change(db, who, name, given, now=now(request))
    except (Invalid, Conflict) as error:
        return _form(request, name, given, filling.faults(error, filling.FAULTS | _FAULTS | _CONFIDENTIAL))
    return go(f"/manage/kinds?{SAVED}=yes")


async def _read(request: web.Request) -> dict[str, Any]:
    typed = await filling.typed(request)
    given: dict[str, Any] = {name: typed.get(name, "") for name in ("label_nl", "label_en", "visibility", "joining")}
    given |= {name: filling.whole(typed.get(name, "")) for name in _NUMBERS}
    given |= {name: typed.get(name) == "yes" for name in _FLAGS}
    given["reminders"] = [one for one in await filling.ticked(request, "reminders") if one in REMINDERS]
    given["language"] = typed.get("language") or None
    return given


def _form(request: web.Request, name: str, given: dict[str, Any], faults: Faults) -> web.Response:
    return page(
        request,
        "manage_kind.html",
        name=name,
        given=given,
        faults=faults,
        joining=JOINING,
        visibility=VISIBILITY,
        reminders=REMINDERS,
        languages=LANGUAGES,
    )


ROUTES: Final = [
    Route("GET", "/manage/kinds", every, Access.STAFF, private=True),
    Route("GET", "/manage/new-kind", ask_new, Access.STAFF, private=True),
    Route("POST", "/manage/new-kind", make, Access.STAFF, private=True),
    Route("GET", f"/manage/kinds/{KIND}", ask_edit, Access.STAFF, private=True),
    Route("POST", f"/manage/kinds/{KIND}", edit, Access.STAFF, private=True),
]
