"""Calendar feeds over HTTP: what a calendar program fetches, again and again.

What a feed holds is written in `service/actions/feeds.py`; making and ending one's own is in `my_feeds`.
"""

import re
from typing import Final

from aiohttp import web

from handlers.web.routes import Access, Route
from handlers.web.site import database, now, site
from service.actions import feeds
from service.actions.feed_writing import Kept
from service.actions.feeds import FeedAnswer
from service.errors import Expired, NotFound
from service.model import Language
from service.texts.catalogue import marked, translator

KEPT: Final[web.AppKey[Kept]] = web.AppKey("feeds", Kept)
"""What this process has written of feeds; whoever runs it calls `feeds.flush_usage(db, app[KEPT])` every minute."""

_FIELDS: Final = {"Content-Type": "text/calendar; charset=utf-8", "Vary": "Accept-Encoding", "X-Robots-Tag": "noindex"}
_COMMON: Final = "public, max-age=60"
_OWN: Final = "private, no-cache"
_GZIP: Final = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", re.IGNORECASE)  # RFC 9110 section 12.5.3
_NEVER: Final = marked("There is no calendar at this address.")
_ENDED: Final = marked("This calendar address works no longer. You can make a new one on your own page.")


async def public(request: web.Request) -> web.Response:
    """Serve the public feed, in the association's language unless the address asks for another."""
    wish = request.query.get("lang")
    return await _serve(request, None, str(wish) if wish in tuple(Language) else None)


async def own(request: web.Request) -> web.Response:
    """Serve the feed of a token, in the language of its owner."""
    return await _serve(request, request.match_info["token"], None)


async def _serve(request: web.Request, token: str | None, language: str | None) -> web.Response:
    try:
        answer = await feeds.read(
            database(request),
            request.app[KEPT],
            token,
            association=site(request),
            language=language,
            if_none_match=request.headers.get("If-None-Match", ""),
            now=now(request),
        )
    except NotFound:
        return _refusal(request, 404, _NEVER)
    except Expired:
        return _refusal(request, 410, _ENDED)
    return _response(answer, zipped=bool(_GZIP.search(request.headers.get("Accept-Encoding", ""))))


def _response(answer: FeedAnswer, *, zipped: bool) -> web.Response:
    """Answer with the feed, or 304; If-Modified-Since is not looked at, for a removal leaves nothing to date."""
    # The two codings are two representations, and strong tags must tell them apart (RFC 9110 section 8.8.3.3).
    tag = f'{answer.tag[:-1]}-gzip"' if zipped else answer.tag
    fields = _FIELDS | {"ETag": tag, "Cache-Control": _COMMON if answer.common else _OWN}
    if answer.body is None:
        return web.Response(status=304, headers=fields)
    if zipped:
        fields["Content-Encoding"] = "gzip"
    response = web.Response(body=answer.body.zipped if zipped else answer.body.plain, headers=fields)
    # never later than Date (RFC 9110 section 8.8.2.1): aiohttp would round a fraction up
    response.last_modified = answer.body.changed_at.replace(microsecond=0)
    return response


def _refusal(request: web.Request, status: int, text: str) -> web.Response:
    """Refuse in a line of plain text: no person reads it, and no page with cookies is wanted here."""
    spoken = translator(site(request).language)
    return web.Response(status=status, text=spoken.message(text) + "\n", headers={"X-Robots-Tag": "noindex"})


ROUTES: Final = [
    Route("GET", "/feeds/public.ics", public, session=False),
    Route("GET", "/feeds/{token}.ics", own, Access.HANDLE, session=False),
]
