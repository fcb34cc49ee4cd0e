"""A series as a whole: its dates with how far each has come, and publishing all of them at once."""

from typing import Final

from aiohttp import web

from handlers.web import previews
from handlers.web.manage import rows
from handlers.web.render import go, page, texts
from handlers.web.routes import Access, Route
from handlers.web.site import NUMBER, actor, database, ident, now, sample
from service.actions import previewing, series
from service.model import Status
from service.texts.catalogue import marked

SAVED: Final = "saved"
_SAVED: Final = {
    "planned": marked("All dates stand as drafts. Look them over, and publish them when they are right."),
    "published": marked("Published. The invitations are on their way."),
}


async def show(request: web.Request) -> web.Response:
    """Show every gathering of a series."""
    found = await series.get(database(request), actor(request), ident(request))
    return page(
        request,
        "series.html",
        series=found,
        rows=await rows(request, found.gatherings),
        drafts=sum(one.status == Status.DRAFT and one.starts_at > now(request) for one in found.gatherings),
        saved=_SAVED.get(request.query.get(SAVED, ""), ""),
    )


async def ask_publish(request: web.Request) -> web.Response:
    """Ask whether to publish all drafts, saying who is invited, to how many gatherings."""
    db, who, spoken = database(request), actor(request), texts(request)
    found = await series.get(db, who, ident(request))
    drafts = [one for one in found.gatherings if one.status == Status.DRAFT and one.starts_at > now(request)]
    # Nobody has been invited to a draft, so that the first stands for all.
    preview = (
        await previewing.publish(db, who, drafts[0].id, language=spoken.language, now=now(request)) if drafts else None
    )
    return page(
        request,
        "series_publish.html",
        series=found,
        drafts=drafts,
        told=previews.sentences(spoken, preview) if preview else [],
        letter=sample(request, preview.sample) if preview else None,
    )


async def publish(request: web.Request) -> web.Response:
    """Publish all drafts of a series."""
    found = await series.publish(database(request), actor(request), ident(request), now=now(request))
    return go(f"/manage/series/{found.id}?{SAVED}=published")


ROUTES: Final = [
    Route("GET", f"/manage/series/{NUMBER}", show, Access.MANAGER, private=True),
    Route("GET", f"/manage/series/{NUMBER}/publish", ask_publish, Access.MANAGER, private=True),
    Route("POST", f"/manage/series/{NUMBER}/publish", publish, Access.MANAGER, private=True),
]
