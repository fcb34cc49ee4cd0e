"""Seats by hand on a page, and choosing between coming and joining online."""

from datetime import timedelta

import pytest

from service.actions import scheduling
from service.model import Gathering, Partstat
from service.rules.access import KRING
from tests.handlers.web.browsing import Browser
from tests.handlers.web.conftest import Browsers
from tests.handlers.web.house import House


def seats(gathering: Gathering) -> str:
    return f"/manage/gatherings/{gathering.id}/seats"


@pytest.fixture
async def fatima(house: House, browsers: Browsers) -> Browser:
    """The facilitator of the data circle."""
    return await browsers(house.fatima)


async def test_a_seat_is_taken_back_with_a_reason_and_goes_to_who_waits(house: House, fatima: Browser) -> None:
    place = seats(house.full)
    await house.answer(house.full, house.anna, Partstat.ACCEPTED)
    page = await fatima.get(place)
    assert "1 van 1 plek bezet." in page.words
    assert "Anna de Vries Stichting Wereldwijs wacht, plek 1" in page.words
    assert "Ben Okafor Stichting Wereldwijs heeft een plek" in page.words
    why = await fatima.press(page, place, seat=f"{house.ben.id}:demote")
    assert (why.status, await house.mails("demotion")) == (200, [])
    assert "Waarom neem je de plek terug?" in why.words
    assert (await fatima.press(why, place, note=" ")).status == 400
    done = await fatima.press(why, place, note="Kleinere zaal")
    assert done.location == f"{place}?saved#s{house.ben.id}"
    assert [facts["note"] for facts in await house.mails("demotion")] == ["Kleinere zaal"]
    after = await fatima.get(place)
    assert "Anna de Vries Stichting Wereldwijs heeft een plek" in after.words


async def test_what_is_not_possible_says_so_and_changes_nothing(house: House, fatima: Browser) -> None:
    place = seats(house.full)
    await house.answer(house.full, house.anna, Partstat.ACCEPTED)
    page = await fatima.get(place)
    (waiting,) = [
        button["value"] for button in page.form(place).buttons if button["value"].startswith(f"{house.anna.id}:")
    ]
    assert waiting == f"{house.anna.id}:override"  # what would be refused is not offered
    assert "Voor wie wacht is er geen plek vrij." in page.words
    before = await house.digest()
    refused = await fatima.press(page, place, seat=f"{house.anna.id}:promote")
    assert (refused.status, "Dat kan zo niet." in refused.words) == (409, True)
    for wrong in ("", "x:promote", f"{house.anna.id}:crown", "9" * 30 + ":promote"):
        assert (await fatima.press(page, place, seat=wrong)).status == 400
    assert await house.digest() == before
    beyond = await fatima.press(page, place, seat=f"{house.anna.id}:override", note="Spreekt")
    assert beyond.status == 303
    assert "2 van 1 plek bezet. Dat is er een te veel" in (await fatima.get(place)).words


async def test_who_is_offered_a_seat_has_no_answer_pressed_yet(
    house: House, fatima: Browser, browsers: Browsers
) -> None:
    open_to_all = {"capacity": 2, "approval": True}
    await scheduling.change(house.db, KRING, house.full.id, open_to_all, now=house.now, coalesce=timedelta(seconds=20))
    await house.answer(house.full, house.anna, Partstat.ACCEPTED)
    page = await fatima.get(seats(house.full))
    assert (await fatima.press(page, seats(house.full), seat=f"{house.anna.id}:offer")).status == 303
    anna, path = await browsers(house.anna), f"/gatherings/{house.full.id}"
    listed = (await fatima.get(seats(house.full))).words
    assert "Anna de Vries Stichting Wereldwijs heeft een aanbod tot maandag 23 november om 22.00 uur" in listed
    offered = await anna.get(path)
    assert "Er is een plek voor je vrijgekomen." in offered.words
    buttons = offered.form(f"{path}/answer").buttons
    assert [one["value"] for one in buttons if "aria-pressed" in one] == []
    await anna.press(offered, f"{path}/answer", partstat="accepted")
    taken = (await anna.get(path)).form(f"{path}/answer").buttons
    assert [one["value"] for one in taken if "aria-pressed" in one] == ["accepted"]


async def test_staff_see_no_seats_of_a_confidential_circle(house: House, browsers: Browsers) -> None:
    staff = await browsers(house.staff)
    assert (await staff.get(seats(house.secret))).status == 403
    assert seats(house.secret) not in (await staff.get(f"/manage/gatherings/{house.secret.id}")).text


async def test_a_link_offers_the_place_and_the_call(house: House, browsers: Browsers) -> None:
    visitor = await browsers()
    link = await house.link(house.open, house.anna)
    page = await visitor.get(f"{link}?answer=accepted-online")
    buttons = {one["value"]: one for one in page.form(link).buttons}
    assert list(buttons) == ["accepted-on-site", "accepted-online", "tentative", "declined"]
    assert "wanted" in buttons["accepted-online"]["class"]
    await visitor.press(page, link, partstat="accepted-online")
    said = await visitor.get(link)
    assert "Je doet online mee." in said.words
    pressed = [one["value"] for one in said.form(link).buttons if "aria-pressed" in one]
    assert pressed == ["accepted-online"]
    counts = (await scheduling.counts(house.db, [house.open.id]))[house.open.id]
    assert (counts.accepted, counts.online, counts.seated) == (1, 1, 0)
    await visitor.press(said, link, partstat="accepted")  # as a form from elsewhere has it: stays as it was
    counts = (await scheduling.counts(house.db, [house.open.id]))[house.open.id]
    assert counts.online == 1
    await visitor.press(said, link, partstat="accepted-on-site")
    assert "Er is een plek voor je." in (await visitor.get(link)).words


async def test_where_there_is_one_way_to_come_nothing_is_asked(house: House, browsers: Browsers) -> None:
    visitor = await browsers()
    link = await house.link(house.full, house.anna)
    values = [one["value"] for one in (await visitor.get(link)).form(link).buttons]
    assert values == ["accepted", "tentative", "declined"]
    hidden = await house.link(house.secret, house.anna)
    await scheduling.change(
        house.db,
        KRING,
        house.secret.id,
        {"online_url": "https://meet.example.org/geheim"},
        now=house.now,
        coalesce=house.now - house.now,
    )
    values = [one["value"] for one in (await visitor.get(hidden)).form(hidden).buttons]
    assert values == ["accepted", "tentative", "declined"]
