"""A Chromium as people have it on their desk and in their hand, which notes everything that it finds wrong.

Opens and listens; what is clicked is in the tests, what makes a page sound in `checks`.
"""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, ConsoleMessage, Page, Request, Response, async_playwright

ARGUMENTS = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu")
"""A container has neither user namespaces nor much shared memory."""

PATIENCE = 15_000
"""Milliseconds that a click or an expectation waits at most."""


@dataclass(frozen=True)
class Device:
    """What somebody looks at; the phone runs no JavaScript, so that both ways are tried."""

    name: str
    width: int
    height: int
    mobile: bool = False
    scripts: bool = True

    def options(self, **more: Any) -> dict[str, Any]:
        """Return what Playwright makes a context of."""
        return {
            "viewport": {"width": self.width, "height": self.height},
            "is_mobile": self.mobile,
            "has_touch": self.mobile,
            "java_script_enabled": self.scripts,
            "accept_downloads": True,
            **more,
        }


DESK = Device("desk", 1280, 900)
PHONE = Device("phone", 390, 844, mobile=True, scripts=False)


@dataclass
class Screen:
    """One page in a browser of its own, with what went wrong on it; `refused` lists statuses that are meant."""

    page: Page
    device: Device
    base: str
    wrong: list[str] = field(default_factory=list)
    refused: set[int] = field(default_factory=set)

    async def open(self, path: str) -> None:
        """Type an address."""
        await self.page.goto(self.base + path)

    @property
    def path(self) -> str:
        """Return where one is, without the site."""
        return self.page.url.removeprefix(self.base)

    def listen(self) -> None:
        """Note what the browser complains of, violations of the Content-Security-Policy among it."""
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.wrong.append(f"{message.type} on {self.path}: {message.text}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a download, or the reader went on before all was there
            self.wrong.append(f"{request.url}: {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.refused:
            self.wrong.append(f"{response.url}: {response.status}")


def find() -> str | None:
    """Return the Chromium of this machine, if it has one."""
    return next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)


@asynccontextmanager
async def chromium(executable: str) -> AsyncIterator[Browser]:
    """Start Chromium once; every screen is a context of its own in it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        yield browser
        await browser.close()


@asynccontextmanager
async def screen(browser: Browser, device: Device, base: str, **more: Any) -> AsyncIterator[Screen]:
    """Open a browser that holds no cookie yet."""
    context = await browser.new_context(**device.options(**more))
    context.set_default_timeout(PATIENCE)
    opened = Screen(await context.new_page(), device, base)
    opened.listen()
    yield opened
    await context.close()
