"""Telling the people of a gathering something, in the API: look how many, send once, call off."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from handlers.web.api.fields import Id, Items
from handlers.web.api.typed import Answer, Call, Given, Operation
from service import model
from service.actions import broadcasting
from service.errors import NotFound
from service.model import Audience

Words = Annotated[str, StringConstraints(min_length=1, max_length=broadcasting.LONGEST)]


class GivenMessage(Given):
    """What people are told; each of them once, by their own channel."""

    audience: Audience
    text: Words


class Message(Answer):
    """Something that people were told."""

    id: int
    audience: Audience
    text: str
    author: str | None
    created_at: datetime
    called_off_at: datetime | None


class Sent(Message):
    """A message on its way."""

    people: int = Field(description="How many get it")
    goes_at: datetime = Field(description="Until then it can be called off for all of them")


class CalledOff(Answer):
    """What calling off came to."""

    people: int = Field(description="For how many it was in time")


class Audiences(Answer):
    """How many people each audience is at this moment."""

    coming: int
    waiting: int
    unanswered: int
    everyone: int = Field(description="All but those who declined")
    present: int
    absent: int


async def audiences(call: Call, *, id_: Id) -> Audiences:
    """Count whom a message would reach, before one is sent."""
    counts = await broadcasting.count(call.db, call.actor, id_)
    return Audiences(**{str(audience): count for audience, count in counts.items()})


async def send(call: Call, *, id_: Id, body: GivenMessage) -> Sent:
    """Tell people something, after the pause in which it can be called off."""
    told = await broadcasting.send(
        call.db, call.actor, id_, body.audience, body.text, now=call.now, pause=call.coalesce
    )
    return sent(told)


async def every(call: Call, *, id_: Id) -> Items[Message]:
    """List what people were told, the latest first."""
    found = await broadcasting.told(call.db, call.actor, id_)
    return Items[Message](items=[_message(each) for each in found])


async def call_off(call: Call, *, id_: Id, message_id: Id) -> CalledOff:
    """Take back what has not gone out yet."""
    if message_id not in {each.id for each in await broadcasting.told(call.db, call.actor, id_)}:
        raise NotFound
    _, people = await broadcasting.call_off(call.db, call.actor, message_id, now=call.now)
    return CalledOff(people=people)


def sent(told: broadcasting.Told) -> Sent:
    """Describe a message on its way."""
    return Sent(**_message(told.broadcast).model_dump(), people=told.people, goes_at=told.goes_at)


def _message(found: model.Broadcast) -> Message:
    return Message(
        id=found.id,
        audience=Audience(found.audience),
        text=found.text,
        author=found.author,
        created_at=found.created_at,
        called_off_at=found.called_off_at,
    )


OPERATIONS = (
    Operation("GET", "/gatherings/{id}/audiences", audiences),
    Operation("POST", "/gatherings/{id}/messages", send, status=201),
    Operation("GET", "/gatherings/{id}/messages", every),
    Operation("POST", "/gatherings/{id}/messages/{message_id}/call-off", call_off),
)
