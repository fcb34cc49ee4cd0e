"""The road of a question, by clicks alone: a facilitator asks, a member answers after a yes, the totals say so."""

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Screens, sound
from tests.stories.letters import invites
from tests.stories.newcomer import Newcomer

pytestmark = pytest.mark.browser


async def planned(demo: Newcomer, screens: Screens, title: str) -> dict[str, Any]:
    """Plan a gathering of a circle that the facilitator leads."""
    screen = await screens("nl-NL", "facilitator")
    await screen.open("/manage/past")
    link = await screen.page.locator('.runs a[href$="/roster"]').first.get_attribute("href")
    found = re.search(r"/gatherings/(\d+)/", link or "")
    assert found is not None
    start = (datetime.now(ZoneInfo("Europe/Amsterdam")).replace(tzinfo=None) + timedelta(days=20)).replace(
        hour=12, minute=0, second=0, microsecond=0
    )
    given = {
        "circle": (await demo.call("GET", f"/gatherings/{found[1]}"))["circle"],
        "title": {"nl": title},
        "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(hours=2)).isoformat(),
        "timezone": "Europe/Amsterdam",
    }
    return await demo.call("POST", "/gatherings", given, status=201)


async def test_a_facilitator_asks_a_member_answers_and_the_totals_say_so(demo: Newcomer, screens: Screens) -> None:
    lead, member = await screens("nl-NL", "facilitator"), await screens("nl-NL")
    lead.refused = member.refused = {400}  # what is missing comes back to be filled in
    title = f"Lunch {'op de telefoon' if lead.device.mobile else 'aan het bureau'}"
    made = await planned(demo, screens, title)
    place = f"/manage/gatherings/{made['id']}"
    page = lead.page
    await lead.open(place)
    await page.locator('a[href$="/questions"]').click()
    await sound(lead)
    await page.locator("button[value=diet]").click()
    await page.locator('a[href$="/questions/new"]').click()
    await page.locator("#text_nl").fill("Hoe kom je?")
    await page.locator("input[name=kind][value=choice]").check()
    await page.locator("form.form button").first.click()
    await expect(page.locator("#choices.faulty")).to_be_visible()  # two choices at least
    await sound(lead)
    await page.locator("#nl1").fill("Trein")
    await page.locator("#nl2").fill("Fiets")
    await page.locator("#needed").check()
    await page.locator("form.form button").first.click()
    await expect(page.locator(".asked li")).to_have_count(2)
    await sound(lead)
    await lead.open(f"{place}/publish")
    await page.locator("main form button").first.click()
    await expect(page.locator(".saved")).to_be_visible()

    invited = (await demo.call("GET", f"/gatherings/{made['id']}"))["counts"]["invited"]
    letters = await demo.mailbox.find(invited, lambda letter: invites(letter, made))
    await member.open(next(letter for letter in letters if "van harte" in letter.text).link("r"))
    await member.page.locator("button.accepted").first.click()
    asked = member.page.locator("#questions")
    await expect(asked).to_be_visible()
    await sound(member)
    await asked.get_by_label("Vegetarisch").check()
    await asked.locator("button").click()
    await expect(asked.locator(".faulty .fault")).to_be_visible()  # what is needed is missing; what was given stays
    await sound(member)
    await asked.get_by_label("Fiets").check()
    await asked.locator("button").click()
    await expect(asked.locator(".saved")).to_be_visible()
    await expect(asked.get_by_text("Beantwoord.")).to_have_count(2)  # and not shown to whoever holds the link
    await sound(member)

    await lead.open(f"{place}/answers")
    await expect(page.locator(".sums li", has_text="Vegetarisch")).to_have_text(re.compile(r"^\s*1\s+Vegetarisch"))
    await expect(page.locator(".pairs dd", has_text="Fiets")).to_be_visible()
    await sound(lead)
