"""What holds for every route: headers, the form guard, and who gets past the door.

That looking changes nothing is shown of the whole application, in `tests/test_matrix.py`.
"""

import asyncio
import gzip
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from aiohttp import ClientSession, FormData, web
from aiohttp.test_utils import TestClient, TestServer

from handlers.web import app as application
from handlers.web import last_used
from handlers.web.middleware import HEADERS
from handlers.web.routes import Access, Guard, Route
from handlers.web.site import ROUTES, SITE, Site
from service.clock import MovableClock
from service.database import Database
from tests.handlers.web import house as houses
from tests.handlers.web.browsing import FROM_OUR_PAGE, Browser
from tests.handlers.web.conftest import SITE as OVER_HTTP
from tests.handlers.web.conftest import Browsers
from tests.handlers.web.cut_line import Line
from tests.handlers.web.house import KEYS, House

ANYWHERE = {"Sec-Fetch-Site": "cross-site"}


async def stumble(request: web.Request) -> web.Response:
    raise RuntimeError("a fault that nobody foresaw")


STUMBLING = Route("GET", "/stumbling", stumble)


@pytest.fixture
async def served(db: Database, clock: MovableClock) -> AsyncIterator[TestServer]:
    """The application with one page more, which breaks."""
    app = application.build(db=db, clock=clock, keys=KEYS, site=OVER_HTTP, more=[[STUMBLING]])
    async with TestServer(app) as server:
        yield server


def routes(server: TestServer) -> list[Route]:
    return sorted(set(server.app[ROUTES].values()) - {STUMBLING}, key=lambda route: (route.path, route.method))


async def address(house: House, route: Route) -> str:
    """Fill in the places of a route's path with something that is there."""
    link = await house.link(house.open, house.anna, "u" if route.path.startswith("/u/") else "r")
    filled = route.path.replace("{handle}", link[3:]).replace("{token}", "a" * 43).replace("{name}", "none.css")
    for place, value in (
        (r"{id:\d{1,18}}", house.open.id),
        ("{slug:[a-z0-9-]{1,80}}", "data"),
        (r"{year:\d{4}}", 2027),
        (r"{person:\d{1,18}}", house.anna.id),
        (r"{address:\d{1,18}}", 1),
        ("{kind:[a-z_]{1,80}}", "training"),
        (r"{material:\d{1,18}}", 1),
        (r"{question:\d{1,18}}", 1),
        (r"{message:\d{1,18}}", 1),
        (r"{question:\d{1,18}}", 1),
    ):
        filled = filled.replace(place, str(value))
    assert "{" not in filled, f"say here what to fill into {route.path}"
    return filled


async def test_every_response_has_the_same_guarding_headers(
    house: House, served: TestServer, browsers: Browsers
) -> None:
    staff, visitor = await browsers(house.staff), await browsers()
    addresses = [await address(house, route) for route in routes(served)]
    stylesheet = (await visitor.get("/")).text.partition('<link rel="stylesheet" href="')[2].partition('"')[0]
    for browser in (staff, visitor):
        for path in (*addresses, "/nowhere", "/%00", "/stumbling", stylesheet, "/?lang=en"):
            for method in ("GET", "HEAD", "POST", "OPTIONS", "DELETE", "PROPFIND"):
                page = await browser.ask(method, path)
                found = {name: page.headers.get(name) for name in (*HEADERS, "Strict-Transport-Security", "Server")}
                assert found == {**HEADERS, "Strict-Transport-Security": None, "Server": "Kring"}, (method, path)
                assert page.headers.get("Cache-Control"), (method, path)


async def test_what_is_private_is_stored_by_no_cache(house: House, served: TestServer, browsers: Browsers) -> None:
    staff, visitor = await browsers(house.staff), await browsers()
    for route in routes(served):
        if route.method == "GET" and route.private:
            page = await visitor.get(await address(house, route))
            assert page.headers["Cache-Control"] == "no-store", route
    assert (await staff.get("/")).headers["Cache-Control"] == "no-store"
    assert (await visitor.get("/")).headers["Cache-Control"] == "private, no-cache"


def posts(server: TestServer) -> Iterator[Route]:
    return (route for route in routes(server) if route.method == "POST" and route.access is not Access.KEY)


async def test_a_post_from_elsewhere_or_without_its_token_is_refused(
    house: House, served: TestServer, browsers: Browsers
) -> None:
    staff, visitor = await browsers(house.staff), await browsers()
    form = (await staff.get("/me")).form("/logout").fields
    handle_form = (await visitor.get(await house.link(house.open, house.anna))).forms[0].fields
    before = await house.digest()
    for route in posts(served):
        path = await address(house, route)
        right = handle_form if route.guard in (Guard.HANDLE, Guard.ONE_CLICK) else form
        answers = [
            await staff.post(path, right, ANYWHERE),
            await staff.post(path, right, {"Sec-Fetch-Site": "same-site"}),
            await staff.post(path, right, {"Sec-Fetch-Site": "none"}),
            await staff.post(path, right, {"Origin": "https://evil.example"}),
            await visitor.post(path, {}),
            await visitor.post(path, {"form": "0" * 32}),
        ]
        if route.guard is not Guard.NONE:
            answers += [await staff.post(path, {}), await staff.post(path, {"form": "é" * 32})]
        assert {answer.status for answer in answers} == {403}, route
    assert await house.digest() == before


async def test_the_token_of_one_session_is_not_that_of_another(house: House, browsers: Browsers) -> None:
    anna, ben = await browsers(house.anna), await browsers(house.ben)
    stolen = (await anna.get("/me/preferences")).form("/me/language").fields
    assert (await ben.post("/me/language", {**stolen, "language": "nl"})).status == 403
    own = (await ben.get("/me/preferences")).form("/me/language").fields
    assert (await ben.post("/me/language", {**own, "language": "nl"})).status == 303


async def test_a_browser_that_says_less_is_believed_when_it_has_the_token(house: House, browsers: Browsers) -> None:
    anna = await browsers(house.anna)
    form = {**(await anna.get("/me/preferences")).form("/me/language").fields, "language": "nl"}
    host = f"http://{anna.client.host}:{anna.client.port}"
    for headers in ({}, {"Origin": "null"}, {"Origin": host}, {"Origin": "http://kring.test"}, FROM_OUR_PAGE):
        assert (await anna.post("/me/language", form, headers)).status == 303, headers


async def test_who_is_not_signed_in_gets_no_further_than_the_door(
    house: House, served: TestServer, browsers: Browsers
) -> None:
    visitor, outsider = await browsers(), await browsers(house.outsider)
    for route in routes(served):
        path = await address(house, route)
        if route.access in (Access.SIGNED_IN, Access.MANAGER, Access.STAFF):
            page = await visitor.ask(route.method, path)
            assert page.status == (303 if route.method == "GET" else 403), route
            assert route.method != "GET" or page.location.startswith("/login?next="), route
        if route.access in (Access.MANAGER, Access.STAFF):
            assert (await outsider.ask(route.method, path)).status == 403, route


async def test_a_page_asked_for_from_behind_what_cannot_be_is_there(
    house: House, served: TestServer, browsers: Browsers
) -> None:
    staff = await browsers(house.staff)
    looking = [await address(house, route) for route in routes(served) if route.method == "GET"]
    told = {
        path: ((await staff.get(path)).status, (await staff.get(f"{path}?after={'9' * 30}")).status) for path in looking
    }
    assert [path for path, (whole, behind) in told.items() if behind != whole] == []


LEAVING = ("/logout", "/me/sign-out-everywhere")
FIELDS: tuple[dict[str, str], ...] = ({}, {"name": "Iemand"}, {"text": "Dag"}, {"day": "2026-12-20"})


@pytest.mark.parametrize("who", ["fatima", "staff"])
async def test_a_form_of_which_fields_are_missing_is_refused_and_breaks_nothing(
    house: House, served: TestServer, browsers: Browsers, who: str
) -> None:
    browser = await browsers(getattr(house, who))
    token = next(form.fields["form"] for form in (await browser.get("/me")).forms if "form" in form.fields)
    broken = []
    for route in routes(served):
        if route.method == "POST" and route.access is not Access.KEY and route.path not in LEAVING:
            path = await address(house, route)
            for fields in FIELDS:
                page = await browser.post(path, {"form": token, **fields})
                if page.status >= 500:
                    broken.append((route.path, fields))
    assert broken == []


async def test_forms_are_small_and_of_one_kind(house: House, browsers: Browsers) -> None:
    visitor = await browsers()
    form = (await visitor.get("/login")).form("/login").fields
    assert (await visitor.post("/login", {**form, "email": "x" * 70_000})).status == 413
    multipart = FormData({**form, "email": "anna@example.org"}, default_to_multipart=True)
    assert (await visitor.post("/login", multipart)).status == 415
    json = await visitor.ask("POST", "/login", data=b"{}", headers={"Content-Type": "application/json"})
    assert json.status == 415
    odd = {"Content-Type": "application/x-www-form-urlencoded; charset=nonsense"}
    assert (await visitor.ask("POST", "/login", data=b"form=x", headers=odd)).status == 400
    assert await house.mails("sign-in") == []


async def test_a_body_that_comes_packed_is_refused_unopened(db: Database, clock: MovableClock, house: House) -> None:
    """Two megabytes of gzip are two gigabytes: unpacking them would keep everybody else waiting."""
    seen = []

    async def take(request: web.Request) -> web.Response:
        seen.append(await request.read())
        return web.Response()

    app = application.build(db=db, clock=clock, keys=KEYS, site=OVER_HTTP)
    application.add(app, Route("POST", "/echo", take, Access.KEY, Guard.NONE))
    serving = application.runner(app, patience=1.0)
    await serving.setup()
    await web.TCPSite(serving, "127.0.0.1", 0).start()
    body = gzip.compress(b"email=" + bytes(1_000_000))
    packed = {"Content-Encoding": "gzip", "Content-Type": "application/x-www-form-urlencoded"}
    try:
        async with ClientSession("http://{}:{}".format(*serving.addresses[0][:2])) as client:
            async with client.post("/echo", data=body, headers=packed) as said:
                assert (said.status, seen) == (200, [body])
            async with client.post("/login", data=body, headers=packed) as said:
                assert (said.status, said.headers["Accept-Encoding"]) == (415, "identity")
    finally:
        await serving.cleanup()


async def test_an_unknown_page_and_an_unknown_method_are_answered_kindly(house: House, browsers: Browsers) -> None:
    visitor = await browsers()
    page = await visitor.get("/nowhere")
    assert page.status == 404
    assert "Deze pagina is er niet" in page.words
    wrong = await visitor.ask("DELETE", "/circles")
    assert (wrong.status, wrong.headers["Allow"]) == (405, "GET,HEAD")


async def test_a_path_that_looks_like_another_host_leads_nowhere(house: House, served: TestServer) -> None:
    reader, writer = await asyncio.open_connection(served.host, served.port)
    writer.write(b"GET //evil.example/x HTTP/1.1\r\nHost: kring.test\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.1 404")
    assert b"evil.example" not in answer


async def test_a_fault_of_ours_gets_a_number_that_stands_in_the_log_too(house: House, browsers: Browsers) -> None:
    visitor = await browsers()
    with structlog.testing.capture_logs() as logged:
        page = await visitor.get("/stumbling")
    [fault] = [line for line in logged if line["log_level"] == "error"]
    assert page.status == 500
    assert fault["reference"] in page.words
    assert "foresaw" not in page.text


async def test_the_log_holds_no_handle_token_or_address(house: House, browsers: Browsers) -> None:
    visitor, link = await browsers(), await house.link(house.open, house.anna)
    with structlog.testing.capture_logs() as logged:
        await visitor.press(await visitor.get(f"{link}?answer=accepted"), link, partstat="accepted")
        await visitor.press(await visitor.get("/login?next=me"), "/login", email="anna@example.org")
        [facts] = await house.mails("sign-in")
        await visitor.get(f"/login/{facts['token']}")
        await visitor.get(f"/nowhere/{link}")
    text = str(logged)
    assert [line["path"] for line in logged] == ["/r/{handle}"] * 2 + ["/login"] * 2 + ["/login/{token}", None]
    assert [s for s in (link[3:], facts["token"], facts["code"], "anna@", "Anna") if s in text] == []


async def test_over_https_cookies_are_bound_to_the_host_and_the_browser_is_told_to_stay(
    house: House, db: Database, clock: MovableClock
) -> None:
    site = Site(name="Kring", base_url="https://kring.test", language="nl", timezone="Europe/Amsterdam")
    app = application.build(db=db, clock=clock, keys=KEYS, site=site)
    async with TestClient(TestServer(app)) as client:
        visitor = Browser(client)
        page = await visitor.get("/?lang=en")
        assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
        asked = await visitor.press(await visitor.get("/login"), "/login", email="anna@example.org")
        for answer, name in ((page, "__Host-kring-lang"), (asked, "__Host-kring-browser")):
            [cookie] = answer.headers.getall("Set-Cookie")
            assert cookie.startswith(f"{name}=")
            assert set(cookie.split("; ")[1:]) >= {"HttpOnly", "Path=/", "SameSite=Lax", "Secure"}
            assert "Domain" not in cookie
        session = await house.session(house.anna)
        assert (await visitor.get("/me", Cookie=f"kring={session}")).status == 303
        assert (await visitor.get("/me", Cookie=f"__Host-kring={session}")).status == 200


async def test_the_style_sheet_is_kept_for_ever_under_a_name_that_changes_with_it(
    house: House, browsers: Browsers
) -> None:
    visitor = await browsers()
    name = (await visitor.get("/")).text.partition('<link rel="stylesheet" href="')[2].partition('"')[0]
    style = await visitor.get(name)
    assert (style.status, style.headers["Content-Type"]) == (200, "text/css; charset=utf-8")
    assert style.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "url(" not in style.text
    for path in ("/static/kring.css", "/static/..%2fapp.py", "/static/kring.000000000000.css"):
        assert (await visitor.get(path)).status == 404


async def test_no_page_holds_a_script_or_a_style_of_its_own(
    house: House, served: TestServer, browsers: Browsers
) -> None:
    staff = await browsers(house.staff)
    for route in routes(served):
        if route.method == "GET":
            text = (await staff.get(await address(house, route))).text.lower()
            assert [
                bad for bad in ("<script", " style=", " onclick=", "javascript:", "http-equiv") if bad in text
            ] == []


async def test_when_a_session_was_used_is_written_down_later(
    house: House, served: TestServer, browsers: Browsers, clock: MovableClock
) -> None:
    anna = await browsers(house.anna)
    clock.move(timedelta(minutes=5))
    await anna.get("/me")
    used = "select last_used_at from web_session"
    async with house.db.reading() as conn:
        assert await conn.fetchval(used) == house.now
        await last_used.flush(served.app, house.db)
        assert await conn.fetchval(used) == clock.now()


async def test_while_the_database_is_away_pages_say_so_and_then_all_goes_on(
    clone_dsn: str, ground: Path, clock: MovableClock
) -> None:
    folder = ground / "line"
    folder.mkdir()
    async with Line(clone_dsn, folder) as line:
        db = await Database.open(line.dsn, size=3)
        house = await houses.build(db, clock.now())
        link, session = await house.link(house.open, house.anna), await house.session(house.anna)
        app = application.build(db=db, clock=clock, keys=KEYS, site=OVER_HTTP)
        async with TestClient(TestServer(app)) as client:
            visitor = Browser(client)
            page = await visitor.get(link)
            await line.cut()
            away = [
                await visitor.get("/"),
                await visitor.get("/me", Cookie=f"kring={session}"),
                await visitor.press(page, link, partstat="accepted"),
            ]
            assert [answer.status for answer in away] == [503] * 3
            assert {answer.headers["Retry-After"] for answer in away} == {"5"}
            assert "We zijn zo terug" in away[0].words
            assert away[0].headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]
            await line.mend()
            assert (await visitor.press(page, link, partstat="accepted")).status == 303
            assert "Je komt." in (await visitor.get(link)).words
        await db.close()


def test_every_route_is_noted(served: TestServer) -> None:
    noted = {(method.method, method.resource.canonical) for method in served.app.router.routes() if method.resource}
    assert len(noted) == len(served.app[ROUTES])
    assert served.app[SITE] == OVER_HTTP
