"""Stopping the invitations of one circle: by one click of a mailbox provider, by a button, and back again."""

from datetime import timedelta

import pytest

from service.actions import members, scheduling
from service.rules.access import KRING
from tests.handlers.web.browsing import Browser
from tests.handlers.web.conftest import Browsers
from tests.handlers.web.house import START, House


async def wants_mails(house: House, slug: str = "data") -> bool:
    async with house.db.reading() as conn:
        return await conn.fetchval(
            "select mails from membership m join circle c on c.id = circle_id where slug = $1 and person_id = $2",
            slug,
            house.anna.id,
        )


async def test_one_click_needs_no_cookie_token_or_origin_and_may_come_twice(house: House, visitor: Browser) -> None:
    link = await house.link(house.open, house.anna, "u")
    for _ in range(2):
        answer = await visitor.post(link, {"List-Unsubscribe": "One-Click"}, headers={})
        assert (answer.status, "Location" in answer.headers) == (200, False)
        assert await wants_mails(house) is False
    assert await wants_mails(house, "lobby") is True


async def test_one_click_may_come_as_multipart(house: House, visitor: Browser) -> None:
    from aiohttp import FormData

    form = FormData({"List-Unsubscribe": "One-Click"}, default_to_multipart=True)
    answer = await visitor.post(await house.link(house.open, house.anna, "u"), form, headers={})
    assert answer.status == 200
    assert await wants_mails(house) is False


async def test_looking_changes_nothing_and_the_button_does_and_takes_it_back(house: House, visitor: Browser) -> None:
    link = await house.link(house.open, house.anna, "u")
    page = await visitor.get(link)
    assert "Geen uitnodigingen meer van Datakring?" in page.words
    assert await wants_mails(house) is True
    stopped = await visitor.press(page, link, mails="no")
    assert (stopped.status, stopped.location) == (303, link)
    after = await visitor.get(link)
    assert "Je krijgt geen uitnodigingen meer van Datakring." in after.words
    await visitor.press(after, link, mails="yes")
    assert await wants_mails(house) is True


async def test_a_confidential_circle_is_not_named(house: House, visitor: Browser) -> None:
    link = await house.link(house.secret, house.anna, "u")
    page = await visitor.get(link)
    assert "Geen uitnodigingen meer van deze kring?" in page.words
    assert "Spiegel" not in page.text


async def test_a_link_outlives_its_gathering_and_the_revoked_answer_link(house: House, visitor: Browser) -> None:
    link = await house.link(house.open, house.anna, "u")
    async with house.db.transaction() as conn:
        await conn.execute("update registration set generation = generation + 1")
    assert (await visitor.get(link)).status == 200


@pytest.mark.parametrize("path", ["/u/x", "/u/" + "a" * 40])
async def test_a_link_that_never_was_reveals_nothing(house: House, visitor: Browser, path: str) -> None:
    assert (await visitor.get(path)).status == 404
    assert (await visitor.post(path, {"List-Unsubscribe": "One-Click"}, headers={})).status == 404


async def test_an_answer_link_does_not_unsubscribe(house: House, visitor: Browser) -> None:
    link = (await house.link(house.open, house.anna, "r")).replace("/r/", "/u/")
    assert (await visitor.post(link, {"List-Unsubscribe": "One-Click"}, headers={})).status == 404


async def test_the_unsubscribed_stay_members_keep_their_answers_and_get_no_new_invitation(
    house: House, visitor: Browser
) -> None:
    await visitor.post(await house.link(house.open, house.anna, "u"), {"List-Unsubscribe": "One-Click"}, headers={})
    facts = {"title_nl": "Later", "title_en": "Later", "starts_local": START + timedelta(days=9)}
    made = await scheduling.create(
        house.db, KRING, "data", facts | {"ends_local": START + timedelta(days=9, hours=1)}, now=house.now
    )
    await scheduling.publish(house.db, KRING, made.id, now=house.now)
    async with house.db.reading() as conn:
        told = await conn.fetch(
            "select person_id from notice where gathering_id = $1 and purpose = 'invitation' order by person_id",
            made.id,
        )
    assert [row[0] for row in told] == [house.ben.id, house.fatima.id]
    assert house.anna.id in [member.person_id for member in await members.everyone(house.db, KRING, "data")]
    assert (await visitor.get(await house.link(house.open, house.anna))).status == 200


async def test_members_choose_it_on_the_page_of_their_circle(house: House, browsers: Browsers) -> None:
    anna = await browsers(house.anna)
    await anna.press(await anna.get("/circles/data"), "/circles/data/mails", mails="no")
    assert await wants_mails(house) is False
    page = await anna.get("/circles/data")
    assert "Je krijgt geen uitnodigingen per mail." in page.words
    await anna.press(page, "/circles/data/mails", mails="yes")
    assert await wants_mails(house) is True
    outsider = await browsers(house.outsider)
    form = (await outsider.get("/circles/data")).form("/logout").fields
    assert (await outsider.post("/circles/data/mails", {**form, "mails": "no"})).status == 403
