"""The steps of a newcomer that are taken in a browser, by clicks alone, on a desk and on a phone without JavaScript."""

import csv
import io
import re
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from aiohttp import ClientSession
from icalendar import Calendar
from playwright.async_api import FrameLocator, Locator, Page, expect
from playwright.async_api import TimeoutError as StayedThere

from tests.browser.conftest import Screens, sound
from tests.browser.machines import Screen
from tests.stories.letters import invites
from tests.stories.newcomer import Newcomer, handy_draft
from tests.waiting import until

pytestmark = pytest.mark.browser


async def test_the_agenda_and_a_gathering_in_two_languages(screens: Screens) -> None:
    screen = await screens()
    page = screen.page
    await screen.open("/")
    link = page.locator("main h3 a").first
    dutch, place = await link.inner_text(), await link.get_attribute("href")
    await link.click()
    await expect(page.locator("h1")).to_have_text(dutch)
    await sound(screen)
    await page.locator("footer .tongues a[hreflang=en]").click()
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await expect(page.locator("h1")).not_to_have_text(dutch)
    english = await page.locator("h1").inner_text()
    await page.locator("header nav a").first.click()
    await expect(page.locator(f'main h3 a[href="{place}"]')).to_have_text(english)
    await sound(screen)


async def test_the_keyboard_skips_to_the_content(screens: Screens) -> None:
    screen = await screens()
    await screen.open("/")
    await screen.page.keyboard.press("Tab")
    await expect(screen.page.locator("a.skip")).to_be_focused()
    await expect(screen.page.locator("a.skip")).to_be_in_viewport()
    await screen.page.keyboard.press("Enter")
    await screen.page.wait_for_url("**/#main")
    assert screen.path == "/#main"


async def test_an_answer_from_the_mail_a_full_house_and_a_place_that_comes_free(
    demo: Newcomer, screens: Screens
) -> None:
    first, second = await invited(demo)
    seated, waiting = await screens(), await screens()
    await answers_from_the_mail(seated, first, "accepted")
    await expect(seated.page.locator(".standing.yes")).to_be_visible()
    await answers_from_the_mail(waiting, second, "accepted")
    await expect(waiting.page.locator(".standing.wait")).to_contain_text("1")
    await sound(waiting)
    await demo.mailbox.find(2, lambda one: one.to == second)  # what is overtaken before it left is never sent

    await seated.page.locator("button[value=declined]").click()
    await expect(seated.page.locator(".standing.no")).to_be_visible()
    await expect(seated.page.locator("button[value=declined]")).to_have_attribute("aria-pressed", "true")
    await waiting.page.reload()
    await expect(waiting.page.locator(".standing.yes")).to_be_visible()
    await opens_the_newest_mail(demo, waiting, second, 3)
    await expect(waiting.page.locator(".card .facts")).to_contain_text("CONFIRMED")
    await sound(waiting)


async def invited(demo: Newcomer) -> list[str]:
    """Publish a gathering with one seat, and return the addresses of two who are invited to it."""
    draft = await handy_draft(demo)
    at = f"/gatherings/{draft['id']}"
    await demo.call("PATCH", at, {"capacity": 1, "organisation_quota": None})
    published = await demo.call("POST", f"{at}/publish")
    letters = await demo.mailbox.find(published["counts"]["invited"], lambda letter: invites(letter, published))
    registered = (await demo.call("GET", f"{at}/registrations"))["items"]
    leads = [await demo.call("GET", f"/people/{one['person_id']}") for one in registered if one["facilitator"]]
    others = {letter.to for letter in letters} - {person["email"] for person in leads}
    return sorted(others)[:2]


async def answers_from_the_mail(screen: Screen, address: str, partstat: str) -> None:
    """Find somebody's newest mail, press its button, and then the button of the page to which that leads."""
    await screen.open("/dev/mail")
    await screen.page.locator("#to").fill(address)
    await screen.page.locator(".seek button").click()
    await screen.page.locator(".mails a").first.click()
    await sound(screen)
    await follow(screen, letter(screen).locator(f'a[href$="?answer={partstat}"]'))
    await expect(screen.page.locator(f"button[value={partstat}]")).to_have_class(re.compile("wanted"))
    await sound(screen)
    await screen.page.locator(f"button[value={partstat}]").click()
    await expect(screen.page.locator(".saved")).to_be_visible()
    await sound(screen)


def letter(screen: Screen) -> FrameLocator:
    """Return the mail as it looks, which stands in a frame."""
    return screen.page.frame_locator("iframe.letter")


async def follow(screen: Screen, link: Locator) -> None:
    """Press a link of a mail, again where that led nowhere: Chromium may lose a press on a frame that it lays out."""
    there = screen.page.url
    for _ in range(3):
        await link.click()
        with suppress(StayedThere):
            await screen.page.wait_for_url(lambda url: url != there, timeout=5000, wait_until="commit")
            return


async def opens_the_newest_mail(demo: Newcomer, screen: Screen, address: str, count: int) -> None:
    """Wait until somebody has had so many mails, and open the newest."""
    await demo.mailbox.find(count, lambda one: one.to == address)
    await screen.open(f"/dev/mail?to={address}")
    await expect(screen.page.locator(".mails li")).to_have_count(count)
    await screen.page.locator(".mails a").first.click()


async def test_signing_in_by_mail_and_a_calendar_that_follows(demo: Newcomer, screens: Screens) -> None:
    screen = await screens()
    address = await somebody(demo, screen, 0)
    had = len(demo.mailbox.to(address))
    await asks_to_sign_in(screen, address)
    await opens_the_newest_mail(demo, screen, address, had + 1)
    await follow(screen, letter(screen).locator('a[href*="/login/"]'))
    await sound(screen)
    await screen.page.locator('form[action^="/login/"] button').click()
    await screen.page.wait_for_url("**/me")
    await sound(screen)
    # what is answered already lies folded; the fresh invitation does not
    await screen.page.locator(".change[open] button[value=accepted]").first.click()
    await expect(screen.page.locator(".saved")).to_be_visible()

    await screen.page.locator('#feeds form[action="/me/feeds"] button').first.click()
    await sound(screen)
    shown = await screen.page.locator("code.secret").inner_text()
    async with ClientSession() as calendar, calendar.get(shown) as response:
        events = Calendar.from_ical(await response.read()).walk("VEVENT")
    assert len(events) > 0
    await screen.page.locator('main a[href="/me#feeds"]').click()
    await expect(screen.page.locator("#feeds li")).to_have_count(1)

    await screen.page.locator('form[action="/logout"] button').click()
    await expect(screen.page.locator('header a[href="/login"]')).to_be_visible()


async def test_a_code_signs_in_where_it_was_asked_for_and_a_link_elsewhere_does_not(
    demo: Newcomer, screens: Screens
) -> None:
    asked, other = await screens(), await screens("en-GB")
    address = await somebody(demo, asked, 1)
    had = len(demo.mailbox.to(address))
    await asks_to_sign_in(asked, address)
    await opens_the_newest_mail(demo, other, address, had + 1)
    code = demo.mailbox.to(address)[-1].code
    await follow(other, letter(other).locator('a[href*="/login/"]'))
    await expect(other.page.locator("main form")).to_have_count(0)
    await sound(other)
    await asked.page.locator("#code").fill(code)
    await asked.page.locator('form[action="/login/code"] button').click()
    await asked.page.wait_for_url("**/me")


async def somebody(demo: Newcomer, screen: Screen, at: int) -> str:
    """Return the address of somebody whom the sample association has invited: another one on every screen."""

    async def they_are_there() -> bool:
        return len(demo.mailbox.letters) > 6

    await until(they_are_there)
    return demo.mailbox.letters[2 * at + screen.device.mobile].to


async def asks_to_sign_in(screen: Screen, address: str) -> None:
    await screen.open("/")
    await screen.page.locator('header a[href="/login"]').click()
    await screen.page.locator("#email").fill(address)
    await sound(screen)
    await screen.page.locator('form[action="/login"] button').click()
    await expect(screen.page.locator("#code")).to_be_visible()
    await sound(screen)


async def test_a_facilitator_marks_who_was_there_and_takes_the_list_along(screens: Screens) -> None:
    screen = await screens("nl-NL", "facilitator")
    page = screen.page
    await screen.open("/")
    await page.locator('header a[href="/manage"]').click()
    await page.locator('.tabs a[href="/manage/past"]').click()
    await page.locator('.runs a[href$="/roster"]').first.click()
    await page.locator('.chips a[href$="show=all"]').click()
    person = page.locator(".people > li").last
    name = await person.locator(".who b").inner_text()
    mark = "absent" if screen.device.mobile else "excused"
    await person.locator("label").filter(has=page.locator(f"input[value={mark}]")).click()
    await page.locator(".savebar button").click()
    await expect(page.locator(".saved")).to_be_visible()
    await expect(page.locator(".people > li").last.locator(f"input[type=radio][value={mark}]")).to_be_checked()
    await sound(screen)

    rows = list(csv.reader(io.StringIO((await downloaded(page, "csv")).decode("utf-8-sig"))))
    assert [row[0] for row in rows].count(name) == 1
    with zipfile.ZipFile(io.BytesIO(await downloaded(page, "xlsx"))) as archive:
        assert name in archive.read("xl/sharedStrings.xml").decode()


async def downloaded(page: Page, extension: str) -> bytes:
    """Press a button that hands over a file, and return what is in it."""
    async with page.expect_download() as waited:
        words = {"csv": "CSV", "xlsx": "XLSX"}[extension]
        await page.locator(".files button", has_text=words).click()
    download = await waited.value
    assert download.suggested_filename.endswith(f".{extension}")
    return Path(await download.path()).read_bytes()  # noqa: ASYNC240 - a small file of our own


async def test_staff_read_the_plan(screens: Screens) -> None:
    screen = await screens("nl-NL", "staff")
    page = screen.page
    await screen.open("/manage")
    await page.locator('.tabs a[href="/manage/plan"]').click()
    await expect(page.locator(".figures dd").first).to_have_text(re.compile(r"^\d+$"))
    lines = page.get_by_role("row").filter(has=page.get_by_role("rowheader"))
    assert await lines.count() > 30
    await sound(screen)
    await page.locator(".plan th a").first.click()
    await expect(page.locator("h1")).to_be_visible()
    assert screen.path.startswith("/circles/")


async def test_talking_with_kring_in_the_browser(demo: Newcomer, screens: Screens) -> None:
    screen = await screens()
    page = screen.page
    address = await somebody(demo, screen, 2)
    await screen.open("/")
    await page.locator('footer a[href="/dev/chat"]').click()
    await page.locator("#q").fill(address)
    await page.locator(".seek button").click()
    await page.locator(".persons a").click()
    await says(screen, "agenda")
    await page.locator(".next button").first.click()
    await expect(page.locator("#now")).to_be_visible()
    await sound(screen)
    await says(screen, "help")


async def says(screen: Screen, text: str) -> None:
    """Type a message, and see it and an answer."""
    await screen.page.locator("#text").fill(text)
    await screen.page.locator(".say button").click()
    await expect(screen.page.locator("#now")).to_have_text(text)
    await expect(screen.page.locator("#now + .bubble")).to_be_visible()
    await sound(screen)
