"""What a page costs: as many statements for fifty people as for five, and few bytes, however much there is to show."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request

from bots.mail.render import Renderer
from handlers.web.app import build
from handlers.web.routes import Route
from handlers.web.site import ROUTES
from service.clock import MovableClock
from service.database import Database
from tests import crowd
from tests.crowd import PAGES, SESSIONS, Asked
from tests.handlers.web.browsing import Browser, Page
from tests.handlers.web.conftest import HEAD, SITE
from tests.handlers.web.house import KEYS

FEW, MANY = 10, 50
MEMBERS, ROWS = 2_000, 500
LARGEST = 50_000
"""Bytes of a page."""

NO_PAGES = {
    "/gatherings/{id}.ics",
    "/gatherings/{id}/materials/{material}",
    "/manage/inbox/{id}/original",
    "/feeds/public.ics",
    "/feeds/{token}.ics",
    "/static/{name}",
    "/login/{token}",  # a page without anything of the house
}


@dataclass
class Stage:
    """The circle and its pages, looked at by those who are in everything; each statement is written down."""

    app: web.Application
    conn: asyncpg.Connection
    clock: MovableClock
    browsers: dict[int | None, Browser] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    logged: list[str] = field(default_factory=list)

    async def grow(self, first: int, last: int, rows: int) -> None:
        """Let there be more of everything."""
        await crowd.grow(self.conn, first, last, rows)
        self.places = await crowd.places(self.conn, KEYS, self.clock.now())

    async def look(self, asked: Asked) -> tuple[Page, int]:
        """Ask for a page, and count its statements."""
        browser, path = self.browsers[asked.who], asked.path.format(**self.places)
        typed = {name: value.format(**self.places) for name, value in asked.typed or ()}
        if asked.typed:
            typed |= (await browser.get("/manage")).form("/logout").fields
        self.logged.clear()
        page = await browser.get(path) if asked.typed is None else await browser.post(path, typed)
        await asyncio.sleep(0)  # asyncpg hands the statements over in the next turn of the loop
        assert page.status == 200, (asked, page.status, page.words[:400])
        return page, len(self.logged)


@pytest.fixture
async def stage(clone_dsn: str, clock: MovableClock) -> AsyncIterator[Stage]:
    """The circle, before anybody else has come; on one connection, so that no page waits for a second one."""
    logged: list[str] = []
    async with AsyncExitStack() as stack:
        narrow = await Database.open(clone_dsn, size=1)
        stack.push_async_callback(narrow.close)
        for lent in (narrow.reading(), narrow.transaction()):
            async with lent as conn:
                conn.add_query_logger(lambda one: logged.append(one.query))
        conn = await asyncpg.connect(clone_dsn)
        stack.push_async_callback(conn.close)
        await crowd.found(conn, clock.now())
        app = build(db=narrow, clock=clock, keys=KEYS, site=SITE, show=Renderer(HEAD, KEYS).sample)
        made = Stage(app, conn, clock, logged=logged)
        server = await stack.enter_async_context(TestServer(app))
        for person in (None, *SESSIONS):
            client = await stack.enter_async_context(TestClient(server))
            if person is not None:
                client.session.cookie_jar.update_cookies({"kring": SESSIONS[person]}, client.make_url("/"))
            made.browsers[person] = Browser(client)
        yield made


async def test_a_page_costs_as_many_statements_for_many_people_as_for_few(stage: Stage) -> None:
    await stage.grow(1, FEW, FEW)
    for asked in PAGES:  # asyncpg looks at the types of a connection once
        await stage.look(asked)
    few = {asked: (await stage.look(asked))[1] for asked in PAGES}
    await stage.grow(FEW + 1, MANY, MANY)
    many = {asked: (await stage.look(asked))[1] for asked in PAGES}
    assert {asked: (few[asked], many[asked]) for asked in PAGES if few[asked] != many[asked]} == {}
    assert {asked: cost for asked, cost in many.items() if cost > 15} == {}


async def test_a_page_is_small_however_much_there_is_to_show_and_has_one_stylesheet(stage: Stage) -> None:
    await stage.grow(1, MEMBERS, ROWS)
    pages = {asked: (await stage.look(asked))[0] for asked in PAGES}
    assert {asked: len(page.body) for asked, page in pages.items() if len(page.body) > LARGEST} == {}
    assert {asked: page.text.count('rel="stylesheet"') for asked, page in pages.items()} == dict.fromkeys(PAGES, 1)


async def test_every_page_is_looked_at(stage: Stage) -> None:
    await stage.grow(1, FEW, FEW)
    looked = set()
    for asked in PAGES:
        path = asked.path.format(**stage.places)
        found = await stage.app.router.resolve(make_mocked_request("GET", path))
        looked.add(short(stage.app[ROUTES][found.route]))
    pages = {short(route) for route in stage.app[ROUTES].values() if route.method == "GET"}
    assert looked == pages - NO_PAGES


def short(route: Route) -> str:
    """Write the path of a route without its patterns."""
    return re.sub(r"{(\w+)(:[^{}]*(?:{[^{}]*}[^{}]*)*)?}", r"{\1}", route.path)
