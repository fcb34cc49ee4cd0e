"""Where messengers bring their updates: the secret decides, the update is kept, and only then acknowledged."""

import hmac
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from handlers.web.routes import Access, Guard, Route

Take = Callable[[bytes], Awaitable[None]]
"""Keeps an update and commits; raises Unavailable, and then the messenger comes back."""

HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"


def routes(*, secret: str, take: Take) -> list[Route]:
    """List the route of a bot whose updates come with this secret; without a secret nothing is let in."""

    async def bring(request: web.Request) -> web.Response:
        """Keep an update. The path proves nothing, for paths end up in logs: only the secret does."""
        # aiohttp reads header bytes that are no UTF-8 as surrogates; compared as bytes, nothing in them is an error.
        given = request.headers.get(HEADER, "").encode("utf-8", "surrogateescape")
        if not secret or not hmac.compare_digest(given, secret.encode()):
            return web.Response(status=401)
        await take(await request.read())
        return web.Response()

    return [Route("POST", "/telegram/{path}", bring, Access.KEY, Guard.NONE, private=True, session=False)]
