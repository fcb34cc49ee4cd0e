"""The page of one gathering: what it is, how much room there is, and signing up for it."""

from typing import Final

from aiohttp import web

from handlers.web import forms, onward, questions, sessions, words
from handlers.web.render import go, page, texts
from handlers.web.routes import Access, Guard, Route
from handlers.web.site import KEYS, NUMBER, actor, database, ident, now, site
from service.actions import broadcasting, materials, ratings, registration, scheduling
from service.actions import questions as asking
from service.actions.allowances import VISITOR_NETWORK, allow, network
from service.errors import Conflict, Invalid, NotFound
from service.formats import entries, feeds, ical
from service.model import Gathering, Mode, Partstat, Registration, Status, Via, Visibility
from service.rules import access
from service.rules import questions as rules
from service.rules.access import ANONYMOUS, Verb

SAVED: Final = "saved"
"""In the address after an answer: the page then says what came of it."""

COMING: Final = {f"{Partstat.ACCEPTED}-{mode}": mode for mode in Mode}
"""The buttons that say yes to one way of taking part."""


async def gathering(request: web.Request) -> web.Response:
    """Show a gathering."""
    return await _show(request)


async def answer(request: web.Request) -> web.Response:
    """Answer for oneself, signed in; an answer that comes too late shows the gathering as it is."""
    partstat, mode = answer_of(await forms.text(request, "partstat"))
    who, number = actor(request), ident(request)
    if who.person_id is None:
        raise NotFound
    place = (
        f"/me?{SAVED}={number}#g{number}"
        if await forms.text(request, "back") == "me"
        else f"/gatherings/{number}?{SAVED}"
    )
    try:
        await registration.respond(
            database(request), who, number, who.person_id, partstat, via=Via.WEB, now=now(request), mode=mode
        )
    except Conflict:
        place = f"/gatherings/{number}"
    return go(place)


async def save(request: web.Request) -> web.Response:
    """Take answers to the questions of the gathering from whoever is signed in."""
    db, who, number = database(request), actor(request), ident(request)
    if who.person_id is None:
        raise NotFound
    try:
        asked = await asking.own(db, who, number, who.person_id)
        given, typed = await questions.given(request, asked.questions)
        await asking.answer(db, who, number, who.person_id, given, now=now(request))
    except Invalid as error:
        return await _show(request, status=400, asked=questions.refused(request, asked, typed, error))
    except Conflict:
        return go(f"/gatherings/{number}")
    return go(f"/gatherings/{number}?{questions.ANSWERED}#questions")


async def register(request: web.Request) -> web.Response:
    """Let a visitor sign up for a public gathering: the link in their mailbox does it."""
    found = await scheduling.get(database(request), ANONYMOUS, ident(request))
    name, email = await forms.text(request, "name"), await forms.text(request, "email")
    if not await allow(
        database(request), VISITOR_NETWORK, network(sessions.client(request)), keys=request.app[KEYS], now=now(request)
    ):
        raise web.HTTPTooManyRequests(headers={"Retry-After": "3600"})
    try:
        await registration.register_visitor(
            database(request),
            found.id,
            name=name,
            email=email,
            language=texts(request).language,
            keys=request.app[KEYS],
            now=now(request),
        )
    except Invalid as error:
        return await _show(request, status=400, fault=error.field, typed={"name": name, "email": email})
    return page(request, "mailbox.html", gathering=found)


async def download(request: web.Request) -> web.Response:
    """Hand over a gathering as a calendar file, as the public feed has it."""
    found = await scheduling.get(database(request), actor(request), ident(request))
    if found.confidential or found.status == Status.DRAFT:
        raise NotFound
    spoken = texts(request)
    block = ical.block(entries.entry(found, spoken, base_url=site(request).base_url, room=False))
    return web.Response(
        body=feeds.download(block, entries.common_copy(found, spoken)),
        content_type="text/calendar",
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="kring-{found.id}.ics"'},
    )


def answer_of(value: str) -> tuple[Partstat, Mode | None]:
    """Read the button that was pressed where people choose between coming and joining online."""
    mode = COMING.get(value)
    return (Partstat.ACCEPTED, mode) if mode else (partstat_of(value), None)


def partstat_of(value: str) -> Partstat:
    """Read the button that was pressed."""
    if value not in (Partstat.ACCEPTED, Partstat.TENTATIVE, Partstat.DECLINED):
        raise Invalid("partstat", "Press one of the buttons.")
    return Partstat(value)


async def _asked(request: web.Request, found: Gathering, own: Registration | None) -> questions.Form | None:
    """Ask whoever said yes, as long as it can be answered."""
    if own is None or not rules.is_open(found, own.partstat, now(request)):
        return None
    return questions.form(request, await asking.own(database(request), actor(request), found.id, own.person_id))


async def _show(
    request: web.Request,
    *,
    status: int = 200,
    fault: str = "",
    typed: dict[str, str] | None = None,
    asked: questions.Form | None = None,
) -> web.Response:
    db, who, spoken = database(request), actor(request), texts(request)
    found = await scheduling.get(db, who, ident(request))
    own = await registration.own(db, who, found.id)
    counts = (await scheduling.counts(db, [found.id])).get(found.id)
    over = words.closing(spoken, found, own, now(request))
    stands = words.standing(spoken, found, own, home=site(request).timezone) if own else None
    return page(
        request,
        "gathering.html",
        status=status,
        gathering=found,
        ratable=over is not None and found.id in {one.id for one in await ratings.awaiting(db, who, now=now(request))},
        heard=await broadcasting.heard(db, who, found.id),
        kept=await materials.kept(db, who, found.id),
        readable=access.can(who, Verb.READ_CONTENT, scheduling.scope(found)),
        may_sign_up=access.can(who, Verb.SIGN_UP, scheduling.scope(found)),
        runs=access.can(who, Verb.EDIT_GATHERING, scheduling.scope(found)),
        own=own,
        asked=asked or await _asked(request, found, own),
        standing=over or stands,
        open=over is None and found.status == Status.PUBLISHED,
        saved=words.outcome(spoken, own) if own and SAVED in request.query else "",
        places=words.places(spoken, found, counts),
        hint=words.hint(spoken, found, counts),
        online=_online(found, own, who),
        visitors=found.visibility == Visibility.PUBLIC and not found.confidential,
        wish=onward.wish_for(request),
        fault=fault,
        typed=typed or {"name": "", "email": ""},
    )


def _online(found: Gathering, own: Registration | None, who: access.Actor) -> str:
    """Return the address of the online room, for those who come and those who run it."""
    return found.online_url if words.comes(own) or access.can(who, Verb.EDIT_GATHERING, scheduling.scope(found)) else ""


ROUTES: Final = [
    Route("GET", f"/gatherings/{NUMBER}", gathering),
    Route("GET", f"/gatherings/{NUMBER}.ics", download),
    Route("POST", f"/gatherings/{NUMBER}/answer", answer, Access.SIGNED_IN),
    Route("POST", f"/gatherings/{NUMBER}/questions", save, Access.SIGNED_IN),
    Route("POST", f"/gatherings/{NUMBER}/register", register, guard=Guard.OPEN),
]
