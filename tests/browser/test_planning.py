"""Planning by clicks alone: one gathering from nothing to cancelled and back, a year at once, a date looked for, seats.

What it takes is counted: whoever plans beside other work should have to press and type little.
"""

from dataclasses import dataclass

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Screens, sound
from tests.browser.machines import DESK, PHONE, Device, Screen
from tests.stories.newcomer import Newcomer

pytestmark = pytest.mark.browser


@dataclass
class Hand:
    """A hand that counts what it presses and what it fills in, and looks at every page that it comes to."""

    screen: Screen
    pressed: int = 0
    filled: int = 0

    async def press(self, place: str) -> None:
        await self.screen.page.locator(f"main {place}").first.click()
        self.pressed += 1
        await sound(self.screen)

    async def fill(self, place: str, text: str) -> None:
        await self.screen.page.locator(place).fill(text)
        self.filled += 1

    def begin(self) -> None:
        """Count anew."""
        self.pressed = self.filled = 0


async def circle(demo: Newcomer, screens: Screens, name: str) -> tuple[Hand, str]:
    """Open the page of a new circle with three members, as the team sees it."""
    screen = await screens("nl-NL", "staff")
    slug = f"{name}-{screen.device.name}"
    title = {"nl": f"{name.title()} {screen.device.name}", "en": f"{name.title()} {screen.device.name}"}
    await demo.call("POST", "/circles", {"slug": slug, "kind": "knowledge_cafe", "title": title}, status=201)
    people = (await demo.call("GET", "/people?limit=40"))["items"]
    for person in [one for one in people if one["email"]][-3:]:
        await demo.call("PUT", f"/circles/{slug}/members/{person['id']}", {"role": "participant"})
    await screen.open(f"/manage/circles/{slug}")
    return Hand(screen), slug


@pytest.mark.parametrize("device", [DESK, PHONE], ids=lambda device: device.name)
async def test_one_gathering_is_planned_changed_cancelled_and_opened_again(
    demo: Newcomer, screens: Screens, device: Device
) -> None:
    hand, _ = await circle(demo, screens, "plannen")
    page = hand.screen.page
    await hand.press('a[href$="/gatherings/new"]')
    await hand.fill("#title_nl", "Wat er speelt")
    await hand.press("form.form .choice button")
    place = hand.screen.path.partition("?")[0]
    await hand.press(f'a[href="{place}/publish"]')
    await expect(page.locator(".hears li")).to_have_count(1)
    await hand.press("form.choice button")
    await expect(page.locator(".saved")).to_be_visible()
    assert (hand.pressed, hand.filled) == (4, 1)  # published within a minute

    hand.begin()
    await hand.press(f'a[href="{place}/edit"]')
    await hand.fill("#location", "Janskerkhof 3, Utrecht")
    await hand.press("form.form .choice button")
    await expect(page.locator(".hears li")).to_have_count(1)
    await expect(page.locator("pre.letter")).to_contain_text("Janskerkhof 3")
    await hand.press("button[value=sure]")
    await expect(page.locator(".facts")).to_contain_text("Janskerkhof 3")
    assert (hand.pressed, hand.filled) == (3, 1)

    await hand.press(f'a[href="{place}/cancel"]')
    await hand.fill("#reason", "De spreker is ziek.")
    await hand.press("button.danger")
    await expect(page.locator("pre.letter")).to_contain_text("De spreker is ziek.")
    await hand.press("button[value=sure]")
    await expect(page.locator(".pill.no")).to_be_visible()
    await hand.press(f'a[href="{place}/publish"]')
    await hand.press("form.choice button")
    await expect(page.locator(".pill.yes")).to_be_visible()

    await hand.press(f'a[href="{place}/duplicate"]')
    await hand.press("form.form .choice button")
    assert hand.screen.path.partition("?")[0] != place


@pytest.mark.parametrize("device", [DESK], ids=lambda device: device.name)
async def test_a_year_is_planned_and_published_at_once(demo: Newcomer, screens: Screens, device: Device) -> None:
    hand, slug = await circle(demo, screens, "jaar")
    page = hand.screen.page
    await hand.press('a[href$="/gatherings/new"]')
    await hand.fill("#title_nl", "Lobbycafé")
    await page.locator("#unit input").nth(2).check()
    await hand.fill("#times", "12")
    await hand.press("form.form .choice button")
    await expect(page.locator("ol.dates input:checked")).to_have_count(12)  # holidays stand there unticked
    await hand.press("button[value=dates]")
    await expect(page.locator(".runs tbody tr")).to_have_count(12)
    await hand.press('a[href$="/publish"]')
    await hand.press("form.choice button")
    assert (hand.pressed + 1, hand.filled) == (6, 2)  # a year within ten minutes
    made = (await demo.call("GET", f"/gatherings?circle={slug}&limit=100"))["items"]
    assert [one["status"] for one in made] == ["published"] * 12


@pytest.mark.parametrize("device", [DESK], ids=lambda device: device.name)
async def test_a_date_is_looked_for_and_becomes_an_invitation(demo: Newcomer, screens: Screens, device: Device) -> None:
    hand, _ = await circle(demo, screens, "prikken")
    page = hand.screen.page
    await hand.press('a[href$="/gatherings/new"]')
    await hand.fill("#title_nl", "Wanneer kan iedereen?")
    await hand.press("form.form .choice button")
    place = hand.screen.path.partition("?")[0]
    await hand.press(f'a[href="{place}/poll"]')
    await hand.press("form.form .choice button")
    await expect(page.locator(".listed li")).to_have_count(3)
    await hand.press("button[value=ask]")
    await expect(page.locator(".saved")).to_be_visible()
    await hand.press("button[name=moment]")
    await expect(page.locator(".hears li")).to_have_count(1)
    await hand.press("button[value=sure]")
    await expect(page.locator(".pill.yes")).to_be_visible()
    assert (hand.pressed, hand.filled) == (7, 1)


@pytest.mark.parametrize("device", [PHONE], ids=lambda device: device.name)
async def test_seats_are_given_and_taken_back_with_a_reason(demo: Newcomer, screens: Screens, device: Device) -> None:
    hand, slug = await circle(demo, screens, "plaatsen")
    page = hand.screen.page
    await hand.press('a[href$="/gatherings/new"]')
    await hand.fill("#title_nl", "Kleine zaal")
    await hand.fill("#capacity", "1")
    await hand.press("form.form .choice button")
    place = hand.screen.path.partition("?")[0]
    await hand.press(f'a[href="{place}/publish"]')
    await hand.press("form.choice button")
    number = place.rpartition("/")[2]
    listed = (await demo.call("GET", f"/gatherings/{number}/registrations"))["items"]
    for one in listed[:2]:
        answer = {"partstat": "accepted"}
        await demo.call("PUT", f"/gatherings/{number}/registrations/{one['person_id']}", answer)
    first, second = (one["person_id"] for one in listed[:2])

    await hand.screen.open(place)
    await hand.press(f'a[href="{place}/seats"]')
    await hand.press(f'button[value="{first}:demote"]')
    await hand.fill("#note", "De zaal is kleiner dan gedacht.")
    await hand.press("form.form .choice button")
    await hand.press(f'button[value="{first}:override"], button[value="{second}:override"]')
    await hand.fill("#note", "Er past nog een stoel bij.")
    await hand.press("form.form .choice button")
    after = (await demo.call("GET", f"/gatherings/{number}/registrations"))["items"]
    assert sorted(one["seat"] for one in after if one["person_id"] in (first, second)) == ["seated", "seated"]
    assert slug in str(await demo.call("GET", f"/gatherings/{number}"))
    await expect(page.locator(".runs tbody tr, ol li").first).to_be_visible()
