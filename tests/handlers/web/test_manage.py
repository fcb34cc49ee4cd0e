"""What facilitators and staff see and do: the overview, one gathering, publishing, cancelling, the ledger."""

import re
from datetime import timedelta

import pytest

from handlers.web import manage
from service.actions import attendance, circles, joining, previewing, scheduling
from service.clock import MovableClock
from service.errors import NotAllowed
from service.model import Attendance, Gathering, Partstat
from service.rules.access import KRING, Actor
from tests.factories import make_member, make_person
from tests.handlers.web.browsing import Browser, Page
from tests.handlers.web.conftest import Browsers
from tests.handlers.web.house import START, House

EVERYWHERE = ("Gegevens delen", "Kleine zaal", "De nieuwe Kamer", "Macht aan tafel", "Nog niet")


def titles(page: Page) -> list[str]:
    return [title for title in EVERYWHERE if f">{title}</a>" in page.text]


@pytest.fixture
async def fatima(house: House, browsers: Browsers) -> Browser:
    """The facilitator of the data circle."""
    return await browsers(house.fatima)


@pytest.fixture
async def staff(house: House, browsers: Browsers) -> Browser:
    return await browsers(house.staff)


def of(gathering: Gathering, tail: str = "") -> str:
    return f"/manage/gatherings/{gathering.id}{tail}"


async def test_a_facilitator_sees_the_own_circles_and_staff_see_all(house: House, browsers: Browsers) -> None:
    own = await (await browsers(house.fatima)).get("/manage")
    assert titles(own) == ["Gegevens delen", "Kleine zaal", "Nog niet"]
    assert "Datakring 3 leden" in own.words
    assert "/manage/plan" not in own.text
    every = await (await browsers(house.staff)).get("/manage")
    assert titles(every) == list(EVERYWHERE)
    assert "/manage/plan" in every.text


async def test_the_overview_says_who_comes_and_what_is_still_a_draft(house: House, fatima: Browser) -> None:
    await house.answer(house.open, house.anna, Partstat.ACCEPTED)
    await house.answer(house.full, house.anna, Partstat.ACCEPTED)
    page = await fatima.get("/manage")
    assert "Gegevens delen Datakring 1 komt · 1 zonder antwoord Lijst" in page.words
    assert "Kleine zaal Datakring 1 komt · 1 wacht Lijst" in page.words
    assert "Nog niet Datakring Concept Publiceren" in page.words
    assert "Eén concept begint binnen vier weken. Daarvoor is nog niemand uitgenodigd." in page.words


async def test_what_is_over_asks_for_its_attendance_until_somebody_is_marked(
    house: House, fatima: Browser, clock: MovableClock
) -> None:
    await house.answer(house.open, house.anna, Partstat.ACCEPTED)
    clock.move(timedelta(days=9))
    page = await fatima.get("/manage")
    assert titles(page) == ["Gegevens delen", "Kleine zaal", "Nog niet"]
    assert "Gegevens delen Datakring 1 zei ja Wie er was, is nog niet ingevuld" in page.words
    assert "Van 2 bijeenkomsten is nog niet ingevuld wie er was." in page.words
    await attendance.mark(house.db, KRING, house.open.id, {house.anna.id: Attendance.PRESENT}, now=clock.now())
    assert "Gegevens delen Datakring 1 was er · 1 zei ja Lijst" in (await fatima.get("/manage/past")).words


async def test_long_lists_go_on_where_the_page_before_ended(house: House, fatima: Browser, clock: MovableClock) -> None:
    for number in range(manage.COMING):
        starts = START + timedelta(days=1 + number // 2)
        facts = {"title_nl": f"Nummer {number}", "starts_local": starts, "ends_local": starts + timedelta(hours=1)}
        await scheduling.create(house.db, KRING, "data", facts, now=clock.now())
    first = await fatima.get("/manage")
    following = first.text.partition('rel="next" href="')[2].partition('"')[0]
    second = await fatima.get(following)
    found = [re.findall(r">(Nummer \d+)</a>", page.text) for page in (first, second)]
    assert titles(first) == ["Gegevens delen", "Kleine zaal", "Nog niet"]
    assert [*found[0], *found[1]] == [f"Nummer {number}" for number in range(manage.COMING)]
    assert len(found[1]) == 3
    assert 'rel="next"' not in second.text
    assert "Vanaf vandaag" in second.words
    assert len(first.body) < 50_000
    for wrong in ("x", "20261201T150000Z-", "20261301T150000Z-1", "20261201T150000Z-" + "9" * 30):
        assert titles(await fatima.get(f"/manage?after={wrong}")) == titles(first)


async def test_who_leads_nothing_yet_planned_reads_what_to_do_next(house: House, browsers: Browsers) -> None:
    await circles.create(
        house.db, KRING, slug="leeg", kind="training", title_nl="Leeg", title_en="Empty", language="nl", now=house.now
    )
    await joining.set_member(house.db, KRING, "leeg", house.outsider.id, "facilitator", now=house.now)
    outsider = await browsers(house.outsider)
    page = await outsider.get("/manage")
    assert "Er staat niets gepland. Een bijeenkomst plannen" in page.words
    assert "Leeg 1 lid" in page.words
    assert "Er is nog niets geweest." in (await outsider.get("/manage/past")).words


async def test_one_gathering_in_numbers_and_words(house: House, fatima: Browser) -> None:
    await house.answer(house.full, house.anna, Partstat.ACCEPTED)
    page = await fatima.get(of(house.full))
    assert "komen 1" in page.words
    assert "op de wachtlijst 1" in page.words
    assert "nog geen antwoord 0" in page.words
    assert "begeleidt 1 Wie begeleidt, telt apart: dat kost geen plek." in page.words
    assert "Uitnodiging – 3 –" in page.words  # nothing is sent in a test without a worker
    assert "Bevestiging van een plek – 1 –" in page.words
    english = await fatima.get(of(house.full, "?lang=en"))
    assert "are coming 1" in english.words
    assert "Who was told what" in english.words


async def test_publishing_says_first_how_many_are_invited(house: House, fatima: Browser) -> None:
    place = of(house.draft, "/publish")
    asked = await fatima.get(place)
    assert "2 nieuwe genodigden: een uitnodiging per mail, voor de agenda 1 begeleider: een" in asked.words
    done = await fatima.press(asked, place)
    assert (done.status, done.location) == (303, of(house.draft, "?saved=published"))
    after = await fatima.get(done.location)
    assert "Gepubliceerd. De uitnodigingen zijn onderweg." in after.words
    assert "nog geen antwoord 2" in after.words
    assert len(await house.mails("invitation")) == 3 * 3 + 2 + 2  # the data circle's, the lobby's, the peer group's
    assert "De bijeenkomst is al gepubliceerd" in (await fatima.get(place)).words


async def test_cancelling_asks_for_a_reason_and_says_who_is_told(house: House, fatima: Browser) -> None:
    await house.answer(house.open, house.ben, Partstat.DECLINED)
    place = of(house.open, "/cancel")
    asked = await fatima.get(place)
    sure = await fatima.press(asked, place, reason="De zaal is dicht")
    assert sure.status == 200
    assert "Reden: De zaal is dicht" in sure.words
    assert "1 begeleider: een mail, en het gaat uit de agenda" in sure.words
    assert "1 persoon zonder antwoord: een mail, en het gaat uit de agenda" in sure.words
    assert "1 persoon die nee zei: geen bericht" in sure.words
    assert await house.mails("cancellation") == []
    back = await fatima.press(sure, place, step="back")
    assert back.form(place).fields["reason"] == "De zaal is dicht"
    done = await fatima.press(sure, place, step="sure")
    assert done.location == of(house.open, "?saved=cancelled")
    after = await fatima.get(done.location)
    assert "De zaal is dicht" in after.words
    assert "Afgelast. Iedereen die het moet weten, krijgt bericht." in after.words
    assert [facts["cancel_reason"] for facts in await house.mails("cancellation")] == ["De zaal is dicht"] * 2
    assert "De bijeenkomst is al afgelast" in (await fatima.get(place)).words

    again = await fatima.get(of(house.open, "/publish"))
    assert "1 persoon die nee zei: een uitnodiging per mail, voor de agenda" in again.words
    before = len(await house.mails("invitation"))
    await fatima.press(again, of(house.open, "/publish"))
    assert len(await house.mails("invitation")) - before == 3


async def test_a_draft_is_cancelled_without_telling_anybody(house: House, fatima: Browser) -> None:
    place = of(house.draft, "/cancel")
    asked = await fatima.get(place)
    sure = await fatima.press(asked, place, reason="")
    assert "Niemand krijgt hier bericht over." in sure.words
    await fatima.press(sure, place, step="sure")
    assert await house.mails("cancellation") == []


async def test_what_is_past_can_be_neither_cancelled_nor_opened_again(
    house: House, fatima: Browser, clock: MovableClock
) -> None:
    await scheduling.cancel(house.db, KRING, house.full.id, "", now=clock.now())
    form = (await fatima.get("/manage")).form("/logout").fields
    clock.move(timedelta(days=9))
    assert "Wat voorbij is, kun je niet meer afgelasten." in (await fatima.get(of(house.open, "/cancel"))).words
    assert "De datum is voorbij, dus" in (await fatima.get(of(house.full, "/publish"))).words
    assert (await fatima.post(of(house.open, "/cancel"), form)).status == 409
    assert (await fatima.post(of(house.full, "/publish"), form)).status == 409


async def test_the_numbers_announced_are_those_that_are_mailed(house: House, clock: MovableClock) -> None:
    """People who joined meanwhile, who unsubscribed, who left, and who was invited by hand."""
    db, now = house.db, clock.now()
    circle = await circles.get(db, KRING, "data")
    await make_member(db, circle, await make_person(db))
    await joining.remove_member(db, KRING, "data", house.ben.id, now=now)
    await scheduling.invite(db, KRING, house.open.id, [house.outsider.id], now=now)
    async with db.transaction() as conn:
        await conn.execute("update membership set mails = false where person_id = $1", house.anna.id)
    for gathering, announced, act, purpose in (
        (house.draft, previewing.publish, scheduling.publish, "invitation"),
        (house.open, previewing.cancel, scheduling.cancel, "cancellation"),
        (house.open, previewing.publish, scheduling.publish, "invitation"),
    ):
        before = len(await house.mails(purpose))
        why = [""] if act is scheduling.cancel else []
        shown = await announced(db, KRING, gathering.id, *why, language="nl", now=now)
        expected = shown[0] if isinstance(shown, list) else shown
        await act(db, KRING, gathering.id, *why, now=now)
        assert len(await house.mails(purpose)) - before == expected.told > 0
    with pytest.raises(NotAllowed):
        await previewing.cancel(db, Actor("person:1", signed_in=True), house.open.id, "", language="nl", now=now)


async def test_nobody_is_invited_to_what_has_begun(house: House, fatima: Browser, clock: MovableClock) -> None:
    clock.set(house.draft.starts_at + timedelta(minutes=5))
    assert "niemand krijgt een uitnodiging" in (await fatima.get(of(house.draft, "/publish"))).words


async def test_the_ledger_names_each_person_and_what_came_of_it(house: House, fatima: Browser) -> None:
    async with house.db.transaction() as conn:
        await conn.execute(
            "update notice set state = 'failed', error = '550 no such mailbox' where person_id = $1", house.ben.id
        )
    page = await fatima.get(of(house.open, "/notices"))
    assert "Anna de Vries Uitnodiging maandag 23 november om 10.00 uur gepland" in page.words
    assert "Ben Okafor Uitnodiging maandag 23 november om 10.00 uur niet aangekomen 550 no such mailbox" in page.words
    assert "Uitnodiging – 2 1" in (await fatima.get(of(house.open))).words
    reminders = await fatima.get(of(house.open, "/notices?purpose=reminder"))
    assert reminders.text.count("<tr role") == 1 + 6  # P7D and P1D for three people, and the heading
    assert "Er is nog niemand iets verteld." in (await fatima.get(of(house.draft, "/notices"))).words


async def test_of_a_confidential_circle_staff_see_numbers_and_no_names(house: House, staff: Browser) -> None:
    await house.answer(house.secret, house.anna, Partstat.ACCEPTED)
    page = await staff.get(of(house.secret))
    assert "komen 1" in page.words
    assert "alleen de mensen van de kring zien wie meedoet" in page.words
    for tail in ("", "/publish", "/cancel"):
        shown = await staff.get(of(house.secret, tail))
        assert shown.status == 200
        assert "Anna" not in shown.text
        assert "Ben" not in shown.text
        assert "/roster" not in shown.text
        assert "/notices" not in shown.text
    assert [(await staff.get(of(house.secret, tail))).status for tail in ("/roster", "/notices")] == [403, 403]
    assert of(house.secret, "/roster") not in (await staff.get("/manage")).text


async def test_a_facilitator_of_a_confidential_circle_sees_everything(house: House, browsers: Browsers) -> None:
    await joining.set_member(house.db, KRING, "spiegel", house.ben.id, "facilitator", now=house.now)
    ben = await browsers(house.ben)
    assert "Anna de Vries" in (await ben.get(of(house.secret, "/roster?show=all"))).words
    assert "Anna de Vries" in (await ben.get(of(house.secret, "/notices"))).words
    cancelling = await ben.get(of(house.secret, "/cancel"))
    assert "One line, for yourselves." in cancelling.words  # the reason stands in no mail of theirs


async def test_a_person_is_shown_with_their_circles_but_for_the_confidential_ones(house: House, staff: Browser) -> None:
    page = await staff.get(f"/manage/people/{house.anna.id}")
    assert re.findall(r'href="(/manage/circles/[^"]+)"', page.text) == ["/manage/circles/data", "/manage/circles/lobby"]
    assert "Spiegel" not in page.text
    assert "Geen die jij mag zien." in (await staff.get(f"/manage/people/{house.staff.id}")).words


async def test_a_position_in_no_organisation_is_asked_about_and_not_lost(house: House, staff: Browser) -> None:
    page = await staff.get(f"/manage/people/{house.anna.id}")
    asked = await staff.press(page, f"/manage/people/{house.anna.id}", organisation_id="", title="Directeur")
    assert (asked.status, 'value="Directeur"' in asked.text) == (400, True)
    assert "Kies de organisatie bij deze functie, of laat de functie leeg." in asked.words
