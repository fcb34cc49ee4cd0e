"""Which language a visitor reads: asked for in the address, kept in a cookie, their own, their browser's, ours.

Chooses; the words are in `service/texts`.
"""

from typing import Final

from aiohttp import web

from handlers.web.site import site, visitor
from service.model import Language

FIELD: Final = "lang"
COOKIE: Final = "kring-lang"
_KEPT: Final = 365 * 24 * 3600  # seconds


def choose(request: web.Request, reader: str | None = None) -> str:
    """Choose the language of a page; `reader` is that of the person it is for, where no session tells."""
    wishes = (
        request.query.get(FIELD),
        request.cookies.get(site(request).cookie(COOKIE)),
        reader or visitor(request).language,
        accepted(request.headers.get("Accept-Language", "")),
    )
    return next((wish for wish in wishes if wish in tuple(Language)), site(request).language)


def remember(request: web.Request, response: web.StreamResponse) -> None:
    """Keep the language that the address asked for, in a cookie."""
    wish = request.query.get(FIELD)
    name = site(request).cookie(COOKIE)
    if wish in tuple(Language) and request.cookies.get(name) != wish:
        keep(request, response, str(wish))


def keep(request: web.Request, response: web.StreamResponse, language: str) -> None:
    """Set the cookie that says which language this browser reads."""
    response.set_cookie(
        site(request).cookie(COOKIE),
        language,
        max_age=_KEPT,
        path="/",
        secure=site(request).secure,
        httponly=True,
        samesite="Lax",
    )


def accepted(header: str) -> str | None:
    """Return the language of ours that a browser likes best (RFC 9110 section 12.5.4)."""
    best, weight = None, 0.0
    for part in header[:200].split(","):
        tag, _, quality = part.strip().partition(";")
        language = tag.strip().lower().partition("-")[0]
        liked = _weight(quality)
        if language in tuple(Language) and liked > weight:
            best, weight = language, liked
    return best


def _weight(quality: str) -> float:
    name, _, value = quality.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
