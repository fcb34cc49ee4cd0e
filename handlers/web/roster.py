"""The attendance list: who comes, who was there, and answering for somebody.

Works on a phone at the door: one form, one row of large buttons per person. Who is looked for by name, or has just
walked in, is in `walk_ins`; the list on paper and as a file in `sheet`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from aiohttp import web

from handlers.web import filling, paging, tallies
from handlers.web.gatherings import partstat_of
from handlers.web.render import go, page, texts
from handlers.web.routes import Access, Route
from handlers.web.site import NUMBER, actor, database, ident, now
from handlers.web.words import Tone
from service.actions import attendance, registration, scheduling
from service.errors import Invalid
from service.model import Attendance, Gathering, Partstat, Registration, Seat, Status, Via, WaitingReason
from service.rules import access
from service.rules.absence import Remark
from service.rules.access import Verb
from service.rules.attendance import may_be_marked, opens_at
from service.texts.catalogue import Texts, marked

MANY: Final = 50
"""People on one page: as many as fit a small page, and more than anybody scrolls through at the door."""

SAVED: Final = "saved"
MARK: Final = "p"
"""Before the number of a person: the field that says whether they were there."""

WAS: Final = "w"
"""Before the number of a person: what the page said when it was opened, where that was something."""

UNMARKED: Final = ""
LABELS: Final = (
    (Attendance.PRESENT, marked("Present")),
    (Attendance.ABSENT, marked("Absent")),
    (Attendance.EXCUSED, marked("Excused")),
    (UNMARKED, "–"),
)


class Show(StrEnum):
    """Which people the list shows."""

    COMING = "coming"
    WAITING = "waiting"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Row:
    """One person on the list; `decides` when their wish to come waits for approval."""

    registration: Registration
    tone: Tone
    word: str
    decides: bool
    remark: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How far the door has got: how many are expected, and how each of them is marked."""

    expected: int
    present: int
    absent: int
    excused: int
    unmarked: int


async def roster(request: web.Request) -> web.Response:
    """Show the list: those who come, those who wait, or everyone invited."""
    found, everyone = await listed(request)
    shown = _shown(request)
    of = {show: [one for one in everyone if belongs(one, show)] for show in Show}
    rows, more = paging.cut(of[shown], lambda one: one.person_id, request.query.get("after", ""), MANY)
    return page(
        request,
        "roster.html",
        gathering=found,
        rows=await described(request, found, rows),
        show=shown,
        sizes={show: sum(_takes_part(one) or show is Show.ALL for one in people) for show, people in of.items()},
        tally=_tally([one for one in of[Show.COMING] if _takes_part(one)], filter(_takes_part, everyone)),
        leading=sum(not _takes_part(one) for one in of[Show.COMING]),
        online=sum(found.hybrid and _takes_part(one) and one.online for one in of[Show.COMING]),
        saved=_SAVED.get(request.query.get(SAVED, "none"), ""),
        undoes=request.query.get(SAVED) in _UNDOES,
        closes=sum(map(_would_be_absent, everyone)) if found.ends_at <= now(request) else 0,
        more=more,
        given=found.questions > 0 and access.can(actor(request), Verb.SEE_ANSWERS, scheduling.scope(found)),
        **rights(request, found),
    )


def rights(request: web.Request, found: Gathering) -> dict[str, Any]:
    """Return what templates need to know to draw the rows of a list."""
    scope, who, open_ = scheduling.scope(found), actor(request), found.status == Status.PUBLISHED
    begun, runs = may_be_marked(found, now(request)), access.can(who, Verb.MARK_ATTENDANCE, scope)
    return {
        "labels": LABELS,
        "marks": runs and begun,
        "opens_at": opens_at(found) if runs and open_ and not begun else None,
        "answers": access.can(who, Verb.ANSWER_FOR, scope) and open_,
        "adds": access.can(who, Verb.ADD_WALK_IN, scope) and begun,
    }


async def described(request: web.Request, found: Gathering, people: Sequence[Registration]) -> list[Row]:
    """Say how people stand, with a remark on those who cancelled late or did not show."""
    run = access.can(actor(request), Verb.MARK_ATTENDANCE, scheduling.scope(found))
    shown = [one.person_id for one in people]
    remarks = await attendance.remarks(database(request), actor(request), found.id, shown) if run else {}
    spoken, over = texts(request), found.ends_at <= now(request)
    return [_row(spoken, one, remarks.get(one.person_id), over=over) for one in people]


async def mark(request: web.Request) -> web.Response:
    """Keep who was there; only what was changed on this page, so that two people at the door do not undo each other."""
    form = await request.post()
    _, everyone = await listed(request)
    marks = dict(_changes(form, [one.person_id for one in everyone]))
    if marks:
        await attendance.mark(database(request), actor(request), ident(request), marks, now=now(request))
    return go(f"{_here(request, form)}&{SAVED}=marks" if marks else _here(request, form))


async def undo(request: web.Request) -> web.Response:
    """Put back what the visitor marked last."""
    form = await request.post()
    await attendance.undo(database(request), actor(request), ident(request), now=now(request))
    return go(f"{_here(request, form)}&{SAVED}=undone")


async def close(request: web.Request) -> web.Response:
    """Mark as absent whoever has a seat and was not marked."""
    form = await request.post()
    await attendance.close(database(request), actor(request), ident(request), now=now(request))
    return go(f"{_here(request, form)}&{SAVED}=closed")


async def answer(request: web.Request) -> web.Response:
    """Answer for somebody on the list: the button holds their number and the answer."""
    form = await request.post()
    number, _, given = str(form.get("answer", "")).partition(":")
    partstat, person = partstat_of(given), number_of(number)
    await registration.respond(
        database(request), actor(request), ident(request), person, partstat, via=Via.WEB, now=now(request)
    )
    return go(_here(request, form) + f"&{SAVED}#{MARK}{person}")


async def listed(request: web.Request) -> tuple[Gathering, list[Registration]]:
    """Read the list for somebody who may see names; staff who see only numbers are refused, as the actions decide."""
    return await registration.roster(database(request), actor(request), ident(request))


def belongs(one: Registration, show: Show) -> bool:
    """Tell whether somebody is one of those that a part of the list shows."""
    if show is Show.ALL:
        return True
    if show is Show.WAITING:
        return one.seat == Seat.WAITING
    leads = one.facilitator and one.partstat != Partstat.DECLINED
    accepted = one.partstat == Partstat.ACCEPTED and one.seat != Seat.WAITING
    return leads or accepted or one.attendance == Attendance.PRESENT


def _takes_part(one: Registration) -> bool:
    """Tell whether somebody is one of those who are counted: who leads it takes no seat."""
    return not one.facilitator


def _would_be_absent(one: Registration) -> bool:
    """Tell whether closing the list would mark somebody."""
    return one.seat == Seat.SEATED and not one.facilitator and one.attendance is None


def _row(spoken: Texts, one: Registration, remark: Remark | None, *, over: bool) -> Row:
    decides = one.seat == Seat.WAITING and one.waiting_reason == WaitingReason.APPROVAL
    remarked = spoken.gettext(_REMARKS[remark]) if remark else ""
    return Row(one, *tallies.place(spoken, one, over=over), decides, remarked)


def _tally(coming: Sequence[Registration], everyone: Iterable[Registration]) -> Tally:
    marks = Counter(one.attendance for one in everyone)
    return Tally(
        len(coming),
        marks[Attendance.PRESENT],
        marks[Attendance.ABSENT],
        marks[Attendance.EXCUSED],
        sum(one.attendance is None for one in coming),
    )


def _changes(form: Mapping[str, Any], people: Sequence[int]) -> Iterator[tuple[int, Attendance | None]]:
    """Read which marks somebody set, changed or took back."""
    for person in people:
        given, was = form.get(f"{MARK}{person}"), form.get(f"{WAS}{person}", UNMARKED)
        if given is not None and given != was:
            yield person, _attendance(given)


def _attendance(given: str) -> Attendance | None:
    if given == UNMARKED:
        return None
    if given not in tuple(Attendance):
        raise Invalid("attendance", "Press one of the buttons.")
    return Attendance(given)


def number_of(given: str) -> int:
    """Read the number of a person that a button holds."""
    person = filling.number(given)
    if person is None:
        raise Invalid("person_id", "Press one of the buttons.")
    return person


def _shown(request: web.Request) -> Show:
    wish = request.query.get("show", "")
    return Show(wish) if wish in tuple(Show) else Show.COMING


def _here(request: web.Request, form: Mapping[str, Any]) -> str:
    """Return the address of the list as it was shown."""
    shown = next((show for show in Show if show == form.get("show")), Show.COMING)
    return f"/manage/gatherings/{ident(request)}/roster?show={shown}"


_REMARKS: Final = {
    Remark.LATE_CANCEL: marked("cancelled late"),
    Remark.NO_SHOW: marked("did not show"),
}
_SAVED: Final = {
    "": marked("Saved."),
    "marks": marked("Saved."),
    "closed": marked("The others are marked as absent."),
    "walked-in": marked("Added, and marked as present."),
    "undone": marked("Undone: everything is as it was before."),
}
_UNDOES: Final = frozenset({"marks", "closed", "walked-in"})

_PLACE: Final = f"/manage/gatherings/{NUMBER}/roster"

ROUTES: Final = [
    Route("GET", _PLACE, roster, Access.MANAGER, private=True),
    Route("POST", _PLACE, mark, Access.MANAGER, private=True),
    Route("POST", f"{_PLACE}/answer", answer, Access.MANAGER, private=True),
    Route("POST", f"{_PLACE}/undo", undo, Access.MANAGER, private=True),
    Route("POST", f"{_PLACE}/close", close, Access.MANAGER, private=True),
]
