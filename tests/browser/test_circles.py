"""The road of a circle in a browser: made, filled, asked for, left, closed and opened again; and one's own page."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Screens, sound
from tests.browser.machines import Screen
from tests.stories.newcomer import Newcomer

pytestmark = pytest.mark.browser


async def test_a_circle_from_its_making_to_its_closing(demo: Newcomer, screens: Screens) -> None:
    screen = await screens("nl-NL", "staff")
    page = screen.page
    screen.refused = {400}
    slug = f"theekrans-{screen.device.name}"
    await screen.open("/manage")
    await page.locator('.tabs a[href="/manage/circles"]').click()
    await sound(screen)
    await page.locator('main a[href="/manage/new-circle"]').click()
    await page.locator("main .choice button").click()
    await expect(page.locator("#faults a")).to_have_attribute("href", "#title")
    await sound(screen)
    await page.locator("#title_nl").fill(f"Theekrans {screen.device.name}")
    await page.locator("#kind").select_option("working_group")
    await page.locator("main .choice button").click()
    await expect(page.locator(".saved")).to_be_visible()
    assert screen.path == f"/manage/circles/{slug}?saved=made"
    await sound(screen)

    await adds_by_name(screen)
    await adds_by_address(screen, slug)
    await expect(page.locator(".runs tbody tr")).to_have_count(2)
    await sound(screen)
    await page.locator(".runs .act a").last.click()
    await page.locator("input[value=facilitator]").check()
    await page.locator('form[action$="/role"] button').click()
    await expect(page.locator(".runs tbody tr").first.locator(".pill")).to_be_visible()

    await asks_and_is_let_in(demo, screens, screen, slug)
    await page.locator('main a[href$="/members"]').first.click()
    await expect(page.locator(".runs tbody tr")).to_have_count(3)
    await page.locator(".runs .act a").last.click()
    await sound(screen)
    await page.locator('form[action$="/remove"] button').click()
    await expect(page.locator(".runs tbody tr")).to_have_count(2)

    await screen.open(f"/manage/circles/{slug}")
    await page.locator('main a[href$="/close"]').click()
    await expect(page.locator(".hears li")).to_have_count(1)
    await sound(screen)
    await page.locator("#reason").fill("We gaan verder als werkgroep.")
    await page.locator("main .danger").click()
    await expect(page.locator(".saved")).to_be_visible()
    await sound(screen)
    told = await demo.mailbox.find(2, lambda letter: f"Theekrans {screen.device.name} stopt" in letter.subject)
    assert len({letter.to for letter in told}) == 2
    await screen.open("/manage/circles?show=closed")
    await page.locator(f'.runs a[href="/manage/circles/{slug}"]').click()
    await page.locator('form[action$="/reopen"] button').click()
    await expect(page.locator(".saved")).to_be_visible()


async def adds_by_name(screen: Screen) -> None:
    """Find somebody by a part of a name and add them."""
    page = screen.page
    await page.locator('main a[href$="/members/add"]').first.click()
    await page.locator("#q").fill("an")
    await page.locator(".seek button").click()
    await sound(screen)
    await page.locator(".runs .act button").nth(2 if screen.device.mobile else 1).click()
    await expect(page.locator(".saved")).to_be_visible()


async def adds_by_address(screen: Screen, slug: str) -> None:
    """Add somebody whom nobody knows yet."""
    page = screen.page
    await page.locator('main a[href$="/members/add"]').click()
    await page.locator("#name").fill("Zoë Zonder Adres")
    await page.locator("#email").fill("geen adres")
    await page.locator('form[action$="/add"] .choice button').click()
    await expect(page.locator("#email-fault")).to_be_visible()
    await sound(screen)
    await page.locator("#email").fill(f"zoe@{slug}.example.org")
    await page.locator('form[action$="/add"] .choice button').click()
    await expect(page.locator(".saved")).to_be_visible()


async def asks_and_is_let_in(demo: Newcomer, screens: Screens, screen: Screen, slug: str) -> None:
    """As a member ask to join; as the office let them in."""
    member = await screens("nl-NL", "member")
    await member.open(f"/circles/{slug}")
    await member.page.locator('form[action$="/join"] button').click()
    await expect(member.page.locator('form[action$="/leave"] button')).to_be_visible()
    await sound(member)
    await screen.open(f"/manage/circles/{slug}")
    await sound(screen)
    await screen.page.locator('#asking form[action$="/accept"] button').click()
    await expect(screen.page.locator(".saved")).to_be_visible()


async def test_the_policy_of_a_kind_is_changed_in_words(screens: Screens) -> None:
    screen = await screens("en-GB", "staff")
    page = screen.page
    await screen.open("/manage/circles")
    await page.locator('main a[href="/manage/kinds"]').click()
    await sound(screen)
    await page.locator('.runs a[href="/manage/kinds/masterclass"]').click()
    await page.locator("#capacity").fill("28" if screen.device.mobile else "32")
    await page.locator("#minimum").fill("8")
    await sound(screen)
    await page.locator("main .choice button").click()
    await expect(page.locator(".saved")).to_be_visible()
    await page.locator('.runs a[href="/manage/kinds/masterclass"]').click()
    await expect(page.locator("#minimum")).to_have_value("8")


async def test_people_and_organisations_are_found_and_edited(screens: Screens) -> None:
    screen = await screens("nl-NL", "staff")
    page = screen.page
    await screen.open("/manage")
    await page.locator('.tabs a[href="/manage/people"]').click()
    await page.locator("#q").fill("boudewijn")
    await page.locator(".seek button").click()
    await sound(screen)
    await page.locator(".runs th a").first.click()
    await page.locator("#title").fill(f"adviseur {screen.device.name}")
    await sound(screen)
    await page.locator("form.form .choice button").click()
    await expect(page.locator(".saved")).to_be_visible()
    await page.locator("main .trail a").last.click()
    await page.locator('.chips a[href="/manage/organisations"]').click()
    await sound(screen)
    await page.locator(".runs th a").first.click()
    await sound(screen)


async def test_quiet_hours_and_what_comes_from_a_circle(screens: Screens) -> None:
    screen = await screens("nl-NL", "facilitator")
    page = screen.page
    await screen.open("/me")
    await page.locator('.chips a[href="/me/preferences"]').click()
    await sound(screen)
    await page.locator("#quiet_from").fill("22:00")
    await page.locator("#quiet_until").fill("07:30")
    await page.locator('form[action="/me/preferences/quiet"] button').click()
    await expect(page.locator(".saved")).to_be_visible()
    await expect(page.locator("#quiet_until")).to_have_value("07:30")
    wish = page.locator(".wishes li").first
    await wish.locator("input[name=reminders]").set_checked(False)
    await wish.locator("button").click()
    await expect(page.locator(".wishes li").first.locator("input[name=reminders]")).not_to_be_checked()
    await page.locator('.chips a[href="/me/sign-in"]').click()
    await expect(page.locator("main .pill.yes")).to_be_visible()
    await sound(screen)
