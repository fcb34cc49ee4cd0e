"""One Chromium and one Kring with the sample association for all browser tests."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import pytest
from playwright.async_api import Browser

from service.embedded import Embedded
from tests.browser import accessibility, checks, machines
from tests.browser.machines import Device, Screen
from tests.conftest import copy_of_template
from tests.emptying import Emptied
from tests.program import Program, running
from tests.stories.newcomer import Newcomer, arrived

Screens = Callable[..., Awaitable[Screen]]


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The system's Chromium; where there is none the test is skipped, unless KRING_BROWSER says that it is required."""
    executable = machines.find()
    if executable is None:
        reason = "there is no chromium in PATH"
        if os.environ.get("KRING_BROWSER") == "required":
            pytest.fail(f"{reason}, and KRING_BROWSER=required")
        pytest.skip(reason)
    async with machines.chromium(executable) as browser:
        yield browser


@pytest.fixture(scope="session")
async def demo(
    chromium: Browser, ground: Path, cluster: Embedded, admin: asyncpg.Connection, template: Emptied
) -> AsyncIterator[Newcomer]:
    """`kring run --demo`, and a key for its API."""
    database = await copy_of_template(cluster, admin, "browser")
    async with running(Program(ground / "browser", database), "--demo") as program, arrived(program) as newcomer:
        made = await program.kring("api-key", "create", "browser", "--role", "staff")
        newcomer.key = made.stdout.strip()
        yield newcomer
    await admin.execute("drop database browser with (force)")


@pytest.fixture(scope="session")
def sessions() -> dict[str, str]:
    """The session cookie of everybody who has signed in, kept for the next screen: a printed link works once."""
    return {}


@pytest.fixture(params=[machines.DESK, machines.PHONE], ids=lambda device: device.name)
def device(request: pytest.FixtureRequest) -> Device:
    """What the test is looked at with."""
    found: Device = request.param
    return found


@pytest.fixture
async def screens(
    chromium: Browser, demo: Newcomer, device: Device, sessions: dict[str, str]
) -> AsyncIterator[Screens]:
    """Opens browsers: `await screens()`, or `await screens("nl-NL", "staff")`; nothing may go wrong in any of them."""
    async with AsyncExitStack() as stack:
        opened: list[Screen] = []

        async def one(language: str = "nl-NL", who: str = "") -> Screen:
            context = machines.screen(chromium, device, demo.program.url, locale=language)
            opened.append(await stack.enter_async_context(context))
            if who:
                await _sign_in(opened[-1], demo, sessions, who)
            return opened[-1]

        yield one
        assert [fault for screen in opened for fault in screen.wrong] == []


async def _sign_in(screen: Screen, demo: Newcomer, sessions: dict[str, str], who: str) -> None:
    if who not in sessions:
        sessions[who] = (await demo.signed_in(who)).cookie("kring") or ""
    await screen.page.context.add_cookies([{"name": "kring", "value": sessions[who], "url": screen.base}])


async def sound(screen: Screen) -> None:
    """Find nothing wrong with the page as it stands."""
    found = await checks.faults(screen.page, thumbs=screen.device.mobile)
    if screen.device.scripts:
        found += await accessibility.violations(screen.page)
    assert found == [], screen.path
