"""Telling the people of a gathering something: written, looked at, sent, and called off while it has not gone out."""

from typing import Final

from aiohttp import web

from handlers.web import filling, manage, steps
from handlers.web.filling import Faults, Typed
from handlers.web.render import go, page, texts
from handlers.web.routes import Access, Route
from handlers.web.site import COALESCE, NUMBER, actor, database, ident, now
from service.actions import broadcasting
from service.errors import Conflict, Invalid
from service.model import Audience
from service.texts.catalogue import Texts, marked

AUDIENCES: Final[dict[Audience, str]] = {
    Audience.COMING: marked("Who is coming"),
    Audience.WAITING: marked("Who is waiting"),
    Audience.UNANSWERED: marked("Who has not answered"),
    Audience.EVERYONE: marked("Everyone, but not who declined"),
    Audience.PRESENT: marked("Who was there"),
    Audience.ABSENT: marked("Who was not there"),
}
_FAULTS: Final = {
    "audience": marked("Choose for whom it is."),
    "text": marked("Write what people should know, in at most 3,000 characters."),
    "conflict": marked("There is nobody to tell."),
}
_SAVED: Final = {
    "sent": marked("Your message is on its way. For a moment you can still call it off."),
    "off": marked("Called off. Whoever had not had it yet gets nothing."),
}


async def write(request: web.Request) -> web.Response:
    """Show the form, and what was told before."""
    return await _show(request, {"audience": request.query.get("to", ""), "text": ""})


async def look(request: web.Request) -> web.Response:
    """Show the message as it will go out, and to how many people; with the button pressed there it goes."""
    typed = await filling.without(request)
    audience, text = typed.get("audience", ""), typed.get("text", "").strip()
    counts = await broadcasting.count(database(request), actor(request), ident(request))
    if audience not in set(Audience):
        return await _show(request, typed, faults={"audience": _FAULTS["audience"]})
    if not text or len(text) > broadcasting.LONGEST:
        return await _show(request, typed, faults={"text": _FAULTS["text"]})
    chosen = Audience(audience)
    if not counts[chosen]:
        return await _show(request, typed, status=409, faults={"audience": _FAULTS["conflict"]})
    if typed.get("go") != "yes":
        return await _preview(request, chosen, text, counts[chosen])
    try:
        await broadcasting.send(
            database(request),
            actor(request),
            ident(request),
            chosen,
            text,
            now=now(request),
            pause=request.app[COALESCE],
            key=f"web:{actor(request).name}:{typed.get('key', '')}" if typed.get("key") else None,
        )
    except (Invalid, Conflict) as error:
        return await _show(request, typed, faults=filling.faults(error, _FAULTS))
    return go(f"{_place(ident(request))}?{manage.SAVED}=sent")


async def call_off(request: web.Request) -> web.Response:
    """Take back what has not gone out yet."""
    found, _ = await broadcasting.call_off(
        database(request), actor(request), ident(request, "message"), now=now(request)
    )
    return go(f"{_place(found.id)}?{manage.SAVED}=off")


async def _preview(request: web.Request, audience: Audience, text: str, count: int) -> web.Response:
    return page(
        request,
        "message_look.html",
        gathering=await steps.run(request),
        audience=audience,
        text=text,
        told=[told(texts(request), audience, count)],
        key=f"{now(request).timestamp():.6f}",
        place=_place(ident(request)),
    )


async def _show(
    request: web.Request, typed: Typed, *, status: int | None = None, faults: Faults | None = None
) -> web.Response:
    db, who, spoken = database(request), actor(request), texts(request)
    found = await steps.run(request)
    counts = await broadcasting.count(db, who, found.id)
    return page(
        request,
        "message.html",
        status=status,
        gathering=found,
        choices=[(one, f"{spoken.gettext(AUDIENCES[one])} ({count})", "") for one, count in counts.items() if count],
        typed={"audience": "", "text": ""} | dict(typed),
        faults=faults,
        before=await broadcasting.told(db, who, found.id),
        names={str(one): spoken.gettext(words) for one, words in AUDIENCES.items()},
        pause=request.app[COALESCE],
        moment=now(request),
        saved=_SAVED.get(request.query.get(manage.SAVED, ""), ""),
        place=_place(found.id),
        longest=broadcasting.LONGEST,
    )


def told(spoken: Texts, audience: Audience, count: int) -> str:
    """Say to how many people a message goes, and which."""
    people = spoken.ngettext("One person gets this message", "%(count)s people get this message", count)
    return f"{people}: {spoken.gettext(AUDIENCES[audience]).lower()}."


def _place(gathering_id: int) -> str:
    return f"/manage/gatherings/{gathering_id}/messages"


_PLACE: Final = f"/manage/gatherings/{NUMBER}/messages"

ROUTES: Final = [
    Route("GET", _PLACE, write, Access.MANAGER, private=True),
    Route("POST", _PLACE, look, Access.MANAGER, private=True),
    Route("POST", f"{_PLACE}/{{message:\\d{{1,18}}}}/call-off", call_off, Access.MANAGER, private=True),
]
