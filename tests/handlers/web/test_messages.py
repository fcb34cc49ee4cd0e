"""Telling people something from the browser: look first, send once, call off."""

from datetime import timedelta

import pytest

from service.clock import MovableClock
from service.model import Partstat
from tests.handlers.web.browsing import Browser
from tests.handlers.web.conftest import Browsers
from tests.handlers.web.house import House


@pytest.fixture
async def fatima(house: House, browsers: Browsers) -> Browser:
    """The facilitator of the data circle."""
    return await browsers(house.fatima)


async def test_a_message_is_looked_at_sent_once_and_called_off(
    house: House, fatima: Browser, browsers: Browsers, clock: MovableClock
) -> None:
    await house.answer(house.open, house.anna, Partstat.ACCEPTED)
    place = f"/manage/gatherings/{house.open.id}/messages"
    page = await fatima.get(place)
    assert "Wie er komt (1)" in page.words
    looked = await fatima.press(page, place, audience="coming", text="Neem <b>je laptop</b> mee.")
    assert "Eén iemand krijgt dit bericht: wie er komt." in looked.words
    assert "Neem <b>je laptop</b> mee." in looked.words
    assert "<b>je laptop" not in looked.text
    assert await house.mails("broadcast") == []
    typed = {"audience": "coming", "text": "Neem <b>je laptop</b> mee.", "go": "yes"}
    sent = await fatima.press(looked, place, **typed)
    assert sent.location == f"{place}?saved=sent"
    await fatima.press(looked, place, **typed)  # pressed twice is sent once
    assert [facts["text"] for facts in await house.mails("broadcast")] == ["Neem <b>je laptop</b> mee."]
    anna = await browsers(house.anna)
    assert "Neem <b>je laptop</b> mee." in (await anna.get(f"/gatherings/{house.open.id}")).words
    page = await fatima.get(sent.location)
    (form,) = [form for form in page.forms if form.action.endswith("/call-off")]
    await fatima.press(page, form.action)
    assert "Tegengehouden." in (await fatima.get(f"{place}?saved=off")).words
    assert "laptop" not in (await anna.get(f"/gatherings/{house.open.id}")).words
    clock.move(timedelta(seconds=30))
    assert not [form for form in (await fatima.get(place)).forms if form.action.endswith("/call-off")]


async def test_what_is_not_right_comes_back_as_it_was_typed(house: House, fatima: Browser) -> None:
    place = f"/manage/gatherings/{house.open.id}/messages"
    page = await fatima.get(place)
    for typed, words, status in (
        ({"audience": "", "text": "Hallo"}, "Kies voor wie het is.", 400),
        ({"audience": "everyone", "text": " "}, "Schrijf wat mensen moeten weten", 400),
        ({"audience": "everyone", "text": "x" * 3001}, "in hoogstens 3.000 tekens", 400),
        ({"audience": "waiting", "text": "Hallo"}, "Er is niemand om het aan te vertellen.", 409),
    ):
        again = await fatima.press(page, place, **typed)
        assert (again.status, words in again.words) == (status, True), typed
        assert typed["text"].strip() in again.text
    assert await house.mails("broadcast") == []


async def test_a_draft_has_nobody_to_tell(house: House, fatima: Browser) -> None:
    assert (await fatima.get(f"/manage/gatherings/{house.draft.id}/messages")).status == 409
    assert "messages" not in (await fatima.get(f"/manage/gatherings/{house.draft.id}")).text
    assert (
        f"/manage/gatherings/{house.open.id}/messages" in (await fatima.get(f"/manage/gatherings/{house.open.id}")).text
    )
