"""A poll for a date, as whoever runs the gathering sees it: propose, ask, look at the votes, pick."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aiohttp import web

from handlers.web import filling, gathering_form, paging, previews
from handlers.web.render import go, page, texts
from handlers.web.routes import Access, Route
from handlers.web.site import COALESCE, NUMBER, actor, database, now, sample, site
from handlers.web.steps import STEP, SURE, run
from service.actions import polls
from service.actions.polls import Standings
from service.errors import Conflict, Invalid
from service.model import Gathering, Status, Vote
from service.rules import polling
from service.rules.polling import Tally
from service.store.polls import Moment
from service.texts.catalogue import marked

_FAULTS: Final = {
    **gathering_form.FAULTS,
    "moments": marked("Propose 3 to 10 moments that lie ahead, each of them once."),
    "conflict": marked("That is not possible as it stands now. Look at the page once more."),
}
ROWS: Final = polling.MOST
NAMED: Final = 40
"""Voters whose names still fit beside the moments; of more there is a page for each moment."""

MANY: Final = 200
"""Voters on one page."""


@dataclass(frozen=True, slots=True)
class Row:
    """A moment with what the votes add up to, and who voted, where the reader may know."""

    id: int
    words: str
    tally: Tally
    best: bool
    names: Mapping[str, list[str]] | None


async def show(request: web.Request) -> web.Response:
    """Show the poll, or the form in which moments are proposed."""
    found = await run(request)
    standings = await polls.standings(database(request), actor(request), found.id, now=now(request))
    if standings.poll is None or standings.poll.closed_at is not None or "again" in request.query:
        return await _form(request, found)
    moment = next((one for one in standings.moments if str(one.id) == request.query.get("of")), None)
    if moment is not None and standings.names is not None:
        return _votes(request, standings, moment)
    return _board(request, standings)


async def act(request: web.Request) -> web.Response:
    """Propose, ask, pick or end; what anybody hears of is shown first."""
    found, form = await run(request), await filling.typed(request)
    db, who, at = database(request), actor(request), now(request)
    place, step = f"/manage/gatherings/{found.id}/poll", form.get(STEP, "")
    try:
        if step == "propose":
            await polls.propose(db, who, found.id, _starts(form), now=at)
            return go(place)
        if step == "start":
            await polls.start(db, who, found.id, _starts(form), now=at)
            return go(f"{place}?saved")
        if step == "ask":
            await polls.ask(db, who, found.id, now=at)
            return go(f"{place}?saved")
        if step == "close":
            await polls.close(db, who, found.id, now=at)
            return go(f"/manage/gatherings/{found.id}")
        moment = filling.whole(form.get("moment", "")) or 0
        if step == SURE:
            await polls.pick(db, who, found.id, moment, now=at, coalesce=request.app[COALESCE])
            saved = "changed" if found.status == Status.PUBLISHED else "published"
            return go(f"/manage/gatherings/{found.id}?saved={saved}")
        return await _confirm(request, found, moment)
    except (Invalid, Conflict) as error:
        return await _form(request, found, form, faults=filling.faults(error, _FAULTS))


async def _form(
    request: web.Request,
    found: Gathering,
    typed: Mapping[str, str] | None = None,
    *,
    faults: filling.Faults | None = None,
) -> web.Response:
    """Show the moments that are typed, or else suggested; of what is published all of it fits into one step."""
    db, who, spoken, at = database(request), actor(request), texts(request), now(request)
    shown = await polls.suggested(db, who, found.id, now=at)
    typed = _suggested(shown) if typed is None else typed
    at_once = found.status == Status.PUBLISHED and not faults
    return page(
        request,
        "poll_propose.html",
        gathering=found,
        rows=[(typed.get(f"day{number}", ""), typed.get(f"at{number}", "")) for number in range(ROWS)],
        least=polling.LEAST,
        faults=faults,
        few=shown.few,
        planned=found.status == Status.PUBLISHED,
        invited=shown.asked,
        letter=sample(request, polls.letter(shown, language=spoken.language, now=at)) if at_once else None,
    )


def _board(request: web.Request, standings: Standings) -> web.Response:
    spoken, found = texts(request), standings.gathering
    named = standings.names if standings.voted <= NAMED else None
    best = standings.best if standings.voted > 1 and len(standings.best) < len(standings.moments) else set()
    rows = [
        Row(
            one.id,
            _words(request, found, one),
            standings.tallies[one.id],
            one.id in best,
            None if named is None else {str(kind): named[one.id][kind] for kind in Vote},
        )
        for one in standings.moments
    ]
    assert standings.poll is not None
    return page(
        request,
        "poll_board.html",
        gathering=found,
        rows=rows,
        asked=standings.poll.asked_at is not None,
        invited=standings.asked,
        voted=standings.voted,
        saved="saved" in request.query,
        elsewhere=standings.names is not None and named is None,
        letter=sample(request, polls.letter(standings, language=spoken.language, now=now(request)))
        if standings.poll.asked_at is None
        else None,
    )


def _votes(request: web.Request, standings: Standings, moment: Moment) -> web.Response:
    """Show who said what to one moment."""
    assert standings.names is not None
    every = [(kind, name) for kind in Vote for name in standings.names[moment.id][kind]]
    shown, more = paging.cut_unnamed(every, request.query.get("after", ""), MANY)
    return page(
        request,
        "poll_votes.html",
        gathering=standings.gathering,
        moment=moment.id,
        words=_words(request, standings.gathering, moment),
        said=[(kind, [name for vote, name in shown if vote is kind]) for kind in Vote],
        more=more,
        later="after" in request.query,
    )


def _words(request: web.Request, found: Gathering, moment: Moment) -> str:
    return texts(request).when(moment.starts_local, moment.ends_local, found.timezone, home=site(request).timezone)


async def _confirm(request: web.Request, found: Gathering, moment: int) -> web.Response:
    spoken = texts(request)
    shown = await polls.preview_pick(
        database(request), actor(request), found.id, moment, language=spoken.language, now=now(request)
    )
    return page(
        request,
        "poll_pick.html",
        gathering=found,
        after=shown.gathering,
        moment=moment,
        told=previews.sentences(spoken, shown),
        letter=sample(request, shown.sample),
    )


def _starts(form: Mapping[str, str]) -> list[datetime]:
    """Read the moments that were filled in; a row without a day is none."""
    found = []
    for number in range(ROWS):
        if form.get(f"day{number}", "").strip():
            when = gathering_form.day(form[f"day{number}"], "moments")
            found.append(datetime.combine(when, gathering_form.clock(form.get(f"at{number}", ""), "moments")))
    return found


def _suggested(shown: Standings) -> dict[str, str]:
    """Fill in the moments that are suggested."""
    typed = {f"day{number}": one.starts_local.date().isoformat() for number, one in enumerate(shown.moments)}
    return typed | {f"at{number}": f"{shown.gathering.starts_local:%H:%M}" for number in range(ROWS)}


ROUTES: Final = [
    Route("GET", f"/manage/gatherings/{NUMBER}/poll", show, Access.MANAGER, private=True),
    Route("POST", f"/manage/gatherings/{NUMBER}/poll", act, Access.MANAGER, private=True),
]
