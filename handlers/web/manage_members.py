"""The people of a circle: who is in it, who asks to be, letting in, changing what somebody is, and taking out."""

from typing import Final

from aiohttp import web

from handlers.web import filling, forms, paging
from handlers.web.circles import SLUG
from handlers.web.filling import Faults, Typed
from handlers.web.manage_circles import LANGUAGES, SAVED
from handlers.web.render import go, page
from handlers.web.routes import Access, Route
from handlers.web.site import actor, database, now, site
from service.actions import circles, joining, members, people
from service.errors import Conflict, Invalid, NotAllowed
from service.model import MembershipRole, MembershipState
from service.rules import access
from service.rules.access import Verb
from service.texts.catalogue import marked

MANY: Final = 60
"""Members on one page."""

FOUND: Final = 20
"""People that a search shows; whoever is not among them is looked for with more words."""

_SAVED: Final = {
    "added": marked("Added. For what is planned already they get a mail."),
    "changed": marked("Saved."),
    "removed": marked("Taken out of the circle. Their calendar follows."),
}
_CLOSED: Final = marked("This circle has closed, so nobody can come in. Open it again first.")
REFUSED: Final = "refused"
FULL: Final = marked("This group is complete. Somebody has to leave before you can let in somebody else.")
ASK: Final = marked(
    "Only who leads this group lets in people of the team: it is confidential, and has members already. Ask them."
)
REFUSALS: Final = {"full": FULL, "ask": ASK}
PERSON: Final = r"{person:\d{1,18}}"


async def every(request: web.Request) -> web.Response:
    """List who is in a circle, or who asks to be."""
    db, who, slug = database(request), actor(request), request.match_info["slug"]
    found, size = await members.size(db, who, slug)
    names = access.can(who, Verb.SEE_ROSTER, circles.scope(found))
    state = MembershipState.REQUESTED if request.query.get("show") == "requests" else MembershipState.ACTIVE
    words, after = request.query.get("q", "")[:200], filling.number(request.query.get("after", ""))
    listed = await members.page(db, who, slug, state=state, words=words, after=after, limit=MANY + 1) if names else []
    shown, more = paging.first(listed, MANY, lambda one: one.person_id)
    return page(
        request,
        "manage_members.html",
        circle=found,
        size=size,
        room=members.room(found, size),
        refused=REFUSALS.get(request.query.get(REFUSED, ""), ""),
        names=names,
        members=shown,
        more=more,
        state=str(state),
        words=words,
        later=after is not None,
        saved=_SAVED.get(request.query.get(SAVED, ""), ""),
    )


async def ask_add(request: web.Request) -> web.Response:
    """Show how to add somebody: the team finds people by name, everybody adds by name and address."""
    return await _adding(request, {}, {})


async def add(request: web.Request) -> web.Response:
    """Let in a person whom the team has found."""
    person, role = await forms.text(request, "person"), await forms.text(request, "role") or MembershipRole.PARTICIPANT
    number = filling.number(person) or 0
    try:
        await joining.set_member(
            database(request), actor(request), request.match_info["slug"], number, role, now=now(request)
        )
    except (Invalid, Conflict, NotAllowed) as error:
        return await _adding(request, {}, await _faults(request, error))
    return _back(request, "added")


async def add_new(request: web.Request) -> web.Response:
    """Let in the person of an address, adding them where nobody has it."""
    given = dict.fromkeys(("name", "email", "language", "role"), "") | await filling.without(request)
    facts = {name: given[name] for name in ("name", "email", "language", "role")}
    try:
        await members.add_by_address(
            database(request), actor(request), request.match_info["slug"], **facts, now=now(request)
        )
    except (Invalid, Conflict, NotAllowed) as error:
        return await _adding(request, given, await _faults(request, error))
    return _back(request, "added")


async def one(request: web.Request) -> web.Response:
    """Show what somebody is in a circle, with what can be done, and what taking them out would do."""
    db, who, slug = database(request), actor(request), request.match_info["slug"]
    found = await circles.get(db, who, slug)
    leaving = await members.leaving(db, who, slug, int(request.match_info["person"]), now=now(request))
    return page(request, "manage_member.html", circle=found, member=leaving.member, invited=leaving.invited)


async def change(request: web.Request) -> web.Response:
    """Make somebody a participant or a facilitator."""
    refused = await _set(request, await forms.text(request, "role"), MembershipState.ACTIVE)
    return _refused(request, refused) if refused else _back(request, "changed")


async def remove(request: web.Request) -> web.Response:
    """Take somebody out of a circle, or refuse who asks to come in."""
    asked = await _asks(request)
    await joining.remove_member(
        database(request),
        actor(request),
        request.match_info["slug"],
        int(request.match_info["person"]),
        now=now(request),
    )
    return go(f"/manage/circles/{request.match_info['slug']}?{SAVED}=out") if asked else _back(request, "removed")


async def accept(request: web.Request) -> web.Response:
    """Let in who asks."""
    refused = await _set(request, MembershipRole.PARTICIPANT, MembershipState.REQUESTED)
    if refused:
        return _refused(request, refused)
    return go(f"/manage/circles/{request.match_info['slug']}?{SAVED}=in")


async def _set(request: web.Request, role: str, standing: MembershipState) -> str:
    """Change somebody who is in the circle, or asks to be: nobody else can be reached by counting numbers.

    Returns why it was refused, a word of `REFUSALS`, where the page can say what to do.
    """
    db, who, slug, person = database(request), actor(request), request.match_info["slug"], request.match_info["person"]
    try:
        await joining.set_member(db, who, slug, int(person), role, now=now(request), standing=standing)
    except Conflict:
        found, size = await members.size(db, who, slug)
        if members.room(found, size) != 0:
            raise
        return "full"
    except NotAllowed:
        if not who.staff:
            raise
        return "ask"
    return ""


async def _faults(request: web.Request, error: Invalid | Conflict | NotAllowed) -> Faults:
    """Say why somebody cannot be let in, and what to do about it."""
    if isinstance(error, NotAllowed):
        if not actor(request).staff:
            raise error
        return {"": ASK}
    if isinstance(error, Invalid):
        return filling.faults(error)
    found, size = await members.size(database(request), actor(request), request.match_info["slug"])
    if found.closed_at is not None:
        return {"": _CLOSED}
    if members.room(found, size) == 0:
        return {"": FULL}
    raise error


async def _asks(request: web.Request) -> bool:
    return await forms.text(request, "asked") == "yes"


async def _adding(request: web.Request, given: Typed, faults: Faults) -> web.Response:
    db, who = database(request), actor(request)
    found, size = await members.size(db, who, request.match_info["slug"])
    words = request.query.get("q", "").strip()[:200]
    people_found = await people.found(db, who, words, limit=FOUND + 1) if words and who.staff else []
    return page(
        request,
        "manage_add_member.html",
        circle=found,
        room=members.room(found, size),
        words=words,
        found=people_found[:FOUND],
        more=len(people_found) > FOUND,
        given={"name": "", "email": "", "language": site(request).language, "role": MembershipRole.PARTICIPANT}
        | dict(given),
        faults=faults,
        languages=LANGUAGES,
    )


def _refused(request: web.Request, why: str) -> web.Response:
    return go(f"/manage/circles/{request.match_info['slug']}/members?{REFUSED}={why}")


def _back(request: web.Request, saved: str) -> web.Response:
    return go(f"/manage/circles/{request.match_info['slug']}/members?{SAVED}={saved}")


_ALL: Final = f"/manage/circles/{SLUG}/members"
_ONE: Final = f"{_ALL}/{PERSON}"
ROUTES: Final = [
    Route("GET", _ALL, every, Access.MANAGER, private=True),
    Route("POST", _ALL, add, Access.STAFF, private=True),
    Route("GET", f"{_ALL}/add", ask_add, Access.MANAGER, private=True),
    Route("POST", f"{_ALL}/add", add_new, Access.MANAGER, private=True),
    Route("GET", _ONE, one, Access.MANAGER, private=True),
    Route("POST", f"{_ONE}/accept", accept, Access.MANAGER, private=True),
    Route("POST", f"{_ONE}/role", change, Access.MANAGER, private=True),
    Route("POST", f"{_ONE}/remove", remove, Access.MANAGER, private=True),
]
