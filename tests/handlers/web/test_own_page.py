"""One's own page: answers, circles, language and subscriptions."""

from datetime import timedelta

import pytest

from service.clock import MovableClock
from service.model import Partstat
from tests.handlers.web.browsing import Browser
from tests.handlers.web.conftest import Browsers
from tests.handlers.web.house import House


@pytest.fixture
async def anna(house: House, browsers: Browsers) -> Browser:
    return await browsers(house.anna)


async def test_own_registrations_are_shown_and_answered_in_place(house: House, anna: Browser) -> None:
    page = await anna.get("/me")
    assert "Dag Anna de Vries" in page.words
    titles = ("Gegevens delen", "Kleine zaal", "De nieuwe Kamer", "Macht aan tafel")
    assert [title for title in titles if title not in page.words] == []
    answered = await anna.press(page, f"/gatherings/{house.full.id}/answer", partstat="accepted")
    assert answered.location == f"/me?saved={house.full.id}#g{house.full.id}"
    after = await anna.get(answered.location)
    assert "Het is vol, maar je staat op de wachtlijst." in after.words
    assert "Wachtlijst, plek 1" in after.words


async def test_what_is_over_moves_down_and_takes_no_answers(house: House, anna: Browser, clock: MovableClock) -> None:
    clock.move(timedelta(days=10))
    page = await anna.get("/me")
    assert "Je bent nu nergens voor uitgenodigd." in page.words
    assert "Gegevens delen" in page.words
    assert [form.action for form in page.forms if "gatherings" in form.action] == []


async def test_the_language_is_chosen_for_pages_and_mails_alike(house: House, anna: Browser) -> None:
    changed = await anna.press(await anna.get("/me/preferences"), "/me/language", language="en")
    assert changed.location == "/me/preferences"
    assert "Hello, Anna de Vries" in (await anna.get("/me")).words
    async with house.db.reading() as conn:
        assert await conn.fetchval("select language from person where id = $1", house.anna.id) == "en"
    assert (await anna.press(await anna.get("/me/preferences"), "/me/language", language="fr")).status == 400


async def test_quiet_hours_are_kept_and_emptied_again(house: House, anna: Browser) -> None:
    async def hours() -> list[str]:
        fields = (await anna.get("/me/preferences")).form("/me/preferences/quiet").fields
        return [fields["quiet_from"], fields["quiet_until"]]

    page = await anna.get("/me/preferences")
    saved = await anna.press(page, "/me/preferences/quiet", quiet_from="21:00", quiet_until="08:30")
    assert saved.location == "/me/preferences?saved=quiet"
    assert await hours() == ["21:00", "08:30"]
    for typed in ({"quiet_from": "21:00", "quiet_until": ""}, {"quiet_from": "laat", "quiet_until": "08:00"}):
        refused = await anna.press(page, "/me/preferences/quiet", **typed)
        assert (refused.status, refused.form("/me/preferences/quiet").fields["quiet_from"]) == (
            400,
            typed["quiet_from"],
        )
        assert await hours() == ["21:00", "08:30"]
    await anna.press(page, "/me/preferences/quiet", quiet_from="", quiet_until="")
    assert await hours() == ["", ""]


async def test_what_comes_from_a_circle_is_chosen_there(house: House, anna: Browser) -> None:
    action = f"/me/preferences/circles/{house.open.circle_id}"
    page = await anna.get("/me/preferences")
    token = page.form(action).fields["form"]
    saved = await anna.post(action, {"form": token, "mails": "yes"})
    assert saved.location == f"/me/preferences?saved=circle#c{house.open.circle_id}"
    async with house.db.reading() as conn:
        found = await conn.fetchrow(
            "select mails, reminders from membership where circle_id = $1 and person_id = $2",
            house.open.circle_id,
            house.anna.id,
        )
    assert tuple(found) == (True, False)


async def test_a_subscription_is_shown_once_renewed_and_ended(house: House, anna: Browser) -> None:
    made = await anna.press(await anna.get("/me"), "/me/feeds", kind="person")
    address = made.text.partition('<code class="secret">')[2].partition("<")[0]
    path = address.removeprefix("http://kring.test")
    assert f'href="webcal://kring.test{path}"' in made.text
    assert made.headers["Cache-Control"] == "no-store"
    page = await anna.get("/me")
    assert "Alles van mij" in page.words
    assert path not in page.text
    assert (await anna.get(path)).status == 200

    renewed = await anna.press(page, "/me/feeds")
    assert renewed.status == 200
    assert (await anna.get(path)).status == 410

    page = await anna.get("/me")
    [end] = [form.action for form in page.forms if form.action.endswith("/end")]
    assert (await anna.press(page, end)).location == "/me#feeds"
    assert "Alles van mij" not in (await anna.get("/me")).words


async def test_a_circle_is_followed_from_its_page_but_not_a_confidential_one(house: House, anna: Browser) -> None:
    made = await anna.press(await anna.get("/circles/data"), "/me/feeds")
    assert "Met dit adres volgt je agenda Datakring." in made.words
    secret = await anna.get("/circles/spiegel")
    assert [form.action for form in secret.forms if form.action == "/me/feeds"] == []
    form = (await anna.get("/circles/data")).form("/me/feeds").fields
    assert (await anna.post("/me/feeds", {**form, "circle": "spiegel"})).status == 403


async def test_nobody_ends_the_subscription_of_another(house: House, anna: Browser, browsers: Browsers) -> None:
    await anna.press(await anna.get("/me"), "/me/feeds", kind="person")
    [end] = [form.action for form in (await anna.get("/me")).forms if form.action.endswith("/end")]
    ben = await browsers(house.ben)
    form = (await ben.get("/me")).form("/logout").fields
    assert (await ben.post(end, form)).status == 404
    assert "Alles van mij" in (await anna.get("/me")).words


async def test_nobody_answers_for_another(house: House, browsers: Browsers) -> None:
    outsider = await browsers(house.outsider)
    form = (await outsider.get("/me")).form("/logout").fields
    refused = await outsider.post(f"/gatherings/{house.secret.id}/answer", {**form, "partstat": "accepted"})
    assert refused.status == 404
    await house.answer(house.open, house.anna, Partstat.ACCEPTED)
    await outsider.post(f"/gatherings/{house.open.id}/answer", {**form, "partstat": "declined"})
    async with house.db.reading() as conn:
        kept = await conn.fetchval(
            "select partstat from registration where id = $1", await house.registration_id(house.open, house.anna)
        )
    assert kept == "accepted"
