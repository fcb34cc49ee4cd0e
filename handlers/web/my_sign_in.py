"""Where somebody is signed in, ending it there, and the app that the team may ask a code from besides the mail."""

from typing import Final

from aiohttp import web
from markupsafe import Markup

from handlers.web import filling, forms, my_telegram, sessions
from handlers.web.filling import Faults
from handlers.web.render import go, page
from handlers.web.routes import Access, Route
from handlers.web.site import KEYS, NUMBER, actor, database, ident, now, site
from service.actions import linking, second_factor, web_sessions
from service.errors import Conflict, Invalid
from service.texts.catalogue import marked

SAVED: Final = "saved"
_SAVED: Final = {
    "ended": marked("Signed out there."),
    "others": marked("Signed out everywhere but here."),
    "off": marked("Saved. No code is asked any more."),
}
_FAULTS: Final = {
    "code": marked("This code is not right. Wait for the next one in your app, and type that."),
}


async def show(request: web.Request) -> web.Response:
    """List the browsers that are signed in, and the app if there is one."""
    return await _page(request, {})


async def end(request: web.Request) -> web.Response:
    """Sign out of one browser; of this one too, which then is."""
    who, token = actor(request), sessions.token(request)
    here = await web_sessions.end_one(database(request), who, who.person_id or 0, ident(request), token=token)
    response = go("/" if here else f"/me/sign-in?{SAVED}=ended")
    if here:
        sessions.forget(request, response)
    return response


async def end_others(request: web.Request) -> web.Response:
    """Sign out of every browser but this one."""
    await web_sessions.end_others(database(request), actor(request), token=sessions.token(request))
    return go(f"/me/sign-in?{SAVED}=others")


async def begin(request: web.Request) -> web.Response:
    """Make a secret for an app."""
    await second_factor.begin(database(request), actor(request), keys=request.app[KEYS], now=now(request))
    return go("/me/sign-in/app")


async def ask_app(request: web.Request) -> web.Response:
    """Show the secret as a QR code and in letters, and ask for the first code."""
    return await _app(request, {})


async def confirm(request: web.Request) -> web.Response:
    """Take the first code, and show the recovery codes, which are shown once."""
    code = await forms.text(request, "code")
    db, who, keys = database(request), actor(request), request.app[KEYS]
    try:
        made = await second_factor.confirm(db, who, code, token=sessions.token(request), keys=keys, now=now(request))
    except Invalid as error:
        return await _app(request, filling.faults(error, _FAULTS))
    chat = await linking.connected(db, who, my_telegram.CHANNEL)
    return page(request, "recovery_codes.html", codes=made, chat=chat)


async def remove(request: web.Request) -> web.Response:
    """Ask for no code any more."""
    code = await forms.text(request, "code")
    try:
        await second_factor.remove(database(request), actor(request), code, keys=request.app[KEYS], now=now(request))
    except (Invalid, Conflict) as error:
        return await _page(request, filling.faults(error, _FAULTS))
    return go(f"/me/sign-in?{SAVED}=off")


async def _page(request: web.Request, faults: Faults) -> web.Response:
    db, who = database(request), actor(request)
    return page(
        request,
        "my_sign_in.html",
        sessions=await web_sessions.every(db, who, who.person_id or 0, token=sessions.token(request), now=now(request)),
        factor=await second_factor.state(db, who),
        faults=faults,
        saved=_SAVED.get(request.query.get(SAVED, ""), ""),
    )


async def _app(request: web.Request, faults: Faults) -> web.Response:
    found = await second_factor.setup(database(request), actor(request), site(request).name, keys=request.app[KEYS])
    return page(
        request,
        "authenticator.html",
        spelled=found.spelled,
        square=_square(found.address),
        faults=faults,
    )


def _square(address: str) -> Markup:
    """Draw a QR code into the page itself: it is written nowhere and fetched from nowhere."""
    import segno  # only who sets an app up pays for it

    drawn = segno.make(address, error="m").svg_inline(scale=5, omitsize=True, svgclass="square", lineclass=None)
    # Drawn by us, of an address in which everything that people typed is quoted.
    return Markup(drawn)  # noqa: S704


ROUTES: Final = [
    Route("GET", "/me/sign-in", show, Access.SIGNED_IN, private=True),
    Route("POST", f"/me/sign-in/{NUMBER}/end", end, Access.SIGNED_IN, private=True),
    Route("POST", "/me/sign-in/others", end_others, Access.SIGNED_IN, private=True),
    Route("POST", "/me/sign-in/app/begin", begin, Access.STAFF, private=True),
    Route("GET", "/me/sign-in/app", ask_app, Access.STAFF, private=True),
    Route("POST", "/me/sign-in/app", confirm, Access.STAFF, private=True),
    Route("POST", "/me/sign-in/app/remove", remove, Access.SIGNED_IN, private=True),
]
