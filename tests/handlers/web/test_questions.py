"""Questions in a browser: added by whoever leads, answered after a yes, seen as totals and person by person."""

import csv
import io
import re
from datetime import timedelta

import pytest

from service.actions import questions
from service.clock import MovableClock
from service.model import Gathering, Partstat, Question, QuestionChoice
from service.rules.access import KRING
from tests.handlers.web.browsing import Browser, Page
from tests.handlers.web.conftest import Browsers
from tests.handlers.web.house import House

LARGEST_PAGE = 50 * 1024


@pytest.fixture
async def fatima(house: House, browsers: Browsers) -> Browser:
    """The facilitator of the data circle."""
    return await browsers(house.fatima)


def at(gathering: Gathering, tail: str = "") -> str:
    return f"/manage/gatherings/{gathering.id}/questions{tail}"


async def press(browser: Browser, gathering: Gathering, name: str, value: str) -> Page:
    """Press one of the buttons of the page of questions."""
    page = await browser.get(at(gathering))
    fields = next(form.fields for form in page.forms if form.action == at(gathering))
    return await browser.post(at(gathering), {"form": fields["form"], name: value})


async def asked(house: House, gathering: Gathering) -> list[Question]:
    return await questions.listed(house.db, KRING, gathering.id)


async def ask_all(house: House, browser: Browser) -> list[Question]:
    for name in ("diet", "access"):
        assert (await press(browser, house.open, "ready", name)).status == 303
    page = await browser.get(at(house.open, "/new"))
    typed = {"text_nl": "Blijf je borrelen?", "text_en": "Do you stay for drinks?", "kind": "yes-no", "needed": "yes"}
    assert (await browser.press(page, at(house.open, "/new"), **typed)).status == 303
    return await asked(house, house.open)


async def test_ready_questions_and_ones_of_ones_own(house: House, fatima: Browser) -> None:
    diet, access, drinks = await ask_all(house, fatima)
    assert (diet.text_nl, diet.text_en, diet.kind) == ("Wat eet je?", "What do you eat?", "choice")
    assert [(one.text_nl, one.text_en) for one in diet.choices][1] == ("Vegetarisch", "Vegetarian")
    assert (drinks.text("en"), drinks.needed) == ("Do you stay for drinks?", True)
    page = await fatima.get(at(house.open))
    assert "Wat eet je?" in page.words
    assert 'value="diet"' not in page.text  # asked already
    assert 'value="allergies"' in page.text
    await press(fatima, house.open, "up", str(access.id))
    assert [one.id for one in await asked(house, house.open)] == [access.id, diet.id, drinks.id]
    await press(fatima, house.open, "remove", str(access.id))
    assert [one.id for one in await asked(house, house.open)] == [diet.id, drinks.id]


async def test_the_words_of_a_question_are_changed_and_its_choices_keep_their_numbers(
    house: House, fatima: Browser
) -> None:
    diet, _, _ = await ask_all(house, fatima)
    place = at(house.open, f"/{diet.id}")
    page = await fatima.get(place)
    assert (await fatima.press(page, place, text_nl="Wat lust je?", nl2="", en2="", nl8="Koosjer")).status == 303
    changed = (await asked(house, house.open))[0]
    assert changed.text_nl == "Wat lust je?"
    assert [(one.number, one.text_nl) for one in changed.choices] == [
        (1, "Alles"), (3, "Veganistisch"), (4, "Halal"), (5, "Ik eet niet mee"), (6, "Koosjer"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"kind": "text"}, "Typ de vraag"),
        ({"text_nl": "Hoe?", "kind": "aloud"}, "Kies hoe mensen antwoorden."),
        ({"text_nl": "Hoe?", "kind": "choice", "nl1": "Zo"}, "Geef twee tot acht keuzes."),
    ],
)
async def test_what_cannot_be_asked_comes_back_as_it_was_typed(
    house: House, fatima: Browser, typed: dict[str, str], words: str
) -> None:
    page = await fatima.get(at(house.open, "/new"))
    refused = await fatima.press(page, at(house.open, "/new"), **typed)
    assert refused.status == 400
    assert words in refused.words
    assert refused.form(at(house.open, "/new")).fields["text_nl"] == typed.get("text_nl", "")
    assert await asked(house, house.open) == []


async def test_after_a_yes_the_questions_stand_on_the_answer_page(
    house: House, fatima: Browser, browsers: Browsers
) -> None:
    diet, access, drinks = await ask_all(house, fatima)
    anna, link = await browsers(), await house.link(house.open, house.anna)
    assert "Wat eet je?" not in (await anna.get(link)).words
    page = await anna.get((await anna.press(await anna.get(link), link, partstat="accepted")).location)
    assert "Wat eet je?" in page.words
    assert "Alleen wie de bijeenkomst begeleidt en het bureau zien wat je invult" in page.words
    assert "dinsdag 15 december 2026" in page.words  # two weeks after the first of December
    place = f"{link}/questions"
    given = {f"q{diet.id}": "2", f"q{access.id}": "<b>Ringleiding</b>"}
    refused = await anna.press(page, place, **given)
    assert refused.status == 400
    assert "Vul dit nog in." in refused.words
    assert refused.form(place).fields[f"q{access.id}"] == "<b>Ringleiding</b>"
    assert "&lt;b&gt;Ringleiding" in refused.text
    assert (await anna.press(refused, place, **given, **{f"q{drinks.id}": "yes"})).status == 303
    page = await anna.get(f"{link}?answered")
    assert "Opgeslagen." in page.words
    assert page.words.count("Beantwoord. Wat je leeg laat, blijft zoals het is.") == 3
    signed_in = await browsers(house.anna)
    own, of_own = f"/gatherings/{house.open.id}", f"/gatherings/{house.open.id}/questions"
    assert (await signed_in.get(own)).form(of_own).fields[f"q{diet.id}"] == "2"
    await anna.press(page, link, partstat="declined")
    await anna.press(await anna.get(link), link, partstat="accepted")
    assert (await signed_in.get(own)).form(of_own).fields[f"q{diet.id}"] == ""  # forgotten with the no
    assert "Beantwoord." not in (await anna.get(link)).words


async def test_whoever_holds_a_forwarded_link_reads_no_answer_and_what_is_left_empty_stays(
    house: House, fatima: Browser, browsers: Browsers
) -> None:
    diet, access, drinks = await ask_all(house, fatima)
    await house.answer(house.open, house.anna, Partstat.ACCEPTED)
    anna, link = await browsers(), await house.link(house.open, house.anna)
    place = f"{link}/questions"
    given = {f"q{diet.id}": "2", f"q{access.id}": "Ringleiding", f"q{drinks.id}": "yes"}
    await anna.press(await anna.get(link), place, **given)
    other = await (await browsers()).get(link)
    assert "Ringleiding" not in other.text
    assert {name: value for name, value in other.form(place).fields.items() if name in given} == dict.fromkeys(
        given, ""
    )
    saved = await anna.press(await anna.get(link), place, **{f"q{drinks.id}": "no"})
    assert saved.status == 303
    own = (await (await browsers(house.anna)).get(f"/gatherings/{house.open.id}")).form(
        f"/gatherings/{house.open.id}/questions"
    )
    assert {name: own.fields[name] for name in given} == given | {f"q{drinks.id}": "no"}


async def test_they_stand_on_the_page_of_the_gathering_for_who_is_signed_in(
    house: House, fatima: Browser, browsers: Browsers
) -> None:
    _, _, drinks = await ask_all(house, fatima)
    await house.answer(house.open, house.ben, Partstat.ACCEPTED)
    ben, place = await browsers(house.ben), f"/gatherings/{house.open.id}"
    page = await ben.get(place)
    assert "Do you stay for drinks?" in page.words or "Blijf je borrelen?" in page.words
    refused = await ben.press(page, f"{place}/questions")
    assert refused.status == 400
    assert (await ben.press(page, f"{place}/questions", **{f"q{drinks.id}": "no"})).status == 303
    assert (await ben.get(place)).form(f"{place}/questions").fields[f"q{drinks.id}"] == "no"


async def test_once_it_has_begun_nothing_is_asked(
    house: House, fatima: Browser, browsers: Browsers, clock: MovableClock
) -> None:
    _, _, drinks = await ask_all(house, fatima)
    await house.answer(house.open, house.anna, Partstat.ACCEPTED)
    anna, link = await browsers(), await house.link(house.open, house.anna)
    page = await anna.get(link)
    clock.set(house.open.starts_at)
    late = await anna.press(page, f"{link}/questions", **{f"q{drinks.id}": "yes"})
    assert (late.status, late.location) == (303, link)
    assert "Blijf je borrelen?" not in (await anna.get(link)).words


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (timedelta(0), "De bijeenkomst is al begonnen, dus je kunt niets meer vragen."),
        (timedelta(days=1), "De bijeenkomst is geweest, dus je kunt niets meer vragen."),
    ],
)
async def test_who_wants_to_ask_something_too_late_reads_why_that_cannot_be(
    house: House, fatima: Browser, clock: MovableClock, after: timedelta, said: str
) -> None:
    clock.set(house.open.starts_at + after)
    page = await fatima.get(at(house.open))
    assert said in page.words
    assert "Vraag iets" not in page.words


async def test_of_a_confidential_gathering_the_link_shows_no_question(house: House, browsers: Browsers) -> None:
    secret = Question(0, "text", "Zangvogel?", "", needed=False)
    await questions.change(house.db, KRING, house.secret.id, lambda _: [secret], days=14)
    await house.answer(house.secret, house.anna, Partstat.ACCEPTED)
    link = await house.link(house.secret, house.anna)
    page = await (await browsers()).get(link)
    assert "Er zijn nog vragen voor je. Die beantwoord je als je bent ingelogd." in page.words
    assert "Zangvogel" not in page.text
    anna = await browsers(house.anna)
    page = await anna.get(f"/gatherings/{house.secret.id}")
    assert "Zangvogel?" in page.words
    assert "Alleen wie de kring begeleidt ziet wat je invult" in page.words


async def test_who_leads_sees_totals_and_persons_and_takes_them_along(
    house: House, fatima: Browser, browsers: Browsers, clock: MovableClock
) -> None:
    diet, access, drinks = await ask_all(house, fatima)
    given = {
        house.anna: {diet.id: 2, access.id: "=HYPERLINK(1)", drinks.id: True},
        house.ben: {diet.id: 2, drinks.id: False},
    }
    for person, answers in given.items():
        await house.answer(house.open, person, Partstat.ACCEPTED)
        await questions.answer(house.db, KRING, house.open.id, person.id, answers, now=clock.now())
    page = await fatima.get(f"/manage/gatherings/{house.open.id}/answers")
    assert "2 Vegetarisch" in page.words
    assert "1 ja 1 nee" in page.words.replace("  ", " ")
    assert "Anna de Vries Stichting Wereldwijs Wat eet je? Vegetarisch" in page.words
    roster = f"/manage/gatherings/{house.open.id}/roster"
    file = await fatima.press(await fatima.get(roster), f"{roster}.xlsx")
    assert file.status == 200
    file = await fatima.post(
        f"{roster}.csv", {"form": (await fatima.get(roster)).form(f"{roster}.xlsx").fields["form"]}
    )
    rows = list(csv.reader(io.StringIO(file.body.decode("utf-8-sig"))))
    assert rows[0][-3:] == ["Wat eet je?", access.text_nl, "Blijf je borrelen?"]
    assert {row[0]: row[-3:] for row in rows[1:]} == {
        "Anna de Vries": ["Vegetarisch", "'=HYPERLINK(1)", "ja"],
        "Ben Okafor": ["Vegetarisch", "", "nee"],
        "Fatima Aziz": ["", "", ""],
    }
    sheet = await fatima.get(f"{roster}/sheet")
    assert "Vegetarisch" not in sheet.text
    clock.set(house.open.ends_at + timedelta(days=14))
    await questions.forget_old(house.db, now=clock.now())
    page = await (await browsers(house.fatima)).get(f"/manage/gatherings/{house.open.id}/answers")
    assert "De antwoorden zijn op dinsdag 15 december 2026 gewist, zoals iedereen was beloofd." in page.words
    assert "Vegetarisch" not in page.text


async def test_a_heading_that_is_a_formula_is_none_in_the_file(house: House, fatima: Browser) -> None:
    formula = Question(0, "text", "=1+1", "", needed=False)
    await questions.change(house.db, KRING, house.open.id, lambda _: [formula], days=14)
    roster = f"/manage/gatherings/{house.open.id}/roster"
    form = (await fatima.get(roster)).form(f"{roster}.xlsx").fields["form"]
    body = (await fatima.post(f"{roster}.csv", {"form": form})).body.decode("utf-8-sig")
    assert body.splitlines()[0].endswith(',"\'=1+1"')


async def test_planning_asks_what_is_ticked_at_every_date(house: House, fatima: Browser) -> None:
    place = "/manage/circles/data/gatherings/new"
    page = await fatima.get(place)
    rule = {"unit": "week", "every": "1", "times": "3"}
    fields = page.form(place).fields
    dates = await fatima.post(
        place, {**fields, "title_nl": "Reeks", **rule, "ask_diet": "yes", "ask_interpreter": "yes"}
    )
    assert dates.status == 200
    made = await fatima.press(dates, place, step="dates")
    assert made.status == 303
    async with house.db.reading() as conn:
        ids = [row["id"] for row in await conn.fetch("select id from gathering where title_nl = 'Reeks' order by id")]
    texts = ["Wat eet je?", "Heb je een tolk nodig?"]
    assert len(ids) == 3
    for ident in ids:
        assert [one.text_nl for one in await questions.listed(house.db, KRING, ident)] == texts


async def test_the_largest_pages_stay_small(house: House, fatima: Browser, clock: MovableClock) -> None:
    long = "x" * 199
    most = [
        Question(0, "choice", f"{number}{long}", "", needed=False,
                 choices=tuple(QuestionChoice(0, f"{each}{long}", "") for each in range(8)))
        for number in range(9)
    ]  # fmt: skip
    most.append(Question(0, "text", long, "", needed=False))
    found = await questions.change(house.db, KRING, house.open.id, lambda _: most, days=14)
    for person in (house.anna, house.ben):
        await house.answer(house.open, person, Partstat.ACCEPTED)
        given = {one.id: one.choices[0].number for one in found[:-1]} | {found[-1].id: long}
        await questions.answer(house.db, KRING, house.open.id, person.id, given, now=clock.now())
    pages = [at(house.open), at(house.open, f"/{found[0].id}"), f"/manage/gatherings/{house.open.id}/answers"]
    pages.append(await house.link(house.open, house.anna))
    for path in pages:
        page = await fatima.get(path)
        assert len(page.body) <= LARGEST_PAGE, path
        assert re.search("x{199}", page.text)
