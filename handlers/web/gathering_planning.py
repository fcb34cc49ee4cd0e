"""Planning: a new gathering or a whole series, and another one like it; all of them drafts, of which nobody hears."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from aiohttp import web

from handlers.web import filling, gathering_form, ready_questions, series_form
from handlers.web.circles import SLUG
from handlers.web.render import go, page, texts
from handlers.web.routes import Access, Route
from handlers.web.site import NUMBER, actor, database, now, site
from handlers.web.steps import STEP, run
from service.actions import circles, overview, questions, scheduling, series, suggesting
from service.actions.facts import complete
from service.errors import Invalid
from service.model import Circle, Gathering

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
        faults = gathering_form.faults(error)
        return _form(request, circle, gathering_form.retyped(form), chosen, rule=form, faults=faults)
    return go(f"/manage/gatherings/{made.id}?saved=planned")


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
        return _duplicate_form(request, found, form, faults=gathering_form.faults(error))
    return go(f"/manage/gatherings/{made.id}?saved=planned")


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
        **gathering_form.choices(spoken, chosen),
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


def _form_of(slug: str) -> str:
    return f"/manage/circles/{slug}/gatherings/new"


ROUTES: Final = [
    Route("GET", "/manage/new", choose, Access.MANAGER, private=True),
    Route("GET", f"/manage/circles/{SLUG}/gatherings/new", ask, Access.MANAGER, private=True),
    Route("POST", f"/manage/circles/{SLUG}/gatherings/new", plan, Access.MANAGER, private=True),
    Route("GET", f"/manage/gatherings/{NUMBER}/duplicate", ask_duplicate, Access.MANAGER, private=True),
    Route("POST", f"/manage/gatherings/{NUMBER}/duplicate", duplicate, Access.MANAGER, private=True),
]
