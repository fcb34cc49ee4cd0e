"""What a step of a gathering would do, in the API: who would hear of it, and in which words."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from handlers.web.api.fields import Id
from handlers.web.api.gatherings import GatheringChanges, given_facts
from handlers.web.api.typed import Answer, Call, Given, Operation
from service.actions import previewing
from service.model import Purpose
from service.rules.groups import Group
from service.rules.ways import Sequel


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


class PlannedFollowing(Planned):
    """A step that is being thought about, for a gathering and those after it in its series."""

    step: Literal[Step.CHANGE, Step.CANCEL]


class Hearing(Answer):
    """How many people of a group hear of a step, or hear nothing."""

    group: Group = Field(description="How they stand now")
    count: int
    hears: bool


class Letter(Answer):
    """A mail in words; dots stand for what differs from person to person."""

    subject: str
    text: str


class Sequels(Answer):
    """Of how many people a yes becomes something else, where the ways to take part change."""

    ask: int = Field(description="They were to join online, which ends: they are asked anew")
    seat: int = Field(description="They were to join online, which everybody does now: they are counted by seats")
    join: int = Field(description="They said yes to joining online, and still join online beside a place")


class Foreseen(Answer):
    """What a step would lead to."""

    purpose: Purpose
    told: int = Field(description="How many people get a mail")
    groups: list[Hearing]
    sequels: Sequels
    lifted: int | None = Field(description="The capacity of a place that goes with it; null where no limit is lifted")


class Preview(Foreseen):
    """Who would hear what; nothing has been done or sent."""

    letter: Letter | None = Field(
        description="To the largest group that hears of it: of those who are asked anew where others are not, and of "
        "facilitators only where nobody else hears; null where nobody does"
    )


class FollowingPreview(Foreseen):
    """Who would hear what of one of several gatherings."""

    gathering_id: int
    starts_at: datetime = Field(description="As it would be, in UTC")


class FollowingPreviews(Answer):
    """Who would hear what, gathering by gathering; nothing has been done or sent."""

    items: list[FollowingPreview]
    letter: Letter | None = Field(description="About the first; null where nobody hears anything of it")


async def preview(call: Call, *, id_: Id, body: Planned) -> Preview:
    """Show who would hear of a step and in which words, without doing it."""
    if body.step is Step.PUBLISH:
        spoken = call.site.language
        return shown_preview(call, await previewing.publish(call.db, call.actor, id_, language=spoken, now=call.now))
    (found,) = await _planned(call, id_, body, following=False)
    return shown_preview(call, found)


async def preview_following(call: Call, *, id_: Id, body: PlannedFollowing) -> FollowingPreviews:
    """Show who would hear of a step for a gathering and those after it in its series, without doing it."""
    found = await _planned(call, id_, body, following=True)
    return FollowingPreviews(
        items=[
            FollowingPreview(**_foreseen(one), gathering_id=one.gathering.id, starts_at=one.gathering.starts_at)
            for one in found
        ],
        letter=_letter(call, found[0]),
    )


async def _planned(call: Call, gathering_id: int, body: Planned, *, following: bool) -> Sequence[previewing.Preview]:
    more: dict[str, Any] = {"language": call.site.language, "now": call.now, "following": following}
    if body.step is Step.CANCEL:
        return await previewing.cancel(call.db, call.actor, gathering_id, body.reason or "", **more)
    given = given_facts(body.changes) if body.changes else {}
    return await previewing.change(call.db, call.actor, gathering_id, given, **more)


def shown_preview(call: Call, found: previewing.Preview) -> Preview:
    """Write a preview, with the letter in the association's language."""
    return Preview(**_foreseen(found), letter=_letter(call, found))


def _foreseen(found: previewing.Preview) -> dict[str, Any]:
    return {
        "purpose": found.purpose,
        "told": found.told,
        "groups": [Hearing(group=one.group, count=one.count, hears=one.hears) for one in found.hearings],
        "sequels": Sequels(**{which.value: found.sequels.get(which, 0) for which in Sequel}),
        "lifted": found.lifted,
    }


def _letter(call: Call, found: previewing.Preview) -> Letter | None:
    sample = call.show(found.sample) if call.show and found.sample else None
    return Letter(subject=sample.subject, text=sample.text) if sample else None


OPERATIONS = (
    Operation("POST", "/gatherings/{id}/preview", preview, pure=True),
    Operation("POST", "/gatherings/{id}/following/preview", preview_following, pure=True),
)
