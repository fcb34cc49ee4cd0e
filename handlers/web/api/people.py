"""People in the API."""

from typing import Annotated

from pydantic import Field

from handlers.web.api.fields import NOT_GIVEN, Id, Line, Name, Page, Paging, cut
from handlers.web.api.typed import Answer, Call, Given, Operation
from service import model
from service.actions import people
from service.model import Language, Role

Email = Annotated[str, Field(max_length=320, json_schema_extra={"format": "email"})]

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


class PeopleQuery(Paging):
    """Which people."""

    email: Wanted | None = Field(None, description="Only whose address this is, primary or not")


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
    found = await people.people(call.db, call.actor, email=query.email, after=query.after_id, limit=query.limit + 1)
    kept, after = cut(found, query.limit, lambda last: str(last.id))
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
)
