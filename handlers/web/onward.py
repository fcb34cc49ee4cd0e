"""Where a visitor goes after signing in: a name from a list, never an address, so that nobody is sent elsewhere."""

import re
from typing import Final

from aiohttp import web

from handlers.web import sessions
from handlers.web.site import site

FIELD: Final = "next"
_COOKIE: Final = "kring-next"
_HOME: Final = "/me"
_PAGES: Final = {"agenda": "/", "me": "/me", "data": "/me/data", "manage": "/manage", "plan": "/manage/plan"}
_NUMBERED: Final = re.compile(r"(gathering|roster|person):([0-9]{1,18})", re.ASCII)
_CIRCLE: Final = re.compile(r"circle:([a-z0-9-]{1,80})", re.ASCII)
_NUMBERED_PAGES: Final = {
    "gathering": "/gatherings/{}",
    "roster": "/manage/gatherings/{}",
    "person": "/manage/people/{}/data",
}


def path(wish: str) -> str:
    """Return the page that a wish names; one's own page for anything else."""
    if page := _PAGES.get(wish):
        return page
    if numbered := _NUMBERED.fullmatch(wish):
        return _NUMBERED_PAGES[numbered[1]].format(int(numbered[2]))
    if circle := _CIRCLE.fullmatch(wish):
        return f"/circles/{circle[1]}"
    return _HOME


def wish_for(request: web.Request) -> str:
    """Name the page that somebody wanted before they had to sign in."""
    numbered = re.fullmatch(r"/(manage/)?gatherings/([0-9]{1,18})(/.*)?", request.path, re.ASCII)
    if numbered:
        return f"{'roster' if numbered[1] else 'gathering'}:{numbered[2]}"
    return next((name for name, page in _PAGES.items() if page == request.path), "me")


def remember(request: web.Request, response: web.StreamResponse, wish: str) -> None:
    """Keep a wish in the browser while somebody looks for the mail."""
    if path(wish) != _HOME:
        sessions.keep(request, response, _COOKIE, wish)


def take(request: web.Request, response: web.StreamResponse) -> str:
    """Return the page that was wished for, and forget the wish."""
    wish = request.cookies.get(site(request).cookie(_COOKIE), "")
    if wish:
        sessions.drop(request, response, _COOKIE)
    return path(wish)
