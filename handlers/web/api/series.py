"""Series in the API: the dates of a rule, gatherings planned together, and changing or cancelling them from one on."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema

from handlers.web.api import gatherings
from handlers.web.api.fields import Id, LocalTime, Texts, WrittenTime, texts
from handlers.web.api.gatherings import Gathering, GatheringChanges, NewGathering
from handlers.web.api.typed import Answer, Call, Given, Operation
from service.actions import series
from service.rules import recurrence
from service.rules.holidays import Holiday
from service.rules.recurrence import Rule, Unit


def _day(value: object) -> date:
    if not isinstance(value, str):
        raise ValueError("Write this as 2026-12-01")
    return date.fromisoformat(value)


_WRITTEN_DAY = "20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
Day = Annotated[
    date,
    BeforeValidator(_day),
    WithJsonSchema({"type": "string", "pattern": f"^{_WRITTEN_DAY}$", "examples": ["2027-12-31"]}),
]


class Repetition(Given):
    """A rule; give `times` or `until`, and not both."""

    unit: Unit = Field(examples=[Unit.MONTH_WEEKDAY])
    every: Annotated[int, Field(ge=1, le=12)] = 1
    times: Annotated[int, Field(ge=1, le=recurrence.MOST)] | None = Field(None, examples=[6])
    until: Day | None = None
    skip_holidays: bool = Field(False, description="Public holidays of the Netherlands do not count")


class DatesAsked(Repetition):
    """From when on, and by which rule."""

    starts_at: LocalTime


class PlannedDate(Answer):
    """A date that the rule leads to."""

    starts_at: WrittenTime
    holiday: Holiday | None
    left_out: bool


class Dates(Answer):
    """What a rule leads to; nothing has been planned."""

    items: list[PlannedDate]


class NewSeries(NewGathering):
    """A gathering for each of the dates; `starts_at` and `ends_at` say how long each lasts."""

    dates: Annotated[list[LocalTime], Field(min_length=1, max_length=recurrence.MOST)]


class From(Given):
    """Why this gathering and those after it do not take place."""

    reason: Annotated[str, StringConstraints(max_length=1_000)] | None = None


class Series(Answer):
    """Gatherings that were planned together, in order of time."""

    id: int
    circle: str
    title: Texts
    gatherings: list[Gathering]


class Several(Answer):
    """The gatherings that were changed, in order of time."""

    items: list[Gathering]


async def dates(call: Call, *, body: DatesAsked) -> Dates:
    """Show the dates of a rule: local days, so that the hour stays the same when the clocks change."""
    rule = Rule(body.unit, body.every, body.times, body.until, body.skip_holidays)
    found = recurrence.days(rule, body.starts_at.date())
    return Dates(
        items=[
            PlannedDate(
                starts_at=datetime.combine(one.day, body.starts_at.time()), holiday=one.holiday, left_out=one.left_out
            )
            for one in found
        ]
    )


async def plan(call: Call, *, body: NewSeries) -> Series:
    """Plan a gathering for each date, all of them drafts."""
    given = gatherings.planned_facts(body)
    del given["dates"]
    made = await series.plan(
        call.db, call.actor, body.circle, given, body.dates, timezone=call.site.timezone, now=call.now
    )
    return await _answer(call, made)


async def one(call: Call, *, id_: Id) -> Series:
    """Read a series."""
    return await _answer(call, await series.get(call.db, call.actor, id_))


async def publish(call: Call, *, id_: Id) -> Series:
    """Publish every draft that has not begun and invite the circle's members, to each by a mail of its own."""
    return await _answer(call, await series.publish(call.db, call.actor, id_, now=call.now))


async def change(call: Call, *, id_: Id, body: GatheringChanges) -> Several:
    """Change a gathering and those after it in its series; a new day moves the others by as many days."""
    given = gatherings.given_facts(body)
    found = await series.change_following(call.db, call.actor, id_, given, now=call.now, coalesce=call.coalesce)
    return Several(items=await gatherings.written(call, found))


async def cancel(call: Call, *, id_: Id, body: From) -> Several:
    """Call off a gathering and those after it in its series."""
    found = await series.cancel_following(call.db, call.actor, id_, body.reason or "", now=call.now)
    return Several(items=await gatherings.written(call, found))


async def _answer(call: Call, found: series.Series) -> Series:
    return Series(
        id=found.id,
        circle=found.circle_slug,
        title=texts(found.title_nl, found.title_en),
        gatherings=await gatherings.written(call, found.gatherings),
    )


OPERATIONS = (
    Operation("POST", "/dates", dates, pure=True),
    Operation("POST", "/series", plan, status=201, located="id"),
    Operation("GET", "/series/{id}", one),
    Operation("POST", "/series/{id}/publish", publish),
    Operation("PATCH", "/gatherings/{id}/following", change),
    Operation("POST", "/gatherings/{id}/following/cancel", cancel),
)
