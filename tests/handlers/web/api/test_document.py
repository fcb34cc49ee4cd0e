import re

from handlers.web.api.problems import STATUS
from tests.handlers.web.api.asking import Asking

OPERATIONS = {
    "/organisations": {"post", "get"},
    "/people": {"post", "get"},
    "/people/{id}": {"get", "patch", "delete"},
    "/people/{id}/export": {"post"},
    "/people/{id}/preferences": {"get", "patch"},
    "/people/{id}/feeds": {"get"},
    "/people/{id}/feeds/{feed_id}": {"delete"},
    "/people/{id}/sessions": {"get"},
    "/people/{id}/sessions/{session_id}": {"delete"},
    "/circles": {"post", "get"},
    "/circles/{slug}": {"get", "patch"},
    "/circles/{slug}/members/{person_id}": {"get", "put", "delete"},
    "/gatherings": {"post", "get"},
    "/gatherings/{id}": {"get", "patch"},
    "/circles/{slug}/close": {"get", "post"},
    "/circles/{slug}/reopen": {"post"},
    "/circles/{slug}/members": {"get", "post"},
    "/kinds": {"get", "post"},
    "/kinds/{name}": {"get", "patch"},
    "/organisations/{id}": {"get", "patch"},
    "/people/{id}/addresses": {"get", "post"},
    "/people/{id}/addresses/{address_id}": {"delete"},
    "/gatherings/{id}/publish": {"post"},
    "/gatherings/{id}/cancel": {"post"},
    "/gatherings/{id}/invitations": {"post"},
    "/gatherings/{id}/duplicate": {"post"},
    "/gatherings/{id}/guests": {"post"},
    "/gatherings/{id}/poll": {"put", "get"},
    "/gatherings/{id}/poll/ask": {"post"},
    "/gatherings/{id}/poll/pick": {"post"},
    "/gatherings/{id}/poll/close": {"post"},
    "/gatherings/{id}/poll/preview": {"post"},
    "/gatherings/{id}/following/preview": {"post"},
    "/gatherings/{id}/following/questions": {"post"},
    "/gatherings/{id}/check-in": {"get"},
    "/gatherings/{id}/attendance/undo": {"post"},
    "/gatherings/{id}/preview": {"post"},
    "/gatherings/{id}/following": {"patch"},
    "/gatherings/{id}/following/cancel": {"post"},
    "/dates": {"post"},
    "/series": {"post"},
    "/series/{id}": {"get"},
    "/series/{id}/publish": {"post"},
    "/gatherings/{id}/registrations/{person_id}/seat": {"post"},
    "/gatherings/{id}/registrations": {"get"},
    "/gatherings/{id}/registrations/{person_id}": {"put"},
    "/gatherings/{id}/attendance": {"put"},
    "/gatherings/{id}/attendance/close": {"post"},
    "/gatherings/{id}/walk-ins": {"get", "post"},
    "/gatherings/{id}/roster.csv": {"get"},
    "/gatherings/{id}/roster.xlsx": {"get"},
    "/gatherings/{id}/notices": {"get"},
    "/gatherings/{id}/audiences": {"get"},
    "/gatherings/{id}/messages": {"get", "post"},
    "/gatherings/{id}/messages/{message_id}/call-off": {"post"},
    "/gatherings/{id}/materials": {"get", "post"},
    "/gatherings/{id}/materials/{material_id}": {"get", "delete"},
    "/gatherings/{id}/report": {"get", "put"},
    "/gatherings/{id}/report/tell": {"post"},
    "/gatherings/{id}/questions": {"get", "put"},
    "/gatherings/{id}/answers": {"get"},
    "/gatherings/{id}/registrations/{person_id}/answers": {"get", "put"},
    "/gatherings/{id}/rating": {"get"},
    "/plan/{year}": {"get"},
}


async def test_the_document_lists_every_operation_and_needs_no_key(ask: Asking) -> None:
    said = await ask.with_key(None).get("/openapi.json")
    assert (said.status, said.headers["Content-Type"], said.body["openapi"]) == (200, "application/json", "3.1.0")
    assert said.body["servers"] == [{"url": "http://kring.test"}]
    assert {path: set(methods) for path, methods in said.body["paths"].items()} == {
        f"/api/v1{path}": methods for path, methods in OPERATIONS.items()
    }


async def test_every_operation_says_what_it_does_and_how_it_refuses(ask: Asking) -> None:
    document = (await ask.get("/openapi.json")).body
    for methods in document["paths"].values():
        for method, operation in methods.items():
            assert operation["summary"].endswith("."), operation
            assert {"400", "401", "403", "500", "503"} <= operation["responses"].keys()
            takes_keys = [each["name"] for each in operation["parameters"] if each["in"] == "header"]
            assert takes_keys == (["Idempotency-Key"] if method == "post" else [])


async def test_limits_stand_in_the_document(ask: Asking) -> None:
    document = (await ask.get("/openapi.json")).body
    given = document["components"]["schemas"]["NewGathering"]
    assert given["additionalProperties"] is False
    assert given["required"] == ["circle", "title", "starts_at", "ends_at"]
    assert given["properties"]["capacity"]["anyOf"][0] == {"type": "integer", "minimum": 1, "maximum": 100_000}
    limit = next(each for each in document["paths"]["/api/v1/people"]["get"]["parameters"] if each["name"] == "limit")
    assert limit["schema"] == {"type": "integer", "default": 100, "minimum": 1, "maximum": 1_000}
    assert document["components"]["schemas"]["PersonChanges"]["properties"]["name"] == {
        "type": "string",
        "minLength": 1,
        "maxLength": 200,
    }


async def test_the_pages_show_the_whole_document_without_a_script(ask: Asking) -> None:
    document = (await ask.get("/openapi.json")).body
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    index = await shown(ask, "/api")
    assert {operation["operationId"] for operation in operations} | STATUS.keys() <= index
    models: set[str] = set()
    for noun in sorted({operation["tags"][0] for operation in operations}):
        places = await shown(ask, f"/api/{noun}")
        own = {operation["operationId"] for operation in operations if operation["tags"] == [noun]}
        assert own == places & {operation["operationId"] for operation in operations}
        models |= {place for place in places if place.startswith("model-")}
    # How a refusal looks stands in words on the first page.
    assert models == {f"model-{name}" for name in document["components"]["schemas"]} - {"model-Problem"}
    assert (await ask.with_key(None)("GET", "/api/nothing")).status == 404


async def shown(ask: Asking, path: str) -> set[str]:
    """Look at a page that is small, has no script and leads nowhere in vain; return the places on it."""
    said = await ask.with_key(None)("GET", path)
    assert (said.status, said.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    text = said.body.decode()
    assert len(said.body) <= 50_000, path
    assert "<script" not in text
    places = re.findall(r' id="([^"]+)"', text)
    assert len(places) == len(set(places))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(places)
    return set(places)
