"""Who gets where: every route, every role, and what of the association it is about.

A cell is + (let in), - (refused, or hidden) or L (sent to sign in); the roles stand in the order of ROLES. A route that
is not here fails the suite.
"""

from collections.abc import Sequence
from typing import Any

import pytest

from handlers.web.app import TABLES
from handlers.web.routes import Guard, Route
from service.actions import feeds, people
from tests.handlers.web.browsing import FROM_OUR_PAGE, Browser, Page
from tests.handlers.web.conftest import Browsers
from tests.handlers.web.house import House

ROLES = ("anonymous", "outsider", "anna", "fatima", "lou", "staff")
"""Nobody; a member in no circle; one of all three; a facilitator of the data circle; of the lobby café; the team."""

EVERYONE, SIGNED_IN, MANAGERS, TEAM = "++++++", "L+++++", "L--+++", "L----+"
PRESSED = "-+++++"  # a POST of somebody who is not signed in leads nowhere
RUN = {"open": "L--+-+", "members": "L---++", "draft": "L--+-+"}
RUN_POST = {name: cells.replace("L", "-") for name, cells in RUN.items()}

MATRIX: dict[tuple[str, str], str | dict[str, str]] = {
    ("GET", "/"): EVERYONE,
    ("GET", "/circles"): EVERYONE,
    ("GET", "/circles/SLUG"): {"data": EVERYONE, "lobby": "-+++++", "spiegel": "--+--+"},
    ("POST", "/circles/SLUG/join"): {"data": PRESSED, "lobby": PRESSED, "spiegel": "--+---"},
    ("POST", "/circles/SLUG/leave"): {"data": PRESSED, "lobby": PRESSED, "spiegel": "--+--+"},
    ("POST", "/circles/SLUG/mails"): {"data": "--++--", "lobby": "--+-+-", "spiegel": "--+---"},
    ("GET", "/gatherings/ID"): {"open": EVERYONE, "members": "-+++++", "secret": "--+--+", "draft": "---+-+"},
    ("GET", "/gatherings/ID.ics"): {"open": EVERYONE, "members": "-+++++", "secret": "------", "draft": "------"},
    ("POST", "/gatherings/ID/answer"): {"open": PRESSED, "members": PRESSED, "secret": "--+---", "draft": "---+-+"},
    ("POST", "/gatherings/ID/register"): {"open": EVERYONE, "members": "------", "secret": "------", "draft": "------"},
    ("GET", "/r/HANDLE"): EVERYONE,
    ("POST", "/r/HANDLE"): EVERYONE,
    ("GET", "/u/HANDLE"): EVERYONE,
    ("POST", "/u/HANDLE"): EVERYONE,
    ("GET", "/login"): EVERYONE,
    ("POST", "/login"): EVERYONE,
    ("GET", "/login/code"): EVERYONE,
    ("POST", "/login/code"): EVERYONE,
    ("GET", "/login/TOKEN"): EVERYONE,
    ("POST", "/login/TOKEN"): EVERYONE,
    ("POST", "/logout"): PRESSED,
    ("GET", "/me"): SIGNED_IN,
    ("POST", "/me/language"): PRESSED,
    ("POST", "/me/sign-out-everywhere"): PRESSED,
    ("POST", "/me/feeds"): PRESSED,
    ("POST", "/me/feeds/ID/end"): {"feed": "--+---"},
    ("GET", "/manage"): MANAGERS,
    ("GET", "/manage/past"): MANAGERS,
    ("GET", "/manage/gatherings/ID"): RUN | {"secret": "L----+"},
    ("GET", "/manage/gatherings/ID/publish"): RUN | {"secret": "L----+"},
    ("POST", "/manage/gatherings/ID/publish"): RUN_POST | {"secret": "-----+"},
    ("GET", "/manage/gatherings/ID/cancel"): RUN | {"secret": "L----+"},
    ("POST", "/manage/gatherings/ID/cancel"): RUN_POST | {"secret": "-----+"},
    ("GET", "/manage/gatherings/ID/roster"): RUN | {"secret": "L-----"},
    ("POST", "/manage/gatherings/ID/roster"): RUN_POST | {"secret": "------"},
    ("POST", "/manage/gatherings/ID/roster/answer"): RUN_POST | {"secret": "------"},
    ("POST", "/manage/gatherings/ID/roster.csv"): RUN_POST | {"secret": "------"},
    ("POST", "/manage/gatherings/ID/roster.xlsx"): RUN_POST | {"secret": "------"},
    ("GET", "/manage/gatherings/ID/notices"): RUN | {"secret": "L-----"},
    ("GET", "/manage/plan"): TEAM,
    ("GET", "/manage/plan/YEAR"): TEAM,
    ("GET", "/manage/inbox"): TEAM,
    ("POST", "/manage/inbox/addresses"): "------",  # nothing is proposed here
    ("GET", "/manage/inbox/ID"): {"parked": TEAM, "whispered": TEAM},
    ("GET", "/manage/inbox/ID/original"): {"parked": TEAM, "whispered": "L-----"},
    ("POST", "/manage/inbox/ID/again"): {"parked": "-----+", "whispered": "-----+"},
    ("POST", "/manage/inbox/ID/aside"): {"parked": "-----+", "whispered": "-----+"},
    ("POST", "/manage/inbox/ID/answer"): {"parked": "-----+", "whispered": "------"},
    ("GET", "/feeds/public.ics"): EVERYONE,
    ("GET", "/feeds/TOKEN.ics"): "------",  # an unknown token; what a known one shows is tested with the feeds
}

PLACES = {
    r"{id:\d{1,18}}": "ID",
    "{slug:[a-z0-9-]{1,80}}": "SLUG",
    r"{year:\d{4}}": "YEAR",
    "{handle}": "HANDLE",
    "{token}": "TOKEN",
}
TYPED = {
    "partstat": "accepted",
    "mails": "no",
    "kind": "person",
    "language": "nl",
    "name": "Vera",
    "email": "v@example.org",
}


def noted(route: Route) -> tuple[str, str]:
    path = route.path
    for place, name in PLACES.items():
        path = path.replace(place, name)
    return route.method, path


ROUTES = {noted(route): route for table in TABLES for route in table}


def test_every_route_stands_in_the_matrix() -> None:
    assert sorted(ROUTES) == sorted(MATRIX)


async def test_looking_goes_as_far_as_the_matrix_says(house: House, browsers: Browsers) -> None:
    looking = [key for key in MATRIX if key[0] == "GET"]
    assert await tried(house, browsers, looking) == {key: MATRIX[key] for key in looking}


@pytest.mark.parametrize("key", sorted(key for key in MATRIX if key[0] != "GET"), ids=" ".join)
async def test_acting_goes_as_far_as_the_matrix_says(house: House, browsers: Browsers, key: tuple[str, str]) -> None:
    assert await tried(house, browsers, [key]) == {key: MATRIX[key]}


async def tried(house: House, browsers: Browsers, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Any]:
    """Try routes as everybody, about everything that the matrix names, and tell it in the matrix's own form."""
    rows = {"feed": await anna_s_feed(house), **await mails(house)}
    async with house.db.transaction() as conn:
        await conn.execute("insert into plan_year values (2027, '2027-01-01')")
    everybody = [await browsers(None if role == "anonymous" else getattr(house, role)) for role in ROLES]
    found: dict[tuple[str, str], Any] = {}
    for key in keys:
        cells = MATRIX[key]
        about = {}
        for name in cells if isinstance(cells, dict) else [""]:
            path = await filled(house, key[1], name, rows)
            about[name] = "".join([await cell(house, browser, ROUTES[key], path) for browser in everybody])
        found[key] = about if isinstance(cells, dict) else about[""]
    return found


async def anna_s_feed(house: House) -> int:
    await feeds.create_feed(house.db, await people.actor_for(house.db, house.anna.id), "person", now=house.now)
    async with house.db.reading() as conn:
        return await conn.fetchval("select id from feed where person_id = $1", house.anna.id)


async def mails(house: House) -> dict[str, int]:
    """Park a mail about an open gathering, and one about a confidential one."""
    async with house.db.transaction() as conn:
        return {
            name: await conn.fetchval(
                "insert into inbox (channel, external_id, conversation, raw, received_at, not_before, state, reason,"
                " gathering_id, person_id) values ('mail', $1, $1, 'x', $2, $2, 'parked', 'unchecked', $3, $4)"
                " returning id",
                name,
                house.now,
                gathering.id,
                house.anna.id,
            )
            for name, gathering in (("parked", house.open), ("whispered", house.secret))
        }


async def filled(house: House, path: str, name: str, rows: dict[str, int]) -> str:
    ident = rows.get(name) or (getattr(house, name).id if name and name not in ("data", "lobby", "spiegel") else 0)
    handle = (await house.link(house.open, house.anna, "u" if path.startswith("/u") else "r"))[3:]
    for place, value in {"ID": str(ident), "SLUG": name, "YEAR": "2027", "HANDLE": handle, "TOKEN": "x" * 43}.items():
        path = path.replace(place, value)
    return path


async def cell(house: House, browser: Browser, route: Route, path: str) -> str:
    """Try a route with everything that its form asks for, and tell how far that leads."""
    if route.method == "GET":
        return outcome(await browser.get(path))
    if route.guard in (Guard.HANDLE, Guard.ONE_CLICK):
        form = (await browser.get(path)).form(path).fields
    elif route.guard is Guard.OPEN:
        form = (await browser.get("/r/x")).form("/login").fields
    else:
        page = await browser.get("/")
        form = next((form.fields for form in page.forms if form.action == "/logout"), {})
    return outcome(await browser.post(path, {**form, **TYPED, "answer": f"{house.anna.id}:accepted"}, FROM_OUR_PAGE))


def outcome(page: Page) -> str:
    if page.status in (403, 404):
        return "-"
    assert page.status < 500
    return "L" if page.status == 303 and page.location.startswith("/login") else "+"
