"""What facilitators and staff see first: the gatherings they run, and each of them with what can be done about it.

Who is coming, person by person, is in `roster`; what they were told in `ledger`; the year as a whole in `plan`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from aiohttp import web

from handlers.web import agenda, filling, manage_seats, paging, previews, tallies
from handlers.web.render import go, page, texts
from handlers.web.routes import Access, Route
from handlers.web.site import NUMBER, actor, database, ident, now, sample
from handlers.web.steps import FOLLOWING, STEP, SURE, run
from service.actions import minimum, overview, previewing, ratings, registration, scheduling, series
from service.model import Gathering, Status
from service.rules import access
from service.rules import minimum as rules
from service.rules import ratings as aims
from service.rules.access import Verb
from service.store.rosters import Counts
from service.texts.catalogue import marked

COMING: Final = 40
"""Gatherings to come on one page."""

OVER: Final = 30
"""Gatherings that are over on one page; on the overview only the latest of them."""

LATEST: Final = 6
COMMENTS: Final = 25
"""What people wrote with their marks, on one page."""

SOON: Final = timedelta(days=28)
"""A draft that begins within this time is worth a word."""

SAVED: Final = "saved"
_SAVED: Final = {
    "planned": marked("Planned as a draft. Look it over, and publish it when it is right."),
    "changed": marked("Saved."),
    "published": marked("Published. The invitations are on their way."),
    "cancelled": marked("Cancelled. Everyone who needs to know is told."),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A gathering as the overview shows it."""

    gathering: Gathering
    sentence: str
    standing: Status
    names: bool  # the visitor may see who
    unmarked: bool  # over, somebody came, and nobody was marked


async def manage(request: web.Request) -> web.Response:
    """Show what the visitor runs: to come, just over, and what asks for attention."""
    db, who = database(request), actor(request)
    after = agenda.after(request)
    found = await overview.coming(db, who, now=now(request), after=after, limit=COMING + 1)
    past = [] if after else await overview.over(db, who, now=now(request), limit=LATEST)
    shown, more = paging.first(found, COMING, agenda.cursor)
    every = await rows(request, [*shown, *past])
    coming, over = every[: len(shown)], every[len(shown) :]
    return page(
        request,
        "manage.html",
        coming=coming,
        over=over,
        drafts=sum(_is_soon(request, row) for row in coming),
        unmarked=sum(row.unmarked for row in over),
        later=after is not None,
        more=more,
        circles=sorted(await overview.led(db, who), key=lambda one: one.title(texts(request).language).casefold()),
    )


async def past(request: web.Request) -> web.Response:
    """Show what the visitor ran, the latest first."""
    before = agenda.after(request)
    found = await overview.over(database(request), actor(request), now=now(request), before=before, limit=OVER + 1)
    shown, more = paging.first(found, OVER, agenda.cursor)
    return page(request, "manage_past.html", over=await rows(request, shown), more=more)


async def gathering(request: web.Request) -> web.Response:
    """Show one gathering to whoever runs it."""
    db, who, spoken = database(request), actor(request), texts(request)
    found = await run(request)
    counts = (await scheduling.counts(db, [found.id]))[found.id]
    scope = scheduling.scope(found)
    ledger = await registration.ledger(db, who, found.id) if access.can(who, Verb.SEE_LEDGER, scope) else None
    standing = found.standing(now(request))
    verdict = await ratings.verdict(db, who, found.id) if standing is Status.HELD else None
    comments, more = paging.cut_unnamed(verdict.comments if verdict else [], request.query.get("after", ""), COMMENTS)
    numbers = await minimum.numbers(db, found, now=now(request))
    return page(
        request,
        "manage_gathering.html",
        numbers=numbers,
        pressing=numbers is not None
        and rules.pressing(found.minimum, numbers, found.starts_local, found.timezone, now(request)),
        gathering=found,
        standing=standing,
        figures=tallies.figures(spoken, found, counts, over=standing is Status.HELD),
        invited=counts.invited,
        verdict=verdict,
        comments=comments,
        more=more,
        later="after" in request.query,
        aim=aims.AIM,
        told=None if ledger is None else tallies.told(spoken, ledger),
        names=access.can(who, Verb.SEE_ROSTER, scope),
        answers=found.questions > 0 and standing is not Status.DRAFT and access.can(who, Verb.SEE_ANSWERS, scope),
        guests=standing is Status.PUBLISHED and access.can(who, Verb.INVITE_GUEST, scope),
        tells=access.can(who, Verb.MESSAGE_PARTICIPANTS, scope) and standing is not Status.DRAFT,
        keeps=access.can(who, Verb.EDIT_MATERIAL, scope) and standing is not Status.DRAFT,
        seats=access.can(who, Verb.SET_SEATS, scope) and manage_seats.shown(found),
        saved=_SAVED.get(request.query.get(SAVED, ""), ""),
        over=found.ends_at <= now(request),
    )


async def ask_publish(request: web.Request) -> web.Response:
    """Ask whether to publish, saying who gets an invitation and what it says."""
    found, spoken = await run(request), texts(request)
    preview = await previewing.publish(
        database(request), actor(request), found.id, language=spoken.language, now=now(request)
    )
    return page(
        request,
        "publish.html",
        gathering=found,
        told=previews.sentences(spoken, preview),
        letter=sample(request, preview.sample),
        over=found.ends_at <= now(request),
        begun=found.starts_at <= now(request),
    )


async def publish(request: web.Request) -> web.Response:
    """Publish, or open again what was cancelled."""
    found = await scheduling.publish(database(request), actor(request), ident(request), now=now(request))
    return go(f"/manage/gatherings/{found.id}?{SAVED}=published")


async def ask_cancel(request: web.Request) -> web.Response:
    """Ask why it does not take place."""
    return await _cancel_page(request, await run(request), "")


async def cancel(request: web.Request) -> web.Response:
    """Say who hears of it and in which words, and cancel once that is confirmed."""
    found, form = await run(request), await filling.typed(request)
    reason, db, who = form.get("reason", ""), database(request), actor(request)
    following = form.get("scope") == FOLLOWING and found.series_id is not None
    if form.get(STEP) == "back":
        return await _cancel_page(request, found, reason, scope=form.get("scope", ""))
    if form.get(STEP) != SURE:
        spoken = texts(request)
        shown = await previewing.cancel(
            db, who, found.id, reason, language=spoken.language, now=now(request), following=following
        )
        return page(
            request,
            "cancel_confirm.html",
            gathering=found,
            reason=reason,
            scope=form.get("scope", ""),
            told=previews.sentences(spoken, shown[0]),
            letter=sample(request, next((one.sample for one in shown if one.sample), None)),
            others=len(shown) - 1,
            mails=previews.total(spoken, shown),
        )
    if following:
        await series.cancel_following(db, who, found.id, reason, now=now(request))
    else:
        await scheduling.cancel(db, who, found.id, reason, now=now(request))
    return go(f"/manage/gatherings/{found.id}?{SAVED}=cancelled")


async def _cancel_page(request: web.Request, found: Gathering, reason: str, scope: str = "") -> web.Response:
    return page(
        request,
        "cancel.html",
        gathering=found,
        reason=reason,
        scope=scope,
        over=found.ends_at <= now(request),
    )


async def rows(request: web.Request, found: Sequence[Gathering]) -> list[Row]:
    """Prepare gatherings for a table of them."""
    counts = await scheduling.counts(database(request), [one.id for one in found])
    return [_row(request, one, counts[one.id]) for one in found]


def _row(request: web.Request, found: Gathering, counts: Counts) -> Row:
    standing = found.standing(now(request))
    unmarked = standing is Status.HELD and not counts.present and tallies.attending(counts) > 0
    names = access.can(actor(request), Verb.SEE_ROSTER, scheduling.scope(found))
    over = found.ends_at <= now(request)
    return Row(found, tallies.sentence(texts(request), counts, over=over), standing, names, unmarked)


def _is_soon(request: web.Request, row: Row) -> bool:
    return row.standing is Status.DRAFT and row.gathering.starts_at <= now(request) + SOON


ROUTES: Final = [
    Route("GET", "/manage", manage, Access.MANAGER, private=True),
    Route("GET", "/manage/past", past, Access.MANAGER, private=True),
    Route("GET", f"/manage/gatherings/{NUMBER}", gathering, Access.MANAGER, private=True),
    Route("GET", f"/manage/gatherings/{NUMBER}/publish", ask_publish, Access.MANAGER, private=True),
    Route("POST", f"/manage/gatherings/{NUMBER}/publish", publish, Access.MANAGER, private=True),
    Route("GET", f"/manage/gatherings/{NUMBER}/cancel", ask_cancel, Access.MANAGER, private=True),
    Route("POST", f"/manage/gatherings/{NUMBER}/cancel", cancel, Access.MANAGER, private=True),
]
