"""The answer page of one registration, opened with the link in a mail: no cookie, no sign-in, nothing done on GET.

Whoever holds the link sees that person's own state and may answer; nobody else's name, and of a confidential
gathering only when it is.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from aiohttp import web

from handlers.web import forms, questions, words
from handlers.web.gatherings import COMING, SAVED, answer_of
from handlers.web.render import go, page, texts
from handlers.web.routes import Access, Guard, Route
from handlers.web.site import KEYS, database, now, site
from service.actions import questions as asking
from service.actions import ratings, registration
from service.actions.registration import Ticket
from service.errors import Conflict, Expired, Invalid, NotFound
from service.model import Attendance, Gathering, Partstat, Registration, Status, Via
from service.rules import checking_in
from service.rules import questions as rules

_ANSWERS: Final = (
    Partstat.ACCEPTED,
    *COMING,
    Partstat.TENTATIVE,
    Partstat.DECLINED,
)


async def show(request: web.Request) -> web.Response:
    """Show the gathering and how the person stands, with buttons as long as an answer is taken."""
    try:
        ticket = await registration.by_handle(
            database(request), request.match_info["handle"], keys=request.app[KEYS], now=now(request)
        )
    except (NotFound, Expired) as error:
        return gone(request, error)
    return await _page(request, ticket)


async def answer(request: web.Request) -> web.Response:
    """Take an answer, then show what came of it; one that comes too late shows the gathering as it is."""
    handle = request.match_info["handle"]
    partstat, mode = answer_of(await forms.text(request, "partstat"))
    try:
        await registration.answer_by_handle(
            database(request), handle, partstat, keys=request.app[KEYS], via=Via.LINK, now=now(request), mode=mode
        )
    except (NotFound, Expired) as error:
        return gone(request, error)
    except Conflict:
        return go(f"/r/{handle}")
    return go(f"/r/{handle}?{SAVED}")


async def save(request: web.Request) -> web.Response:
    """Take answers to the questions of the gathering; what is missing is asked for once more, and nothing is lost."""
    handle, keys, db = request.match_info["handle"], request.app[KEYS], database(request)
    try:
        asked = await asking.by_handle(db, handle, keys=keys, now=now(request))
        given, typed = await questions.given(request, asked.questions)
        await asking.answer_by_handle(db, handle, given, keys=keys, now=now(request))
    except Invalid as error:
        ticket = await registration.by_handle(db, handle, keys=keys, now=now(request))
        return await _page(request, ticket, questions.refused(request, asked, typed, error, reader=ticket.language))
    except (NotFound, Expired) as error:
        return gone(request, error)
    except Conflict:
        return go(f"/r/{handle}")
    return go(f"/r/{handle}?{questions.ANSWERED}#questions")


async def _asked(request: web.Request, ticket: Ticket) -> questions.Form | None:
    """Ask whoever said yes, as long as it can be answered here: of a confidential gathering only after signing in."""
    found, own = ticket.gathering, ticket.registration
    if found.confidential or not rules.is_open(found, own.partstat, now(request)):
        return None
    handle, keys = request.match_info["handle"], request.app[KEYS]
    asked = await asking.by_handle(database(request), handle, keys=keys, now=now(request))
    return questions.form(request, asked, reader=ticket.language)


async def _page(request: web.Request, ticket: Ticket, asked: questions.Form | None = None) -> web.Response:
    found, own = ticket.gathering, ticket.registration
    asked = asked or await _asked(request, ticket)
    spoken = texts(request, ticket.language)
    over = words.closing(spoken, found, own, now(request))
    if over and found.confidential:
        over = replace(over, detail="")  # a reason may say what it was about
    return page(
        request,
        "answer.html",
        status=asked.status if asked else 200,
        reader=ticket.language,
        place=f"/r/{request.match_info['handle']}",
        asked=asked,
        asks=rules.is_open(found, own.partstat, now(request)),
        gathering=found,
        registration=own,
        standing=over or words.standing(spoken, found, own, home=site(request).timezone),
        open=over is None,
        saved=words.outcome(spoken, own) if SAVED in request.query and over is None else "",
        wanted=_wanted(request, own),
        checks_in=_checks_in(found, own, now(request)),
        code_fault="code" in request.query,
        ratable=await _ratable(request, ticket),
        online=found.online_url if words.comes(own) and not found.confidential else "",
    )


def _checks_in(found: Gathering, own: Registration, moment: datetime) -> bool:
    """Tell whether somebody can say now that they are there."""
    open_ = found.status == Status.PUBLISHED and checking_in.is_open(found.starts_at, found.ends_at, moment)
    return open_ and own.attendance != Attendance.PRESENT


async def _ratable(request: web.Request, ticket: Ticket) -> bool:
    """Tell whether the person may say how it was."""
    if ticket.gathering.ends_at > now(request):
        return False
    handle = request.match_info["handle"]
    return (await ratings.by_handle(database(request), handle, keys=request.app[KEYS], now=now(request))).open


def _wanted(request: web.Request, own: Registration) -> str:
    """Return the answer that the mail's button named, while it is not the one given already."""
    wanted = request.query.get("answer", "")
    given = f"{own.partstat}-{own.mode}" if own.mode and own.partstat == Partstat.ACCEPTED else own.partstat
    return wanted if wanted in _ANSWERS and wanted not in (given, own.partstat) else ""


def gone(request: web.Request, error: Exception) -> web.Response:
    """Say that a link no longer works, the same for one that never did, and offer a fresh one."""
    return page(request, "gone.html", status=410 if isinstance(error, Expired) else 404)


ROUTES: Final = [
    Route("GET", "/r/{handle}", show, Access.HANDLE, Guard.HANDLE, private=True, session=False),
    Route("POST", "/r/{handle}", answer, Access.HANDLE, Guard.HANDLE, private=True, session=False),
    Route("POST", "/r/{handle}/questions", save, Access.HANDLE, Guard.HANDLE, private=True, session=False),
]
