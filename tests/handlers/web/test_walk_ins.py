"""At the door: found by a few letters, let in with two taps, new people by name."""

import re

import pytest

from service.actions import joining, people, registration
from service.clock import MovableClock
from service.model import Gathering, Partstat
from service.rules.access import KRING
from tests.handlers.web.browsing import Browser, Page
from tests.handlers.web.conftest import Browsers
from tests.handlers.web.house import House


@pytest.fixture
async def fatima(house: House, browsers: Browsers) -> Browser:
    """The facilitator of the data circle."""
    return await browsers(house.fatima)


def at(gathering: Gathering, tail: str = "") -> str:
    return f"/manage/gatherings/{gathering.id}/roster{tail}"


def names(page: Page) -> list[str]:
    return re.findall(r'<div class="who"><b>(.*?)</b>', page.text)


async def marked(house: House, gathering: Gathering) -> dict[str, tuple[str | None, str | None]]:
    _, everyone = await registration.roster(house.db, KRING, gathering.id)
    return {one.person_name: (one.organisation, one.attendance) for one in everyone}


@pytest.mark.usefixtures("doors")
async def test_a_few_letters_find_who_is_on_the_list_and_who_is_not(house: House, fatima: Browser) -> None:
    page = await fatima.get(at(house.open))
    assert page.form(at(house.open, "/find")).method == "get"
    found = await fatima.get(at(house.open, "/find?q=AN%20vri"))
    assert names(found) == ["Anna de Vries"]
    assert "Op de lijst" in found.words
    assert "Niet op de lijst" not in found.words
    others = await fatima.get(at(house.open, "/find?q=ola"))
    assert names(others) == ["Olaf Buiten"]
    assert "Niet op de lijst" in others.words
    nobody = await fatima.get(at(house.open, "/find?q=zzz"))
    assert "Hier past niemand bij." in nobody.words
    for short in ("", "a", "%%", "a b"):
        page = await fatima.get(at(house.open, f"/find?q={short}"))
        assert (page.status, names(page)) == (200, []), short


@pytest.mark.usefixtures("doors")
async def test_a_tap_lets_in_whoever_is_known(house: House, fatima: Browser) -> None:
    page = await fatima.get(at(house.open, "/find?q=olaf"))
    (button,) = [one for form in page.forms for one in form.buttons if one.get("name") == "person"]
    form = next(form for form in page.forms if button in form.buttons)
    let_in = await fatima.post(form.action, {**form.fields, "person": button["value"]})
    assert let_in.location == at(house.open, f"?show=coming&saved=walked-in#p{house.outsider.id}")
    assert (await marked(house, house.open))["Olaf Buiten"] == ("Stichting Wereldwijs", "present")
    after = await fatima.get(at(house.open, "?show=coming&saved=walked-in"))
    assert "Toegevoegd, en als aanwezig gemarkeerd." in after.words
    assert "Olaf Buiten" in names(after)
    await fatima.press(after, at(house.open, "/undo"))
    assert (await marked(house, house.open))["Olaf Buiten"] == ("Stichting Wereldwijs", None)


async def new(fatima: Browser, gathering: Gathering, **typed: str) -> Page:
    page = await fatima.get(at(gathering, "/find?q=wim"))
    form = [form for form in page.forms if form.action == at(gathering, "/walk-in")][-1]
    return await fatima.post(form.action, {**form.fields, **typed})


@pytest.mark.usefixtures("doors")
async def test_somebody_new_comes_in_by_name_once_however_often_it_is_pressed(house: House, fatima: Browser) -> None:
    for _ in range(2):
        added = await new(fatima, house.open, name=" Wim  Wandel ", organisation="stichting wereldwijs")
        assert added.status == 303
    assert (await marked(house, house.open))["Wim Wandel"] == ("Stichting Wereldwijs", "present")
    found = [one for one in await people.people(house.db, KRING, limit=1000) if one.name == "Wim Wandel"]
    assert [(one.email, one.language) for one in found] == [(None, "nl")]
    await new(fatima, house.open, name="Gea Gast", organisation="Gastvrij BV")
    assert (await marked(house, house.open))["Gea Gast"] == ("Gastvrij BV", "present")
    assert await house.mails("rating") == []  # nobody can reach them


@pytest.mark.usefixtures("doors")
async def test_a_name_that_is_none_comes_back_with_a_word(house: House, fatima: Browser) -> None:
    before = await house.digest()
    again = await new(fatima, house.open, name=" ", organisation="Gastvrij BV")
    assert again.status == 400
    assert "Vul een naam in." in again.words
    for wrong in ("x", "²", "9" * 19):
        assert (await new(fatima, house.open, person=wrong)).status == 400
    assert await house.digest() == before


@pytest.mark.usefixtures("doors")
async def test_nobody_walks_in_on_a_confidential_gathering(
    house: House, browsers: Browsers, clock: MovableClock
) -> None:
    await joining.set_member(house.db, KRING, "spiegel", house.lou.id, "facilitator", now=clock.now())
    lou = await browsers(house.lou)
    await house.answer(house.secret, house.anna, Partstat.ACCEPTED)
    page = await lou.get(at(house.secret, "/find?q=olaf"))
    assert names(page) == []
    assert "Iemand die je nog niet kent?" not in page.words
    assert names(await lou.get(at(house.secret, "/find?q=anna"))) == ["Anna de Vries"]
    form = (await lou.get(at(house.secret))).form(at(house.secret, ".xlsx")).fields
    assert (await lou.post(at(house.secret, "/walk-in"), {**form, "name": "Wim"})).status == 403
    assert (await lou.post(at(house.secret, "/walk-in"), {**form, "person": str(house.outsider.id)})).status == 400
    assert not [name for name in ("Wim", "Olaf Buiten") if name in names(await lou.get(at(house.secret, "?show=all")))]


@pytest.mark.usefixtures("doors")
async def test_a_hostile_name_stays_words(house: House, fatima: Browser) -> None:
    hostile = '"><svg onload=alert(1)>'
    await new(fatima, house.open, name=hostile, organisation=f"Wim {hostile}")
    for path in (
        at(house.open),
        at(house.open, "/find?q=svg"),
        at(house.open, "/find?q=%22%3E%3Csvg"),
        at(house.open, "/sheet"),
    ):
        assert "<svg" not in (await fatima.get(path)).text, path
