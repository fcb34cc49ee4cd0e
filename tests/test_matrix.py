"""Who gets what: every route of the whole application, everybody who may ask, everything it can be about.

The answers stand in `tests/matrix.py`, those to holders of API keys beside the API's own tests. A route of the
application that has no row fails the suite.
"""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bots.mail.caught import CaughtMail
from bots.mail.mime import build as built
from handlers.web import api, dev, forms, hooks
from handlers.web.app import build
from handlers.web.health import Health
from handlers.web.routes import Access, Guard, Route
from handlers.web.site import ROUTES, Site, database
from service.actions import (
    feeds,
    keys,
    people,
    planning,
    polls,
    scheduling,
    series,
)
from service.channels import Inbound, Outbound
from service.clock import MovableClock
from service.database import Database
from service.formats import tokens
from service.model import Person
from service.rules.access import KRING
from service.rules.checking_in import slot
from tests.bots.mail.samples import letter
from tests.factories import make_person
from tests.handlers.web import house as houses
from tests.handlers.web.api.test_access import CIRCLE, PEOPLE, PLAN
from tests.handlers.web.browsing import Browser, Page
from tests.handlers.web.house import KEYS, House
from tests.matrix import LOGIN, OPEN, ROWS, WHO, Row

SITE = Site(name="Kring", base_url="http://kring.test", language="nl", timezone="Europe/Amsterdam", demo=True)

TYPED = {
    "partstat": "accepted",
    "mails": "no",
    "kind": "person",
    "language": "nl",
    "name": "Vera",
    "email": "vera@example.org",
    "as": "anna@example.org",
    "text": "help",
    "score": "8",
    "audience": "everyone",
    "url": "https://example.org/slides",
    "client": "gmail",
    "role": "participant",
    "title_nl": "Nieuw",
    "day": "2026-12-24",
    "starts": "10:00",
    "ends": "11:00",
    "timezone": "Europe/Amsterdam",
    "visibility": "public",
    "step": "sure",
}
"""What the forms ask for, all of it at once."""


@dataclass(frozen=True)
class World:
    """The association behind the whole application, and everybody before it."""

    house: House
    admin: Person
    browsers: dict[str, Browser]
    routes: dict[str, Route]
    places: dict[str, str]  # what to fill into paths, beside the things that rows name
    bearers: dict[str, str]  # API keys


def short(route: Route) -> str:
    """Write a route as the tables do: places without their patterns."""
    path = re.sub(r"{(\w+)(:[^{}]*(?:{[^{}]*}[^{}]*)*)?}", r"{\1}", route.path)
    return f"{route.method} {path}"


@pytest.fixture
async def world(db: Database, clock: MovableClock, tmp_path: Path) -> AsyncIterator[World]:
    """The whole application over a real socket."""
    now = clock.now()
    house = await houses.build(db, now)
    admin = await make_person(db, "Ada Admin", role="admin")
    await planning.import_plan(db, KRING, PLAN, year=2027)
    caught = CaughtMail(tmp_path, clock)
    mail = await caught.send("b-1@in.kring.example", "zoe@example.org", built(letter()))

    async def answer(inbound: Inbound) -> Sequence[Outbound]:
        return ()

    async def post(sender: str, recipient: str, raw: bytes) -> str:
        return "250 2.0.0 Stored"

    async def take(body: bytes) -> None:
        raise AssertionError("nobody here has the secret")

    async def ready() -> list[str]:
        return []

    async with db.reading() as conn:
        organisation = str(await conn.fetchval("select min(id) from organisation"))
    app = build(
        db=db,
        clock=clock,
        keys=KEYS,
        site=SITE,
        more=[
            api.routes(coalesce=timedelta(seconds=20)),
            dev.routes(mailbox=caught, answer=answer, post=post),
            hooks.routes(secret="s" * 32, take=take),
        ],
        health=Health(ready),
    )
    routes = {short(route): route for route in app[ROUTES].values()}
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(TestServer(app))
        browsers = {}
        for name in WHO:
            client = await stack.enter_async_context(TestClient(server))
            person = {"nobody": None, "admin": admin}.get(name) or getattr(house, name, None)
            if person is not None:
                cookie = {"kring": await house.session(person)}
                client.session.cookie_jar.update_cookies(cookie, client.make_url("/"))
            browsers[name] = Browser(client)
        yield World(
            house,
            admin,
            browsers,
            routes,
            {
                "{year}": "2027",
                "{token}": "x" * 43,
                "{name}": mail,
                "{material}": "0",
                "{message}": "0",
                "{question}": "0",
                "{feed}": str(await feed_of_anna(house)),
            }
            | {"{kind}": "training", "{person}": str(house.anna.id), "{address}": "9", "{wereldwijs}": organisation}
            | {"{circle}": str(house.open.circle_id)}
            | await parked(house)
            | await series_of(house)
            | await polls_of(house),
            {
                "staff": await keys.create_key(db, KRING, name="s", role="staff", now=now),
                "admin": await keys.create_key(db, KRING, name="a", role="admin", now=now),
                "data": await keys.create_key(db, KRING, name="d", role="facilitator", circle="data", now=now),
            },
        )


async def parked(house: House) -> dict[str, str]:
    """Park a mail about an open gathering, and one about a confidential one."""
    insert = """
        insert into inbox (channel, external_id, conversation, raw, received_at, not_before, state, reason,
            gathering_id, person_id)
        values ('mail', $1, $1, 'x', $2, $2, 'parked', 'unchecked', $3, $4) returning id
    """
    found = {}
    async with house.db.transaction() as conn:
        for name, about in (("{parked}", house.open), ("{whispered}", house.secret)):
            found[name] = str(await conn.fetchval(insert, name, house.now, about.id, house.anna.id))
    return found


async def given_to(house: House) -> str:
    """Give somebody one more address, and return the handle by which they say that it is theirs."""
    async with house.db.reading() as conn:
        select = "select id from address where value = 'anna@given.example'"
        if await conn.fetchval(select) is None:
            await people.add_address(house.db, KRING, house.anna.id, "anna@given.example", now=house.now)
        return tokens.handle(KEYS, tokens.ADDRESS, await conn.fetchval(select))


async def series_of(house: House) -> dict[str, str]:
    """Plan a series of an open circle, and one of a confidential one; both are drafts."""
    given = {"title_nl": "Reeks", "starts_local": houses.START, "ends_local": houses.START + timedelta(hours=1)}
    found = {}
    for name, slug in (("{rota}", "data"), ("{hushed}", "spiegel")):
        starts = [houses.START, houses.START + timedelta(days=7)]
        made = await series.plan(house.db, KRING, slug, given, starts, timezone="Europe/Amsterdam", now=house.now)
        found[name] = str(made.id)
    return found


async def polls_of(house: House) -> dict[str, str]:
    """Ask an open and a confidential circle for a date."""
    found = {}
    for name, slug in (("asked", "data"), ("hinted", "spiegel")):
        given = {"title_nl": "Ooit", "starts_local": houses.START, "ends_local": houses.START + timedelta(hours=1)}
        made = await scheduling.create(house.db, KRING, slug, given, now=house.now)
        starts = [houses.START + timedelta(days=number) for number in range(3)]
        await polls.propose(house.db, KRING, made.id, starts, now=house.now)
        await polls.ask(house.db, KRING, made.id, now=house.now)
        async with house.db.reading() as conn:
            select = "select id from poll_voter where gathering_id = $1 and person_id = $2"
            voter = await conn.fetchval(select, made.id, house.anna.id)
        found[f"{{{name}}}"], found[f"{{{name} handle}}"] = str(made.id), tokens.handle(KEYS, tokens.POLL, voter)
    return found


async def feed_of_anna(house: House) -> int:
    await feeds.create_feed(house.db, await people.actor_for(house.db, house.anna.id), "person", now=house.now)
    async with house.db.reading() as conn:
        return int(await conn.fetchval("select id from feed where person_id = $1", house.anna.id))


# Everything is listed ------------------------------------------------------------------------------------------------


async def test_every_route_of_the_application_has_a_row(world: World) -> None:
    listed = [f"{method} {path}" for method, path, _ in ROWS] + list(OPEN)
    listed += [f"{operation.split()[0]} /api/v1{operation.split()[1]}" for operation in (*PEOPLE, *CIRCLE)]
    assert sorted(world.routes) == sorted(set(listed))


def test_every_row_has_an_answer_for_everybody() -> None:
    assert {row: len(answers) for row, answers in ROWS.items()} == dict.fromkeys(ROWS, len(WHO))


# The pages -----------------------------------------------------------------------------------------------------------


async def test_looking(world: World) -> None:
    looking = [row for row in ROWS if row[0] == "GET"]
    assert {row: await answers(world, row) for row in looking} == {row: ROWS[row] for row in looking}


@pytest.mark.parametrize("path", sorted({path for method, path, _ in ROWS if method != "GET"}))
async def test_acting(world: World, path: str) -> None:
    """One after the other, on the same association: whoever comes later finds what the others did."""
    acting = [row for row in ROWS if row[0] != "GET" and row[1] == path]
    assert {row: await answers(world, row) for row in acting} == {row: ROWS[row] for row in acting}


async def test_a_key_of_the_api_opens_no_page(world: World) -> None:
    nobody = world.browsers["nobody"]
    for row in (row for row in ROWS if row[0] == "GET"):
        path = await filled(world, row)
        for key in world.bearers.values():
            assert told(await nobody.get(path, Authorization=f"Bearer {key}")) == ROWS[row][0], row


async def answers(world: World, row: Row) -> list[str]:
    return [told(await tried(world, world.browsers[who], row)) for who in WHO]


def told(page: Page) -> str:
    """Put an answer into the words of the table."""
    leads_to_login = page.status == 303 and page.location.startswith("/login")
    return LOGIN if leads_to_login else str(page.status)


async def tried(world: World, browser: Browser, row: Row) -> Page:
    """Ask for a route, filling in everything that its form has."""
    path = await filled(world, row)
    if row[0] == "GET":
        return await browser.get(path)
    form = await token(browser, world.routes[f"{row[0]} {row[1]}"], path)
    return await browser.post(
        path, {**form, **TYPED, "answer": f"{world.house.anna.id}:accepted", "seat": f"{world.house.anna.id}:approve"}
    )


async def token(browser: Browser, route: Route, path: str) -> dict[str, str]:
    """Take the token of a form from a page that has it; nobody has that of a session."""
    if path.startswith("/present/"):  # a link whose time has not come has a page without a form
        return {forms.FIELD: forms.handle_token(KEYS, path.split("/")[2])}
    if route.guard in (Guard.HANDLE, Guard.ONE_CLICK):
        place = "/".join(path.split("/")[:3])  # the page of the handle itself always has a form
        return (await browser.get(place)).form(place).fields
    if route.guard is Guard.OPEN:
        return (await browser.get("/r/x")).form("/login").fields
    shown = (await browser.get("/")).forms
    return next((form.fields for form in shown if form.action == "/logout"), {})


async def filled(world: World, row: Row) -> str:
    """Fill the places of a path with what the row is about."""
    _, path, about = row
    house = world.house
    if path.startswith("/here/"):
        sign = tokens.handle(KEYS, tokens.SIGN, getattr(house, about).id, slot(house.now))
        return path.replace("{handle}", sign)
    if path.startswith("/present/"):
        ident = await house.registration_id(getattr(house, about), house.anna)
        return path.replace("{handle}", tokens.handle(KEYS, tokens.PRESENT, ident))
    if path.startswith("/address/"):
        return path.replace("{handle}", await given_to(house))
    if path.startswith("/p/"):
        return path.replace("{handle}", world.places[f"{{{about} handle}}"])
    if "{handle}" in path:
        return await house.link(getattr(house, about), house.anna, path[1]) + path.partition("{handle}")[2]
    path = path.replace("{slug}", about)
    ident = world.places.get(f"{{{about}}}") or str(getattr(getattr(house, about, None), "id", 0))
    for place, value in {"{id}": ident, **world.places}.items():
        path = path.replace(place, value)
    return path


# The rest ------------------------------------------------------------------------------------------------------------


async def test_what_is_open_to_all(world: World) -> None:
    for browser in world.browsers.values():
        for row, expected in OPEN.items():
            page = await opened(world, browser, row)
            assert page.status == expected, row
        assert (await browser.get("/api/nothing")).status == 404


@pytest.mark.parametrize("row", [row for row in OPEN if "/dev/" in row])
async def test_the_pages_of_the_demo_are_closed_to_whoever_does_not_sit_at_the_machine(world: World, row: str) -> None:
    for browser in world.browsers.values():
        browser.headers["X-Forwarded-For"] = "192.0.2.7"
        assert (await opened(world, browser, row)).status == 404


async def opened(world: World, browser: Browser, row: str) -> Page:
    method, path = row.split()
    stylesheet = re.search(r'href="/static/([^"]+\.css)', (await browser.get("/")).text)
    assert stylesheet is not None
    path = (
        path.replace("{name}", stylesheet[1] if "static" in path else world.places["{name}"])
        .replace("{rest}", "x")
        .replace("{path}", "x")
        .replace("{noun}", "people")
    )
    if method in ("GET", "*"):
        return await browser.get(path)
    return await browser.post(path, {**(await browser.get("/r/x")).form("/login").fields, **TYPED})


def operations() -> Iterator[str]:
    yield from (*PEOPLE, *CIRCLE)


async def test_a_session_is_no_key_of_the_api(world: World) -> None:
    before = await world.house.digest()
    for who in ("nobody", "staff", "admin"):
        for operation in operations():
            method, path = operation.split()
            path = "/api/v1" + re.sub(r"{\w+}", "1", path)
            assert (await world.browsers[who].ask(method, path)).status == 401, operation
    assert await world.house.digest() == before


OF_AN_ADMIN = {"GET /people/{id}/sessions": [403, 200]}
"""What the keys of staff and of an admin read, where that differs."""


async def test_the_key_of_an_admin_reads_what_that_of_staff_reads(world: World) -> None:
    nobody = world.browsers["nobody"]
    for operation in operations():
        method, path = operation.split()
        if method == "GET":
            for thing in ("open", "secret"):
                address = api_path(world, path, thing)
                said = [
                    (await nobody.get(address, Authorization=f"Bearer {world.bearers[role]}")).status
                    for role in ("staff", "admin")
                ]
                assert said == OF_AN_ADMIN.get(operation, [said[1]] * 2), address


def api_path(world: World, path: str, thing: str) -> str:
    """Fill in the places of an operation's path."""
    house = world.house
    gathering = getattr(house, thing)
    ident = gathering.id if path.startswith("/gatherings") else house.anna.id
    if path.startswith("/series"):
        ident = int(world.places["{rota}" if thing == "open" else "{hushed}"])
    places = {
        "id": ident,
        "slug": gathering.circle_slug,
        "person_id": house.anna.id,
        "address_id": 9,
        "session_id": 9,
        "feed_id": 9,
        "year": 2027,
        "name": "training",
        "message_id": 1,
        "material_id": 1,
    }
    return "/api/v1" + re.sub(r"{(\w+)}", lambda place: str(places[place[1]]), path)


# Looking changes nothing ---------------------------------------------------------------------------------------------


async def test_nothing_is_written_by_get_head_or_options_of_any_route(world: World) -> None:
    paths = {await filled(world, row) for row in ROWS}
    paths |= {
        api_path(world, operation.split()[1], thing) for operation in operations() for thing in ("open", "secret")
    }
    paths |= {
        re.sub("{name}|{rest}|{path}", world.places["{name}"], row.split()[1].replace("{noun}", "people"))
        for row in OPEN
    }
    assert not [path for path in paths if "{" in path]
    before = await world.house.digest()
    for path in sorted(paths):
        asked = [("GET", who, "") for who in ("nobody", "anna", "fatima", "staff")]
        asked += [("HEAD", "staff", ""), ("OPTIONS", "staff", "")]
        if path.startswith("/api/"):
            asked += [
                (method, "nobody", key) for method in ("GET", "HEAD", "OPTIONS") for key in world.bearers.values()
            ]
        for method, who, key in asked:
            headers = {"Authorization": f"Bearer {key}"} if key else {}
            assert (await world.browsers[who].ask(method, path, headers=headers)).status < 500, (method, path)
    assert await world.house.digest() == before


async def test_a_page_that_would_write_is_broken_and_writes_nothing(db: Database, clock: MovableClock) -> None:
    house = await houses.build(db, clock.now())

    async def writing(request: web.Request) -> web.Response:
        async with database(request).transaction() as conn:
            await conn.execute("delete from web_session")
        return web.Response()

    async def reading(request: web.Request) -> web.Response:
        async with database(request).reading() as conn:
            await conn.execute("delete from web_session")
        return web.Response()

    more = [[Route("GET", "/writing", writing), Route("GET", "/reading", reading, Access.ANYONE)]]
    await house.session(house.anna)
    before = await house.digest()
    async with TestClient(TestServer(build(db=db, clock=clock, keys=KEYS, site=SITE, more=more))) as client:
        browser = Browser(client)
        for path in ("/writing", "/reading"):
            assert (await browser.get(path)).status == 500
            assert (await browser.ask("HEAD", path)).status == 500
    assert await house.digest() == before
