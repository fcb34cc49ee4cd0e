"""Circles as those who run them see them: all of them, one of them, its facts, closing it and opening it again.

Who is in a circle is in `manage_members`; the policy of kinds in `manage_kinds`.
"""

from collections.abc import Sequence
from typing import Final

from aiohttp import web

from handlers.web import circles as public
from handlers.web import filling, forms, paging
from handlers.web.agenda import lines
from handlers.web.circles import SLUG
from handlers.web.filling import Faults, Typed
from handlers.web.render import go, page, texts
from handlers.web.routes import Access, Route
from handlers.web.site import actor, database, now, site
from service.actions import circles, closing, members, scheduling
from service.errors import Conflict, Invalid
from service.formats import slugs
from service.model import Circle, Joining, Language, MembershipRole, MembershipState, Visibility
from service.rules import access
from service.rules.access import Verb
from service.texts.catalogue import marked

SAVED: Final = "saved"
_SAVED: Final = {
    "made": marked("The circle is there. Now add its people."),
    "changed": marked("Saved."),
    "closed": marked("The circle has closed. Its people get a mail about it."),
    "opened": marked("The circle is open again, with the people it had."),
    "in": marked("Let in. They get a mail about it."),
    "out": marked("Not let in. They get a mail about it."),
}
JOINING: Final[dict[str, str]] = {
    Joining.OPEN: marked("Members join by themselves"),
    Joining.REQUEST: marked("Members ask, a facilitator decides"),
    Joining.INVITED: marked("By invitation only"),
}
VISIBILITY: Final[dict[str, str]] = {
    Visibility.PUBLIC: marked("Everybody sees it"),
    Visibility.MEMBERS: marked("Members who are signed in see it"),
    Visibility.CIRCLE: marked("Only its own people see it"),
}
_FAULTS: Final = {
    "conflict": marked("There is a circle at this address already. Choose another title or another address."),
}
_CONFIDENTIAL: Final = {
    "conflict": marked("What was told in confidence stays so: choose a kind that is confidential too."),
}
_FACTS: Final = ("kind", "title_nl", "title_en", "description_nl", "description_en", "language", "programme")
_DESCRIBED: Final = ("title_nl", "title_en", "description_nl", "description_en", "language")
"""What facilitators may change; the rest is the team's to decide."""

MANY: Final = 60
"""Circles on one page."""

_LEADERS: Final = 12
_REQUESTS: Final = 50
_COMING: Final = 5


async def every(request: web.Request) -> web.Response:
    """List the circles that the visitor runs: those that meet, or those that have closed."""
    closed, words = request.query.get("show") == "closed", request.query.get("q", "")[:200]
    found = await circles.run_by(database(request), actor(request), closed=closed, words=words, now=now(request))
    spoken = texts(request).language
    by_title = sorted(found, key=lambda one: one.title(spoken).casefold())
    shown, more = paging.cut(by_title, lambda one: one.slug, request.query.get("after", ""), MANY)
    return page(
        request,
        "manage_circles.html",
        circles=shown,
        more=more,
        later="after" in request.query,
        labels=await public.labels(request),
        closed=closed,
        words=words,
    )


async def one(request: web.Request) -> web.Response:
    """Show one circle: its people in numbers, who asks to come in, what is planned, and what can be done."""
    db, who, slug = database(request), actor(request), request.match_info["slug"]
    found, size = await members.size(db, who, slug)
    names = access.can(who, Verb.SEE_ROSTER, circles.scope(found))
    first = await members.page(db, who, slug, limit=_LEADERS) if names else []
    asking = await members.page(db, who, slug, state=MembershipState.REQUESTED, limit=_REQUESTS) if names else []
    coming = await scheduling.upcoming(db, who, since=now(request), circle=slug, limit=_COMING + 1)
    return page(
        request,
        "manage_circle.html",
        circle=found,
        size=size,
        room=members.room(found, size),
        names=names,
        leaders=[member for member in first if member.role == MembershipRole.FACILITATOR],
        asking=asking,
        coming=await lines(request, coming[:_COMING]),
        more=len(coming) > _COMING,
        label=(await public.labels(request))[found.kind],
        joining=JOINING[found.joining],
        visibility=VISIBILITY[found.visibility],
        saved=_SAVED.get(request.query.get(SAVED, ""), ""),
    )


async def ask_new(request: web.Request) -> web.Response:
    """Show the form for a new circle."""
    kind = request.query.get("kind", "")[:80]
    blank = dict.fromkeys(_FACTS, "") | {"slug": "", "kind": kind}
    return await _form(request, None, blank, {})


async def make(request: web.Request) -> web.Response:
    """Add a circle; an address that was left empty is made from the title."""
    given = dict.fromkeys((*_FACTS, "slug"), "") | await filling.without(request)
    slug = given["slug"].strip() or slugs.slug(given["title_nl"] or given["title_en"])
    facts = {name: given[name] for name in _FACTS if name != "language"}
    try:
        made = await circles.create(
            database(request),
            actor(request),
            slug=slug,
            **facts,
            language=given["language"] or None,
            association=site(request).language,
            now=now(request),
        )
    except (Invalid, Conflict) as error:
        return await _form(request, None, given, _faults(error, given))
    return go(f"/manage/circles/{made.slug}?{SAVED}=made")


async def ask_edit(request: web.Request) -> web.Response:
    """Show the facts of a circle as a form."""
    found = await _run(request)
    return await _form(request, found, {name: getattr(found, name) for name in _FACTS}, {})


async def edit(request: web.Request) -> web.Response:
    """Save the facts that the form had: for facilitators without those that the team decides."""
    found = await _run(request)
    given = await filling.without(request)
    shown: Sequence[str] = _FACTS if actor(request).staff else _DESCRIBED
    facts = {name: given[name] for name in shown if name in given}
    try:
        await circles.change(database(request), actor(request), found.slug, facts, now=now(request))
    except (Invalid, Conflict) as error:
        whole = {name: getattr(found, name) for name in _FACTS} | facts
        return await _form(request, found, whole, filling.faults(error, filling.FAULTS | _CONFIDENTIAL))
    return go(f"/manage/circles/{found.slug}?{SAVED}=changed")


async def ask_close(request: web.Request) -> web.Response:
    """Ask whether to close a circle, saying who hears what."""
    db, who, slug = database(request), actor(request), request.match_info["slug"]
    found = await circles.get(db, who, slug)
    return page(
        request, "manage_close.html", circle=found, would=await closing.would_close(db, who, slug, now=now(request))
    )


async def close(request: web.Request) -> web.Response:
    """Close a circle, with the reason that was given."""
    reason = await forms.text(request, "reason")
    found = await closing.close(database(request), actor(request), request.match_info["slug"], reason, now=now(request))
    return go(f"/manage/circles/{found.slug}?{SAVED}=closed")


async def reopen(request: web.Request) -> web.Response:
    """Open a closed circle again."""
    found = await closing.reopen(database(request), actor(request), request.match_info["slug"], now=now(request))
    return go(f"/manage/circles/{found.slug}?{SAVED}=opened")


async def _run(request: web.Request) -> Circle:
    found = await circles.get(database(request), actor(request), request.match_info["slug"])
    access.require(actor(request), Verb.DESCRIBE_CIRCLE, circles.scope(found))
    return found


async def _form(request: web.Request, circle: Circle | None, given: Typed, faults: Faults) -> web.Response:
    return page(
        request,
        "manage_circle_form.html",
        circle=circle,
        given=given,
        faults=faults,
        kinds=sorted((await public.labels(request)).items(), key=lambda pair: pair[1].casefold()),
        languages=LANGUAGES,
        team=actor(request).staff,
    )


def _faults(error: Invalid | Conflict, given: Typed) -> Faults:
    """Say what is wrong; without a title no address could be made either."""
    if isinstance(error, Invalid) and error.field == "slug" and not given["slug"].strip():
        return {"title": filling.FAULTS["title"]}
    return filling.faults(error, filling.FAULTS | _FAULTS)


LANGUAGES: Final = [(Language.DUTCH.value, "Nederlands"), (Language.ENGLISH.value, "English")]

_ONE: Final = f"/manage/circles/{SLUG}"
ROUTES: Final = [
    Route("GET", "/manage/circles", every, Access.MANAGER, private=True),
    Route("GET", "/manage/new-circle", ask_new, Access.STAFF, private=True),
    Route("POST", "/manage/new-circle", make, Access.STAFF, private=True),
    Route("GET", _ONE, one, Access.MANAGER, private=True),
    Route("GET", f"{_ONE}/edit", ask_edit, Access.MANAGER, private=True),
    Route("POST", f"{_ONE}/edit", edit, Access.MANAGER, private=True),
    Route("GET", f"{_ONE}/close", ask_close, Access.STAFF, private=True),
    Route("POST", f"{_ONE}/close", close, Access.STAFF, private=True),
    Route("POST", f"{_ONE}/reopen", reopen, Access.STAFF, private=True),
]
