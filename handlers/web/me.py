"""One's own page: what one is signed up for, one's circles, and the feeds and the chat that follow them."""

from typing import Final

from aiohttp import web

from handlers.web import my_telegram, paging, sessions, words
from handlers.web.gatherings import SAVED
from handlers.web.render import go, page, texts
from handlers.web.routes import Access, Route
from handlers.web.site import actor, database, now, site
from service.actions import circles, feeds, ratings, registration, unsubscribing, voting, web_sessions
from service.actions.registration import Ticket
from service.model import Circle

_MANY: Final = 500
COMING: Final = 12
"""Gatherings to come on one page."""

PAST: Final = 20
"""Gatherings of the last month on one page."""

FEEDS: Final = 12
"""Subscriptions on one page."""


async def me(request: web.Request) -> web.Response:
    """Show one's own page."""
    db, who = database(request), actor(request)
    tickets = await registration.mine(db, who, now=now(request))
    memberships = await unsubscribing.memberships(db, who)
    to_come = [one for one in tickets if one.gathering.ends_at > now(request)]
    past = [one for one in reversed(tickets) if one.gathering.ends_at <= now(request)]
    next_, more = paging.cut(to_come, lambda one: one.gathering.id, request.query.get("after", ""), COMING)
    latest, earlier = paging.cut(past, lambda one: one.gathering.id, request.query.get("before", ""), PAST)
    saved = next((words.outcome(texts(request), t.registration) for t in tickets if _is_saved(request, t)), "")
    own_feeds = await feeds.feeds(db, who, who.person_id or 0)
    some_feeds, more_feeds = paging.cut(own_feeds, lambda one: one.id, request.query.get("feeds", ""), FEEDS)
    return page(
        request,
        "me.html",
        feeds=some_feeds,
        more_feeds=more_feeds,
        followed=any(feed.kind == feeds.PERSON for feed in own_feeds),
        coming=[(one, _standing(request, one)) for one in next_],
        past=latest,
        more=more,
        earlier=earlier,
        later=bool(request.query.keys() & {"after", "before", "feeds"}),
        circles=await own_circles(request, frozenset(memberships)),
        memberships=memberships,
        ratable={one.id for one in await ratings.awaiting(db, who, now=now(request))},
        polls=await voting.mine(db, who, now=now(request)),
        saved=saved,
        telegram=await my_telegram.connection(request),
    )


async def leave_everywhere(request: web.Request) -> web.Response:
    """Sign out of every browser."""
    await web_sessions.end_all(database(request), actor(request))
    response = go("/")
    sessions.forget(request, response)
    return response


def _standing(request: web.Request, ticket: Ticket) -> words.Standing:
    """Say how one stands, or why it is too late to change that."""
    spoken = texts(request)
    over = words.closing(spoken, ticket.gathering, ticket.registration, now(request))
    return over or words.standing(spoken, ticket.gathering, ticket.registration, home=site(request).timezone)


def _is_saved(request: web.Request, ticket: Ticket) -> bool:
    return request.query.get(SAVED) == str(ticket.gathering.id)


async def own_circles(request: web.Request, own: frozenset[int]) -> list[Circle]:
    """List these circles of the visitor's own by their titles, those that have closed too."""
    found = await circles.visible(database(request), actor(request), limit=_MANY, closed=True)
    spoken = texts(request).language
    return sorted((one for one in found if one.id in own), key=lambda one: one.title(spoken).casefold())


ROUTES: Final = [
    Route("GET", "/me", me, Access.SIGNED_IN, private=True),
    Route("POST", "/me/sign-out-everywhere", leave_everywhere, Access.SIGNED_IN, private=True),
]
