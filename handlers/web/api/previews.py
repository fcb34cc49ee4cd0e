"""What a step of a gathering would do, in the API: who would hear of it, and in which words."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from handlers.web.api.fields import Id
from handlers.web.api.gatherings import GatheringChanges, given_facts
from handlers.web.api.typed import Answer, Call, Given, Operation
from service.actions import previewing
from service.model import Purpose
from service.rules.groups import Group


class Step(StrEnum):
    """What might be done to a gathering."""

    PUBLISH = "publish"  # or open again
    CHANGE = "change"
    CANCEL = "cancel"


class Planned(Given):
    """A step that is being thought about, with what would go with it."""

    step: Step
    changes: GatheringChanges | None = Field(None, description="With `change`: what is to change")
    reason: Annotated[str, StringConstraints(max_length=1_000)] | None = Field(None, description="With `cancel`")


class Hearing(Answer):
    """How many people of a group hear of a step, or hear nothing."""

    group: Group = Field(description="How they stand now")
    count: int
    hears: bool


class Letter(Answer):
    """A mail in words; dots stand for what differs from person to person."""

    subject: str
    text: str


class Preview(Answer):
    """Who would hear what; nothing has been done or sent."""

    purpose: Purpose
    told: int = Field(description="How many people get a mail")
    groups: list[Hearing]
    letter: Letter | None = Field(description="To the largest group; null where nobody hears anything")


async def preview(call: Call, *, id_: Id, body: Planned) -> Preview:
    """Show who would hear of a step and in which words, without doing it."""
    spoken: dict[str, Any] = {"language": call.site.language, "now": call.now}
    if body.step is Step.CHANGE:
        given = given_facts(body.changes) if body.changes else {}
        (found,) = await previewing.change(call.db, call.actor, id_, given, **spoken)
    elif body.step is Step.CANCEL:
        (found,) = await previewing.cancel(call.db, call.actor, id_, body.reason or "", **spoken)
    else:
        found = await previewing.publish(call.db, call.actor, id_, **spoken)
    return _shown(call, found)


def _shown(call: Call, found: previewing.Preview) -> Preview:
    """Write a preview, with the letter in the association's language."""
    sample = call.show(found.sample) if call.show and found.sample else None
    return Preview(
        purpose=found.purpose,
        told=found.told,
        groups=[Hearing(group=one.group, count=one.count, hears=one.hears) for one in found.hearings],
        letter=Letter(subject=sample.subject, text=sample.text) if sample else None,
    )


OPERATIONS = (Operation("POST", "/gatherings/{id}/preview", preview),)
