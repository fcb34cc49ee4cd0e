"""Voting for a date and picking one, on pages."""

from datetime import timedelta

import pytest

from service.actions import people, polls, scheduling, voting
from service.clock import MovableClock
from service.formats import tokens
from service.model import Gathering
from service.rules.access import KRING
from tests.handlers.web.browsing import Browser
from tests.handlers.web.conftest import Browsers
from tests.handlers.web.house import KEYS, START, House


@pytest.fixture
async def fatima(house: House, browsers: Browsers) -> Browser:
    """The facilitator of the data circle."""
    return await browsers(house.fatima)


def board(gathering: Gathering) -> str:
    return f"/manage/gatherings/{gathering.id}/poll"


async def link(house: House, gathering: Gathering) -> str:
    async with house.db.reading() as conn:
        select = "select id from poll_voter where gathering_id = $1 and person_id = $2"
        return f"/p/{tokens.handle(KEYS, tokens.POLL, await conn.fetchval(select, gathering.id, house.anna.id))}"


async def test_a_date_from_proposing_to_picking(house: House, fatima: Browser, browsers: Browsers) -> None:
    place = board(house.draft)
    form = await fatima.get(place)
    assert form.form(place).fields["day0"] == "2026-12-01"
    refused = await fatima.press(form, place, step="propose", day1="")
    assert (refused.status, "Stel 3 tot 10 momenten voor" in refused.words) == (400, True)
    assert (await fatima.press(form, place, step="propose")).location == place
    asks = await fatima.get(place)
    assert "3 mensen van de kring krijgen een mail met een link." in asks.words
    assert "Welke datum? Nog niet" in asks.words
    assert "1: dinsdag 1 december 2026, 16.00–18.00 uur" in asks.words
    assert await house.mails("poll") == []
    await fatima.press(asks, place, step="ask")
    assert len(await house.mails("poll")) == 6  # each with a reminder that waits

    visitor = await browsers()
    path = await link(house, house.draft)
    page = await visitor.get(path)
    assert "Voor Nog niet. Tik aan wat je past." in page.words
    before = await house.digest()
    for _ in range(3):
        await visitor.get(path)
    assert await house.digest() == before
    moments = (await polls.standings(house.db, KRING, house.draft.id, now=house.now)).moments
    await visitor.press(page, path, **{f"m{moments[0].id}": "no", f"m{moments[1].id}": "yes"})
    said = await visitor.get(f"{path}?saved")
    assert said.form(path).fields[f"m{moments[1].id}"] == "yes"
    assert "Dank je, het is genoteerd." in said.words
    assert "Fatima" not in said.text

    votes = await fatima.get(place)
    assert "Van de 3 heeft er één gestemd." in votes.words
    assert "past de meesten" not in votes.words  # one vote is no majority
    ben = await people.actor_for(house.db, house.ben.id)
    await voting.vote(house.db, ben, house.draft.id, {moments[1].id: "yes"}, now=house.now)
    votes = await fatima.get(place)
    assert "Van de 3 hebben er 2 gestemd." in votes.words
    assert "past de meesten Ja 2 Anna de Vries, Ben Okafor" in votes.words
    sure = await fatima.press(votes, place, moment=str(moments[1].id))
    assert "2 nieuwe genodigden: een uitnodiging per mail, voor de agenda" in sure.words
    assert "woensdag 2 december 2026" in sure.words
    done = await fatima.press(sure, place, step="sure")
    assert done.location == f"/manage/gatherings/{house.draft.id}?saved=published"
    found = await scheduling.get(house.db, KRING, house.draft.id)
    assert (found.status, found.starts_local) == ("published", START + timedelta(days=1))
    assert "Er wordt geen datum meer gezocht." in (await visitor.get(path)).words
    late = await visitor.press(page, path, **{f"m{moments[0].id}": "yes"})
    assert late.location == path


async def test_a_member_votes_signed_in_and_a_link_says_nothing_of_a_confidential_circle(
    house: House, browsers: Browsers, clock: MovableClock
) -> None:
    starts = [START + timedelta(days=number) for number in range(3)]
    for gathering in (house.draft, house.secret):
        await polls.propose(house.db, KRING, gathering.id, starts, now=clock.now())
        await polls.ask(house.db, KRING, gathering.id, now=clock.now())
    anna = await browsers(house.anna)
    mine = await anna.get("/me")
    assert "Welke data passen je?" in mine.words
    for gathering in (house.draft, house.secret):
        assert f'href="/polls/{gathering.id}"' in mine.text
    assert 'id="polls"' not in (await (await browsers(house.outsider)).get("/me")).text
    place = f"/polls/{house.draft.id}"
    moment = (await polls.standings(house.db, KRING, house.draft.id, now=house.now)).moments[0].id
    page = await anna.get(place)
    await anna.press(page, place, **{f"m{moment}": "if-need-be"})
    assert (await anna.get(place)).form(place).fields[f"m{moment}"] == "if-need-be"
    secret = await (await browsers()).get(await link(house, house.secret))
    assert "Voor je bijeenkomst." in secret.words
    assert "Macht" not in secret.text and "Spiegel" not in secret.text
    assert (await anna.get("/p/" + "a" * 40)).status == 404
