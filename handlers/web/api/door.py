"""What happens at the door, in the API: the sign to check in by, finding somebody, and whoever walks in."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from handlers.web.api.fields import Id, Line
from handlers.web.api.registrations import Registration, written
from handlers.web.api.typed import Answer, Call, Given, Operation
from service.actions import attendance, checking_in
from service.model import Attendance
from service.rules.checking_in import LEAD, renewal


class Sign(Answer):
    """What a screen at the door shows, so that people check themselves in; it changes every minute."""

    url: str | None = Field(description="To be drawn as a QR code; null while nobody can check in")
    code: str | None = Field(description="To be typed on one's answer page instead")
    renews_at: datetime | None = Field(description="Then the next sign is there")
    opens_at: datetime
    closes_at: datetime


class SearchQuery(Given):
    """Whom to look for."""

    q: Annotated[str, StringConstraints(min_length=2, max_length=200)] = Field(
        description="Parts of a name or an organisation, one of them of two letters at least"
    )


class Passer(Answer):
    """Somebody who is not on the list."""

    person_id: int
    name: str
    organisation: str | None
    member: bool = Field(description="Of the circle")


class Found(Answer):
    """Who fits what was typed: on the list, and beside it; a dozen of each at most."""

    registrations: list[Registration]
    passers: list[Passer]


class GivenWalkIn(Given):
    """Somebody at the door: a person who is known by number, or somebody new by name."""

    person_id: Id | None = None
    name: Line | None = None
    organisation: Line | None = Field(None, description="Found by name, or added as a guest")


class Undone(Answer):
    """How far marks were put back."""

    people: int = Field(description="For how many; those marked anew in the meantime stay as they are")


async def sign(call: Call, *, id_: Id) -> Sign:
    """Read what the door shows at this moment."""
    found = await checking_in.sign(call.db, call.actor, id_, keys=call.keys, now=call.now)
    return Sign(
        url=f"{call.site.base_url}/here/{found.handle}" if found.handle else None,
        code=found.code or None,
        renews_at=renewal(call.now) if found.handle else None,
        opens_at=found.gathering.starts_at - LEAD,
        closes_at=found.gathering.ends_at,
    )


async def find(call: Call, *, id_: Id, query: SearchQuery) -> Found:
    """Look for somebody at the door; to a confidential gathering only people of its circle walk in."""
    found = await attendance.find(call.db, call.actor, id_, query.q, now=call.now)
    passers = [
        Passer(person_id=one.person_id, name=one.name, organisation=one.organisation, member=one.member)
        for one in found.passers
    ]
    return Found(registrations=(await written(call, id_, found.listed)).items, passers=passers)


async def walk_in(call: Call, *, id_: Id, body: GivenWalkIn) -> Registration:
    """Put somebody on the list who was not on it, marked as present."""
    if body.person_id is not None:
        marks = {body.person_id: Attendance.PRESENT}
        found = await attendance.mark(call.db, call.actor, id_, marks, now=call.now)
        return (await written(call, id_, [each for each in found if each.person_id == body.person_id])).items[0]
    name, organisation = body.name or "", body.organisation or ""
    made = await attendance.walk_in(call.db, call.actor, id_, name=name, organisation=organisation, now=call.now)
    return (await written(call, id_, [made])).items[0]


async def undo(call: Call, *, id_: Id) -> Undone:
    """Put back what this key marked last, as far as nobody has marked it since."""
    return Undone(people=await attendance.undo(call.db, call.actor, id_, now=call.now))


OPERATIONS = (
    Operation("GET", "/gatherings/{id}/check-in", sign),
    Operation("GET", "/gatherings/{id}/walk-ins", find),
    Operation("POST", "/gatherings/{id}/walk-ins", walk_in),
    Operation("POST", "/gatherings/{id}/attendance/undo", undo),
)
