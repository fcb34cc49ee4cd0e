"""What every page knows: the association's site, the typed keys of the application, and who asks in which language.

Holds values only; reading cookies is done in `sessions`, rendering in `render`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from aiohttp import web

from handlers.web.routes import Route
from service.channels import DueNotice, Sample, Show
from service.clock import Clock
from service.database import Database
from service.formats.tokens import Keys
from service.rules.access import ANONYMOUS, Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The association as its pages show it; `base_url` is how people reach it, without a slash at the end."""

    name: str
    base_url: str
    language: str
    timezone: str
    demo: bool = False
    answers_days: int = 14  # after its end the answers to the questions of a gathering are kept so long

    @property
    def secure(self) -> bool:
        """Tell whether people reach it over https."""
        return self.base_url.startswith("https://")

    @property
    def host(self) -> str:
        """Return the host, with its port if it has one."""
        return urlsplit(self.base_url).netloc

    def cookie(self, name: str) -> str:
        """Return the name of a cookie, bound to this host alone where it can be (RFC 6265bis section 4.1.3.2)."""
        return f"__Host-{name}" if self.secure else name


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever asks for a page; the fields after `actor` belong to someone signed in."""

    actor: Actor
    name: str = ""
    language: str | None = None
    form_key: bytes = b""
    begun_at: datetime | None = None

    @property
    def person_id(self) -> int | None:
        """Return the person who is signed in."""
        return self.actor.person_id


NOBODY = Visitor(ANONYMOUS)

SAFE = ("GET", "HEAD")
"""Methods that change nothing, whoever follows a link."""

NUMBER = r"{id:\d{1,18}}"
"""A number in the path of a route, as PostgreSQL's bigint can hold it."""

DATABASE: web.AppKey[Database] = web.AppKey("database", Database)
CLOCK: web.AppKey[Clock] = web.AppKey("clock", Clock)
KEYS: web.AppKey[Keys] = web.AppKey("keys", dict)
SITE: web.AppKey[Site] = web.AppKey("site", Site)
COALESCE: web.AppKey[timedelta] = web.AppKey("coalesce", timedelta)
SHOW: web.AppKey[Show] = web.AppKey("show")
ROUTES: web.AppKey[dict[web.AbstractRoute, Route]] = web.AppKey("routes", dict)

VISITOR: web.RequestKey[Visitor] = web.RequestKey("visitor", Visitor)


def database(request: web.Request) -> Database:
    """Return the database; to a GET or HEAD one in which PostgreSQL refuses every write (RFC 9110 section 9.2.1)."""
    found = request.app[DATABASE]
    return found.read_only() if request.method in SAFE else found


def now(request: web.Request) -> datetime:
    """Return the present moment."""
    return request.app[CLOCK].now()


def sample(request: web.Request, due: DueNotice | None) -> Sample | None:
    """Write the letter that a preview shows; None where nobody gets one, or nobody here can write it."""
    show = request.app.get(SHOW)
    return None if due is None or show is None else show(due)


def site(request: web.Request) -> Site:
    """Return the association's site."""
    return request.app[SITE]


def visitor(request: web.Request) -> Visitor:
    """Return who asks: nobody, until the door has read the session cookie."""
    found: Visitor = request.get(VISITOR, NOBODY)
    return found


def actor(request: web.Request) -> Actor:
    """Return on whose behalf the actions act."""
    return visitor(request).actor


def route(request: web.Request) -> Route | None:
    """Return the route that was matched; None for an unknown path or method."""
    return request.app[ROUTES].get(request.match_info.route)


def ident(request: web.Request, name: str = "id") -> int:
    """Return a number from the path, which `NUMBER` let through."""
    return int(request.match_info[name])
