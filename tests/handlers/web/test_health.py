"""Alive, ready and measured: also while the database is away."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families

from handlers.web.app import build
from handlers.web.health import Health
from service.actions import measuring, pausing, scheduling
from service.clock import MovableClock
from service.database import Database
from service.rules.access import KRING
from service.store import measures
from tests.factories import make_person
from tests.handlers.web.browsing import Browser
from tests.handlers.web.conftest import SITE, Browsers
from tests.handlers.web.cut_line import Line
from tests.handlers.web.house import KEYS, House

Samples = dict[tuple[str, ...], float]


@pytest.fixture
async def served(db: Database, clock: MovableClock) -> AsyncIterator[TestServer]:
    """The application with its health."""
    health = Health(partial(measuring.database_faults, db))
    async with TestServer(build(db=db, clock=clock, keys=KEYS, site=SITE, health=health)) as server:
        yield server


async def measured(browser: Browser) -> Samples:
    page = await browser.get("/metrics")
    assert page.status == 200
    assert page.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(page.body.decode())
        for sample in family.samples
    }


async def test_a_whole_kring_lives_and_is_ready(visitor: Browser) -> None:
    assert [((page := await visitor.get(path)).status, page.text) for path in ("/healthz", "/readyz")] == [
        (200, "ok\n"),
        (200, "ready\n"),
    ]


async def test_without_its_database_kring_lives_and_is_not_ready(
    clone_dsn: str, ground: Path, clock: MovableClock
) -> None:
    folder = ground / "health"
    folder.mkdir()
    async with Line(clone_dsn, folder) as line:
        db = await Database.open(line.dsn, size=2)
        health = Health(partial(measuring.database_faults, db))
        async with TestClient(TestServer(build(db=db, clock=clock, keys=KEYS, site=SITE, health=health))) as client:
            visitor = Browser(client)
            assert (await visitor.get("/readyz")).status == 200
            await line.cut()
            assert (await visitor.get("/healthz")).text == "ok\n"
            away = await visitor.get("/readyz")
            assert (away.status, away.text) == (503, "the database does not answer\n")
            assert away.headers["Retry-After"] == "5"
            assert (await visitor.get("/metrics")).status == 503
            await line.mend()
            assert (await visitor.get("/readyz")).status == 200
        await db.close()


async def test_a_database_of_another_version_is_not_ready(clone: Database) -> None:
    assert await measuring.database_faults(clone) == []
    async with clone.transaction() as conn:
        await conn.execute("insert into schema_version (number, name, checksum) values (9999, '9999_later', 'x')")
    (fault,) = await measuring.database_faults(clone)
    assert "newer" in fault


async def test_every_fault_of_this_process_is_named(db: Database, clock: MovableClock) -> None:
    async def ready() -> list[str]:
        return ["the worker has stopped", "the scheduler has stopped"]

    async with TestClient(TestServer(build(db=db, clock=clock, keys=KEYS, site=SITE, health=Health(ready)))) as client:
        page = await Browser(client).get("/readyz")
    assert (page.status, page.text) == (503, "the worker has stopped\nthe scheduler has stopped\n")


async def test_the_outbox_and_the_association_are_counted(house: House, visitor: Browser, clock: MovableClock) -> None:
    async with house.db.transaction() as conn:
        await conn.execute(
            "update notice set state = 'failed' where purpose = 'invitation' and person_id = $1", house.ben.id
        )
        await conn.execute("update notice set state = 'unknown' where purpose = 'confirmation'")
    due = len(await house.mails("invitation")) - 3  # Ben's failed
    samples = await measured(visitor)
    assert {state: samples["kring_notices", state] for state in ("due", "late", "claimed", "failed", "unknown")} == {
        "due": due,
        "late": 0,
        "claimed": 0,
        "failed": 3,
        "unknown": 1,
    }
    assert samples["kring_outbox_paused",] == 0
    assert samples["kring_people",] == 6
    assert samples["kring_organisations",] == 1
    assert samples["kring_circles",] == 3
    assert samples["kring_gatherings", "published"] == 4
    assert samples["kring_gatherings", "draft"] == 1

    clock.move(measuring.PATIENCE + timedelta(seconds=1))
    async with house.db.transaction() as conn:
        await conn.execute(
            "update notice set state = 'claimed', owner = 1 where id in "
            "(select id from notice where state = 'planned' and due_at <= $1 order by id limit 2)",
            clock.now(),
        )
    await pausing.pause(house.db, KRING, now=clock.now())
    await scheduling.cancel(house.db, KRING, house.draft.id, "", now=clock.now())
    samples = await measured(visitor)
    assert {state: samples["kring_notices", state] for state in ("due", "late", "claimed")} == {
        "due": due - 2,
        "late": due,
        "claimed": 2,
    }
    assert samples["kring_outbox_paused",] == 1
    assert samples["kring_gatherings", "cancelled"] == 1


async def test_requests_are_counted_by_route_and_never_by_what_stands_in_it(
    house: House, browsers: Browsers, visitor: Browser
) -> None:
    link = await house.link(house.open, house.anna)
    for path in (link, link, "/gatherings/471147114711", "/nowhere", "/manage", "/healthz"):
        await visitor.get(path)
    await visitor.ask("HEAD", "/circles")
    await visitor.ask("PROPFIND", "/circles")
    await visitor.post(link, {})
    samples = await measured(visitor)
    counted = {key[1:]: value for key, value in samples.items() if key[0] == "kring_http_requests_total"}
    assert counted == {
        ("GET", "/r/{handle}", "200"): 2,
        ("POST", "/r/{handle}", "403"): 1,
        ("GET", r"/gatherings/{id:\d{1,18}}", "404"): 1,
        ("GET", "other", "404"): 1,
        ("GET", "/manage", "303"): 1,
        ("GET", "/healthz", "200"): 1,
        ("HEAD", "/circles", "200"): 1,
        ("other", "other", "405"): 1,
    }
    told = (await visitor.get("/metrics")).body.decode()
    for secret in (link[3:], "471147114711", "nowhere", "PROPFIND", "Anna", "anna@", "Gegevens"):
        assert secret not in told
    assert any(key[0] == "process_resident_memory_bytes" for key in samples)


async def test_without_health_there_are_no_such_pages(db: Database, clock: MovableClock) -> None:
    async with TestClient(TestServer(build(db=db, clock=clock, keys=KEYS, site=SITE))) as client:
        browser = Browser(client)
        assert [(await browser.get(path)).status for path in ("/healthz", "/readyz", "/metrics")] == [404] * 3


PAST = """
    insert into notice (dedupe_key, purpose, person_id, due_at, state, created_at)
    select 'past ' || n, 'confirmation', $1, $2, case when n % 1000 = 0 then 'failed' else 'sent' end, $2
    from generate_series(1, 20000) n
"""


async def test_counting_reads_nothing_of_what_was_sent(clone: Database, clock: MovableClock) -> None:
    person = await make_person(clone, "Anna")
    async with clone.transaction() as conn:
        await conn.execute(PAST, person.id, clock.now())
        await conn.execute("analyze notice")
        patience = timedelta(minutes=2)
        found = await measures.select_measures(conn, clock.now(), patience)
        assert (found.failed, found.unknown) == (20, 0)
        (plan,) = await conn.fetchval(
            f"explain (analyze, format json) {measures.SELECT_MEASURES}", clock.now(), patience
        )
    read = [node for node in _nodes(plan["Plan"]) if node.get("Relation Name") == "notice"]
    assert read
    assert sum(node["Actual Rows"] + node.get("Rows Removed by Filter", 0) for node in read) == 20


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)
