"""The pages over a real socket, on a real database; each browser keeps its own cookies."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bots.mail.render import Renderer
from bots.mail.writing import Letterhead
from handlers.web.app import build
from handlers.web.site import Site
from service.clock import MovableClock
from service.database import Database
from service.model import Person
from tests.handlers.web import house as houses
from tests.handlers.web.browsing import Browser
from tests.handlers.web.house import KEYS, House

SITE = Site(name="Kring", base_url="http://kring.test", language="nl", timezone="Europe/Amsterdam")

HEAD = Letterhead(
    association="Kring",
    mail_from="kring@kring.example",
    mail_domain="in.kring.example",
    base_url="http://kring.test",
    timezone="Europe/Amsterdam",
)

Browsers = Callable[..., Awaitable[Browser]]


@pytest.fixture
async def house(db: Database, clock: MovableClock) -> House:
    """An association with people, circles and gatherings."""
    return await houses.build(db, clock.now())


@pytest.fixture
def doors(house: House, clock: MovableClock) -> None:
    """Half an hour before the gatherings of the association: who is there can be marked."""
    clock.set(house.open.starts_at - timedelta(minutes=30))


@pytest.fixture
async def served(db: Database, clock: MovableClock) -> AsyncIterator[TestServer]:
    """The application, listening."""
    app = build(db=db, clock=clock, keys=KEYS, site=SITE, show=Renderer(HEAD, KEYS).sample)
    async with TestServer(app) as server:
        yield server


@pytest.fixture
async def browsers(served: TestServer, house: House, clock: MovableClock) -> AsyncIterator[Browsers]:
    """Opens browsers: `await browsers()`, or `await browsers(house.anna)` for one in which Anna is signed in."""
    async with AsyncExitStack() as stack:

        async def open_one(person: Person | None = None, *, language: str = "nl") -> Browser:
            client = await stack.enter_async_context(TestClient(served))
            if person is not None:
                cookie = {"kring": await house.session(person, clock.now())}
                client.session.cookie_jar.update_cookies(cookie, client.make_url("/"))
            return Browser(client, language)

        yield open_one


@pytest.fixture
async def visitor(browsers: Browsers) -> Browser:
    """The browser of somebody who is not signed in."""
    return await browsers()
