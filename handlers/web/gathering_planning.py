"""Planning: a new gathering or a whole series, another one like it, and changing what is planned.

Nothing that anybody hears of is sent before the page has said who hears what, and somebody has pressed the button.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from aiohttp import web

from handlers.web import filling, gathering_form, previews, ready_questions, series_form
from handlers.web.render import go, page, texts
from handlers.web.routes import Access, Route
from handlers.web.site import COALESCE, NUMBER, actor, database, ident, now, sample, site
from service.actions import circles, overview, previewing, questions, scheduling, series, suggesting
from service.actions.facts import complete
from service.actions.previewing import Preview
from service.errors import Invalid
from service.model import Circle, Gathering
from service.rules import access
from service.rules.access import Verb
from service.store.gatherings import EDITABLE
from service.texts.catalogue import Texts

SLUG: Final = "{slug:[a-z0-9-]{1,80}}"
STEP: Final = "step"
SURE: Final = "sure"
FOLLOWING: Final = "following"
"""The value of the field `scope` that means this gathering and those after it in its series."""

EVERY_CIRCLE: Final = 1000
_NO_RULE: Final = {"unit": "", "every": "1", "times": "6", "until": "", "skip": "yes"}


async def choose(request: web.Request) -> web.Response:
    """Ask for which circle; whoever leads only one goes on to its form."""
    db, who = database(request), actor(request)
    led: list[Any] = (
        list(await circles.visible(db, who, limit=EVERY_CIRCLE)) if who.staff else list(await overview.led(db, who))
    )
    if len(led) == 1:
        return go(_form_of(led[0].slug))
    spoken = texts(request).language
    return page(request, "choose_circle.html", circles=sorted(led, key=lambda one: one.title(spoken).casefold()))


async def ask(request: web.Request) -> web.Response:
    """Show the form, filled in as the circle most likely meets next."""
    circle, facts = await _suggested(request)
    return _form(request, circle, gathering_form.typed(facts), list(facts["reminders"]), rule=_NO_RULE)


async def plan(request: web.Request) -> web.Response:
    """Plan a gathering as a draft; with a rule show the dates first, and then plan those that are wanted."""
    circle, suggested = await _suggested(request)
    form, chosen = await filling.typed(request), await filling.ticked(request, "reminders")
    if form.get(STEP) == "back":
        return _form(request, circle, gathering_form.retyped(form), chosen, rule=form)
    try:
        facts = gathering_form.facts(form, chosen)
        if form.get(STEP) == "dates":
            return await _make_series(request, circle, form, chosen, facts)
        if series_form.repeats(form):
            complete(facts, suggested)
            rows = series_form.rows(texts(request), form, facts["starts_local"])
            return _dates(request, circle, form, chosen, rows)
        made = await scheduling.create(
            database(request), actor(request), circle.slug, facts, timezone=site(request).timezone, now=now(request)
        )
        await _ask(request, made.id, form)
    except Invalid as error:
        faults = _faults(error)
        return _form(request, circle, gathering_form.retyped(form), chosen, rule=form, faults=faults)
    return go(f"/manage/gatherings/{made.id}?saved=planned")


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
        return _change_form(request, found, typed, chosen, scope=form.get("scope", ""), faults=_faults(error))
    return go(f"/manage/gatherings/{found.id}?saved=changed")


async def ask_duplicate(request: web.Request) -> web.Response:
    """Ask when another gathering like this one is to be."""
    found = await run(request)
    start = found.starts_local + timedelta(weeks=4)
    return _duplicate_form(request, found, {"day": start.date().isoformat(), "starts": f"{start:%H:%M}"})


async def duplicate(request: web.Request) -> web.Response:
    """Plan another gathering like this one, as a draft."""
    found, form = await run(request), {"day": "", "starts": ""} | await filling.typed(request)
    try:
        when = gathering_form.day(form["day"], "day")
        start = datetime.combine(when, gathering_form.clock(form["starts"], "starts"))
        made = await scheduling.duplicate(database(request), actor(request), found.id, start, now=now(request))
    except Invalid as error:
        return _duplicate_form(request, found, form, faults=_faults(error))
    return go(f"/manage/gatherings/{made.id}?saved=planned")


async def run(request: web.Request) -> Gathering:
    """Read the gathering in the path for somebody who runs it; for anybody else it is refused as the actions do."""
    found = await scheduling.get(database(request), actor(request), ident(request))
    access.require(actor(request), Verb.EDIT_GATHERING, scheduling.scope(found))
    return found


async def _suggested(request: web.Request) -> tuple[Circle, Mapping[str, Any]]:
    slug, home = request.match_info["slug"], site(request).timezone
    return await suggesting.suggest(database(request), actor(request), slug, timezone=home, now=now(request))


async def _make_series(
    request: web.Request, circle: Circle, form: Mapping[str, str], chosen: list[str], facts: Mapping[str, Any]
) -> web.Response:
    starts, faults = series_form.chosen(form, str(facts["timezone"]))
    if faults or not 1 <= len(starts) <= series_form.MOST:
        rows = series_form.retyped(texts(request), form, faults)
        return _dates(request, circle, form, chosen, rows, faults=faults or gathering_form.DATES)
    made = await series.plan(
        database(request),
        actor(request),
        circle.slug,
        facts,
        starts,
        timezone=site(request).timezone,
        now=now(request),
    )
    first = made.gatherings[0].id
    if await _ask(request, first, form):
        await questions.copy_following(database(request), actor(request), first, now=now(request))
    return go(f"/manage/series/{made.id}?saved=planned")


async def _ask(request: web.Request, gathering_id: int, form: Mapping[str, str]) -> bool:
    """Let a gathering that was just planned ask what was ticked; tell whether anything was."""
    asked = ready_questions.questions(ready_questions.ticked(form))
    if asked:
        days = site(request).answers_days
        await questions.change(database(request), actor(request), gathering_id, lambda _: asked, days=days)
    return bool(asked)


async def _previews(
    request: web.Request, found: Gathering, facts: Mapping[str, Any], *, following: bool
) -> list[Preview]:
    """Look ahead: for this gathering, and for each after it in its series where they change too."""
    spoken = texts(request).language
    return await previewing.change(
        database(request), actor(request), found.id, facts, language=spoken, now=now(request), following=following
    )


def _form(
    request: web.Request,
    circle: Circle,
    typed: Mapping[str, str],
    chosen: list[str],
    *,
    rule: Mapping[str, str],
    faults: filling.Faults | None = None,
) -> web.Response:
    spoken = texts(request)
    return page(
        request,
        "gathering_new.html",
        circle=circle,
        typed=typed,
        rule={name: rule.get(name, "") for name in series_form.RULE},
        units=series_form.UNITS,
        ready=[
            (tick, spoken.gettext(ready_questions.READY[name].text)) for tick, name in ready_questions.TICKS.items()
        ],
        asked=[tick for tick in ready_questions.TICKS if rule.get(tick)],
        faults=faults,
        **_choices(spoken, chosen),
    )


def _dates(
    request: web.Request,
    circle: Circle,
    form: Mapping[str, str],
    chosen: list[str],
    rows: list[series_form.Row],
    *,
    faults: Mapping[Any, str] | None = None,
) -> web.Response:
    return page(
        request,
        "series_dates.html",
        status=400 if faults else 200,
        circle=circle,
        rows=rows,
        hidden=list(series_form.hidden(form, chosen)),
        fault=(faults or {}).get("", ""),
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
        **_choices(texts(request), chosen),
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


def _duplicate_form(
    request: web.Request, found: Gathering, typed: Mapping[str, str], *, faults: filling.Faults | None = None
) -> web.Response:
    return page(
        request,
        "gathering_duplicate.html",
        gathering=found,
        typed=typed,
        faults=faults,
    )


def _choices(spoken: Texts, chosen: list[str]) -> dict[str, Any]:
    return {
        "visibilities": [
            (value, spoken.gettext(words), spoken.gettext(meaning))
            for value, words, meaning in gathering_form.VISIBILITIES
        ],
        "reminders": gathering_form.reminders(spoken, chosen),
        "chosen": chosen,
    }


def _faults(error: Invalid) -> filling.Faults:
    found = filling.faults(error, gathering_form.FAULTS)
    return {gathering_form.PLACES.get(name, name): words for name, words in found.items()}


def _facts_of(found: Gathering) -> dict[str, Any]:
    return {name: getattr(found, name) for name in EDITABLE}


def _form_of(slug: str) -> str:
    return f"/manage/circles/{slug}/gatherings/new"


ROUTES: Final = [
    Route("GET", "/manage/new", choose, Access.MANAGER, private=True),
    Route("GET", f"/manage/circles/{SLUG}/gatherings/new", ask, Access.MANAGER, private=True),
    Route("POST", f"/manage/circles/{SLUG}/gatherings/new", plan, Access.MANAGER, private=True),
    Route("GET", f"/manage/gatherings/{NUMBER}/edit", ask_change, Access.MANAGER, private=True),
    Route("POST", f"/manage/gatherings/{NUMBER}/edit", change, Access.MANAGER, private=True),
    Route("GET", f"/manage/gatherings/{NUMBER}/duplicate", ask_duplicate, Access.MANAGER, private=True),
    Route("POST", f"/manage/gatherings/{NUMBER}/duplicate", duplicate, Access.MANAGER, private=True),
]
