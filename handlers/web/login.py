"""Signing in by mail, and out again: an address is asked for, and a link and a code are sent to it.

The link works in the browser that asked; everywhere else it only says to type the code there.
Opening it uses nothing up.
"""

from typing import Final

from aiohttp import web

from handlers.web import forms, onward, sessions
from handlers.web.render import go, page
from handlers.web.routes import Access, Guard, Route
from handlers.web.site import KEYS, actor, database, now
from service.actions import second_factor, signing_in
from service.actions.allowances import network
from service.actions.signing_in import Link
from service.actions.web_sessions import Begun
from service.errors import Expired, Invalid, NotAllowed
from service.formats.tokens import new_token


async def ask(request: web.Request) -> web.Response:
    """Show the field for an address; who is signed in goes on."""
    wish = request.query.get(onward.FIELD, "")
    if actor(request).signed_in:
        return go(onward.path(wish))
    return page(request, "login.html", wish=wish, fault="", email="")


async def send(request: web.Request) -> web.Response:
    """Have the mail sent, and show the field for its code; an unknown address looks the same in every way."""
    email, wish = await forms.text(request, "email"), await forms.text(request, onward.FIELD)
    browser = sessions.browser(request) or new_token()
    try:
        sent = await signing_in.ask(
            database(request),
            email,
            browser,
            network=network(sessions.client(request)),
            keys=request.app[KEYS],
            now=now(request),
        )
    except Invalid:
        return page(request, "login.html", status=400, wish=wish, fault="email", email=email)
    if not sent:
        raise web.HTTPTooManyRequests(headers={"Retry-After": "3600"})
    response = page(request, "code.html", email=email.strip(), fault="")
    sessions.mark_browser(request, response, browser)
    onward.remember(request, response, wish)
    return response


async def type_code(request: web.Request) -> web.Response:
    """Show the field for the code."""
    return page(request, "code.html", email="", fault="")


async def enter_code(request: web.Request) -> web.Response:
    """Sign in with the code, in the browser that asked for it."""
    browser, typed, begun = sessions.browser(request), await forms.text(request, "code"), None
    if browser is not None:
        begun = await signing_in.enter_by_code(
            database(request),
            browser,
            typed,
            agent=sessions.agent(request),
            keys=request.app[KEYS],
            now=now(request),
        )
    if begun is None:
        return page(request, "code.html", status=400, email="", fault="code")
    return await _welcome(request, begun)


async def look(request: web.Request) -> web.Response:
    """Show what the link from the mail is worth here, with a button; changes nothing."""
    token = request.match_info["token"]
    worth = await signing_in.look(database(request), token, sessions.browser(request), now=now(request))
    return page(request, "enter.html", status=410 if worth is Link.GONE else 200, worth=str(worth), token=token)


async def enter(request: web.Request) -> web.Response:
    """Sign in with the link."""
    token = request.match_info["token"]
    try:
        begun = await signing_in.enter(
            database(request),
            token,
            sessions.browser(request),
            agent=sessions.agent(request),
            keys=request.app[KEYS],
            now=now(request),
        )
    except Expired:
        return page(request, "enter.html", status=410, worth=str(Link.GONE), token="")
    except NotAllowed:
        return page(request, "enter.html", status=403, worth=str(Link.ELSEWHERE), token="")
    return await _welcome(request, begun)


async def type_second(request: web.Request) -> web.Response:
    """Show the field for the code of the app."""
    return page(request, "second_code.html", fault=False)


async def enter_second(request: web.Request) -> web.Response:
    """Sign in for good with a code of the app, after the mail."""
    code = await forms.text(request, "code")
    begun = await second_factor.enter(
        database(request),
        sessions.token(request),
        code,
        agent=sessions.agent(request),
        keys=request.app[KEYS],
        now=now(request),
    )
    if begun is None:
        return page(request, "second_code.html", status=400, fault=True)
    return await _welcome(request, begun)


async def leave(request: web.Request) -> web.Response:
    """Sign out of this browser."""
    response = go("/")
    await sessions.end(request, response)
    return response


async def _welcome(request: web.Request, begun: Begun) -> web.Response:
    """Give the browser a new session in place of the one it may have had, and send it where it wanted to go."""
    response = go("/")
    await sessions.end(request, response)
    sessions.begin(request, response, begun)
    if begun.awaits_code:
        response.headers["Location"] = "/login/app"
        return response
    sessions.drop(request, response, sessions.BROWSER)
    response.headers["Location"] = onward.take(request, response)
    return response


ROUTES: Final = [
    Route("GET", "/login", ask, private=True),
    Route("POST", "/login", send, guard=Guard.OPEN, private=True),
    Route("GET", "/login/code", type_code, private=True),
    Route("POST", "/login/code", enter_code, guard=Guard.OPEN, private=True),
    Route("GET", "/login/app", type_second, private=True),
    Route("POST", "/login/app", enter_second, guard=Guard.OPEN, private=True),
    Route("GET", "/login/{token}", look, Access.HANDLE, private=True),
    Route("POST", "/login/{token}", enter, Access.HANDLE, Guard.OPEN, private=True),
    Route("POST", "/logout", leave, private=True),
]
