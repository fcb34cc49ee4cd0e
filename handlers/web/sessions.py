"""The cookies of a browser: its session, and the secret by which a sign-in link knows the browser that asked.

What a session is worth is decided in `service/actions/web_sessions.py`.
"""

from ipaddress import ip_address
from typing import Final

from aiohttp import web

from handlers.web import agents
from handlers.web.last_used import SESSIONS_USED
from handlers.web.site import NOBODY, Visitor, database, now, site, visitor
from service.actions import web_sessions
from service.actions.web_sessions import Begun

SESSION: Final = "kring"
BROWSER: Final = "kring-browser"
_LONGEST: Final = 100  # characters; our own tokens have 43
_BROWSER_KEPT: Final = 3600  # seconds


def token(request: web.Request) -> str:
    """Return the session that this browser holds, whatever it is worth; empty where it holds none."""
    value = request.cookies.get(site(request).cookie(SESSION), "")
    return value if len(value) <= _LONGEST else ""


def agent(request: web.Request) -> str:
    """Say which browser this is."""
    return agents.described(request.headers.get("User-Agent", ""))


async def find(request: web.Request) -> Visitor:
    """Find who is signed in with this browser; reads only."""
    held = token(request)
    if not held:
        return NOBODY
    met = request.app[SESSIONS_USED]
    holder = await web_sessions.holder(database(request), held, seen=met.seen(held), now=now(request))
    if holder is None:
        return NOBODY
    met.note(held, now(request))
    return Visitor(holder.actor, holder.name, holder.language, holder.form_key, holder.begun_at)


def fresh(request: web.Request) -> bool:
    """Tell whether this browser has signed in a moment ago."""
    begun_at = visitor(request).begun_at
    return begun_at is not None and now(request) - begun_at < web_sessions.FRESH


def begin(request: web.Request, response: web.StreamResponse, begun: Begun) -> None:
    """Give the browser its session."""
    _set(request, response, SESSION, begun.token, int((begun.expires_at - now(request)).total_seconds()))


async def end(request: web.Request, response: web.StreamResponse) -> None:
    """End the session that this browser holds, if it holds one, and take the cookie back."""
    if held := token(request):
        await web_sessions.end(database(request), held)
    forget(request, response)


def forget(request: web.Request, response: web.StreamResponse) -> None:
    """Take the session cookie back."""
    drop(request, response, SESSION)


def browser(request: web.Request) -> str | None:
    """Return the secret of a browser that asked for a sign-in mail."""
    value = request.cookies.get(site(request).cookie(BROWSER), "")
    return value if 0 < len(value) <= _LONGEST else None


def mark_browser(request: web.Request, response: web.StreamResponse, secret: str) -> None:
    """Give the browser the secret by which its sign-in link will know it."""
    _set(request, response, BROWSER, secret, _BROWSER_KEPT)


def keep(request: web.Request, response: web.StreamResponse, name: str, value: str) -> None:
    """Keep a small value in the browser while somebody signs in."""
    _set(request, response, name, value, _BROWSER_KEPT)


def drop(request: web.Request, response: web.StreamResponse, name: str) -> None:
    """Take a cookie back."""
    response.del_cookie(
        site(request).cookie(name), path="/", secure=site(request).secure, httponly=True, samesite="Lax"
    )


def client(request: web.Request) -> str | None:
    """Return the address of whoever asks; behind a proxy on our own network, the one that the proxy names."""
    peer = request.remote
    try:
        nearby = ip_address(peer or "").is_private
    except ValueError:
        nearby = True  # a Unix socket
    # Each proxy appends the address it sees: only the last entry was written by ours.
    named = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return named if nearby and named else peer


def _set(request: web.Request, response: web.StreamResponse, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        site(request).cookie(name),
        value,
        max_age=seconds,
        path="/",
        secure=site(request).secure,
        httponly=True,
        samesite="Lax",
    )
