"""Planning on pages: a gathering in one form, a year in two, and changes that say first who hears of them."""

import re
from datetime import timedelta

import pytest

from service.actions import scheduling
from service.clock import MovableClock
from service.model import Gathering, Partstat
from service.rules.access import KRING
from tests.handlers.web.browsing import Browser, Page
from tests.handlers.web.conftest import Browsers
from tests.handlers.web.house import House

NEW = "/manage/circles/data/gatherings/new"


@pytest.fixture
async def fatima(house: House, browsers: Browsers) -> Browser:
    """The facilitator of the data circle."""
    return await browsers(house.fatima)


def of(gathering: Gathering, tail: str = "") -> str:
    return f"/manage/gatherings/{gathering.id}{tail}"


def fault(page: Page) -> list[str]:
    return re.findall(r'<p class="fault" id="(\w+)-fault">', page.text)


async def everything(house: House) -> list[Gathering]:
    return await scheduling.upcoming(house.db, KRING, since=house.now)


async def test_the_form_is_filled_in_like_the_last_gathering_and_makes_a_draft(house: House, fatima: Browser) -> None:
    assert (await fatima.get("/manage/new")).location == NEW
    page = await fatima.get(NEW)
    fields = page.form(NEW).fields
    assert (fields["day"], fields["starts"], fields["ends"]) == ("2026-12-08", "16:00", "18:00")
    assert (fields["title_nl"], fields["location"]) == ("Datakring", "Zaal 3")
    made = await fatima.press(page, NEW, title_nl="Voorjaar", day="2027-03-02", visibility="public")
    assert made.status == 303
    assert len(page.body) < 50_000
    shown = await fatima.get(made.location)
    assert "Gepland als concept. Kijk het na en publiceer het als het klopt." in shown.words
    assert "Voorjaar" in shown.words
    assert "dinsdag 2 maart 2027" in shown.words
    assert len(await house.mails("invitation")) == 10  # those of the house


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"day": ""}, ["day"]),
        ({"day": "morgen"}, ["day"]),
        ({"starts": "laat"}, ["starts"]),
        ({"ends": ""}, ["ends"]),
        ({"title_nl": " ", "title_en": ""}, ["title"]),
        ({"online_url": "javascript:alert(1)"}, ["online_url"]),
        ({"capacity": "veel"}, ["capacity"]),
        ({"capacity": "0"}, ["capacity"]),
        ({"timezone": "Mars/Base"}, ["timezone"]),
        ({"unit": "week", "times": "0"}, ["times"]),
        ({"unit": "week", "until": "2020-01-01"}, ["until"]),
        ({"unit": "eeuw"}, ["unit"]),
        ({"day": "2027-03-28", "starts": "02:30", "ends": "03:30"}, ["starts"]),
        ({"starts": "18:00", "ends": "17:00"}, ["ends"]),
        ({"starts": "18:00", "ends": "18:00"}, ["ends"]),
    ],
)
async def test_what_cannot_be_comes_back_as_it_was_typed_with_a_sentence(
    house: House, fatima: Browser, typed: dict[str, str], expected: list[str]
) -> None:
    before = await house.digest()
    page = await fatima.get(NEW)
    refused = await fatima.press(page, NEW, **{"visibility": "public", **typed})
    assert (refused.status, fault(refused)) == (400, expected)
    assert {name: refused.form(NEW).fields.get(name) for name in typed if name != "unit"} == {
        name: value for name, value in typed.items() if name != "unit"
    }
    assert await house.digest() == before


async def test_what_ends_before_it_begins_goes_on_past_midnight(house: House, fatima: Browser) -> None:
    page = await fatima.get(NEW)
    made = await fatima.press(page, NEW, starts="22:00", ends="0.30", visibility="public")
    number = int(made.location.partition("?")[0].rpartition("/")[2])
    gathering = await scheduling.get(house.db, KRING, number)
    assert gathering.ends_local - gathering.starts_local == timedelta(hours=2, minutes=30)


async def test_what_lasts_longer_than_a_day_says_how_many_nights(house: House, fatima: Browser) -> None:
    page = await fatima.get(NEW)
    made = await fatima.press(page, NEW, starts="10:00", ends="16:00", nights="2", visibility="public")
    number = int(made.location.partition("?")[0].rpartition("/")[2])
    gathering = await scheduling.get(house.db, KRING, number)
    assert gathering.ends_local - gathering.starts_local == timedelta(days=2, hours=6)
    assert (await fatima.get(f"/manage/gatherings/{number}/edit")).form(f"/manage/gatherings/{number}/edit").fields[
        "nights"
    ] == "2"


async def test_a_new_gathering_has_the_title_of_the_circle_and_the_place_of_the_last_one(
    house: House, fatima: Browser
) -> None:
    page = await fatima.get(NEW)
    circle = {name: page.form(NEW).fields[name] for name in ("title_nl", "title_en")}
    await fatima.press(page, NEW, title_nl="Over taal", title_en="On language", location="Janskerkhof 3")
    again = (await fatima.get(NEW)).form(NEW).fields
    assert {name: again[name] for name in circle} == circle
    assert again["location"] == "Janskerkhof 3"


async def test_a_year_in_two_forms(house: House, fatima: Browser) -> None:
    page = await fatima.get(NEW)
    rule = {"unit": "month-weekday", "every": "2", "times": "6", "day": "2027-02-02", "visibility": "public"}
    dates = await fatima.press(page, NEW, title_nl="Kring", **rule)
    assert dates.status == 200
    fields = dates.form(NEW).fields
    assert [fields[f"day{number}"] for number in range(6)] == [
        "2027-02-02",
        "2027-04-06",
        "2027-06-01",
        "2027-08-03",
        "2027-10-05",
        "2027-12-07",
    ]
    back = await fatima.post(NEW, {**fields, "step": "back"})
    assert back.form(NEW).fields["title_nl"] == "Kring"
    del fields["on3"]  # nobody is there in August
    made = await fatima.post(NEW, {**fields, "day1": "2027-04-07", "at1": "10:00", "step": "dates"})
    assert made.status == 303
    shown = await fatima.get(made.location)
    assert "Alle data staan als concept klaar." in shown.words
    assert shown.words.count("Kring Datakring Concept") == 5
    place = made.location.partition("?")[0] + "/publish"
    asked = await fatima.get(place)
    assert "wo 7 april" in asked.words or "woensdag 7 april 2027, 10.00" in asked.words
    assert "2 nieuwe genodigden: een uitnodiging per mail" in asked.words
    assert "Ieder van hen krijgt 5 mails" in asked.words
    before = len(await house.mails("invitation"))
    await fatima.press(asked, place)
    assert len(await house.mails("invitation")) - before == 5 * 3
    assert "Alles is al gepubliceerd" in (await fatima.get(place)).words


async def test_dates_that_cannot_be_are_told_one_by_one(house: House, fatima: Browser) -> None:
    page = await fatima.get(NEW)
    dates = await fatima.press(page, NEW, unit="week", times="4", day="2027-03-14", visibility="public")
    fields = {
        **dates.form(NEW).fields,
        "on2": "yes",
        "at2": "02:30",
        "day1": "2027-03-14",
        "day3": "ooit",
        "step": "dates",
    }
    refused = await fatima.post(NEW, fields)
    assert refused.status == 400
    assert "De klok slaat deze tijd die nacht over." in refused.words
    assert "Deze datum staat er twee keer." in refused.words
    assert "Kies een dag." in refused.words
    none = await fatima.post(NEW, {k: v for k, v in fields.items() if not k.startswith("on") or k == "online_url"})
    assert "Kies 1 tot 60 data, elk één keer." in none.words
    assert not [one for one in await everything(house) if one.series_id]


async def test_holidays_are_named_and_left_out(fatima: Browser) -> None:
    page = await fatima.get(NEW)
    dates = await fatima.press(page, NEW, unit="week", times="2", day="2026-12-25", visibility="public")
    assert "vrijdag 25 december 2026 Eerste kerstdag" in dates.words
    assert [name for name in dates.form(NEW).fields if re.fullmatch(r"on\d+", name)] == ["on2", "on3"]


async def test_a_move_says_who_hears_it_in_which_words_before_it_is_done(house: House, fatima: Browser) -> None:
    await house.answer(house.open, house.anna, Partstat.ACCEPTED)
    await house.answer(house.open, house.ben, Partstat.DECLINED)
    place = of(house.open, "/edit")
    before = await house.digest()
    page = await fatima.get(place)
    sure = await fatima.press(page, place, day="2026-12-03", visibility="public")
    assert "1 persoon die komt: een mail, en de agenda verandert mee" in sure.words
    assert "1 persoon die nee zei: een mail" in sure.words
    assert "Nieuw tijdstip: Gegevens delen – do 3 dec, 16.00 uur" in sure.words
    assert "Je plek blijft van jou." in sure.words
    assert "donderdag 3 december 2026" in sure.words
    assert await house.digest() == before
    back = await fatima.press(sure, place, step="back")
    assert back.form(place).fields["day"] == "2026-12-03"
    done = await fatima.press(sure, place, step="sure")
    assert done.location == of(house.open, "?saved=changed")
    assert "donderdag 3 december 2026" in (await fatima.get(done.location)).words


async def test_what_nobody_hears_of_is_saved_at_once(house: House, fatima: Browser) -> None:
    for gathering in (house.draft, house.open):
        place = of(gathering, "/edit")
        done = await fatima.press(await fatima.get(place), place, capacity="33", visibility="public")
        assert done.location == of(gathering, "?saved=changed")
        assert (await scheduling.get(house.db, KRING, gathering.id)).capacity == 33


async def test_a_move_into_the_past_is_refused(house: House, fatima: Browser, clock: MovableClock) -> None:
    place = of(house.open, "/edit")
    page = await fatima.get(place)
    refused = await fatima.press(page, place, day="2020-01-01", visibility="public")
    assert (refused.status, fault(refused)) == (400, ["starts"])
    await scheduling.cancel(house.db, KRING, house.open.id, "", now=clock.now())
    assert "Het is afgelast." in (await fatima.get(place)).words


async def test_another_one_like_it(house: House, fatima: Browser) -> None:
    place = of(house.open, "/duplicate")
    page = await fatima.get(place)
    assert page.form(place).fields["day"] == "2026-12-29"
    assert fault(await fatima.press(page, place, day="")) == ["day"]
    made = await fatima.press(page, place, day="2027-01-12", starts="9.30")
    shown = await fatima.get(made.location)
    assert "dinsdag 12 januari 2027, 09.30" in shown.words
    assert "Gegevens delen" in shown.words


async def test_staff_choose_among_all_circles_and_a_secret_stays_one(house: House, browsers: Browsers) -> None:
    staff = await browsers(house.staff)
    words = (await staff.get("/manage/new")).words
    assert all(title in words for title in ("Datakring", "Lobbycafé", "De Spiegel"))
    place = of(house.secret, "/edit")
    sure = await staff.press(await staff.get(place), place, day="2026-12-03", visibility="circle")
    assert sure.status == 200
