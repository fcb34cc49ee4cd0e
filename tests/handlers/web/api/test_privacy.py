"""What is held about a person, and its end, with a key of the team."""

from handlers.web.api.people import Export
from service.database import Database
from tests.handlers.web.api.asking import Asking, circle, gathering, person


async def test_what_is_held_is_handed_out_and_kept_nowhere(ask: Asking, db: Database) -> None:
    ada = await person(ask, "Ada")
    await circle(ask, members=(ada,))
    number = await gathering(ask)
    assert (await ask.put(f"/gatherings/{number}/registrations/{ada}", {"partstat": "accepted"})).status == 200
    said = await ask.with_headers(Idempotency_Key="once").post(f"/people/{ada}/export")
    assert said.status == 200
    assert list(said.body) == list(Export.model_fields)
    assert [one["value"] for one in said.body["addresses"]] == ["ada@example.org"]
    assert [(one["circle_nl"], one["partstat"]) for one in said.body["registrations"]] == [("Datakring", "accepted")]
    assert said.body["complete"] is False
    async with db.reading() as conn:
        assert await conn.fetchval("select count(*) from command_result") == 0


async def test_who_is_erased_is_nobody_any_more_and_stays_so(ask: Asking) -> None:
    ada, bea = await person(ask, "Ada"), await person(ask, "Bea")
    await circle(ask, members=(ada, bea))
    number = await gathering(ask)
    assert [(await ask.delete(f"/people/{ada}")).status for _ in range(2)] == [204, 204]
    assert [(await ask(method, f"/people/{ada}{more}")).status for method, more in (
        ("GET", ""), ("GET", "/addresses"), ("POST", "/export"),
    )] == [404, 404, 404]  # fmt: skip
    assert [one["id"] for one in (await ask.get("/people")).items] == [bea]
    assert (await ask.get("/people", email="ada@example.org")).items == []
    assert [one["name"] for one in (await ask.get(f"/gatherings/{number}/registrations")).items] == ["Bea"]
    assert (await ask.post(f"/gatherings/{number}/invitations", {"person_ids": [ada]})).status == 400
    assert (await ask.put(f"/gatherings/{number}/registrations/{ada}", {"partstat": "accepted"})).status == 404
    assert (await ask.delete("/people/1000000")).status == 404
