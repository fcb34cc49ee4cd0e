import gzip
import json
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from handlers.web.api.problems import translated
from handlers.web.site import SITE, Site
from service.clock import MovableClock
from service.database import Database
from service.errors import Conflict, DeliveryFailed, Expired, Invalid, KringError, NotAllowed, NotFound, Unavailable
from tests.handlers.web.api.asking import Asking, Said, circle, gathering, organisation, person

PROBLEM = "application/problem+json"
NEW_PERSON = {"name": "Ada", "email": "ada@example.org", "language": "nl"}


def problem(said: Said) -> tuple[int, str, str | None]:
    """Status, code and field of a problem that has all it must have."""
    body = said.body
    assert said.headers["Content-Type"] == PROBLEM
    assert body["status"] == said.status
    assert body["type"] == f"http://kring.test/api#{body['code']}"
    assert body["title"] and body["detail"]
    assert body.keys() <= {"type", "title", "status", "detail", "code", "field", "reference"}
    return said.status, body["code"], body.get("field")


async def test_a_request_without_a_key_is_told_to_bring_one(ask: Asking) -> None:
    said = await ask.with_key(None).get("/people")
    assert problem(said) == (401, "not_allowed", None)
    assert said.headers["WWW-Authenticate"] == 'Bearer realm="kring"'


@pytest.mark.parametrize("key", ["wrong", "", "é", "x y"])
async def test_a_key_that_is_none_of_ours_is_refused(ask: Asking, key: str) -> None:
    said = await ask.with_key(None)("GET", "/people", headers={"Authorization": f"Bearer {key}"})
    assert problem(said) == (401, "not_allowed", None)
    assert said.headers["WWW-Authenticate"] == 'Bearer realm="kring", error="invalid_token"'


async def test_another_scheme_than_bearer_is_no_key(ask: Asking) -> None:
    said = await ask.with_key(None)("GET", "/people", headers={"Authorization": f"Basic {ask.key}"})
    assert problem(said) == (401, "not_allowed", None)


async def test_the_name_of_the_scheme_may_be_written_in_any_case(ask: Asking) -> None:
    said = await ask.with_key(None)("GET", "/people", headers={"Authorization": f"bearer {ask.key}"})
    assert said.status == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nothing"),
        ("POST", "/people/1/x"),
        ("GET", "/api/v2/people"),
        ("GET", "/people/abc"),
        ("GET", "/people/"),
    ],
)
async def test_an_unknown_address_is_a_problem_too(ask: Asking, method: str, path: str) -> None:
    assert problem(await ask(method, path)) == (404, "not_found", None)


@pytest.mark.parametrize("spelling", ["{}.0", "0{}", "+{}", "%20{}", "{}%20", "{}_0", "{}e0", "0x{}"])
async def test_a_number_has_one_spelling(ask: Asking, spelling: str) -> None:
    ada = await person(ask, "Ada")
    assert (await ask.get(f"/people/{ada}")).status == 200
    assert problem(await ask.get(f"/people/{spelling.format(ada)}")) == (404, "not_found", None)
    assert problem(await ask.get(f"/people?limit={spelling.format(ada)}")) == (400, "invalid", "limit")


@pytest.mark.parametrize("ident", ["0", str(2**63), "9" * 40, "-1", "1.5", "%00", "١"])
async def test_what_cannot_be_a_number_of_anybody_is_not_found(ask: Asking, ident: str) -> None:
    assert problem(await ask.get(f"/people/{ident}")) == (404, "not_found", None)


@pytest.mark.parametrize("slug", ["%00", "A", "a--b", "-a", "%F0%9F%98%80", "a" * 81])
async def test_what_cannot_be_a_slug_is_not_found(ask: Asking, slug: str) -> None:
    assert problem(await ask.get(f"/circles/{slug}")) == (404, "not_found", None)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/people", "GET, HEAD, POST"),
        ("POST", "/people/1", "DELETE, GET, HEAD, PATCH"),
        ("GET", "/circles/data/reopen", "POST"),
        ("POST", "/circles/data/members/1", "DELETE, GET, HEAD, PUT"),
        ("OPTIONS", "/gatherings", "GET, HEAD, POST"),
        ("TRACE", "/gatherings/1/publish", "POST"),
        ("POST", "/openapi.json", "GET, HEAD"),
    ],
)
async def test_a_method_that_an_address_does_not_take(ask: Asking, method: str, path: str, allowed: str) -> None:
    said = await ask(method, path)
    assert problem(said) == (405, "invalid", "method")
    assert said.headers["Allow"] == allowed


@pytest.mark.parametrize("content", [b"{", b"[]", b'"x"', b"null", b"\xff", b"[" * 5_000, b'{"name":"\\ud800"}'])
async def test_a_body_that_is_no_object_of_json(ask: Asking, content: bytes) -> None:
    said = await ask("POST", "/organisations", data=content, headers={"Content-Type": "application/json"})
    assert problem(said) == (400, "invalid", "body")


@pytest.mark.parametrize(
    "media", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "multipart/form-data"]
)
async def test_a_body_of_another_kind_than_json(ask: Asking, media: str) -> None:
    said = await ask("POST", "/organisations", data=b'{"name":"A"}', headers={"Content-Type": media})
    assert problem(said) == (415, "invalid", "Content-Type")


async def test_a_body_that_comes_packed(ask: Asking) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    said = await ask("POST", "/organisations", data=gzip.compress(b'{"name":"A"}'), headers=headers)
    assert problem(said) == (415, "invalid", "Content-Encoding")
    assert said.headers["Accept-Encoding"] == "identity"


async def test_json_may_say_its_character_set(ask: Asking) -> None:
    said = await ask(
        "POST", "/organisations", data=b'{"name":"A"}', headers={"Content-Type": "application/json; charset=utf-8"}
    )
    assert said.status == 201


async def test_a_body_that_is_too_large(ask: Asking) -> None:
    content = json.dumps({"name": "A" * 65_536}).encode()
    said = await ask("POST", "/organisations", data=content, headers={"Content-Type": "application/json"})
    assert problem(said) == (413, "invalid", "body")


async def test_a_head_is_a_get_without_its_body(ask: Asking) -> None:
    said = await ask("HEAD", "/people")
    assert (said.status, said.headers["Content-Type"], said.body) == (200, "application/json", b"")


async def test_no_answer_is_kept_by_a_cache(ask: Asking) -> None:
    for path in ("/people", "/people/1", "/nothing"):
        assert (await ask.get(path)).headers["Cache-Control"] == "no-store"


async def test_a_body_that_comes_in_pieces_and_grows_too_large(ask: Asking) -> None:
    async def pieces() -> Any:
        for _ in range(70):
            yield b" " * 1_024

    said = await ask("POST", "/organisations", data=pieces(), headers={"Content-Type": "application/json"})
    assert problem(said) == (413, "invalid", "body")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": None}, "name"),
        ({"name": 5}, "name"),
        ({"name": ""}, "name"),
        ({"name": " \u200b "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"email": "ada"}, "email"),
        ({"email": "a\u0000@example.org"}, "email"),
        ({"language": "de"}, "language"),
        ({"organisation_id": "1"}, "organisation_id"),
        ({"organisation_id": 2**63}, "organisation_id"),
        ({"organisation_id": 999}, "organisation_id"),
        ({"organisation_id": True}, "organisation_id"),
        ({"nickname": "A"}, "nickname"),
    ],
)
async def test_a_person_that_cannot_be(ask: Asking, change: dict[str, Any], field: str) -> None:
    assert problem(await ask.post("/people", NEW_PERSON | change)) == (400, "invalid", field)
    assert (await ask.get("/people")).items == []


async def test_a_body_that_is_missing(ask: Asking) -> None:
    assert problem(await ask.post("/organisations")) == (400, "invalid", "body")
    assert problem(await ask("PUT", "/gatherings/1/attendance")) == (400, "invalid", "body")


async def test_a_field_that_is_missing_is_named(ask: Asking) -> None:
    said = await ask.post("/people", {"name": "Ada", "language": "nl"})
    assert problem(said) == (400, "invalid", "email")
    assert said.body["detail"] == "This is needed."


async def test_a_field_that_does_not_exist_is_named(ask: Asking) -> None:
    said = await ask.post("/organisations", {"name": "A", "colour": "red"})
    assert problem(said) == (400, "invalid", "colour")
    assert said.body["detail"] == "There is no such field."


@pytest.mark.parametrize(("method", "path"), [("POST", "/gatherings/1/publish"), ("DELETE", "/people/1/feeds/1")])
async def test_what_is_sent_where_nothing_is_asked_is_not_taken_for_heeded(ask: Asking, method: str, path: str) -> None:
    assert problem(await ask(method, path, json={"quietly": True})) == (400, "invalid", "quietly")
    assert problem(await ask(method, path, json={})) == problem(await ask(method, path)) == (404, "not_found", None)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"slug": "Data"}, "slug"),
        ({"slug": "x" * 81}, "slug"),
        ({"kind": "book_club"}, "kind"),
        ({"title": {}}, "title"),
        ({"title": {"nl": " "}}, "title"),
        ({"title": "Data"}, "title"),
        ({"title": {"fr": "Données"}}, "title.fr"),
        ({"title": {"nl": 5}}, "title.nl"),
        ({"language": "de"}, "language"),
    ],
)
async def test_a_circle_that_cannot_be(ask: Asking, change: dict[str, Any], field: str) -> None:
    body = {"slug": "data", "kind": "training", "title": {"nl": "Data"}} | change
    assert problem(await ask.post("/circles", body)) == (400, "invalid", field)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"starts_at": 0}, "starts_at"),
        ({"starts_at": "0"}, "starts_at"),
        ({"starts_at": "tomorrow"}, "starts_at"),
        ({"starts_at": "2026-12-01"}, "starts_at"),
        ({"starts_at": "2026-12-01T16:00Z"}, "starts_at"),
        ({"starts_at": "2026-12-01T16:00+01:00"}, "starts_at"),
        ({"starts_at": "2026-02-30T16:00"}, "starts_at"),
        ({"starts_at": "2027-03-28T02:30", "ends_at": "2027-03-28T04:00"}, "starts_at"),
        ({"ends_at": "2026-12-01T16:00"}, "ends_at"),
        ({"ends_at": "2026-12-01T15:00"}, "ends_at"),
        ({"ends_at": "2027-12-01T15:00"}, "ends_at"),
        ({"timezone": "Europe/Atlantis"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"title": {"nl": None}}, "title"),
        ({"online_url": "javascript:alert(1)"}, "online_url"),
        ({"online_url": "http://["}, "online_url"),
        ({"capacity": 0}, "capacity"),
        ({"capacity": "20"}, "capacity"),
        ({"capacity": 2.5}, "capacity"),
        ({"capacity": 2**31}, "capacity"),
        ({"reminders": ["tomorrow"]}, "reminders.0"),
        ({"reminders": ["P"]}, "reminders.0"),
        ({"reminders": ["P0D"]}, "reminders"),
        ({"reminders": ["P7D"] * 6}, "reminders"),
        ({"reminders": None}, "reminders"),
        ({"visibility": "secret"}, "visibility"),
        ({"approval": "yes"}, "approval"),
    ],
)
async def test_a_gathering_that_cannot_be(ask: Asking, change: dict[str, Any], field: str) -> None:
    await circle(ask)
    body = {"circle": "data", "title": {"nl": "K"}, "starts_at": "2026-12-01T16:00", "ends_at": "2026-12-01T17:00"}
    assert problem(await ask.post("/gatherings", body | change)) == (400, "invalid", field)


async def test_a_gathering_of_no_circle_is_not_found(ask: Asking) -> None:
    body = {"circle": "data", "title": {"nl": "K"}, "starts_at": "2026-12-01T16:00", "ends_at": "2026-12-01T17:00"}
    assert problem(await ask.post("/gatherings", body)) == (404, "not_found", None)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=ten", "limit"),
        ("limit=", "limit"),
        ("after=x", "after"),
        ("after=-1", "after"),
        ("limit=1&limit=2", "limit"),
        ("order=name", "order"),
        ("%FF=1", "\ufffd"),
        (f"email={'x' * 321}", "email"),
    ],
)
async def test_a_question_that_cannot_be(ask: Asking, query: str, field: str) -> None:
    assert problem(await ask.get(f"/people?{query}"))[:2] == (400, "invalid")
    assert (await ask.get(f"/people?{query}")).body["field"] == field


@pytest.mark.parametrize(
    ("query", "field"), [("from=0", "from"), ("to=2026-02-30", "to"), ("circle=%00", "circle"), ("after=1", "after")]
)
async def test_a_span_that_cannot_be(ask: Asking, query: str, field: str) -> None:
    assert problem(await ask.get(f"/gatherings?{query}")) == (400, "invalid", field)


async def test_a_question_where_none_is_taken(ask: Asking) -> None:
    ident = await person(ask, "Ada")
    assert problem(await ask.get(f"/people/{ident}?limit=5")) == (400, "invalid", "limit")


@pytest.mark.parametrize("partstat", ["needs-action", "ACCEPTED", "yes", None, 1])
async def test_an_answer_that_cannot_be(ask: Asking, partstat: Any) -> None:
    ada = await person(ask, "Ada")
    await circle(ask, members=(ada,))
    ident = await gathering(ask)
    said = await ask.put(f"/gatherings/{ident}/registrations/{ada}", {"partstat": partstat})
    assert problem(said) == (400, "invalid", "partstat")
    assert said.body["detail"] == "Input should be 'accepted', 'declined' or 'tentative'."


@pytest.mark.parametrize(
    ("marks", "field"),
    [
        ({"x": "present"}, "x"),
        ({"1": "late"}, "1"),
        ({"999": "present"}, "person_id"),
        ([], "body"),
        ({"01": "present"}, "01"),
    ],
)
async def test_attendance_that_cannot_be(ask: Asking, clock: MovableClock, marks: Any, field: str) -> None:
    await circle(ask, members=(await person(ask, "Ada"),))
    ident = await gathering(ask)
    clock.move(timedelta(days=8, hours=6))
    assert problem(await ask.put(f"/gatherings/{ident}/attendance", marks)) == (400, "invalid", field)


async def test_what_is_there_already_is_a_conflict(ask: Asking) -> None:
    await organisation(ask)
    await person(ask, "Ada")
    await circle(ask)
    assert problem(await ask.post("/organisations", {"name": "acme ZORG"})) == (409, "conflict", None)
    assert problem(await ask.post("/people", NEW_PERSON | {"email": "ADA@Example.org"})) == (409, "conflict", None)
    body = {"slug": "data", "kind": "training", "title": {"nl": "Data"}}
    assert problem(await ask.post("/circles", body)) == (409, "conflict", None)


async def test_what_the_state_of_a_gathering_forbids_is_a_conflict(ask: Asking) -> None:
    ada = await person(ask, "Ada")
    await circle(ask, members=(ada,))
    ident = await gathering(ask, publish=False)
    for said in (
        await ask.put(f"/gatherings/{ident}/registrations/{ada}", {"partstat": "accepted"}),
        await ask.post(f"/gatherings/{ident}/invitations", {"person_ids": [ada]}),
        await ask.put(f"/gatherings/{ident}/attendance", {str(ada): "present"}),
    ):
        assert problem(said) == (409, "conflict", None)


async def test_what_breaks_is_told_under_a_number_and_nothing_else(ask: Asking, db: Database) -> None:
    async with db.transaction() as conn:
        await conn.execute("alter table organisation rename to elsewhere")
    try:
        said = await ask.get("/organisations")
    finally:
        async with db.transaction() as conn:
            await conn.execute("alter table elsewhere rename to organisation")
    assert problem(said) == (500, "internal", None)
    assert said.body["detail"] == "Something broke on our side."
    assert len(said.body["reference"]) == 8


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (NotFound(), (404, "not_found", None)),
        (NotAllowed(), (403, "not_allowed", None)),
        (Invalid("title_nl", "Too long."), (400, "invalid", "title.nl")),
        (Expired(), (410, "expired", None)),
        (Conflict(), (409, "conflict", None)),
        (Unavailable(), (503, "unavailable", None)),
        (DeliveryFailed("far away", permanent=True), (500, "internal", None)),
    ],
)
async def test_each_refusal_has_a_status_of_its_own(error: KringError, expected: tuple[int, str, str | None]) -> None:
    async def refuse(_: web.Request) -> web.Response:
        raise error

    app = web.Application()
    app[SITE] = Site(name="Kring", base_url="http://kring.test", language="nl", timezone="Europe/Amsterdam")
    app.router.add_get("/api/v1/x", translated(refuse))
    async with TestClient(TestServer(app)) as client:
        said = await Asking(client, None).get("/x")
    assert problem(said) == expected
    assert said.headers.get("Retry-After") == ("5" if expected[0] == 503 else None)
