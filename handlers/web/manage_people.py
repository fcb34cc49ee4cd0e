"""People and organisations as the team keeps them: finding somebody, what is known of them, and where to reach them."""

from typing import Any, Final

from aiohttp import web

from handlers.web import filling, forms, paging
from handlers.web.filling import Faults, Typed
from handlers.web.manage_circles import LANGUAGES, SAVED
from handlers.web.render import go, page
from handlers.web.routes import Access, Route
from handlers.web.site import NUMBER, actor, database, ident, now, site
from service.actions import organisations, people, preferences
from service.channels import MAIL
from service.errors import Conflict, Invalid
from service.model import Person, Role
from service.rules import access
from service.rules.access import Verb
from service.texts.catalogue import marked

MANY: Final = 60
"""People, or organisations, on one page."""

ROLES: Final[dict[str, str]] = {
    Role.MEMBER: marked("Member"),
    Role.STAFF: marked("Team: runs circles and gatherings"),
    Role.ADMIN: marked("Admin: everything, roles and keys too"),
}
_SAVED: Final = {
    "made": marked("Added. Nobody was mailed."),
    "changed": marked("Saved."),
    "address": marked("Saved. Answers from this address count from now on."),
    "erased": marked("Erased. The last mails are on their way."),
    "removed": marked("The address is gone. Whoever was signed in as this person is so no more."),
    "parted": marked("The chat is connected no longer. Messages come by mail again."),
}
_FAULTS: Final = {
    "conflict": marked("This mail address is somebody's already. Look them up by it."),
    "role": marked("This is the only admin. Make somebody else an admin first."),  # others cannot be chosen
    "title": marked("Choose the organisation of this position, or leave the position empty."),
    "domains": marked("Write each domain on a line of its own, such as example.org."),
}
_NAMESAKE: Final = {"conflict": marked("There is an organisation of this name already.")}
_FACTS: Final = ("name", "email", "language", "organisation_id", "title")


async def every(request: web.Request) -> web.Response:
    """Find people by a part of their name, address or organisation; all of them by name where nothing is asked."""
    words, after = request.query.get("q", "")[:200], filling.number(request.query.get("after", ""))
    found = await people.found(database(request), actor(request), words, after=after, limit=MANY + 1)
    shown, more = paging.first(found, MANY, lambda one: one.id)
    return page(
        request,
        "manage_people.html",
        saved=_SAVED.get(request.query.get(SAVED, ""), ""),
        people=shown,
        more=more,
        later=after is not None,
        words=words,
        roles=ROLES,
    )


async def ask_new(request: web.Request) -> web.Response:
    """Show the form for somebody new."""
    return await _form(request, None, dict.fromkeys(_FACTS, "") | {"language": site(request).language}, {})


async def make(request: web.Request) -> web.Response:
    """Add somebody; mails nobody."""
    given = dict.fromkeys(_FACTS, "") | await filling.without(request)
    facts = {"email": "", "language": ""} | _facts(given)
    try:
        made = await people.create_person(database(request), actor(request), **facts, now=now(request))
    except (Invalid, Conflict) as error:
        return await _form(request, None, given, filling.faults(error, filling.FAULTS | _FAULTS))
    return go(f"/manage/people/{made.id}?{SAVED}=made")


async def one(request: web.Request) -> web.Response:
    """Show what is known of a person, as a form."""
    found = await people.person(database(request), actor(request), ident(request))
    return await _form(request, found, _known(found), {})


async def change(request: web.Request) -> web.Response:
    """Save what is known of a person."""
    found = await people.person(database(request), actor(request), ident(request))
    given = _known(found) | await filling.without(request)
    try:
        await people.change_person(database(request), actor(request), found.id, _facts(given), now=now(request))
    except (Invalid, Conflict) as error:
        return await _form(request, found, given, filling.faults(error, filling.FAULTS | _FAULTS))
    return go(f"/manage/people/{found.id}?{SAVED}=changed")


async def add_address(request: web.Request) -> web.Response:
    """Add an address that is theirs too."""
    found = await people.person(database(request), actor(request), ident(request))
    email = await forms.text(request, "more")
    try:
        await people.add_address(database(request), actor(request), found.id, email, now=now(request))
    except (Invalid, Conflict) as error:
        faults = filling.faults(error, filling.FAULTS | _FAULTS)
        return await _form(request, found, _known(found) | {"more": email}, {"more": next(iter(faults.values()))})
    return go(f"/manage/people/{found.id}?{SAVED}=address#addresses")


async def remove_address(request: web.Request) -> web.Response:
    """Remove a mail address that is not the primary one, or part the person from a chat."""
    person_id, address_id = ident(request), ident(request, "address")
    channel = await people.remove_address(database(request), actor(request), person_id, address_id, now=now(request))
    return go(f"/manage/people/{person_id}?{SAVED}={'removed' if channel == MAIL else 'parted'}#addresses")


async def every_organisation(request: web.Request) -> web.Response:
    """Find organisations by a part of their name or domain."""
    words, after = request.query.get("q", "")[:200], filling.number(request.query.get("after", ""))
    found = await organisations.found(database(request), actor(request), words, after=after, limit=MANY + 1)
    shown, more = paging.first(found, MANY, lambda one: one.id)
    return page(
        request,
        "manage_organisations.html",
        organisations=shown,
        more=more,
        later=after is not None,
        words=words,
    )


async def ask_new_organisation(request: web.Request) -> web.Response:
    """Show the form for a new organisation."""
    return _organisation_form(request, None, {"name": "", "domains": ""}, {})


async def make_organisation(request: web.Request) -> web.Response:
    """Add an organisation."""
    given = {"name": "", "domains": ""} | await filling.without(request)
    try:
        made = await organisations.create(
            database(request), actor(request), name=given["name"], domains=given["domains"].split(), now=now(request)
        )
    except (Invalid, Conflict) as error:
        return _organisation_form(request, None, given, filling.faults(error, filling.FAULTS | _FAULTS | _NAMESAKE))
    return go(f"/manage/organisations/{made.id}?{SAVED}=made")


async def organisation(request: web.Request) -> web.Response:
    """Show an organisation as a form."""
    found = await organisations.get(database(request), actor(request), ident(request))
    return _organisation_form(request, found.id, {"name": found.name, "domains": "\n".join(found.domains)}, {})


async def change_organisation(request: web.Request) -> web.Response:
    """Save an organisation."""
    given = {"name": "", "domains": ""} | await filling.without(request)
    try:
        await organisations.change(
            database(request), actor(request), ident(request), name=given["name"], domains=given["domains"].split()
        )
    except (Invalid, Conflict) as error:
        faults = filling.faults(error, filling.FAULTS | _FAULTS | _NAMESAKE)
        return _organisation_form(request, ident(request), given, faults)
    return go(f"/manage/organisations/{ident(request)}?{SAVED}=changed")


def _known(person: Person) -> dict[str, str]:
    return {
        "name": person.name,
        "email": person.email or "",
        "language": person.language,
        "organisation_id": str(person.organisation_id or ""),
        "title": person.title or "",
    }


def _facts(given: Typed) -> dict[str, Any]:
    facts: dict[str, Any] = {name: given[name] for name in _FACTS if given.get(name) or name in ("name", "title")}
    facts["organisation_id"] = filling.number(given["organisation_id"])
    if given.get("standing"):
        facts["role"] = given["standing"]
    return facts


async def _form(request: web.Request, person: Person | None, given: Typed, faults: Faults) -> web.Response:
    db, who = database(request), actor(request)
    return page(
        request,
        "manage_person.html",
        person=person,
        given={"more": "", "standing": person.role if person else Role.MEMBER} | dict(given),
        faults=faults,
        languages=LANGUAGES,
        organisations=[("", "–"), *((str(key), name) for key, name in (await organisations.names(db, who)).items())],
        addresses=[] if person is None else await people.addresses_of(db, who, person.id),
        circles=[] if person is None else list((await preferences.get(db, who, person.id)).circles.values()),
        roles=ROLES,
        gives_roles=access.can(who, Verb.OPERATE),
        locked=person is not None and person.role == Role.ADMIN and who.role != Role.ADMIN,
        saved=_SAVED.get(request.query.get(SAVED, ""), ""),
    )


def _organisation_form(request: web.Request, number: int | None, given: Typed, faults: Faults) -> web.Response:
    return page(
        request,
        "manage_organisation.html",
        number=number,
        given=given,
        faults=faults,
        saved=_SAVED.get(request.query.get(SAVED, ""), ""),
    )


ROUTES: Final = [
    Route("GET", "/manage/people", every, Access.STAFF, private=True),
    Route("GET", "/manage/new-person", ask_new, Access.STAFF, private=True),
    Route("POST", "/manage/new-person", make, Access.STAFF, private=True),
    Route("GET", f"/manage/people/{NUMBER}", one, Access.STAFF, private=True),
    Route("POST", f"/manage/people/{NUMBER}", change, Access.STAFF, private=True),
    Route("POST", f"/manage/people/{NUMBER}/addresses", add_address, Access.STAFF, private=True),
    Route(
        "POST",
        rf"/manage/people/{NUMBER}/addresses/{{address:\d{{1,18}}}}/remove",
        remove_address,
        Access.STAFF,
        private=True,
    ),
    Route("GET", "/manage/organisations", every_organisation, Access.STAFF, private=True),
    Route("GET", "/manage/new-organisation", ask_new_organisation, Access.STAFF, private=True),
    Route("POST", "/manage/new-organisation", make_organisation, Access.STAFF, private=True),
    Route("GET", f"/manage/organisations/{NUMBER}", organisation, Access.STAFF, private=True),
    Route("POST", f"/manage/organisations/{NUMBER}", change_organisation, Access.STAFF, private=True),
]
