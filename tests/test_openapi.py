"""The API's own document: valid, and kept by the running program under hostile and well-meant requests alike."""

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from jsonschema import Draft202012Validator

from handlers.web import api
from handlers.web.api import OPERATIONS, spec
from handlers.web.app import build
from handlers.web.site import Site
from service.actions import circles, joining, keys, people, planning, scheduling
from service.clock import MovableClock
from service.database import Database
from service.rules.access import KRING

SITE = Site(name="Kring", base_url="http://kring.test", language="nl", timezone="Europe/Amsterdam")
# Of what is written more must be right than a schema can say: an end after the start, a kind that there is, letters to
# look for.
BEYOND_SCHEMAS = """
[[operations]]
include-name-regex = "^(POST|PATCH|PUT) |^GET .*/(gatherings|walk-ins)$"
checks.positive_data_acceptance.enabled = false
"""
PLAN = """programme,title,kind,output,min_count,max_count,period,months,language,audience,source
Digitaal,Datakring,community_of_practice,gathering,2,4,year,,nl,members,test
"""


def test_every_model_is_a_valid_schema() -> None:
    schemas = spec.document(OPERATIONS, SITE)["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)


@pytest.fixture
async def served(db: Database, clock: MovableClock) -> AsyncIterator[tuple[str, str]]:
    """The address of an API with something of everything in it, and a key of its admin, to whom all of it is open."""
    now = clock.now()
    ada = await people.create_person(db, KRING, name="Ada", email="ada@example.org", language="nl", now=now)
    await circles.create(
        db, KRING, slug="data", kind="community_of_practice", title_nl="Data", title_en="", language="nl", now=now
    )
    await joining.set_member(db, KRING, "data", ada.id, "participant", now=now)
    facts = {
        "title_nl": "Kickoff",
        "starts_local": now.replace(tzinfo=None) + timedelta(days=7),
        "ends_local": now.replace(tzinfo=None) + timedelta(days=7, hours=2),
    }
    gathering = await scheduling.create(db, KRING, "data", facts, now=now)
    await scheduling.publish(db, KRING, gathering.id, now=now)
    await planning.import_plan(db, KRING, PLAN, year=2026)
    key = await keys.create_key(db, KRING, name="test", role="admin", now=now)
    app = build(db=db, clock=clock, keys={"a": bytes(32)}, site=SITE, more=[api.routes(coalesce=timedelta(seconds=20))])
    async with TestServer(app) as server:
        yield str(server.make_url("/")).rstrip("/"), key


async def test_the_running_api_keeps_to_its_document(served: tuple[str, str], tmp_path: Path) -> None:
    url, key = served
    (tmp_path / "schemathesis.toml").write_text(BEYOND_SCHEMAS)
    run = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("schemathesis"),
        *("run", f"{url}/api/v1/openapi.json", "--url", url, "--header", f"Authorization: Bearer {key}"),
        *("--seed", "1", "--generation-deterministic", "--max-examples", "5", "--no-color"),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await run.communicate()
    assert run.returncode == 0, said.decode()
