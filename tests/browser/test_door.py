"""The road of a facilitator on the day itself and after it, by clicks alone: the door, the sign, the report."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect

from service.formats import tokens
from tests.browser.conftest import Screens, sound
from tests.stories.newcomer import Newcomer

pytestmark = pytest.mark.browser


async def going_on(demo: Newcomer, screens: Screens) -> str:
    """Begin a gathering of a circle that the facilitator leads, and return its number."""
    screen = await screens("nl-NL", "facilitator")
    await screen.open("/manage/past")
    link = await screen.page.locator('.runs a[href$="/roster"]').first.get_attribute("href")
    found = re.search(r"/gatherings/(\d+)/", link or "")
    assert found is not None
    circle = (await demo.call("GET", f"/gatherings/{found[1]}"))["circle"]
    now = datetime.now(ZoneInfo("Europe/Amsterdam")).replace(tzinfo=None, second=0, microsecond=0)
    planned = {
        "circle": circle,
        "title": {"nl": "Vandaag bijeen", "en": "Together today"},
        "starts_at": (now - timedelta(minutes=10)).isoformat(),
        "ends_at": (now + timedelta(hours=3)).isoformat(),
        "timezone": "Europe/Amsterdam",
    }
    made = await demo.call("POST", "/gatherings", planned, status=201)
    await demo.call("POST", f"/gatherings/{made['id']}/publish")
    return str(made["id"])


async def test_somebody_is_found_marked_and_let_in_at_the_door(demo: Newcomer, screens: Screens) -> None:
    number = await going_on(demo, screens)
    screen = await screens("nl-NL", "facilitator")
    page, place = screen.page, f"/manage/gatherings/{number}/roster"
    listed = (await demo.call("GET", f"/gatherings/{number}/registrations"))["items"]
    someone = next(one for one in listed if not one["facilitator"])
    await screen.open(place)
    await sound(screen)
    await page.locator("#q").fill(someone["name"].split()[-1][:6])
    await page.locator(".seek button").click()
    await sound(screen)
    row = page.locator(f"#p{someone['person_id']}")
    await row.locator("label").filter(has=page.locator("input[value=present]")).click()
    await page.locator(".savebar button").click()
    await expect(page.locator(".saved")).to_be_visible()
    await expect(page.locator(".tally dd").nth(1)).to_have_text("1")
    await page.locator(".saved button").click()
    await expect(page.locator(".tally dd").nth(1)).to_have_text("0")

    newcomer = f"Wim {'Hand' if screen.device.mobile else 'Bureau'}"
    await page.locator("#q").fill(newcomer)
    await page.locator(".seek button").click()
    await page.locator("#organisation").fill("Gastvrij")
    await sound(screen)
    await page.locator('form[action$="/walk-in"] button').last.click()
    await expect(page.locator(".who b", has_text=newcomer)).to_be_visible()
    await sound(screen)
    await page.locator('a[href$="/sheet"]').click()
    await expect(page.locator(".sheet tbody th", has_text=newcomer)).to_be_visible()
    await sound(screen)


async def test_the_sign_at_the_door_leads_to_checking_in(demo: Newcomer, screens: Screens) -> None:
    number = await going_on(demo, screens)
    door, visitor = await screens("nl-NL", "facilitator"), await screens("nl-NL")
    await door.open(f"/manage/gatherings/{number}/check-in?still")
    await expect(door.page.locator(".qr svg")).to_be_visible()
    await expect(door.page.locator(".bigcode")).to_have_text(re.compile(r"^\d{4}$"))
    await sound(door)
    visitor.refused = {410, 404}
    await visitor.open(f"/here/{'a' * tokens.HANDLE_CHARACTERS}")
    await sound(visitor)


async def test_people_are_told_something_and_a_report_is_kept(demo: Newcomer, screens: Screens) -> None:
    screen = await screens("nl-NL", "facilitator")
    page = screen.page
    await screen.open("/manage/past")
    await page.locator(".runs th a").first.click()
    place = screen.path
    await page.locator('a[href$="/report"]').click()
    await sound(screen)
    words = f"We gaan verder, {'op de telefoon' if screen.device.mobile else 'aan het bureau'}."
    await page.locator("#text").fill(words)
    await page.locator('form[action$="/report"] button').click()
    await expect(page.locator(".saved")).to_be_visible()
    await page.locator("#url").fill("https://example.org/slides")
    await page.locator('form[action$="/links"] button').click()
    await expect(page.locator(".plainlist a[rel=noreferrer]").first).to_be_visible()
    file = {"name": "foto.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n..."}
    await page.locator("#file").set_input_files(files=[file])
    await page.locator('form[action$="/files"] button').click()
    await expect(page.locator('.plainlist a[href*="/materials/"]').first).to_be_visible()
    await sound(screen)

    await screen.open(f"{place}/messages")
    await page.locator("input[name=audience]").first.check()
    await page.locator("#text").fill("Bedankt voor jullie komst!")
    await sound(screen)
    await page.locator("form.form button").click()
    await expect(page.locator(".hears li")).to_be_visible()
    await sound(screen)
    await page.locator("button[name=go]").click()
    await expect(page.locator(".saved")).to_be_visible()
    await page.locator('form[action$="/call-off"] button').first.click()
    await expect(page.locator(".saved")).to_be_visible()
    await sound(screen)
