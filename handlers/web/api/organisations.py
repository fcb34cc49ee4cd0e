"""Organisations in the API."""

from typing import Annotated

from pydantic import Field, StringConstraints

from handlers.web import paging
from handlers.web.api.fields import NOT_GIVEN, Id, Name, Page, Paging
from handlers.web.api.typed import Answer, Call, Given, Operation
from service import model
from service.actions import organisations

Domain = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]+$", max_length=253)]


class NewOrganisation(Given):
    """A member of the association, or a guest organisation."""

    name: Name
    domains: list[Domain] = Field(default_factory=list, max_length=100, description="Mail domains of its people")


class OrganisationChanges(Given):
    """What is to change; the rest stays as it is."""

    name: Name = NOT_GIVEN
    domains: Annotated[list[Domain], Field(max_length=100)] = NOT_GIVEN


class Organisation(Answer):
    """A member of the association, or a guest organisation."""

    id: int
    name: str
    domains: list[str]


async def create(call: Call, *, body: NewOrganisation) -> Organisation:
    """Add an organisation; a name that is there already is a conflict."""
    made = await organisations.create(call.db, call.actor, name=body.name, domains=body.domains, now=call.now)
    return _answer(made)


async def every(call: Call, *, query: Paging) -> Page[Organisation]:
    """List the organisations."""
    found = await organisations.every(call.db, call.actor, after=query.after_id, limit=query.limit + 1)
    kept, after = paging.first(found, query.limit, lambda last: str(last.id))
    return Page[Organisation](items=[_answer(each) for each in kept], next=after)


async def one(call: Call, *, id_: Id) -> Organisation:
    """Read an organisation."""
    return _answer(await organisations.get(call.db, call.actor, id_))


async def change(call: Call, *, id_: Id, body: OrganisationChanges) -> Organisation:
    """Rename an organisation, or set the domains of its mail addresses."""
    given = body.model_dump(exclude_unset=True)
    return _answer(await organisations.change(call.db, call.actor, id_, **given))


def _answer(organisation: model.Organisation) -> Organisation:
    return Organisation(id=organisation.id, name=organisation.name, domains=organisation.domains)


OPERATIONS = (
    Operation("POST", "/organisations", create, status=201, located="id"),
    Operation("GET", "/organisations", every),
    Operation("GET", "/organisations/{id}", one),
    Operation("PATCH", "/organisations/{id}", change),
)
