import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient, TestServer

from handlers.web import api
from handlers.web.app import build
from service.actions import commands, keys
from service.clock import MovableClock
from service.database import Database
from service.errors import Conflict
from service.rules.access import KRING
from tests.handlers.web.api.asking import Asking, circle, gathering, person
from tests.handlers.web.api.conftest import SECRETS, SITE

ACME = {"name": "Acme", "domains": ["acme.example"]}


@pytest.fixture
async def racing(clone: Database, clock: MovableClock) -> AsyncIterator[Asking]:
    """Ask as staff where thirty may ask at once."""
    key = await keys.create_key(clone, KRING, name="test", role="staff", now=clock.now())
    app = build(db=clone, clock=clock, keys=SECRETS, site=SITE, more=[api.routes(coalesce=timedelta(seconds=20))])
    async with TestClient(TestServer(app)) as client:
        yield Asking(client, key)


async def test_a_repeat_gets_the_first_answer_and_does_nothing(ask: Asking) -> None:
    once = ask.with_headers(Idempotency_Key="a-1")
    first = await once.post("/organisations", ACME)
    again = await once.post("/organisations", dict(reversed(ACME.items())))
    assert (first.status, again.status) == (201, 201)
    assert again.body == first.body
    assert (await ask.get("/organisations")).items == [first.body]


async def test_a_repeat_is_told_where_to_find_what_was_made(ask: Asking) -> None:
    once = ask.with_headers(Idempotency_Key="a-1")
    body = {"name": "Ada", "email": "ada@example.org", "language": "nl"}
    first, again = await once.post("/people", body), await once.post("/people", body)
    assert again.headers["Location"] == first.headers["Location"] == f"/api/v1/people/{first.body['id']}"


async def test_the_same_key_for_another_body_is_a_conflict(ask: Asking) -> None:
    once = ask.with_headers(Idempotency_Key="a-1")
    await once.post("/organisations", ACME)
    said = await once.post("/organisations", ACME | {"name": "Other"})
    assert (said.status, said.body["code"]) == (409, "conflict")
    assert [each["name"] for each in (await ask.get("/organisations")).items] == ["Acme"]


async def test_the_same_key_for_another_address_is_a_conflict(ask: Asking) -> None:
    await circle(ask)
    first, second = await gathering(ask, publish=False), await gathering(ask, publish=False)
    once = ask.with_headers(Idempotency_Key="a-1")
    assert (await once.post(f"/gatherings/{first}/publish")).status == 200
    assert (await once.post(f"/gatherings/{second}/publish")).status == 409
    assert (await ask.get(f"/gatherings/{second}")).body["status"] == "draft"


async def test_what_failed_may_be_tried_again_under_the_same_key(ask: Asking) -> None:
    once = ask.with_headers(Idempotency_Key="a-1")
    body = {"name": "Ada", "email": "ada@example.org", "language": "nl", "organisation_id": 999_999}
    assert (await once.post("/people", body)).status == 400
    assert (await once.post("/people", body | {"organisation_id": None})).status == 201


async def test_two_programs_may_use_the_same_key(ask: Asking, db: Database, clock: MovableClock) -> None:
    other = await keys.create_key(db, KRING, name="other", role="staff", now=clock.now())
    once = ask.with_headers(Idempotency_Key="a-1")
    assert (await once.post("/organisations", ACME)).status == 201
    assert (await once.with_key(other).post("/organisations", {"name": "Other"})).status == 201


async def test_without_a_key_a_repeat_is_a_new_request(ask: Asking) -> None:
    assert (await ask.post("/organisations", ACME)).status == 201
    assert (await ask.post("/organisations", ACME)).status == 409


async def test_repeats_at_the_same_instant_do_one_thing(racing: Asking) -> None:
    once = racing.with_headers(Idempotency_Key="a-1")
    said = await asyncio.gather(*(once.post("/organisations", ACME) for _ in range(20)))
    assert {each.status for each in said} == {201}
    assert len({each.body["id"] for each in said}) == 1
    assert len((await racing.get("/organisations")).items) == 1


async def test_a_gathering_published_twice_under_one_key_invites_once(ask: Asking, db: Database) -> None:
    await circle(ask, members=(await person(ask, "Ada"),))
    ident = await gathering(ask, publish=False)
    once = ask.with_headers(Idempotency_Key="publish-1")
    assert (await once.post(f"/gatherings/{ident}/publish")).body == (
        await once.post(f"/gatherings/{ident}/publish")
    ).body
    async with db.reading() as conn:
        assert await conn.fetchval("select count(*) from notice where purpose = 'invitation'") == 1


@pytest.mark.parametrize("key", ["x" * 256, "a b", "é", "tab\there"])
async def test_a_key_that_cannot_be(ask: Asking, key: str) -> None:
    said = await ask.with_headers(Idempotency_Key=key).post("/organisations", ACME)
    assert (said.status, said.body["code"], said.body["field"]) == (400, "invalid", "Idempotency-Key")


async def test_a_result_is_forgotten_after_two_days(db: Database, clock: MovableClock) -> None:
    done = []

    async def work(_: Database) -> int:
        done.append(clock.now())
        return len(done)

    assert await commands.once(db, "k", b"same", work, now=clock.now()) == 1
    await commands.forget_old(db, now=clock.move(timedelta(hours=47)))
    assert await commands.once(db, "k", b"same", work, now=clock.now()) == 1
    await commands.forget_old(db, now=clock.move(timedelta(hours=2)))
    assert await commands.once(db, "k", b"same", work, now=clock.now()) == 2


async def test_a_command_that_fails_leaves_nothing_behind(db: Database, clock: MovableClock) -> None:
    async def fail(inner: Database) -> None:
        async with inner.transaction() as conn:
            await conn.execute("insert into organisation (name, created_at) values ('Half', $1)", clock.now())
        raise Conflict

    with pytest.raises(Conflict):
        await commands.once(db, "k", b"same", fail, now=clock.now())
    async with db.reading() as conn:
        assert await conn.fetchval("select count(*) from organisation") == 0
        assert await conn.fetchval("select count(*) from command_result") == 0


async def test_a_result_of_nothing_is_a_result(db: Database, clock: MovableClock) -> None:
    done = []

    async def work(_: Database) -> None:
        done.append(1)

    for _ in range(2):
        assert await commands.once(db, "k", b"same", work, now=clock.now()) is None
    assert done == [1]
