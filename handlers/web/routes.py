"""A route as the table of its page module lists it: the path, who may come in, and how its forms are guarded.

The door (`middleware`) obeys these notes and a test enumerates them; what an actor may do is decided by the actions.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Access(StrEnum):
    """Who gets past the door of a route; the actions behind it decide the rest."""

    ANYONE = "anyone"  # shows what the visitor may see
    HANDLE = "handle"  # whoever holds the handle or token in the path
    SIGNED_IN = "signed-in"
    MANAGER = "manager"  # facilitators of any circle, and staff
    STAFF = "staff"
    KEY = "key"  # an API key, checked by the API itself
    LOOPBACK = "loopback"  # the demo's own pages


class Guard(StrEnum):
    """What a POST must carry besides coming from the same origin."""

    FORM = "form"  # the form token of the browser's session
    OPEN = "open"  # the form token of the site: what it does, it does on nobody's behalf
    HANDLE = "handle"  # the form token derived from the handle in the path: no cookie needed
    ONE_CLICK = "one-click"  # as HANDLE, or the body of RFC 8058 section 3.2, from any origin
    NONE = "none"  # no cookie gives it authority


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path.

    `private` pages are never stored by anybody's cache. `session=False` leaves the session cookie unread. `files`
    lets a form carry files (multipart); all others are urlencoded. `policy` is a Content-Security-Policy of its own, in
    the place of everybody's. `largest` is how many bytes its body may have, where that is more than everybody's.
    """

    method: str
    path: str
    handler: Handler
    access: Access = Access.ANYONE
    guard: Guard = Guard.FORM
    private: bool = False
    session: bool = True
    files: bool = False
    largest: int = 0
    policy: str = ""
