"""A key of the API, asked with."""

from datetime import timedelta

from aiohttp import web
from aiohttp.test_utils import TestServer

from handlers.web import last_used
from service.actions import keys
from service.clock import MovableClock
from service.database import Database
from service.rules.access import KRING
from tests.handlers.web.api.asking import Asking


async def test_when_a_key_was_used_is_written_down_later(ask: Asking, db: Database, clock: MovableClock) -> None:
    clock.move(timedelta(minutes=5))
    assert (await ask.get("/people")).status == 200
    assert (await ask.with_key("another").get("/people")).status == 401
    (before,) = await keys.every(db, KRING, now=clock.now())
    await last_used.flush(_app(ask), db)
    (after,) = await keys.every(db, KRING, now=clock.now())
    assert (before.last_used_at, after.last_used_at) == (None, clock.now())


def _app(ask: Asking) -> web.Application:
    server = ask.client.server
    assert isinstance(server, TestServer)
    return server.app
