"""The answer page, opened from a mail."""

from datetime import timedelta

import pytest

from service.actions import joining, scheduling
from service.clock import MovableClock
from service.model import Partstat
from service.rules.access import KRING
from tests.handlers.web.browsing import FROM_OUR_PAGE, Browser
from tests.handlers.web.house import KEYS, House

SECRETS = ("Macht aan tafel", "Power at the table", "Spiegel", "Mirror", "spiegel", "Zaal 3")


async def test_the_page_shows_the_gathering_and_takes_the_answer_without_a_cookie(
    house: House, visitor: Browser
) -> None:
    link = await house.link(house.open, house.anna)
    page = await visitor.get(link)
    assert page.status == 200
    assert "Gegevens delen" in page.words
    assert "dinsdag 1 december 2026, 16.00–18.00 uur" in page.words
    assert "Je hebt nog niet geantwoord." in page.words
    assert [button["value"] for button in page.form(link).buttons] == [
        "accepted-on-site",
        "accepted-online",
        "tentative",
        "declined",
    ]

    answered = await visitor.press(page, link, partstat="accepted")
    assert (answered.status, answered.location) == (303, f"{link}?saved")
    after = await visitor.get(answered.location)
    assert "Dank je wel, we hebben je antwoord genoteerd: ja." in after.words
    assert "Je komt. Er is een plek voor je." in after.words
    assert [button["value"] for button in after.form(link).buttons if "aria-pressed" in button] == ["accepted-on-site"]
    assert list(visitor.client.session.cookie_jar) == []


async def test_who_is_too_late_reads_their_place_on_the_waiting_list(house: House, visitor: Browser) -> None:
    link = await house.link(house.full, house.anna)
    answered = await visitor.press(await visitor.get(link), link, partstat="accepted")
    after = await visitor.get(answered.location)
    assert "Het is vol, maar je staat op de wachtlijst." in after.words
    assert "Je staat op de wachtlijst, plek 1." in after.words
    assert "meet.example.org" not in after.text


async def test_the_page_is_in_the_language_of_its_person_until_another_is_chosen(
    house: House, visitor: Browser
) -> None:
    link = await house.link(house.open, house.ben)
    assert "Will you be there?" in (await visitor.get(link)).words
    chosen = await visitor.get(f"{link}?lang=nl")
    assert "Kom je ook?" in chosen.words
    assert chosen.headers["Content-Language"] == "nl"
    assert "Kom je ook?" in (await visitor.get(link)).words


async def test_an_answer_in_the_address_is_only_pointed_at(house: House, visitor: Browser) -> None:
    link, before = await house.link(house.open, house.anna), await house.digest()
    page = await visitor.get(f"{link}?answer=declined")
    assert [b["value"] for b in page.form(link).buttons if "wanted" in b["class"]] == ["declined"]
    assert await house.digest() == before


async def test_of_a_confidential_gathering_only_the_time_is_told(house: House, visitor: Browser) -> None:
    link = await house.link(house.secret, house.anna)
    page = await visitor.get(link)
    assert "Je bijeenkomst op dinsdag 1 december 2026" in page.words
    answered = await visitor.press(page, link, partstat="accepted")
    after = await visitor.get(answered.location)
    await scheduling.cancel(house.db, KRING, house.secret.id, "De Spiegel is stuk", now=house.now)
    cancelled = await visitor.get(link)
    assert "Deze bijeenkomst gaat niet door." in cancelled.words
    for shown in (page, after, cancelled):
        assert [secret for secret in SECRETS if secret in shown.text] == []


async def test_a_link_that_never_was_and_one_that_is_over_reveal_nothing_and_offer_a_fresh_one(
    house: House, visitor: Browser, clock: MovableClock
) -> None:
    link = await house.link(house.open, house.anna)
    forged = link[:-1] + ("a" if link[-1] != "a" else "b")
    wrong_purpose = (await house.link(house.open, house.anna, "u")).replace("/u/", "/r/")
    unknown = [await visitor.get(path) for path in (forged, wrong_purpose, "/r/x", "/r/" + "a" * 300, "/r/%00%ff")]
    clock.move(timedelta(days=60))
    expired = await visitor.get(link)
    assert [page.status for page in unknown] == [404] * 5
    assert expired.status == 410
    assert {page.words for page in (*unknown, expired)} == {expired.words}
    assert "Deze link werkt niet meer" in expired.words
    sent = await visitor.press(expired, "/login", email="anna@example.org")
    assert sent.status == 200
    assert len(await house.mails("sign-in")) == 1


async def test_who_left_the_circle_finds_the_link_gone(house: House, visitor: Browser) -> None:
    link = await house.link(house.open, house.anna)
    page = await visitor.get(link)
    await joining.remove_member(house.db, KRING, "data", house.anna.id, now=house.now)
    assert (await visitor.get(link)).status == 410
    assert (await visitor.press(page, link, partstat="accepted")).status == 410


@pytest.mark.parametrize("over", ["cancelled", "past"])
async def test_what_takes_no_answers_says_so_and_has_no_buttons(
    house: House, visitor: Browser, clock: MovableClock, over: str
) -> None:
    link = await house.link(house.open, house.anna)
    before = await visitor.get(link)
    if over == "cancelled":
        await scheduling.cancel(house.db, KRING, house.open.id, "Spreker ziek", now=house.now)
    else:
        clock.move(timedelta(days=9))
    page = await visitor.get(link)
    said = "Deze bijeenkomst gaat niet door. Spreker ziek" if over == "cancelled" else "Deze bijeenkomst is geweest."
    assert said in page.words
    assert page.forms == []
    late = await visitor.press(before, link, partstat="accepted")
    assert (late.status, late.location) == (303, link)


async def test_two_answers_at_the_same_instant_make_one_registration(house: House, visitor: Browser) -> None:
    link = await house.link(house.open, house.anna)
    page = await visitor.get(link)
    for _ in range(2):
        assert (await visitor.press(page, link, partstat="accepted")).status == 303
    assert len(await house.mails("confirmation")) == 2  # Ben's for the small room, and Anna's once


async def test_a_link_in_capitals_works_and_one_signed_with_an_older_key_too(house: House, visitor: Browser) -> None:
    from service.formats.tokens import handle

    link = await house.link(house.open, house.anna)
    assert (await visitor.get("/r/" + link[3:].upper())).status == 200
    old = handle({"b": KEYS["b"]}, "r", await house.registration_id(house.open, house.anna))
    page = await visitor.get(f"/r/{old}")
    assert (await visitor.press(page, f"/r/{old}", partstat="tentative")).status == 303


async def test_what_is_no_answer_is_refused(house: House, visitor: Browser) -> None:
    link = await house.link(house.open, house.anna)
    page = await visitor.get(link)
    assert (await visitor.press(page, link, partstat="perhaps")).status == 400
    assert (await visitor.press(page, link)).status == 400


async def test_the_form_of_one_link_does_not_answer_for_another(house: House, visitor: Browser) -> None:
    anna, ben = await house.link(house.open, house.anna), await house.link(house.open, house.ben)
    fields = (await visitor.get(anna)).form(anna).fields
    refused = await visitor.post(ben, {**fields, "partstat": Partstat.DECLINED}, FROM_OUR_PAGE)
    assert refused.status == 403
