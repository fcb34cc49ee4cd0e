"""The attendance list: who comes, who was there, answering for somebody, and the list as a file or on paper.

Works on a phone at the door: one form, one row of large buttons per person.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from aiohttp import web

from handlers.web import paging, tallies
from handlers.web.gatherings import partstat_of
from handlers.web.render import go, page, texts
from handlers.web.routes import Access, Route
from handlers.web.site import NUMBER, actor, database, ident, now
from handlers.web.words import Tone
from service.actions import attendance, registration, scheduling
from service.errors import Invalid
from service.formats import rosters
from service.model import Attendance, Gathering, Partstat, Registration, Seat, Status, Via, WaitingReason
from service.rules import access
from service.rules.access import Verb
from service.texts.catalogue import Texts, marked

MANY: Final = 200
"""People on one page."""

SAVED: Final = "saved"
MARK: Final = "p"
"""Before the number of a person: the field that says whether they were there."""

WAS: Final = "w"
"""Before the number of a person: what the page said when it was opened, where that was something."""

UNMARKED: Final = ""
_LABELS: Final = (
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


async def roster(request: web.Request) -> web.Response:
    """Show the list: those who come, those who wait, or everyone invited."""
    found, everyone = await _everyone(request)
    shown = _shown(request)
    of = {show: [one for one in everyone if _belongs(one, show)] for show in Show}
    rows, more = paging.cut(of[shown], lambda one: one.person_id, request.query.get("after", ""), MANY)
    scope, who = scheduling.scope(found), actor(request)
    return page(
        request,
        "roster.html",
        gathering=found,
        rows=[_row(texts(request), one) for one in rows],
        show=shown,
        sizes={show: len(people) for show, people in of.items()},
        labels=_LABELS,
        marks=access.can(who, Verb.MARK_ATTENDANCE, scope) and found.status == Status.PUBLISHED,
        answers=access.can(who, Verb.ANSWER_FOR, scope) and found.status == Status.PUBLISHED,
        tally=_tally(texts(request), everyone),
        saved=SAVED in request.query,
        more=more,
    )


async def mark(request: web.Request) -> web.Response:
    """Keep who was there; only what was changed on this page, so that two people at the door do not undo each other."""
    form = await request.post()
    _, everyone = await _everyone(request)
    marks = dict(_changes(form, [one.person_id for one in everyone]))
    if marks:
        await attendance.mark(database(request), actor(request), ident(request), marks, now=now(request))
    return go(_here(request, form) + f"&{SAVED}")


async def answer(request: web.Request) -> web.Response:
    """Answer for somebody on the list: the button holds their number and the answer."""
    form = await request.post()
    number, _, given = str(form.get("answer", "")).partition(":")
    partstat, person = partstat_of(given), _number(number)
    await registration.respond(
        database(request), actor(request), ident(request), person, partstat, via=Via.WEB, now=now(request)
    )
    return go(_here(request, form) + f"&{SAVED}#{MARK}{person}")


async def csv(request: web.Request) -> web.Response:
    """Hand over the list as CSV."""
    return await _file(request, "csv", rosters.CSV_TYPE, _csv)


async def xlsx(request: web.Request) -> web.Response:
    """Hand over the list as a spreadsheet."""
    return await _file(request, "xlsx", rosters.XLSX_TYPE, _xlsx)


async def _everyone(request: web.Request) -> tuple[Gathering, list[Registration]]:
    """Read the list for somebody who may see names; staff who see only numbers are refused, as the actions decide."""
    return await registration.roster(database(request), actor(request), ident(request), now=now(request))


def _belongs(one: Registration, show: Show) -> bool:
    if show is Show.ALL:
        return True
    if show is Show.WAITING:
        return one.seat == Seat.WAITING
    leads = one.facilitator and one.partstat != Partstat.DECLINED
    accepted = one.partstat == Partstat.ACCEPTED and one.seat != Seat.WAITING
    return leads or accepted or one.attendance == Attendance.PRESENT


def _row(spoken: Texts, one: Registration) -> Row:
    decides = one.seat == Seat.WAITING and one.waiting_reason == WaitingReason.APPROVAL
    return Row(one, *tallies.place(spoken, one), decides)


def _tally(spoken: Texts, everyone: Sequence[Registration]) -> str:
    """Say how many were there, as far as it was marked."""
    marks = [one.attendance for one in everyone if one.attendance is not None]
    if not marks:
        return ""
    parts = [spoken.ngettext("%(count)s present", "%(count)s present", marks.count(Attendance.PRESENT))]
    if absent := marks.count(Attendance.ABSENT):
        parts.append(spoken.ngettext("%(count)s absent", "%(count)s absent", absent))
    if excused := marks.count(Attendance.EXCUSED):
        parts.append(spoken.ngettext("%(count)s excused", "%(count)s excused", excused))
    return " · ".join(parts)


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


def _number(given: str) -> int:
    if not (given.isascii() and given.isdigit() and len(given) <= 18):
        raise Invalid("person_id", "Press one of the buttons.")
    return int(given)


def _shown(request: web.Request) -> Show:
    wish = request.query.get("show", "")
    return Show(wish) if wish in tuple(Show) else Show.COMING


def _here(request: web.Request, form: Mapping[str, Any]) -> str:
    """Return the address of the list as it was shown."""
    shown = next((show for show in Show if show == form.get("show")), Show.COMING)
    return f"/manage/gatherings/{ident(request)}/roster?show={shown}"


async def _file(
    request: web.Request, extension: str, media: str, write: Callable[..., Awaitable[bytes]]
) -> web.Response:
    found, everyone = await _everyone(request)
    return web.Response(
        body=await write(request, found, everyone),
        content_type=media,
        charset="utf-8" if media.startswith("text/") else None,
        headers={"Content-Disposition": f'attachment; filename="{rosters.file_name(found, extension)}"'},
    )


async def _csv(request: web.Request, found: Gathering, everyone: Sequence[Registration]) -> bytes:
    return rosters.csv(found, everyone, texts(request))


async def _xlsx(request: web.Request, found: Gathering, everyone: Sequence[Registration]) -> bytes:
    return await asyncio.to_thread(rosters.xlsx, found, everyone, texts(request), now=now(request))


_PLACE: Final = f"/manage/gatherings/{NUMBER}/roster"

ROUTES: Final = [
    Route("GET", _PLACE, roster, Access.MANAGER, private=True),
    Route("POST", _PLACE, mark, Access.MANAGER, private=True),
    Route("POST", f"{_PLACE}/answer", answer, Access.MANAGER, private=True),
    Route("POST", f"{_PLACE}.csv", csv, Access.MANAGER, private=True),
    Route("POST", f"{_PLACE}.xlsx", xlsx, Access.MANAGER, private=True),
]
