"""Somebody who has just started Kring: their browsers, their key for the API, and the mail that was caught."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import ClientSession, CookieJar

from tests.handlers.web.browsing import Browser, Page
from tests.program import Program
from tests.stories.letters import Mailbox


@dataclass
class Newcomer:
    """What a newcomer has in hand; `key` is empty until they have made one."""

    program: Program
    mailbox: Mailbox
    _stack: AsyncExitStack
    _calls: ClientSession
    key: str = ""

    async def browser(self, language: str = "nl") -> Browser:
        """Open a browser that holds no cookie yet."""
        jar = CookieJar(unsafe=True)  # it keeps cookies of a bare IP address, as every browser does
        client = await self._stack.enter_async_context(ClientSession(self.program.url, cookie_jar=jar))
        return Browser(client, language)

    async def signed_in(self, who: str, language: str = "nl") -> Browser:
        """Sign in with the link that the start has printed for somebody."""
        links = re.findall(rf"Sign in as {who}:\s+{self.program.url}(/login/\S+)", self.program.said)
        assert len(links) == 1, self.program.said
        browser = await self.browser(language)
        entered = await browser.press(await browser.get(links[0]), links[0])
        assert (entered.status, entered.location) == (303, "/me")
        return browser

    async def call(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        """Call the API with the key, and expect a status."""
        sent = {"Authorization": f"Bearer {self.key}"}
        async with self._calls.request(method, f"/api/v1{path}", json=body, headers=sent) as response:
            text = await response.text()
            assert response.status == status, (method, path, text)
            return json.loads(text) if text else None

    async def every(self, path: str) -> list[Any]:
        """List everything that the API lists at a path, page after page."""
        found, after = [], ""
        while True:
            page = await self.call("GET", f"{path}?limit=1000{after}")
            found += page["items"]
            if page["next"] is None:
                return found
            after = f"&after={page['next']}"

    async def standings(self, gathering: int) -> dict[int, tuple[str, str, int | None]]:
        """Tell how everybody invited stands: answer, seat, place in line."""
        found = await self.call("GET", f"/gatherings/{gathering}/registrations")
        return {one["person_id"]: (one["partstat"], one["seat"], one["position"]) for one in found["items"]}


@asynccontextmanager
async def arrived(program: Program) -> AsyncIterator[Newcomer]:
    """Sit down at a machine on which Kring runs."""
    async with AsyncExitStack() as stack:
        calls = await stack.enter_async_context(ClientSession(program.url))
        yield Newcomer(program, Mailbox(program.mail), stack, calls)


async def handy_draft(newcomer: Newcomer) -> dict[str, Any]:
    """Choose a draft of a circle of a handy size, which its gatherings tell; plan one where the calendar has none."""
    listed = await newcomer.every("/gatherings")
    sizes: dict[str, int] = {}
    for one in listed:
        sizes[one["circle"]] = max(sizes.get(one["circle"], 0), one["counts"]["invited"])
    open_to_us = [one for one in listed if not one["confidential"] and not one["approval"]]
    handy = [one for one in open_to_us if 10 <= sizes[one["circle"]] <= 60]
    drafts = [one for one in handy if one["status"] == "draft"]
    return drafts[0] if drafts else await _planned(newcomer, handy[0]["circle"])


async def _planned(newcomer: Newcomer, circle: str) -> dict[str, Any]:
    day = (datetime.now(UTC) + timedelta(days=60)).date()
    asked = {
        "circle": circle,
        "title": {"nl": "Wat ons dit jaar bezighoudt", "en": "What keeps us busy this year"},
        "starts_at": f"{day}T10:00",
        "ends_at": f"{day}T12:00",
        "timezone": "Europe/Amsterdam",
    }
    made: dict[str, Any] = await newcomer.call("POST", "/gatherings", asked, status=201)
    return made


async def shown(browser: Browser, page: Page) -> Page:
    """Follow a redirect, as browsers do after a form."""
    assert page.status == 303
    return await browser.get(page.location)


def gatherings(page: Page) -> dict[str, str]:
    """Return the titles of the gatherings that a page lists, by their path."""
    return dict(re.findall(r'<h3><a href="(/gatherings/\d+)">(.+?)</a></h3>', page.text))


def heading(page: Page) -> str:
    """Return the one heading of the first level."""
    found = re.findall(r"<h1[^>]*>(.+?)</h1>", page.text, re.DOTALL)
    assert len(found) == 1, found
    return str(found[0])
