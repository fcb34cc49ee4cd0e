"""Kinds of circle in the API: the policy that staff decide."""

from typing import Annotated

from pydantic import Field, StringConstraints

from handlers.web.api.fields import NOT_GIVEN, GivenTexts, Items, Seats, Texts, texts
from handlers.web.api.typed import Answer, Call, Given, Operation
from service import model
from service.actions import circles, kinds
from service.model import Joining, Language, Visibility

KindName = Annotated[str, StringConstraints(pattern="^[a-z]+(_[a-z]+)*$", max_length=80)]
Reminder = Annotated[str, StringConstraints(pattern="^P.{1,12}$")]


class KindChanges(Given):
    """What is to change in the policy; the rest stays as it is."""

    label: GivenTexts = NOT_GIVEN
    visibility: Visibility = NOT_GIVEN
    confidential: bool = NOT_GIVEN
    joining: Joining = NOT_GIVEN
    capacity: Seats | None = Field(None, description="Of a new gathering; null: no limit")
    organisation_quota: Seats | None = Field(None, description="Seats of a new gathering for one organisation")
    approval: bool = NOT_GIVEN
    reminders: Annotated[list[Reminder], Field(max_length=5)] = NOT_GIVEN
    minimum: Seats | None = Field(None, description="Fewer people than these do not go on")
    language: Language | None = Field(None, description="Of its circles that say nothing; null: ours")
    rating: bool = Field(NOT_GIVEN, description="Those who were there are asked for a rating")
    most_members: Seats | None = Field(None, description="A circle of this kind is one group, of no more than these")
    facilitators_count: bool = Field(
        NOT_GIVEN, description="Who leads is one of the group: among `minimum` and `most_members`"
    )


class NewKind(KindChanges):
    """A kind that circles can have from now on."""

    name: KindName = Field(description="Its name in the API")
    label: GivenTexts


class Kind(Answer):
    """The policy of a kind of circle."""

    name: str
    label: Texts
    visibility: Visibility
    confidential: bool
    joining: Joining
    capacity: int | None
    organisation_quota: int | None
    approval: bool
    reminders: list[str]
    minimum: int | None
    language: Language | None
    rating: bool
    most_members: int | None
    facilitators_count: bool


async def create(call: Call, *, body: NewKind) -> Kind:
    """Add a kind of circle; a name that is taken is a conflict."""
    return _answer(await kinds.create(call.db, call.actor, body.name, _policy(body)))


async def every(call: Call) -> Items[Kind]:
    """List the kinds that a circle can have."""
    return Items[Kind](items=[_answer(each) for each in await circles.kinds(call.db)])


async def one(call: Call, *, name: KindName) -> Kind:
    """Read the policy of a kind."""
    return _answer(await kinds.get(call.db, call.actor, name))


async def change(call: Call, *, name: KindName, body: KindChanges) -> Kind:
    """Change the policy of a kind; gatherings that are planned already keep their own."""
    return _answer(await kinds.change(call.db, call.actor, name, _policy(body), now=call.now))


def _policy(body: KindChanges) -> dict[str, object]:
    given = body.model_dump(exclude_unset=True, exclude={"name"})
    if "label" in given:
        given |= {f"label_{language}": text or "" for language, text in given.pop("label").items()}
    return given


def _answer(kind: model.CircleKind) -> Kind:
    return Kind(
        name=kind.name,
        label=texts(kind.label_nl, kind.label_en),
        visibility=Visibility(kind.visibility),
        confidential=kind.confidential,
        joining=Joining(kind.joining),
        capacity=kind.capacity,
        organisation_quota=kind.organisation_quota,
        approval=kind.approval,
        reminders=kind.reminders,
        minimum=kind.minimum,
        language=Language(kind.language) if kind.language else None,
        rating=kind.rating,
        most_members=kind.most_members,
        facilitators_count=kind.facilitators_count,
    )


OPERATIONS = (
    Operation("POST", "/kinds", create, status=201, located="name"),
    Operation("GET", "/kinds", every),
    Operation("GET", "/kinds/{name}", one),
    Operation("PATCH", "/kinds/{name}", change),
)
