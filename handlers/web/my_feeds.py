"""Making and ending one's own calendar subscriptions; the address of a new one is shown once and kept nowhere.

What calendar programs then read is served elsewhere.
"""

from typing import Final

from aiohttp import web

from handlers.web import forms
from handlers.web.agenda import subscription
from handlers.web.render import go, page
from handlers.web.routes import Access, Route
from handlers.web.site import NUMBER, actor, database, ident, now
from service.actions import circles, feeds


async def make(request: web.Request) -> web.Response:
    """Make a feed and show its address; one of the same sort that was there before stops working."""
    kind, slug = await forms.text(request, "kind"), await forms.text(request, "circle") or None
    token = await feeds.create_feed(database(request), actor(request), kind, slug, now=now(request))
    circle = await circles.get(database(request), actor(request), slug) if slug else None
    return page(request, "feed.html", circle=circle, feed=subscription(request, f"/feeds/{token}.ics"))


async def end(request: web.Request) -> web.Response:
    """End a feed: calendars that read it stop following."""
    who = actor(request)
    await feeds.revoke_feed(database(request), who, who.person_id or 0, ident(request), now=now(request))
    return go("/me#feeds")


ROUTES: Final = [
    Route("POST", "/me/feeds", make, Access.SIGNED_IN, private=True),
    Route("POST", f"/me/feeds/{NUMBER}/end", end, Access.SIGNED_IN, private=True),
]
