"""Seats by hand: who has one, who waits, and giving, offering or taking one back."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from handlers.web import filling, paging, tallies
from handlers.web.render import go, page, texts
from handlers.web.routes import Access, Route
from handlers.web.site import NUMBER, actor, database, ident, now
from handlers.web.words import Tone
from service.actions import registration, scheduling, seats
from service.errors import Conflict, Invalid, NotFound
from service.model import Gathering, Partstat, Registration, Seat, Status, Via, WaitingReason
from service.rules import seating
from service.rules.seating import Hand
from service.texts.catalogue import marked

MANY: Final = 60
"""People on one page."""

APPROVE: Final = "approve"
_WAIT: Final = ((Hand.PROMOTE, marked("Give a seat")), (Hand.OFFER, marked("Offer a seat")))
_BEYOND: Final = (Hand.OVERRIDE, marked("Seat beyond the limit"))
_BACK: Final = (Hand.DEMOTE, marked("Take the seat back"))
_ASKED: Final = {
    Hand.DEMOTE: marked("Why do you take the seat back? They read it in their mail."),
    Hand.OVERRIDE: marked("Why a seat beyond the limit? It stays in the history."),
}
_REFUSED: Final = marked("That is not possible as it stands now. Look at the list once more.")


@dataclass(frozen=True, slots=True)
class Row:
    """One person with or without a seat, and what can be done about it."""

    registration: Registration
    tone: Tone
    word: str
    steps: list[tuple[str, str]]


async def show(request: web.Request) -> web.Response:
    """Show who waits, who has an offer and who has a seat."""
    return await _list(request)


async def decide(request: web.Request) -> web.Response:
    """Do what was pressed; where that needs a reason, ask for it first."""
    form = await filling.typed(request)
    person, step = _pressed(form.get("seat", ""))
    db, who, number = database(request), actor(request), ident(request)
    note = form.get("note", "")
    try:
        if step == APPROVE:
            await registration.respond(db, who, number, person, Partstat.ACCEPTED, via=Via.WEB, now=now(request))
        elif step in _ASKED and not note.strip():
            return await _why(request, person, Hand(step), asked="note" in form)
        else:
            await seats.by_hand(db, who, number, person, Hand(step), note, now=now(request))
    except Conflict:
        return await _list(request, fault=_REFUSED)
    return go(f"/manage/gatherings/{number}/seats?saved#s{person}")


async def _list(request: web.Request, fault: str = "") -> web.Response:
    found, everyone = await seats.pending(database(request), actor(request), ident(request))
    counts = (await scheduling.counts(database(request), [found.id]))[found.id]
    shown, more = paging.cut(everyone, lambda one: one.person_id, request.query.get("after", ""), MANY)
    open_ = found.status == Status.PUBLISHED and found.starts_at > now(request)
    house = _House(found, everyone)
    return page(
        request,
        "seats.html",
        status=409 if fault else 200,
        gathering=found,
        rows=[_row(request, one, house if open_ else None) for one in shown],
        crowded=open_ and any(one.seat == Seat.WAITING and not house.has_room(one) for one in everyone),
        taken=counts.seated + counts.offered,
        waiting=counts.waiting,
        open=open_,
        fault=fault,
        saved="saved" in request.query,
        more=more,
    )


async def _why(request: web.Request, person: int, step: Hand, *, asked: bool) -> web.Response:
    found, everyone = await seats.pending(database(request), actor(request), ident(request))
    name = next((one.person_name for one in everyone if one.person_id == person), None)
    if name is None:
        raise NotFound
    question = _ASKED[step]
    faults = {"note": marked("Write a few words.")} if asked else {}
    return page(
        request,
        "seat_why.html",
        status=400 if asked else 200,
        gathering=found,
        name=name,
        question=question,
        seat=f"{person}:{step}",
        words=dict((_BEYOND, _BACK))[step],
        danger=step is Hand.DEMOTE,
        faults=faults,
    )


class _House:
    """How many seats are taken, also of each organisation: what decides whether one can be given."""

    def __init__(self, gathering: Gathering, everyone: Iterable[Registration]) -> None:
        self._gathering = gathering
        self._taken = Counter(one.organisation_id for one in everyone if one.seat in (Seat.SEATED, Seat.OFFERED))

    def has_room(self, one: Registration) -> bool:
        """Tell whether a seat is free for somebody who waits."""
        own = 0 if one.organisation_id is None else self._taken[one.organisation_id]
        found = self._gathering
        return seating.has_room(found.capacity, found.organisation_quota, self._taken.total(), own)


def _row(request: web.Request, one: Registration, house: _House | None) -> Row:
    spoken = texts(request)
    tone, word = tallies.place(spoken, one)
    if one.seat == Seat.SEATED:
        tone, word = Tone.YES, spoken.gettext("has a seat")
    steps = [] if house is None else _steps(one, house)
    return Row(one, tone, word, [(step, spoken.gettext(words)) for step, words in steps])


def _steps(one: Registration, house: _House) -> list[tuple[str, str]]:
    """List what can be done about somebody: nothing that would be refused because no seat is free for them."""
    if one.waiting_reason == WaitingReason.APPROVAL:
        return [(APPROVE, marked("Let in"))]
    if one.seat == Seat.WAITING:
        return [*_WAIT, _BEYOND] if house.has_room(one) else [_BEYOND]
    if one.seat == Seat.OFFERED:
        return [_WAIT[0], _BACK]
    return [_BACK]


def _pressed(value: str) -> tuple[int, str]:
    number, _, step = value.partition(":")
    person = filling.number(number)
    if person is None or step not in (APPROVE, *Hand):
        raise Invalid("seat", "Press one of the buttons.")
    return person, step


def shown(found: Gathering) -> bool:
    """Tell whether a gathering has seats to decide about."""
    return found.capacity is not None or found.organisation_quota is not None or found.approval


ROUTES: Final = [
    Route("GET", f"/manage/gatherings/{NUMBER}/seats", show, Access.MANAGER, private=True),
    Route("POST", f"/manage/gatherings/{NUMBER}/seats", decide, Access.MANAGER, private=True),
]
