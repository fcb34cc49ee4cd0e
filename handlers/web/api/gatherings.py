"""Gatherings in the API: planning, changing, publishing and calling off; who comes is in `registrations`."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints

from handlers.web import paging
from handlers.web.api.fields import (
    NOT_GIVEN,
    From,
    GivenLongTexts,
    GivenTexts,
    Id,
    Limit,
    Line,
    LocalTime,
    Page,
    Seats,
    Slug,
    Texts,
    To,
    WrittenTime,
    facts,
    texts,
)
from handlers.web.api.typed import Answer, Call, Given, Operation
from service import model
from service.actions import scheduling
from service.formats.zones import zone
from service.model import Status, Visibility

_REMINDER: Final = "P([0-9]{1,3}D|[0-9]{1,2}W|T([0-9]{1,3}H([0-9]{1,4}M)?|[0-9]{1,4}M))"

Zone = Annotated[str, StringConstraints(pattern="^[A-Za-z0-9_+/-]+$", max_length=60)]
Url = Annotated[str, StringConstraints(max_length=2_000)]
Reminders = Annotated[
    list[Annotated[str, StringConstraints(pattern=f"^{_REMINDER}$")]],
    Field(max_length=5, description="How long before the start; in days at nine in the morning, in hours exactly"),
]

_BEGINNING: Final = datetime(1900, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NAMES: Final = {"starts_at": "starts_local", "ends_at": "ends_local"}


class GatheringFacts(Given):
    """What may be left out of a gathering."""

    description: GivenLongTexts | None = None
    location: Line | None = None
    online_url: Url | None = None
    capacity: Seats | None = Field(None, description="Of seats; null: as many as come")
    organisation_quota: Seats | None = Field(None, description="Seats for each organisation")
    approval: bool = Field(NOT_GIVEN, description="Every acceptance waits for a facilitator")
    reminders: Reminders = Field(NOT_GIVEN, examples=[["P7D", "P1D"]])
    visibility: Visibility = NOT_GIVEN


class NewGathering(GatheringFacts):
    """One dated meeting of a circle; what is left out comes from the circle's kind."""

    circle: Slug = Field(examples=["data"])
    title: GivenTexts = Field(examples=[{"nl": "Aftrap", "en": "Kick-off"}])
    starts_at: LocalTime
    ends_at: LocalTime = Field(examples=["2026-12-01T17:30"])
    timezone: Zone | None = Field(None, description="Ours where it is null", examples=["Europe/Amsterdam"])


class GatheringChanges(GatheringFacts):
    """What is to change; the rest stays as it is."""

    title: GivenTexts = NOT_GIVEN
    starts_at: LocalTime = NOT_GIVEN
    ends_at: LocalTime = NOT_GIVEN
    timezone: Zone = NOT_GIVEN


class GatheringsQuery(Given):
    """Which gatherings."""

    circle: Slug | None = None
    from_: From | None = Field(None, alias="from", description="Not over before then, in our time zone")
    to: To | None = Field(None, description="Begun before then, in our time zone; a day counts whole")
    after: Annotated[str, StringConstraints(pattern="^[0-9]{1,17}-[0-9]{1,18}$")] | None = Field(
        None, description="`next` of the page before"
    )
    limit: Limit = 100


class Cancellation(Given):
    """Why a gathering does not take place."""

    reason: Annotated[str, StringConstraints(max_length=1_000)] | None = None


class Invitations(Given):
    """Whom to invite besides the members of the circle."""

    person_ids: Annotated[list[Id], Field(min_length=1, max_length=5_000)]


class Again(Given):
    """When another gathering like this one is to be."""

    starts_at: LocalTime


class Counts(Answer):
    """How many people, by answer and by seat."""

    invited: int = Field(description="Everybody; the others count without those who lead it, who take no seat")
    accepted: int
    tentative: int
    declined: int
    needs_action: int
    seated: int
    offered: int
    waiting: int
    online: int = Field(description="Of those who accepted: join online, and take no seat")
    present: int
    facilitators: int = Field(description="Who leads it and has not said no")


class Gathering(Answer):
    """One dated meeting of a circle."""

    id: int
    uid: str
    circle: str
    series_id: int | None = Field(description="Planned together with others: GET /series/{id}")
    status: Status = Field(description="`held` is published and past its end")
    sequence: int = Field(description="RFC 5545 SEQUENCE")
    title: Texts
    description: Texts
    starts_at: WrittenTime
    ends_at: WrittenTime
    timezone: str
    starts_at_utc: datetime
    ends_at_utc: datetime
    location: str | None
    online_url: str | None
    capacity: int | None
    organisation_quota: int | None
    approval: bool
    reminders: list[str]
    visibility: Visibility
    confidential: bool
    cancel_reason: str | None
    counts: Counts
    url: str


async def create(call: Call, *, body: NewGathering) -> Gathering:
    """Plan a gathering as a draft that only its facilitators and staff see."""
    given = planned_facts(body)
    made = await scheduling.create(call.db, call.actor, body.circle, given, timezone=call.site.timezone, now=call.now)
    return await _answer(call, made)


async def every(call: Call, *, query: GatheringsQuery) -> Page[Gathering]:
    """List gatherings in the order of their start, those gone by too."""
    found = await scheduling.upcoming(
        call.db,
        call.actor,
        since=_instant(call, query.from_) if query.from_ else _BEGINNING,
        until=_instant(call, query.to) if query.to else None,
        circle=query.circle,
        after=_read_cursor(query.after) if query.after else None,
        limit=query.limit + 1,
    )
    kept, after = paging.first(found, query.limit, _cursor)
    return Page[Gathering](items=await written(call, kept), next=after)


async def one(call: Call, *, id_: Id) -> Gathering:
    """Read a gathering."""
    return await _answer(call, await scheduling.get(call.db, call.actor, id_))


async def change(call: Call, *, id_: Id, body: GatheringChanges) -> Gathering:
    """Change a gathering; people hear of it in one mail, once the edits have come to rest.

    More capacity seats who waited longest; less takes nobody's seat. A new time or place asks for a new answer.
    """
    changed = await scheduling.change(call.db, call.actor, id_, given_facts(body), now=call.now, coalesce=call.coalesce)
    return await _answer(call, changed)


async def publish(call: Call, *, id_: Id) -> Gathering:
    """Publish a draft, or re-open what was cancelled, and invite the circle's members; repeating it does nothing."""
    return await _answer(call, await scheduling.publish(call.db, call.actor, id_, now=call.now))


async def cancel(call: Call, *, id_: Id, body: Cancellation) -> Gathering:
    """Call a gathering off and tell everyone but those who declined."""
    return await _answer(call, await scheduling.cancel(call.db, call.actor, id_, body.reason or "", now=call.now))


async def duplicate(call: Call, *, id_: Id, body: Again) -> Gathering:
    """Plan another gathering like this one, at another time, as a draft."""
    return await _answer(call, await scheduling.duplicate(call.db, call.actor, id_, body.starts_at, now=call.now))


async def invite(call: Call, *, id_: Id, body: Invitations) -> Gathering:
    """Invite people besides the members of the circle; who is invited already hears nothing."""
    return await _answer(call, await scheduling.invite(call.db, call.actor, id_, body.person_ids, now=call.now))


def given_facts(body: Given) -> dict[str, Any]:
    """Spread what was given over the names that actions use."""
    return {_NAMES.get(name, name): value for name, value in facts(body).items()}


def planned_facts(body: NewGathering) -> dict[str, Any]:
    """Spread what was given of a gathering to plan; its circle is named apart, and no time zone is ours."""
    given = given_facts(body)
    del given["circle"]
    if given.get("timezone", "") is None:
        del given["timezone"]
    return given


def _instant(call: Call, local: datetime) -> datetime:
    """Place a wall time of ours on the time line; no reason to refuse a question about an hour that the clocks skip."""
    return local.replace(tzinfo=zone(call.site.timezone)).astimezone(UTC)


def _cursor(last: model.Gathering) -> str:
    return f"{(last.starts_at - _EPOCH) // _MICROSECOND}-{last.id}"


def _read_cursor(cursor: str) -> tuple[datetime, int]:
    moment, _, ident = cursor.partition("-")
    return _EPOCH + int(moment) * _MICROSECOND, int(ident)


async def _answer(call: Call, gathering: model.Gathering) -> Gathering:
    return (await written(call, [gathering]))[0]


async def written(call: Call, gatherings: Sequence[model.Gathering]) -> list[Gathering]:
    """Write gatherings, with how many stand where."""
    counts = await scheduling.counts(call.db, [gathering.id for gathering in gatherings])
    return [_shown(call, gathering, asdict(counts[gathering.id])) for gathering in gatherings]


def _shown(call: Call, gathering: model.Gathering, counts: dict[str, int]) -> Gathering:
    return Gathering(
        id=gathering.id,
        uid=gathering.uid,
        circle=gathering.circle_slug,
        series_id=gathering.series_id,
        status=gathering.standing(call.now),
        sequence=gathering.sequence,
        title=texts(gathering.title_nl, gathering.title_en),
        description=texts(gathering.description_nl, gathering.description_en),
        starts_at=gathering.starts_local,
        ends_at=gathering.ends_local,
        timezone=gathering.timezone,
        starts_at_utc=gathering.starts_at,
        ends_at_utc=gathering.ends_at,
        location=gathering.location or None,
        online_url=gathering.online_url or None,
        capacity=gathering.capacity,
        organisation_quota=gathering.organisation_quota,
        approval=gathering.approval,
        reminders=gathering.reminders,
        visibility=Visibility(gathering.visibility),
        confidential=gathering.confidential,
        cancel_reason=gathering.cancel_reason or None,
        counts=Counts(**counts),
        url=f"{call.site.base_url}/gatherings/{gathering.id}",
    )


OPERATIONS = (
    Operation("POST", "/gatherings", create, status=201, located="id"),
    Operation("GET", "/gatherings", every),
    Operation("GET", "/gatherings/{id}", one),
    Operation("PATCH", "/gatherings/{id}", change),
    Operation("POST", "/gatherings/{id}/publish", publish),
    Operation("POST", "/gatherings/{id}/cancel", cancel),
    Operation("POST", "/gatherings/{id}/invitations", invite),
    Operation("POST", "/gatherings/{id}/duplicate", duplicate, status=201),
)
