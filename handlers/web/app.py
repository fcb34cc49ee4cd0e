"""The web application, built from plain values; every route stands in the table of its page module.

Knows the pages; the server that listens is started by whoever builds this.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from aiohttp import web

from handlers.web import (
    agenda,
    answers,
    check_in,
    circles,
    feeds,
    gathering_changing,
    gathering_planning,
    gatherings,
    given_addresses,
    ledger,
    login,
    manage,
    manage_answers,
    manage_circles,
    manage_guests,
    manage_inbox,
    manage_kinds,
    manage_members,
    manage_people,
    manage_poll,
    manage_questions,
    manage_seats,
    manage_series,
    materials,
    me,
    messages,
    my_data,
    my_feeds,
    my_preferences,
    my_sign_in,
    my_telegram,
    plan,
    polling,
    ratings,
    roster,
    sheet,
    unsubscribe,
    walk_ins,
)
from handlers.web.assets import Assets
from handlers.web.health import Health
from handlers.web.last_used import KEYS_USED, SESSIONS_USED, LastUsed
from handlers.web.middleware import door, errors, journal, protect
from handlers.web.render import PAGES, Pages
from handlers.web.routes import Route
from handlers.web.site import CLOCK, COALESCE, DATABASE, KEYS, ROUTES, SHOW, SITE, Site
from service.actions import keys as api_keys
from service.actions import web_sessions
from service.actions.feed_writing import Kept
from service.channels import Show
from service.clock import Clock
from service.database import Database
from service.formats.tokens import Keys

LARGEST_BODY: Final = 64 * 1024
"""Bytes of a request; a page that takes files says so itself."""

TABLES: Final = (
    agenda.ROUTES,
    circles.ROUTES,
    gatherings.ROUTES,
    answers.ROUTES,
    ratings.ROUTES,
    unsubscribe.ROUTES,
    given_addresses.ROUTES,
    login.ROUTES,
    me.ROUTES,
    manage.ROUTES,
    manage_circles.ROUTES,
    manage_members.ROUTES,
    manage_kinds.ROUTES,
    manage_people.ROUTES,
    gathering_planning.ROUTES,
    gathering_changing.ROUTES,
    manage_series.ROUTES,
    manage_seats.ROUTES,
    manage_poll.ROUTES,
    manage_questions.ROUTES,
    manage_answers.ROUTES,
    manage_guests.ROUTES,
    polling.ROUTES,
    manage_inbox.ROUTES,
    roster.ROUTES,
    walk_ins.ROUTES,
    check_in.ROUTES,
    materials.ROUTES,
    messages.ROUTES,
    sheet.ROUTES,
    ledger.ROUTES,
    plan.ROUTES,
    my_data.ROUTES,
    my_feeds.ROUTES,
    my_telegram.ROUTES,
    my_preferences.ROUTES,
    my_sign_in.ROUTES,
    feeds.ROUTES,
)


def build(
    *,
    db: Database,
    clock: Clock,
    keys: Keys,
    site: Site,
    more: Sequence[Iterable[Route]] = (),
    health: Health | None = None,
    show: Show | None = None,
    coalesce: timedelta = timedelta(seconds=20),
) -> web.Application:
    """Build the application; `more` are the tables of routes that only some deployments have, `health` shows how it is.

    `show` writes the letter of a preview; without it a preview tells only who hears of it. Edits of
    a published gathering wait `coalesce` before people are told.

    Whoever runs it calls `last_used.flush(app, db)` and `feeds.flush_usage(db, app[feeds.KEPT])` about once a minute.
    """
    app = web.Application(middlewares=[journal, errors, door], client_max_size=LARGEST_BODY)
    assets = Assets()
    app[DATABASE], app[CLOCK], app[KEYS], app[SITE] = db, clock, keys, site
    app[COALESCE] = coalesce
    if show is not None:
        app[SHOW] = show
    app[PAGES] = Pages(assets, site)
    app[SESSIONS_USED], app[KEYS_USED] = LastUsed(web_sessions.note_used), LastUsed(api_keys.note_used)
    app[feeds.KEPT] = Kept()
    app[ROUTES] = {}
    for table in (*TABLES, assets.routes(), *more, health.routes() if health else ()):
        for route in table:
            add(app, route)
    app.on_response_prepare.append(protect)
    if health is not None:
        app.on_response_prepare.append(health.count)
    return app


def runner(app: web.Application, *, patience: float) -> web.AppRunner:
    """Make what serves the application; at its end requests under way have `patience` seconds.

    It never unpacks a body (RFC 9110 section 8.4): aiohttp would do so before anybody has been asked, and two megabytes
    of gzip can be two gigabytes, during which nothing else is served. The guards refuse what comes packed.
    """
    return web.AppRunner(app, access_log=None, auto_decompress=False, shutdown_timeout=patience)


def add(app: web.Application, route: Route) -> None:
    """Add a route with its notes; a GET answers HEAD as well."""
    for method in ("GET", "HEAD") if route.method == "GET" else (route.method,):
        app[ROUTES][app.router.add_route(method, route.path, route.handler)] = route
