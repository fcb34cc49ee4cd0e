"""The road out, by clicks alone: a member takes along what is held, has it erased, and is nobody here from then on."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Screens, sound
from tests.browser.machines import Screen
from tests.stories.newcomer import Newcomer

pytestmark = pytest.mark.browser


async def newly_met(demo: Newcomer, screen: Screen) -> dict[str, Any]:
    """Let the team take in somebody: another one on every screen."""
    given = {"name": "Wil Weg", "email": f"wil.{screen.device.name}@example.org", "language": "nl"}
    return await demo.call("POST", "/people", given, status=201)


def read(file: Path) -> dict[str, Any]:
    """Read what was downloaded."""
    held: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return held


async def asks_for_a_link(screen: Screen, email: str) -> str:
    """Ask to sign in and return what the page then says."""
    await screen.open("/login")
    await screen.page.locator("#email").fill(email)
    await screen.page.locator('form[action="/login"] button').click()
    await expect(screen.page.locator("#code")).to_be_visible()
    return (await screen.page.locator("main").inner_text()).replace(email, "…")


async def signs_in(demo: Newcomer, screen: Screen, email: str) -> str:
    """Sign in with the link in the mail, and return what the page said when it was asked for."""
    said = await asks_for_a_link(screen, email)
    (mail,) = await demo.mailbox.find(1, lambda letter: letter.to == email)
    await screen.open(mail.link("login"))
    await screen.page.locator('form[action^="/login/"] button').click()
    await screen.page.wait_for_url("**/me")
    return said


async def test_a_member_takes_their_data_along_and_has_them_erased(demo: Newcomer, screens: Screens) -> None:
    screen = await screens()
    screen.refused = {400}  # the word that was mistyped
    page, wil = screen.page, await newly_met(demo, screen)
    said = await signs_in(demo, screen, wil["email"])
    await page.locator('main a[href="/me/data"]').first.click()
    await sound(screen)

    async with page.expect_download() as download:
        await page.locator('button[name=format][value="json"]').click()
    held = read(await (await download.value).path())
    assert [one["name"] for one in held["person"]] == ["Wil Weg"]
    assert [one["value"] for one in held["addresses"]] == [wil["email"]]

    await page.locator("#sure").fill("weg")
    await page.locator('form[action="/me/data/erase"] button').click()
    await expect(page.locator(".fault").first).to_be_visible()
    await sound(screen)
    await page.locator("#sure").fill("wissen")
    await page.locator('form[action="/me/data/erase"] button').click()
    await expect(page.locator('header a[href="/login"]')).to_be_visible()  # signed out
    await expect(page.locator("h1")).to_have_text("Je bent gewist")
    await sound(screen)

    await screen.open("/me")
    await page.wait_for_url("**/login?*")
    assert await asks_for_a_link(screen, wil["email"]) == said
    assert await demo.call("GET", f"/people?email={wil['email']}") == {"items": [], "next": None}
