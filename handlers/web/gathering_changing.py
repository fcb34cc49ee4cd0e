"""Changing what is planned: one gathering, or it and those after it in its series.

Nothing that anybody hears of is sent before the page has said who hears what, and somebody has pressed the button.
"""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from handlers.web import filling, gathering_form, previews, series_form
from handlers.web.render import go, page, texts
from handlers.web.routes import Access, Route
from handlers.web.site import COALESCE, NUMBER, actor, database, now, sample
from handlers.web.steps import FOLLOWING, STEP, SURE, run
from service.actions import previewing, scheduling, series
from service.actions.previewing import Preview
from service.errors import Invalid
from service.model import Gathering
from service.store.gatherings import EDITABLE


async def ask_change(request: web.Request) -> web.Response:
    """Show a gathering's facts to be changed."""
    found = await run(request)
    return _change_form(request, found, gathering_form.typed(_facts_of(found)), list(found.reminders))


async def change(request: web.Request) -> web.Response:
    """Change what was typed; where people hear of it, show first who hears what."""
    found = await run(request)
    form, chosen = await filling.typed(request), await filling.ticked(request, "reminders")
    typed = gathering_form.retyped(form)
    db, who = database(request), actor(request)
    following = form.get("scope") == FOLLOWING and found.series_id is not None
    try:
        facts = gathering_form.facts(form, chosen)
        if form.get(STEP) == "back":
            return _change_form(request, found, typed, chosen, scope=form.get("scope", ""))
        if form.get(STEP) != SURE:
            shown = await _previews(request, found, facts, following=following)
            if any(one.told for one in shown):
                return _confirm_change(request, found, form, chosen, shown)
        coalesce = request.app[COALESCE]
        if following:
            await series.change_following(db, who, found.id, facts, now=now(request), coalesce=coalesce)
        else:
            await scheduling.change(db, who, found.id, facts, now=now(request), coalesce=coalesce)
    except Invalid as error:
        return _change_form(
            request, found, typed, chosen, scope=form.get("scope", ""), faults=gathering_form.faults(error)
        )
    return go(f"/manage/gatherings/{found.id}?saved=changed")


async def _previews(
    request: web.Request, found: Gathering, facts: Mapping[str, Any], *, following: bool
) -> list[Preview]:
    """Look ahead: for this gathering, and for each after it in its series where they change too."""
    spoken = texts(request).language
    return await previewing.change(
        database(request), actor(request), found.id, facts, language=spoken, now=now(request), following=following
    )


def _change_form(
    request: web.Request,
    found: Gathering,
    typed: Mapping[str, str],
    chosen: list[str],
    *,
    scope: str = "",
    faults: filling.Faults | None = None,
) -> web.Response:
    return page(
        request,
        "gathering_edit.html",
        gathering=found,
        typed=typed,
        scope=scope,
        faults=faults,
        **gathering_form.choices(texts(request), chosen),
    )


def _confirm_change(
    request: web.Request, found: Gathering, form: Mapping[str, str], chosen: list[str], shown: list[Preview]
) -> web.Response:
    spoken = texts(request)
    return page(
        request,
        "gathering_confirm.html",
        gathering=found,
        after=shown[0].gathering,
        told=previews.sentences(spoken, shown[0]),
        letter=sample(request, next((one.sample for one in shown if one.sample), None)),
        others=len(shown) - 1,
        mails=previews.total(spoken, shown),
        pause=int(request.app[COALESCE].total_seconds()),
        hidden=[*series_form.hidden(form, chosen), ("scope", form.get("scope", ""))],
    )


def _facts_of(found: Gathering) -> dict[str, Any]:
    return {name: getattr(found, name) for name in EDITABLE}


ROUTES: Final = [
    Route("GET", f"/manage/gatherings/{NUMBER}/edit", ask_change, Access.MANAGER, private=True),
    Route("POST", f"/manage/gatherings/{NUMBER}/edit", change, Access.MANAGER, private=True),
]
