"""People in the API."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, JsonValue

from handlers.web import paging
from handlers.web.api.fields import NOT_GIVEN, Email, Id, Items, Line, Name, Page, Paging
from handlers.web.api.typed import Answer, Call, Given, Operation
from service import model
from service.actions import people, privacy
from service.model import Language, Role

Rows = list[dict[str, JsonValue]]

Wanted = Annotated[str, Field(max_length=320)]


class NewPerson(Given):
    """Someone new; nobody is mailed."""

    name: Name
    email: Email
    language: Language
    organisation_id: Id | None = None
    title: Line | None = Field(None, description="What they are in their organisation")


class PersonChanges(Given):
    """What is to change; the rest stays as it is."""

    name: Name = NOT_GIVEN
    email: Email = NOT_GIVEN
    language: Language = NOT_GIVEN
    organisation_id: Id | None = Field(None, description="null: works for no organisation any more")
    title: Line | None = None
    role: Role = Field(NOT_GIVEN, description="Only a key of an admin gives or takes a role")


class PeopleQuery(Paging):
    """Which people: all by number, those whose address it is, or those found by a part of a name."""

    q: Line | None = Field(None, description="Part of a name, a mail address or an organisation; listed by name")

    email: Wanted | None = Field(None, description="Only whose address this is, primary or not")


class NewAddress(Given):
    """A mail address that is theirs too."""

    email: Email


class Address(Answer):
    """Where a person can be reached."""

    id: int
    channel: str
    value: str
    primary: bool
    verified_at: datetime | None
    undeliverable_at: datetime | None
    awaits_owner: bool = Field(
        description="Given by somebody else, and not yet said to be theirs: opens nothing of a confidential circle"
    )


class Person(Answer):
    """Someone, with the organisation they work for now."""

    id: int
    name: str
    email: str | None
    language: Language
    role: Role
    organisation_id: int | None
    organisation: str | None
    title: str | None


class Export(Answer):
    """What is held about somebody: rows by section, each with its columns by name."""

    exported_at: datetime
    complete: bool = Field(description="False: without what is about confidential circles")
    person: Rows
    addresses: Rows
    proposed_addresses: Rows
    affiliations: Rows
    memberships: Rows
    registrations: Rows
    ratings: Rows
    votes: Rows
    notices: Rows
    feeds: Rows
    sessions: Rows
    sign_ins: Rows
    second_factor: Rows
    link_requests: Rows
    questions: Rows
    messages: Rows
    broadcasts: Rows
    group_cards: Rows
    suppressions: Rows


async def create(call: Call, *, body: NewPerson) -> Person:
    """Add a person; an address that is somebody's already is a conflict."""
    made = await people.create_person(
        call.db,
        call.actor,
        name=body.name,
        email=body.email,
        language=body.language,
        organisation_id=body.organisation_id,
        title=body.title or "",
        now=call.now,
    )
    return _answer(made)


async def every(call: Call, *, query: PeopleQuery) -> Page[Person]:
    """List people, or find the one with an address."""
    limit = query.limit + 1
    if query.q is not None and query.email is None:
        found = await people.found(call.db, call.actor, query.q, after=query.after_id or None, limit=limit)
    else:
        found = await people.people(call.db, call.actor, email=query.email, after=query.after_id, limit=limit)
    kept, after = paging.first(found, query.limit, lambda last: str(last.id))
    return Page[Person](items=[_answer(each) for each in kept], next=after)


async def one(call: Call, *, id_: Id) -> Person:
    """Read a person."""
    return _answer(await people.person(call.db, call.actor, id_))


async def change(call: Call, *, id_: Id, body: PersonChanges) -> Person:
    """Change a person; a new address becomes the primary one and the former stays theirs."""
    given = body.model_dump(exclude_unset=True)
    if "title" in given:
        given["title"] = given["title"] or ""
    return _answer(await people.change_person(call.db, call.actor, id_, given, now=call.now))


async def erase(call: Call, *, id_: Id) -> None:
    """Erase a person for good: counts stay, without the name; whoever is erased already stays so.

    Seats to come are freed and calendars are told. Only an admin's key erases somebody of the team.
    """
    await privacy.erase(call.db, call.actor, id_, keys=call.keys, now=call.now)


async def export(call: Call, *, id_: Id) -> Export:
    """Collect what is held about a person; what is about confidential circles is left out.

    All of it, the confidential circles too, they find on their own page.
    """
    held = await privacy.export(call.db, call.actor, id_, keys=call.keys, now=call.now)
    return Export.model_validate(held)


async def addresses(call: Call, *, id_: Id) -> Items[Address]:
    """List where a person can be reached."""
    return await _addresses(call, id_)


async def add_address(call: Call, *, id_: Id, body: NewAddress) -> Items[Address]:
    """Add a trusted mail address beside the primary one; one that is somebody's already is a conflict."""
    await people.add_address(call.db, call.actor, id_, body.email, now=call.now)
    return await _addresses(call, id_)


async def remove_address(call: Call, *, id_: Id, address_id: Id) -> None:
    """Remove a mail address that is not the primary one, or part the person from a chat: what waits goes by mail."""
    await people.remove_address(call.db, call.actor, id_, address_id, now=call.now)


async def _addresses(call: Call, person_id: int) -> Items[Address]:
    found = await people.addresses_of(call.db, call.actor, person_id)
    return Items[Address](
        items=[
            Address(
                id=each.id,
                channel=each.channel,
                value=each.value,
                primary=each.is_primary,
                verified_at=each.verified_at,
                undeliverable_at=each.undeliverable_at,
                awaits_owner=each.awaits_owner,
            )
            for each in found
        ]
    )


def _answer(person: model.Person) -> Person:
    return Person(
        id=person.id,
        name=person.name,
        email=person.email,
        language=Language(person.language),
        role=Role(person.role),
        organisation_id=person.organisation_id,
        organisation=person.organisation,
        title=person.title or None,
    )


OPERATIONS = (
    Operation("POST", "/people", create, status=201, located="id"),
    Operation("GET", "/people", every),
    Operation("GET", "/people/{id}", one),
    Operation("PATCH", "/people/{id}", change),
    Operation("DELETE", "/people/{id}", erase, status=204),
    Operation("POST", "/people/{id}/export", export, pure=True),
    Operation("GET", "/people/{id}/addresses", addresses),
    Operation("POST", "/people/{id}/addresses", add_address),
    Operation("DELETE", "/people/{id}/addresses/{address_id}", remove_address, status=204),
)
