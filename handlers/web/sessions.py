"""The cookies of a browser: its session, and the secret by which a sign-in link knows the browser that asked.

What a session is worth is decided in `service/actions/web_sessions.py`.
"""

from collections.abc import Mapping
from datetime import datetime
from ipaddress import ip_address
from typing import Final

from aiohttp import web

from handlers.web import agents
from handlers.web.site import NOBODY, Visitor, database, now, site, visitor
from service.actions import web_sessions
from service.actions.web_sessions import Begun
from service.database import Database
from service.formats.tokens import hashed

SESSION: Final = "kring"
BROWSER: Final = "kring-browser"
_LONGEST: Final = 100  # characters; our own tokens have 43
_BROWSER_KEPT: Final = 3600  # seconds


class LastUsed:
    """When this process last met each session, until somebody writes it down: a GET writes nothing."""

    def __init__(self) -> None:
        self._seen: dict[bytes, datetime] = {}
        self._unwritten: dict[bytes, datetime] = {}

    def seen(self, token: str) -> datetime | None:
        """Return when a session was last met here."""
        return self._seen.get(hashed(token))

    def note(self, token: str, moment: datetime) -> None:
        """Remember that a session was met."""
        self._seen[hashed(token)] = self._unwritten[hashed(token)] = moment

    async def flush(self, db: Database) -> None:
        """Write down what was noted since the last time, in one statement; to be called about once a minute."""
        written, self._unwritten = self._unwritten, {}
        if not written:
            return
        try:
            await web_sessions.note_used(db, written)
        except BaseException:
            self._keep(written)
            raise
        self._seen = dict(self._unwritten)  # what the database knows need not be known here

    def _keep(self, unwritten: Mapping[bytes, datetime]) -> None:
        self._unwritten = {**unwritten, **self._unwritten}


LAST_USED: web.AppKey[LastUsed] = web.AppKey("last_used", LastUsed)


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
    met = request.app[LAST_USED]
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
