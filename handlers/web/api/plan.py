"""The annual plan in the API: what was planned against what takes place."""

from dataclasses import asdict
from typing import Annotated

from pydantic import Field

from handlers.web.api.fields import Items
from handlers.web.api.typed import Answer, Call, Operation
from service.actions import planning

Year = Annotated[int, Field(ge=1, le=9_999, examples=[2026])]


class PlanLine(Answer):
    """A line of the plan and what has come of it so far."""

    programme: str
    title: str
    kind: str
    output: str = Field(description="What the line promises: gathering, group or mailing")
    period: str
    circle: str | None
    planned_min: int
    planned_max: int | None
    held: int
    scheduled: int = Field(description="Published and still to come")
    drafts: int
    cancelled: int
    seated: int = Field(description="People with a seat, facilitators not counted")
    present: int
    rating: float | None = Field(description="What those who were there gave on average; null below five answers")
    ratings: int = Field(description="How many it is of: from five on it grows by five")
    on_track: bool | None = Field(description="null where Kring does not count")


async def every(call: Call, *, year: Year) -> Items[PlanLine]:
    """List the lines of a year's plan, in the order of its file."""
    lines = await planning.plan(call.db, call.actor, year, now=call.now)
    return Items[PlanLine](items=[PlanLine(**asdict(line)) for line in lines])


OPERATIONS = (Operation("GET", "/plan/{year}", every),)
