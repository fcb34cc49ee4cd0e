"""What somebody prefers: language and channel, when Kring keeps quiet, and what comes from each of their circles."""

from collections.abc import Mapping
from datetime import time
from typing import Any, Final

from aiohttp import web

from handlers.web import filling, forms, language
from handlers.web.filling import Faults, Typed
from handlers.web.render import go, page, texts
from handlers.web.routes import Access, Route
from handlers.web.site import NUMBER, actor, database, ident, now
from service.actions import preferences
from service.actions.preferences import Preferences
from service.errors import Conflict, Invalid, NotAllowed
from service.texts.catalogue import marked

SAVED: Final = "saved"
_SAVED: Final = {
    "quiet": marked("Saved. What can wait, waits until your quiet hours are over."),
    "loud": marked("Saved. You have no quiet hours."),
    "circle": marked("Saved."),
}
_FAULTS: Final = {
    "quiet_from": marked("Fill in both times, such as 21:00 and 08:00, or leave both empty."),
    "quiet_until": marked("Fill in both times, such as 21:00 and 08:00, or leave both empty."),
}


async def show(request: web.Request) -> web.Response:
    """Show one's preferences."""
    return await _page(request, {}, {})


async def quiet(request: web.Request) -> web.Response:
    """Set the quiet hours, or none."""
    given = {"quiet_from": "", "quiet_until": ""} | await filling.without(request)
    try:
        times = {name: _time(name, given[name]) for name in ("quiet_from", "quiet_until")}
        await _change(request, times)
    except (Invalid, Conflict) as error:
        return await _page(request, given, filling.faults(error, _FAULTS))
    return go(f"/me/preferences?{SAVED}={'quiet' if times['quiet_from'] else 'loud'}")


async def circle(request: web.Request) -> web.Response:
    """Choose what comes from one of one's circles."""
    wanted = {name: await forms.text(request, name) == "yes" for name in ("mails", "reminders")}
    own = (await _own(request)).circles.values()
    slug = next((one.slug for one in own if one.circle_id == ident(request)), None)
    if slug is None:
        raise NotAllowed
    await _change(request, {"circles": {slug: wanted}})
    return go(f"/me/preferences?{SAVED}=circle#c{ident(request)}")


async def speak(request: web.Request) -> web.Response:
    """Choose the language in which Kring speaks to oneself, in mails too."""
    wish = await forms.text(request, "language")
    await _change(request, {"language": wish})
    response = go("/me/preferences")
    language.keep(request, response, wish)
    return response


async def prefer(request: web.Request) -> web.Response:
    """Choose where messages go."""
    await _change(request, {"preferred_channel": await forms.text(request, "channel")})
    return go("/me#telegram")


async def _page(request: web.Request, given: Typed, faults: Faults) -> web.Response:
    found, spoken = await _own(request), texts(request).language
    return page(
        request,
        "my_preferences.html",
        given={"quiet_from": _written(found.quiet_from), "quiet_until": _written(found.quiet_until)} | dict(given),
        faults=faults,
        circles=sorted(found.circles.values(), key=lambda one: one.title(spoken).casefold()),
        saved=_SAVED.get(request.query.get(SAVED, ""), ""),
    )


async def _own(request: web.Request) -> Preferences:
    who = actor(request)
    return await preferences.get(database(request), who, who.person_id or 0)


async def _change(request: web.Request, changes: Mapping[str, Any]) -> None:
    who = actor(request)
    await preferences.change(database(request), who, who.person_id or 0, changes, now=now(request))


def _time(name: str, text: str) -> time | None:
    if not text.strip():
        return None
    try:
        return time.fromisoformat(text.strip()).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise Invalid(name, "Write this as 21:00.") from None


def _written(moment: time | None) -> str:
    return "" if moment is None else moment.isoformat("minutes")


ROUTES: Final = [
    Route("GET", "/me/preferences", show, Access.SIGNED_IN, private=True),
    Route("POST", "/me/preferences/quiet", quiet, Access.SIGNED_IN, private=True),
    Route("POST", f"/me/preferences/circles/{NUMBER}", circle, Access.SIGNED_IN, private=True),
    Route("POST", "/me/language", speak, Access.SIGNED_IN, private=True),
    Route("POST", "/me/telegram/prefer", prefer, Access.SIGNED_IN, private=True),
]
