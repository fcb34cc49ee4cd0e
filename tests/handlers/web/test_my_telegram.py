"""Connecting a chat on one's own page."""

import re

from service.actions import linking, people, remembering
from tests.handlers.web.conftest import Browsers
from tests.handlers.web.house import House


async def test_without_a_bot_the_page_says_nothing_of_it(browsers: Browsers, house: House) -> None:
    anna = await browsers(house.anna)
    assert "Telegram" not in (await anna.get("/me")).text


async def test_a_link_is_shown_once_and_connects_whoever_opens_it(browsers: Browsers, house: House) -> None:
    await remembering.set_name(house.db, "telegram", "kring_bot")
    anna = await browsers(house.anna)
    shown = await anna.press(await anna.get("/me"), "/me/telegram")
    (token,) = set(re.findall(r"https://t\.me/kring_bot\?start=l_([A-Za-z0-9_-]{22})", shown.text))
    assert (shown.status, shown.headers["Cache-Control"], "<svg" in shown.text) == (200, "no-store", True)
    assert " style=" not in shown.text
    offer = await linking.look(house.db, "telegram", token, "7", now=house.now)
    await linking.accept(house.db, "telegram", offer.request_id, "7", account="@anna", now=house.now)
    page = await anna.get("/me")
    assert "Je chat op Telegram is gekoppeld." in page.text
    await anna.press(page, "/me/telegram/prefer", channel="mail")
    assert await preferred(house) == "mail"
    page = await anna.get("/me")
    assert "Je krijgt alles per mail." in page.text
    await anna.press(page, "/me/telegram/prefer", channel="telegram")
    assert await preferred(house) == "telegram"
    for reachable in (False, True):
        await linking.reach(house.db, "telegram", "7", reachable=reachable, now=house.now)
        page = await anna.get("/me")
        assert ("Maar berichten komen daar niet aan" in page.text) is not reachable
    page = await anna.get("/me")
    await anna.press(page, "/me/telegram/disconnect")
    assert await people.person_by_address(house.db, "telegram", "7") is None
    assert await preferred(house) == "mail"


async def test_a_chat_that_is_not_reached_cannot_be_preferred(browsers: Browsers, house: House) -> None:
    await remembering.set_name(house.db, "telegram", "kring_bot")
    anna, action = await browsers(house.anna), "/me/telegram/prefer"
    token = (await anna.get("/me")).form("/logout").fields
    assert (await anna.post(action, {**token, "channel": "telegram"})).status == 400
    link = await linking.begin(house.db, await people.actor_for(house.db, house.anna.id), "telegram", now=house.now)
    offer = await linking.look(house.db, "telegram", link, "7", now=house.now)
    await linking.accept(house.db, "telegram", offer.request_id, "7", account="@anna", now=house.now)
    await anna.press(await anna.get("/me"), action, channel="mail")
    await linking.reach(house.db, "telegram", "7", reachable=False, now=house.now)
    assert action not in [form.action for form in (await anna.get("/me")).forms]
    assert (await anna.post(action, {**token, "channel": "telegram"})).status == 400
    assert await preferred(house) == "mail"


async def test_the_team_parts_somebody_from_a_lost_telephone(browsers: Browsers, house: House) -> None:
    link = await linking.begin(house.db, await people.actor_for(house.db, house.anna.id), "telegram", now=house.now)
    offer = await linking.look(house.db, "telegram", link, "7", now=house.now)
    await linking.accept(house.db, "telegram", offer.request_id, "7", account="@anna", now=house.now)
    await linking.reach(house.db, "telegram", "7", reachable=False, now=house.now)
    anna, staff = await browsers(house.anna), await browsers(house.staff)
    page = await staff.get(f"/manage/people/{house.anna.id}")
    assert "niet bereikbaar" in page.words
    [remove] = [form.action for form in page.forms if form.action.endswith("/remove")]
    parted = await staff.get((await staff.press(page, remove)).location)
    assert "De chat is niet meer gekoppeld." in parted.words
    assert "Telegram" not in parted.words
    assert (await anna.get("/me")).status == 200
    assert await preferred(house) == "mail"


async def preferred(house: House) -> str:
    async with house.db.reading() as conn:
        return await conn.fetchval("select preferred_channel from person where id = $1", house.anna.id)
