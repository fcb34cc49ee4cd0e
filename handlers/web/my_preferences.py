"""What somebody prefers: the language, when Kring keeps quiet, and what comes from each of their circles."""

from datetime import time
from typing import Final

from aiohttp import web

from handlers.web import filling, forms
from handlers.web.filling import Faults, Typed
from handlers.web.me import own_circles
from handlers.web.render import go, page
from handlers.web.routes import Access, Route
from handlers.web.site import NUMBER, actor, database, ident, now
from service.actions import preferences, unsubscribing
from service.errors import Conflict, Invalid
from service.model import MembershipState
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
        begins, ends = (_time(name, given[name]) for name in ("quiet_from", "quiet_until"))
        await preferences.set_quiet(database(request), actor(request), begins, ends)
    except (Invalid, Conflict) as error:
        return await _page(request, given, filling.faults(error, _FAULTS))
    return go(f"/me/preferences?{SAVED}={'quiet' if begins else 'loud'}")


async def circle(request: web.Request) -> web.Response:
    """Choose what comes from one of one's circles."""
    mails, reminders = [await forms.text(request, name) == "yes" for name in ("mails", "reminders")]
    await preferences.set_circle(
        database(request), actor(request), ident(request), mails=mails, reminders=reminders, now=now(request)
    )
    return go(f"/me/preferences?{SAVED}=circle#c{ident(request)}")


async def _page(request: web.Request, given: Typed, faults: Faults) -> web.Response:
    db, who = database(request), actor(request)
    memberships = await unsubscribing.memberships(db, who)
    active = frozenset(ident for ident, membership in memberships.items() if membership.state == MembershipState.ACTIVE)
    found = await preferences.get(db, who)
    return page(
        request,
        "my_preferences.html",
        status=400 if faults else 200,
        given={"quiet_from": _written(found.quiet_from), "quiet_until": _written(found.quiet_until)} | dict(given),
        faults=faults,
        circles=await own_circles(request, active),
        memberships=memberships,
        saved=_SAVED.get(request.query.get(SAVED, ""), ""),
    )


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
]
