"""How was it: ten links, one page, one button."""

from datetime import timedelta

import pytest

from service.actions import attendance, ratings
from service.clock import MovableClock
from service.model import Attendance, Partstat
from service.rules.access import KRING, Actor
from tests.factories import make_person
from tests.handlers.web.browsing import Browser
from tests.handlers.web.conftest import Browsers
from tests.handlers.web.house import House

QUESTION = "Welk cijfer geef je, van 1 tot 10?"


@pytest.fixture
async def over(house: House, clock: MovableClock) -> House:
    """Anna and Ben were at both gatherings, and both are over."""
    for gathering in (house.open, house.secret):
        for person in (house.anna, house.ben):
            await house.answer(gathering, person, Partstat.ACCEPTED)
    clock.set(house.open.ends_at)
    for gathering in (house.open, house.secret):
        inside = Actor("kring", facilitates=frozenset({gathering.circle_id}), signed_in=True)
        marks = dict.fromkeys((house.anna.id, house.ben.id), Attendance.PRESENT)
        await attendance.mark(house.db, inside, gathering.id, marks, now=clock.now())
    return house


async def test_a_link_with_a_mark_chooses_it_and_a_button_gives_it(over: House, visitor: Browser) -> None:
    link = f"{await over.link(over.open, over.anna)}/rate"
    before = await over.digest()
    page = await visitor.get(f"{link}?score=9")
    assert await over.digest() == before
    assert QUESTION in page.words
    assert page.form(link).fields["score"] == "9"
    assert len(page.form(link).buttons) == 1
    given = await visitor.press(page, link, comment="Meer tijd voor vragen.")
    assert (given.status, given.location) == (303, f"{link}?saved")
    after = await visitor.get(given.location)
    assert "Dank je wel. Je gaf een 9." in after.words
    assert "Meer tijd voor vragen." in after.words
    await visitor.press(after, link, score="7", comment="Meer tijd voor vragen.")
    assert "Je gaf een 7." in (await visitor.get(f"{link}?saved")).words
    assert list(visitor.client.session.cookie_jar) == []


async def test_what_is_no_mark_is_refused_and_changes_nothing(over: House, visitor: Browser) -> None:
    link = f"{await over.link(over.open, over.anna)}/rate"
    page = await visitor.get(f"{link}?score=11")
    assert "score" not in page.form(link).fields
    before = await over.digest()
    for wrong in ("", "0", "11", "8.5", "٨", "acht", "8 or 1=1"):
        assert (await visitor.press(page, link, score=wrong)).status == 400, wrong
    assert await over.digest() == before
    assert (await visitor.get("/r/nonsense/rate")).status == 404


async def test_who_was_not_there_reads_why(over: House, visitor: Browser, browsers: Browsers) -> None:
    fatima = f"{await over.link(over.open, over.fatima)}/rate"
    page = await visitor.get(fatima)
    assert (page.status, QUESTION in page.words) == (200, False)
    assert "Alleen wie erbij was geeft een cijfer" in page.words
    anna = await browsers(over.anna)
    assert (
        "Je kunt een cijfer geven als het afgelopen is."
        not in (await anna.get(f"/gatherings/{over.open.id}/rate")).words
    )


async def test_it_is_offered_wherever_somebody_looks(over: House, visitor: Browser, browsers: Browsers) -> None:
    anna = await browsers(over.anna)
    place = f"/gatherings/{over.open.id}/rate"
    for path in ("/me", f"/gatherings/{over.open.id}"):
        assert f'href="{place}"' in (await anna.get(path)).text
    answer = await over.link(over.open, over.anna)
    assert f'href="{answer}/rate"' in (await visitor.get(answer)).text
    assert (await anna.press(await anna.get(place), place, score="8")).location == f"{place}?saved"
    olaf = await browsers(over.outsider)
    assert f'href="{place}"' not in (await olaf.get(f"/gatherings/{over.open.id}")).text


async def test_a_confidential_gathering_asks_for_a_number_and_names_nothing(over: House, visitor: Browser) -> None:
    link = f"{await over.link(over.secret, over.anna)}/rate"
    page = await visitor.get(link)
    assert "Hoe was het? dinsdag 1 december 2026, 16.00" in page.words
    for secret in ("Macht", "Power", "Spiegel", "Mirror", "Zaal 3", "<textarea"):
        assert secret not in page.text
    assert (await visitor.press(page, link, score="8", comment="toch iets")).status == 400
    assert (await visitor.press(page, link, score="8")).status == 303


async def test_who_leads_sees_all_of_it_together_from_five_on(
    over: House, browsers: Browsers, clock: MovableClock
) -> None:
    fatima = await browsers(over.fatima)
    people = [over.anna, over.ben, *[await make_person(over.db) for _ in range(3)]]
    marks = {person.id: Attendance.PRESENT for person in people}
    await attendance.mark(over.db, KRING, over.open.id, marks, now=clock.now())
    place = f"/manage/gatherings/{over.open.id}"
    for count, person in enumerate(people, start=1):
        assert "<script>" not in (await fatima.get(place)).text
        actor = Actor(f"person:{person.id}", person_id=person.id, signed_in=True)
        said = f"<script>{count}</script>"
        await ratings.rate(
            over.db, actor, over.open.id, 7 + count % 2, said, now=clock.now() + timedelta(seconds=count)
        )
        words = (await fatima.get(place)).words
        assert (said in words) == (count == 5)
        assert ("7,6" in words) == (count == 5)
        assert "doel is boven 7,3" in words or count < 5
