"""Taking one's data along and having it erased, in the browser: asked for anew, typed to be sure, and gone."""

import json

import pytest

from service.actions import web_sessions
from service.clock import MovableClock
from service.model import Partstat
from tests.handlers.web.browsing import Browser, Page
from tests.handlers.web.conftest import Browsers
from tests.handlers.web.house import House

JSON, READABLE = {"format": "json"}, {"format": "html"}


@pytest.fixture
async def anna(browsers: Browsers, house: House) -> Browser:
    await house.answer(house.open, house.anna, Partstat.ACCEPTED)
    await house.answer(house.secret, house.anna, Partstat.ACCEPTED)
    return await browsers(house.anna)


async def sign_in_again(house: House, browser: Browser, page: Page) -> str:
    """Press the button, read the mail, type its code; return where that leads."""
    asked = await browser.press(page, "/login")
    (facts,) = await house.mails("sign-in")
    entered = await browser.press(asked, "/login/code", code=facts["code"])
    return entered.location


async def test_everything_of_oneself_is_downloaded_the_confidential_too(house: House, anna: Browser) -> None:
    page = await anna.get("/me/data")
    got = await anna.press(page, "/me/data/export", **JSON)
    assert got.headers["Content-Disposition"] == f'attachment; filename="kring-{house.anna.id}.json"'
    held = json.loads(got.body)
    assert [one["title_nl"] for one in held["registrations"] if one["partstat"] == "accepted"] == [
        "Gegevens delen", "Macht aan tafel",
    ]  # fmt: skip
    assert "Ben" not in got.body.decode()
    read = await anna.press(page, "/me/data/export", **READABLE)
    assert (read.status, read.headers["Cache-Control"]) == (200, "no-store")
    assert "Wat Kring van je weet" in read.words
    assert "Macht aan tafel dinsdag 1 december 2026, 16.00 uur komt" in read.words
    assert "anna@example.org" in read.words


async def test_a_browser_that_was_left_open_gives_nothing_away_and_erases_nobody(
    house: House, anna: Browser, clock: MovableClock
) -> None:
    page = await anna.get("/me/data")
    clock.move(web_sessions.FRESH)
    before = await house.digest()
    for action, typed in (("/me/data/export", JSON), ("/me/data/erase", {"sure": "wissen"})):
        assert (await anna.press(page, action, **typed)).location == "/me/data"
    assert await house.digest() == before
    stale = await anna.get("/me/data")
    assert [form.action for form in stale.forms if "/data/" in form.action] == []
    assert await sign_in_again(house, anna, stale) == "/me/data"
    fresh = await anna.get("/me/data")
    assert (await anna.press(fresh, "/me/data/export", **JSON)).status == 200


async def test_one_is_erased_only_once_the_word_is_typed(house: House, anna: Browser) -> None:
    page = await anna.get("/me/data")
    assert "Je zei ja op 2 bijeenkomsten die nog komen:" in page.words
    refused = await anna.press(page, "/me/data/erase", sure="ja")
    assert (refused.status, "Typ het woord precies zoals het er staat" in refused.words) == (400, True)
    assert (await anna.get("/me")).status == 200

    erased = await anna.press(page, "/me/data/erase", sure=" Wissen ")
    assert (erased.status, "Je bent gewist" in erased.words) == (200, True)
    assert anna.cookie("kring") is None
    assert (await anna.get("/me")).location.startswith("/login")
    assert [facts["name"] for facts in await house.mails("erased")] == ["Anna de Vries"]


async def test_another_session_of_who_is_erased_is_worth_nothing(house: House, browsers: Browsers) -> None:
    here, there = await browsers(house.anna), await browsers(house.anna)
    page = await there.get("/me")
    await here.press(await here.get("/me/data"), "/me/data/erase", sure="wissen")
    assert (await there.get("/me")).status == 303
    refused = await there.press(page, f"/gatherings/{house.open.id}/answer", partstat="declined")
    assert refused.status == 403


async def test_the_team_hands_out_and_erases_and_sees_nothing_confidential(house: House, browsers: Browsers) -> None:
    await house.answer(house.secret, house.anna, Partstat.ACCEPTED)
    staff, place = await browsers(house.staff), f"/manage/people/{house.anna.id}/data"
    page = await staff.get(place)
    for typed in (JSON, READABLE):
        got = (await staff.press(page, f"{place}/export", **typed)).body.decode()
        assert ("Anna de Vries" in got, "Macht aan tafel" in got, "Spiegel" in got) == (True, False, False)
    gone = await staff.press(page, f"{place}/erase", sure="wissen")
    assert gone.location == "/manage/people?saved=erased"
    listed = await staff.get(gone.location)
    assert ("Anna de Vries" in listed.words, "Gewist." in listed.words) == (False, True)
    assert (await staff.get(place)).status == 404


async def test_the_only_admin_stays(house: House, browsers: Browsers) -> None:
    async with house.db.transaction() as conn:
        await conn.execute("update person set role = 'admin' where id = $1", house.staff.id)
    browser = await browsers(house.staff)
    refused = await browser.press(await browser.get("/me/data"), "/me/data/erase", sure="wissen")
    assert (refused.status, "Maak eerst iemand anders beheerder" in refused.words) == (400, True)
