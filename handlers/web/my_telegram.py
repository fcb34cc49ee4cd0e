"""The chat of one's own page: connect it with a link that works once, and disconnect it."""

from typing import Final

from aiohttp import web
from markupsafe import Markup

from handlers.web.render import go, page
from handlers.web.routes import Access, Route
from handlers.web.site import actor, database, now
from service.actions import linking, preferences, remembering
from service.channels import MAIL
from service.errors import NotFound

CHANNEL: Final = "telegram"


async def connection(request: web.Request) -> dict[str, object] | None:
    """Tell the page of the chat: whether it is connected, reached and preferred, and whether mail would be reached.

    None where there is no bot.
    """
    db, who = database(request), actor(request)
    if await remembering.name(db, CHANNEL) is None:
        return None
    found = await preferences.get(db, who, who.person_id or 0)
    return {
        "connected": await linking.connected(db, who, CHANNEL),
        "reached": CHANNEL in found.channels,
        "preferred": found.preferred_channel == CHANNEL,
        "by_mail": MAIL in found.channels,
    }


async def connect(request: web.Request) -> web.Response:
    """Show a link that connects a chat, once; also as a square for the camera of a telephone."""
    db = database(request)
    name = await remembering.name(db, CHANNEL)
    if name is None:
        raise NotFound
    import segno  # only who connects pays for it

    token = await linking.begin(db, actor(request), CHANNEL, now=now(request))
    link = f"https://t.me/{name}?start=l_{token}"
    square = segno.make(link, error="m").svg_inline(scale=5, border=2, omitsize=True, svgclass="square", lineclass=None)
    # Drawn by us from a link of our own making: nothing that anybody typed is in it.
    return page(request, "telegram.html", link=link, square=Markup(square))  # noqa: S704


async def disconnect(request: web.Request) -> web.Response:
    """Part from one's chats."""
    await linking.disconnect(database(request), actor(request), CHANNEL, now=now(request))
    return go("/me#telegram")


ROUTES: Final = [
    Route("POST", "/me/telegram", connect, Access.SIGNED_IN, private=True),
    Route("POST", "/me/telegram/disconnect", disconnect, Access.SIGNED_IN, private=True),
]
