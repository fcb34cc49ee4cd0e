"""What is left of a gathering: its report, told once to those who were there, links and small files.

Whoever leads it writes and adds on one page; everybody who may see them finds them at the gathering.
"""

from typing import Final

from aiohttp import web

from handlers.web import filling, forms, manage, steps
from handlers.web.filling import Faults, Typed
from handlers.web.render import go, page
from handlers.web.routes import Access, Route
from handlers.web.site import COALESCE, NUMBER, actor, database, ident, now
from service.actions import broadcasting, materials, scheduling
from service.errors import Conflict, Invalid
from service.formats import attachments
from service.model import Audience
from service.rules import access
from service.rules.access import Verb
from service.texts.catalogue import marked

LARGEST_FORM: Final = attachments.LARGEST + 512 * 1024
"""Bytes of a form with a file and what stands around it."""

_FAULTS: Final = {
    "url": marked(
        "Fill in a web address that starts with https://, at most 2,000 characters long and without a password."
    ),
    "file": marked("Choose a file of at most 5 MB: PDF, PNG, JPEG, Word, PowerPoint, Excel or OpenDocument."),
    "text": marked("This is too long. Make it shorter, or put it into a file."),
    "conflict": marked("There are twenty already. Remove something first."),
}
_SAVED: Final = {
    "report": marked("Saved. Nobody has been told yet."),
    "told": marked("The report is on its way."),
    "added": marked("Added."),
    "removed": marked("Removed."),
}


async def after(request: web.Request) -> web.Response:
    """Show what is left of a gathering to whoever leads it, with what can be added."""
    return await _show(request)


async def write(request: web.Request) -> web.Response:
    """Keep the report."""
    typed = await filling.without(request)
    try:
        await materials.write_report(
            database(request), actor(request), ident(request), typed.get("text", ""), now=now(request)
        )
    except Invalid as error:
        return await _show(request, typed=typed, faults=filling.faults(error, _FAULTS))
    return _saved(request, "report")


async def ask_tell(request: web.Request) -> web.Response:
    """Ask whether to tell the report, showing what it says and how many hear it."""
    found = await steps.run(request)
    kept = await materials.kept(database(request), actor(request), found.id)
    counts = await broadcasting.count(database(request), actor(request), found.id)
    return page(
        request,
        "report_tell.html",
        gathering=found,
        report=kept.report,
        materials=kept.materials,
        count=counts[Audience.PRESENT],
        over=found.ends_at <= now(request),
        place=_place(found.id),
    )


async def tell(request: web.Request) -> web.Response:
    """Tell the report to those who were there."""
    await materials.tell_report(
        database(request), actor(request), ident(request), now=now(request), pause=request.app[COALESCE]
    )
    return _saved(request, "told")


async def add_link(request: web.Request) -> web.Response:
    """Keep a link."""
    typed = await filling.without(request)
    title, url = typed.get("title", ""), typed.get("url", "")
    try:
        await materials.add_link(
            database(request), actor(request), ident(request), title=title, url=url, now=now(request)
        )
    except (Invalid, Conflict) as error:
        return await _show(request, status=_status(error), typed=typed, faults=filling.faults(error, _FAULTS))
    return _saved(request, "added")


async def add_file(request: web.Request) -> web.Response:
    """Keep a file."""
    given = (await request.post()).get("file")
    name, content = _received(given) if isinstance(given, web.FileField) else ("", b"")
    title = await forms.text(request, "title")
    try:
        await materials.add_file(
            database(request), actor(request), ident(request), title=title, name=name, content=content, now=now(request)
        )
    except (Invalid, Conflict) as error:
        return await _show(request, status=_status(error), faults=filling.faults(error, _FAULTS))
    return _saved(request, "added")


def _received(given: web.FileField) -> tuple[str, bytes]:
    with given.file as file:
        return given.filename, file.read()


async def remove(request: web.Request) -> web.Response:
    """Throw away a link or a file."""
    await materials.remove(database(request), actor(request), ident(request), ident(request, "material"))
    return _saved(request, "removed")


async def download(request: web.Request) -> web.Response:
    """Hand over a file, for a browser to keep and not to show."""
    found = await materials.file(database(request), actor(request), ident(request), ident(request, "material"))
    headers = {"Content-Disposition": attachments.disposition(found.name)}
    return web.Response(body=found.content, content_type=found.media_type, headers=headers)


async def _show(
    request: web.Request, *, status: int | None = None, typed: Typed | None = None, faults: Faults | None = None
) -> web.Response:
    found = await scheduling.get(database(request), actor(request), ident(request))
    access.require(actor(request), Verb.EDIT_MATERIAL, scheduling.scope(found))
    kept = await materials.kept(database(request), actor(request), found.id)
    text = kept.report.text if kept.report else ""
    return page(
        request,
        "report.html",
        status=status,
        gathering=found,
        report=kept.report,
        materials=kept.materials,
        typed={"text": text, "title": "", "url": "", **(typed or {})},
        faults=faults,
        saved=_SAVED.get(request.query.get(manage.SAVED, ""), ""),
        over=found.ends_at <= now(request),
        place=_place(found.id),
        longest=broadcasting.LONGEST,
    )


def _saved(request: web.Request, what: str) -> web.Response:
    return go(f"{_place(ident(request))}?{manage.SAVED}={what}")


def _status(error: Invalid | Conflict) -> int:
    return 409 if isinstance(error, Conflict) else 400


def _place(gathering_id: int) -> str:
    return f"/manage/gatherings/{gathering_id}/report"


_PLACE: Final = f"/manage/gatherings/{NUMBER}/report"
_MATERIAL: Final = r"{material:\d{1,18}}"

ROUTES: Final = [
    Route("GET", _PLACE, after, Access.MANAGER, private=True),
    Route("POST", _PLACE, write, Access.MANAGER, private=True),
    Route("GET", f"{_PLACE}/tell", ask_tell, Access.MANAGER, private=True),
    Route("POST", f"{_PLACE}/tell", tell, Access.MANAGER, private=True),
    Route("POST", f"{_PLACE}/links", add_link, Access.MANAGER, private=True),
    Route("POST", f"{_PLACE}/files", add_file, Access.MANAGER, private=True, files=True, largest=LARGEST_FORM),
    Route("POST", f"{_PLACE}/materials/{_MATERIAL}/remove", remove, Access.MANAGER, private=True),
    Route("GET", f"/gatherings/{NUMBER}/materials/{_MATERIAL}", download, private=True),
]
