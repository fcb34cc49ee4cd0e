"""The API of an empty association, asked over a real socket with the key of its staff."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from handlers.web import api
from handlers.web.site import CLOCK, DATABASE, ROUTES, SITE, Site
from service.actions import keys
from service.clock import MovableClock
from service.database import Database
from service.rules.access import KRING
from tests.handlers.web.api.asking import Asking

SITE_HERE = Site(name="Kring", base_url="http://kring.test", language="nl", timezone="Europe/Amsterdam")


@pytest.fixture
async def ask(db: Database, clock: MovableClock) -> AsyncIterator[Asking]:
    """Ask as staff."""
    key = await keys.create_key(db, KRING, name="test", role="staff", now=clock.now())
    async with TestClient(TestServer(application(db, clock))) as client:
        yield Asking(client, key)


def application(db: Database, clock: MovableClock) -> web.Application:
    app = web.Application()
    app[DATABASE], app[CLOCK], app[SITE], app[ROUTES] = db, clock, SITE_HERE, {}
    for route in api.routes(coalesce=timedelta(seconds=20)):
        app.router.add_route(route.method, route.path, route.handler)
    return app
