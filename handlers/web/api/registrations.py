"""Who comes to a gathering in the API: registrations, attendance, the attendance list as a file, and the ledger."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, RootModel, StringConstraints

from handlers.web import paging
from handlers.web.api.fields import Id, Items, Line, Name, Page, Paging
from handlers.web.api.typed import Answer, Call, File, Given, Operation
from service import model
from service.actions import attendance, guests, questions, ratings, registration, seats
from service.formats import answers, rosters
from service.formats.rosters import Column
from service.model import Attendance, Language, Mode, NoticeState, Partstat, Purpose, Seat, Via, WaitingReason
from service.rules.absence import Remark
from service.rules.seating import Hand
from service.texts.catalogue import Texts, translator

PersonNumber = Annotated[str, StringConstraints(pattern="^[1-9][0-9]{0,17}$")]


class GivenAnswer(Given):
    """What somebody answered."""

    partstat: Literal[Partstat.ACCEPTED, Partstat.DECLINED, Partstat.TENTATIVE]
    mode: Mode | None = Field(None, description="With a yes to a gathering both at a place and online; null: as before")


class Handed(Given):
    """What a facilitator decides about somebody's seat."""

    step: Hand
    note: Annotated[str, StringConstraints(max_length=200)] | None = Field(
        None, description="Why; needed to demote and to override"
    )


class Marks(RootModel[dict[PersonNumber, Attendance | None]]):
    """Who was there: attendance by the number of the person; null takes a mark back."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": False})


class RosterQuery(Given):
    """How the list is written."""

    language: Language | None = Field(None, description="Of the headings; the association's own where it is not given")


class Registration(Answer):
    """One person at one gathering."""

    person_id: int
    name: str
    organisation: str | None = Field(description="Whom they represent")
    facilitator: bool = Field(description="Invited, takes no seat")
    partstat: Partstat = Field(description="The person's answer (RFC 5545)")
    seat: Seat = Field(description="What the gathering has for them")
    position: int | None = Field(description="Place in the queue, from 1; null unless waiting")
    waiting_reason: WaitingReason | None
    mode: Mode | None = Field(description="How they come, where that is a choice")
    offer_expires_at: datetime | None
    via: Via | None = Field(description="How the answer came")
    answered_at: datetime | None
    attendance: Attendance | None
    remark: Remark | None = Field(
        description="Cancelled within a day of the start, or had a seat and was marked as absent: derived, for those "
        "who run the gathering only, and of no effect"
    )


class Rating(Answer):
    """What all those together think who were there and said so."""

    count: int = Field(description="How many it is of: from five on it grows by five")
    average: float | None = Field(description="From 1 to 10; null below five answers")
    comments: list[str] = Field(description="Without names, in no order; empty below five answers")


class Notice(Answer):
    """Something that one person is told once."""

    id: int
    purpose: Purpose
    person_id: int
    person: str
    channel: str | None = Field(description="null: the person's preferred one when it is due")
    due: datetime
    state: NoticeState
    sent_at: datetime | None
    error: str | None


async def written(call: Call, gathering_id: int, found: Sequence[model.Registration]) -> Items[Registration]:
    """Write registrations, with what is remarked on them for those who run the gathering."""
    remarks = await attendance.remarks(call.db, call.actor, gathering_id)
    return Items[Registration](items=[_answer(each, remarks.get(each.person_id)) for each in found])


async def every(call: Call, *, id_: Id) -> Items[Registration]:
    """List everyone invited, in the order of the attendance list."""
    _, found = await registration.roster(call.db, call.actor, id_)
    return await written(call, id_, found)


async def respond(call: Call, *, id_: Id, person_id: Id, body: GivenAnswer) -> Registration:
    """Answer for somebody; full is no error but a place in the queue."""
    outcome = await registration.respond(
        call.db, call.actor, id_, person_id, body.partstat, via=Via.API, now=call.now, mode=body.mode
    )
    return (await written(call, id_, [outcome.registration])).items[0]


class InvitedGuest(Given):
    """Somebody from outside, with the address that the invitation goes to."""

    name: Name = Field(examples=["Gerda Gast"])
    email: Annotated[str, StringConstraints(min_length=3, max_length=254)] = Field(examples=["gerda@example.org"])
    organisation: Line | None = None
    language: Language | None = Field(None, description="The association's own where it is not given")


async def guest(call: Call, *, id_: Id, body: InvitedGuest) -> Registration:
    """Invite a guest by name and address; a known address invites whose it is."""
    given = {
        "name": body.name,
        "email": body.email,
        "organisation": body.organisation or "",
        "language": body.language or call.site.language,
    }
    found = await guests.invite(call.db, call.actor, id_, guests.checked(given), now=call.now)
    return (await written(call, id_, [found])).items[0]


async def seat(call: Call, *, id_: Id, person_id: Id, body: Handed) -> Registration:
    """Give, offer or take back a seat, or give one beyond the limits; a yes for somebody is also their approval."""
    found = await seats.by_hand(call.db, call.actor, id_, person_id, body.step, body.note or "", now=call.now)
    return (await written(call, id_, [found])).items[0]


async def mark(call: Call, *, id_: Id, body: Marks) -> Items[Registration]:
    """Note who was there; who is not named stays as they are."""
    marks = {int(person): state for person, state in body.root.items()}
    found = await attendance.mark(call.db, call.actor, id_, marks, now=call.now)
    return await written(call, id_, found)


async def close(call: Call, *, id_: Id) -> Items[Registration]:
    """Mark as absent who had a seat and was not marked, once it has begun; it never happens by itself."""
    return await written(call, id_, await attendance.close(call.db, call.actor, id_, now=call.now))


async def roster_csv(call: Call, *, id_: Id, query: RosterQuery) -> File:
    """Take the attendance list as CSV: UTF-8 with a byte order mark, every cell quoted, none a formula."""
    gathering, found = await registration.roster(call.db, call.actor, id_)
    texts = translator(query.language or call.site.language)
    more = await _columns(call, gathering, texts)
    return File(rosters.csv(gathering, found, texts, more=more), rosters.file_name(gathering, "csv"))


async def roster_xlsx(call: Call, *, id_: Id, query: RosterQuery) -> File:
    """Take the attendance list as a spreadsheet."""
    gathering, found = await registration.roster(call.db, call.actor, id_)
    texts = translator(query.language or call.site.language)
    more = await _columns(call, gathering, texts)
    content = await asyncio.to_thread(rosters.xlsx, gathering, found, texts, now=call.now, more=more)
    return File(content, rosters.file_name(gathering, "xlsx"))


async def _columns(call: Call, gathering: model.Gathering, texts: Texts) -> list[Column]:
    """Make the columns of what people answered to the questions of the gathering."""
    given = await questions.for_roster(call.db, call.actor, gathering)
    return answers.columns(given.questions, given.answers, texts) if given else []


async def notices(call: Call, *, id_: Id, query: Paging) -> Page[Notice]:
    """List what was and will be told to whom, and whether it was sent, in the order in which it is due."""
    found = await registration.ledger(call.db, call.actor, id_, after=query.after_id, limit=query.limit + 1)
    kept, after = paging.first(found, query.limit, lambda last: str(last.id))
    return Page[Notice](items=[_notice(each) for each in kept], next=after)


async def rating(call: Call, *, id_: Id) -> Rating:
    """Read how those who were there found it."""
    found = await ratings.verdict(call.db, call.actor, id_)
    return Rating(count=found.count, average=found.average, comments=found.comments)


def _answer(held: model.Registration, remark: Remark | None) -> Registration:
    return Registration(
        person_id=held.person_id,
        name=held.person_name,
        organisation=held.organisation,
        facilitator=held.facilitator,
        partstat=Partstat(held.partstat),
        seat=Seat(held.seat),
        position=held.position,
        mode=Mode(held.mode) if held.mode else None,
        waiting_reason=WaitingReason(held.waiting_reason) if held.waiting_reason else None,
        offer_expires_at=held.offer_expires_at,
        via=Via(held.via) if held.via else None,
        answered_at=held.answered_at,
        attendance=Attendance(held.attendance) if held.attendance else None,
        remark=remark,
    )


def _notice(entry: model.Ledgered) -> Notice:
    return Notice(
        id=entry.id,
        purpose=Purpose(entry.purpose),
        person_id=entry.person_id,
        person=entry.person,
        channel=entry.channel,
        due=entry.due,
        state=NoticeState(entry.state),
        sent_at=entry.sent_at,
        error=entry.error,
    )


OPERATIONS = (
    Operation("GET", "/gatherings/{id}/registrations", every),
    Operation("PUT", "/gatherings/{id}/registrations/{person_id}", respond),
    Operation("POST", "/gatherings/{id}/registrations/{person_id}/seat", seat),
    Operation("POST", "/gatherings/{id}/guests", guest),
    Operation("PUT", "/gatherings/{id}/attendance", mark),
    Operation("POST", "/gatherings/{id}/attendance/close", close),
    Operation("GET", "/gatherings/{id}/roster.csv", roster_csv, media=rosters.CSV_TYPE),
    Operation("GET", "/gatherings/{id}/roster.xlsx", roster_xlsx, media=rosters.XLSX_TYPE),
    Operation("GET", "/gatherings/{id}/notices", notices),
    Operation("GET", "/gatherings/{id}/rating", rating),
)
