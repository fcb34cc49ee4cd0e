"""What guards a form: that the browser sends it from a page of ours, and a token that only our pages know.

Reads what was typed; what may be done with it is decided by the actions.
"""

import hmac
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from handlers.web.routes import Guard, Route
from handlers.web.site import KEYS, site, visitor
from service.formats.tokens import Keys, page_mac

FIELD: Final = "form"
URLENCODED: Final = "application/x-www-form-urlencoded"
MULTIPART: Final = "multipart/form-data"
UNPACKED: Final = {"Accept-Encoding": "identity"}
"""What tells whoever sent a packed body how to send it (RFC 9110 section 15.5.16)."""

_ONE_CLICK: Final = ("List-Unsubscribe", "One-Click")


class StaleForm(web.HTTPForbidden):
    """This form comes from elsewhere, or from before signing in or out."""


def token(request: web.Request) -> str:
    """Return the token for the forms of this page: bound to the session, else to the handle in the path."""
    if form_key := visitor(request).form_key:
        return _mac(form_key, "session")
    return handle_token(request.app[KEYS], request.match_info.get("handle", ""))


def handle_token(keys: Keys, handle: str) -> str:
    """Return the token for the forms of the page that a handle opens."""
    return _derived(keys, handle)[0]


def open_token(request: web.Request) -> str:
    """Return the token for forms that act on nobody's behalf, such as asking for a sign-in mail."""
    return handle_token(request.app[KEYS], "")


async def text(request: web.Request, name: str) -> str:
    """Return what was typed into a field; empty where there is no such field, or a file in it."""
    value = (await request.post()).get(name, "")
    return value if isinstance(value, str) else ""


def same_origin(request: web.Request) -> bool:
    """Tell whether the browser says that a page of ours sent this.

    Our Referrer-Policy makes browsers send `Origin: null`, so an old one that sends no Sec-Fetch-Site says nothing,
    and neither does a program: there the form token alone decides.
    """
    fetched_from = request.headers.get("Sec-Fetch-Site")
    if fetched_from is not None:
        return fetched_from == "same-origin"
    origin = request.headers.get("Origin", "null")
    return origin == "null" or urlsplit(origin).netloc in (request.host, site(request).host)


def packed(request: web.Request) -> bool:
    """Tell whether the body comes under a content coding (RFC 9110 section 8.4), which nothing here takes."""
    return request.headers.get("Content-Encoding", "identity").strip().lower() != "identity"


def readable(request: web.Request, route: Route) -> bool:
    """Tell whether the body is of a kind that this route takes; files only where they are expected."""
    if not request.can_read_body:
        return True
    # RFC 8058 section 3.2 has one-click posts come as multipart/form-data too.
    multipart = route.files or route.guard is Guard.ONE_CLICK
    return request.content_type == URLENCODED or (multipart and request.content_type == MULTIPART)


async def allowed(request: web.Request, route: Route) -> bool:
    """Tell whether a POST carries what its route asks for."""
    if route.guard is Guard.ONE_CLICK and await one_click(request):
        return True
    if not same_origin(request):
        return False
    given = (await text(request, FIELD)).encode()
    return route.guard is Guard.NONE or any(
        hmac.compare_digest(given, right.encode()) for right in _right(request, route.guard)
    )


async def one_click(request: web.Request) -> bool:
    """Tell whether this is the unsubscribing post of a mailbox provider (RFC 8058 section 3.2)."""
    name, value = _ONE_CLICK
    return await text(request, name) == value


def _right(request: web.Request, guard: Guard) -> list[str]:
    """List the tokens that are right for a guard; each of our keys gives one."""
    if guard is Guard.FORM:
        return [_mac(form_key, "session")] if (form_key := visitor(request).form_key) else []
    handle = "" if guard is Guard.OPEN else request.match_info["handle"]
    return _derived(request.app[KEYS], handle)


def _derived(keys: Keys, handle: str) -> list[str]:
    return [_mac(key, f"handle|{handle.lower()}") for key in keys.values()]


def _mac(key: bytes, subject: str) -> str:
    return page_mac(key, f"form|{subject}")[:16].hex()
