"""What happens around every page: the log line, errors made into pages, the door, and the security headers.

The door looks at the notes of a route (`routes`); what somebody may do behind it is decided by the actions.
"""

import secrets
import time
from ipaddress import ip_address
from typing import Final

import structlog
from aiohttp import web
from multidict import CIMultiDict

from handlers.web import forms, onward, sessions
from handlers.web.refusals import refusal
from handlers.web.render import go
from handlers.web.routes import Access, Handler, Route
from handlers.web.site import ROUTES, SAFE, SITE, VISITOR, Visitor, route, visitor
from service.errors import KringError, NotAllowed

log = structlog.get_logger()

HEADERS: Final = CIMultiDict(
    {
        "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Server": "Kring",
    }
)
"""On every response, whatever it says; a route may have a Content-Security-Policy of its own.

A multidict, which gives its names to another one as they are; of a dict each name would be made again each time.
"""

OVER_HTTPS: Final = {"Strict-Transport-Security": "max-age=31536000"}


async def protect(request: web.Request, response: web.StreamResponse) -> None:
    """Add the headers that every response has; what is private, or seen by somebody signed in, no cache may store."""
    response.headers.update(HEADERS)
    if request.app[SITE].secure:
        response.headers.update(OVER_HTTPS)
    matched = request.app[ROUTES].get(request.match_info.route)
    if matched is not None and matched.policy:
        response.headers["Content-Security-Policy"] = matched.policy
    if (matched is not None and matched.private) or visitor(request).form_key:
        response.headers["Cache-Control"] = "no-store"
    else:
        response.headers.setdefault("Cache-Control", "private, no-cache")


@web.middleware
async def journal(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Log one line per request, with the pattern of its path: the path itself may hold a secret."""
    began = time.perf_counter()
    status = 500
    try:
        response = await handler(request)
        status = response.status
    except web.HTTPException as error:
        status = error.status
        raise
    finally:
        matched = route(request)
        milliseconds = round((time.perf_counter() - began) * 1000, 1)
        log.info("request", method=request.method, path=matched and matched.path, status=status, ms=milliseconds)
    return response


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer whatever goes wrong with a page that says so; routes of the API have their own way inside this one."""
    try:
        return await handler(request)
    except (KringError, web.HTTPException) as error:
        return refusal(request, error)
    except Exception as error:
        reference = secrets.token_hex(4)
        matched = route(request)
        log.exception("page failed", reference=reference, method=request.method, path=matched and matched.path)
        return refusal(request, error, reference=reference)


@web.middleware
async def door(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find out who asks, let in who may come in, and refuse forms that are not ours."""
    matched = route(request)
    if matched is None or matched.session:
        request[VISITOR] = await sessions.find(request)  # who loses their way is still signed in
    if matched is None:
        return await handler(request)
    if not _lets_in(request, matched.access, visitor(request)):
        return _turned_away(request, matched.access)
    if matched.largest:
        request = request.clone(client_max_size=matched.largest)
    if request.method not in SAFE:
        await _check_form(request, matched)
    return await handler(request)


def _lets_in(request: web.Request, access: Access, who: Visitor) -> bool:
    if access is Access.SIGNED_IN:
        return who.actor.signed_in
    if access is Access.MANAGER:
        return who.actor.staff or bool(who.actor.facilitates)
    if access is Access.STAFF:
        return who.actor.staff
    if access is Access.LOOPBACK:
        return request.app[SITE].demo and _is_loopback(request)
    return True


def _turned_away(request: web.Request, access: Access) -> web.Response:
    if access is Access.LOOPBACK:
        raise web.HTTPNotFound
    if visitor(request).actor.signed_in or request.method not in SAFE:
        raise NotAllowed
    return go(f"/login?{onward.FIELD}={onward.wish_for(request)}")


def _is_loopback(request: web.Request) -> bool:
    try:
        return ip_address(request.remote or "").is_loopback and "X-Forwarded-For" not in request.headers
    except ValueError:
        return False


async def _check_form(request: web.Request, matched: Route) -> None:
    if matched.access is Access.KEY:
        return
    if forms.packed(request):
        raise web.HTTPUnsupportedMediaType(headers=forms.UNPACKED)
    if not forms.readable(request, matched):
        raise web.HTTPUnsupportedMediaType
    if matched.largest and (request.content_length or 0) > matched.largest:
        raise web.HTTPRequestEntityTooLarge(max_size=matched.largest, actual_size=request.content_length or 0)
    try:
        await request.post()
    except (ValueError, LookupError) as error:  # what the body says about itself is not true
        raise web.HTTPBadRequest from error
    if not await forms.allowed(request, matched):
        raise forms.StaleForm
