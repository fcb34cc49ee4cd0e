"""The API of an empty association, asked over a real socket with the key of its staff."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient, TestServer

from handlers.web import api
from handlers.web.app import build
from handlers.web.site import Site
from service.actions import keys
from service.clock import MovableClock
from service.database import Database
from service.rules.access import KRING
from tests.handlers.web.api.asking import Asking

SECRETS = {"a": bytes(32)}
SITE = Site(name="Kring", base_url="http://kring.test", language="nl", timezone="Europe/Amsterdam")


@pytest.fixture
async def ask(db: Database, clock: MovableClock) -> AsyncIterator[Asking]:
    """Ask as staff."""
    key = await keys.create_key(db, KRING, name="test", role="staff", now=clock.now())
    app = build(db=db, clock=clock, keys=SECRETS, site=SITE, more=[api.routes(coalesce=timedelta(seconds=20))])
    async with TestClient(TestServer(app)) as client:
        yield Asking(client, key)
