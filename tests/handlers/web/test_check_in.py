"""Checking in oneself: by the sign at the door, with a session, a code or a mailed link, while it goes on."""

import html
import re
from datetime import timedelta

import pytest

from service.actions import checking_in, joining, registration
from service.clock import MovableClock
from service.formats import tokens
from service.model import Gathering, Partstat, Purpose
from service.rules.access import KRING, Actor
from service.rules.checking_in import LEAD, good
from tests.handlers.web.browsing import Browser, Page
from tests.handlers.web.conftest import Browsers
from tests.handlers.web.house import KEYS, House

SECRETS = ("Macht", "Power", "Spiegel", "Mirror", "Zaal 3")


@pytest.fixture
async def going_on(house: House, clock: MovableClock) -> House:
    """Everything has begun; Lou leads the peer group besides."""
    await joining.set_member(house.db, KRING, "spiegel", house.lou.id, "facilitator", now=clock.now())
    await house.answer(house.open, house.anna, Partstat.ACCEPTED)
    clock.set(house.open.starts_at)
    return house


async def at_the_door(house: House, gathering: Gathering, clock: MovableClock) -> checking_in.Sign:
    inside = Actor("kring", facilitates=frozenset({gathering.circle_id}), signed_in=True)
    return await checking_in.sign(house.db, inside, gathering.id, keys=KEYS, now=clock.now())


async def present(house: House, gathering: Gathering) -> set[str]:
    inside = Actor("kring", facilitates=frozenset({gathering.circle_id}), signed_in=True)
    _, everyone = await registration.roster(house.db, inside, gathering.id)
    return {one.person_name for one in everyone if one.attendance == "present"}


async def mailed(house: House) -> list[int]:
    async with house.db.reading() as conn:
        rows = await conn.fetch("select registration_id from notice where purpose = $1 order by id", Purpose.CHECK_IN)
    return [row["registration_id"] for row in rows]


def form(page: Page) -> dict[str, str]:
    return page.form(page.path).fields


async def test_the_door_shows_a_square_and_a_code_that_change(
    going_on: House, browsers: Browsers, clock: MovableClock
) -> None:
    fatima = await browsers(going_on.fatima)
    place = f"/manage/gatherings/{going_on.open.id}/check-in"
    page = await fatima.get(place)
    sign = await at_the_door(going_on, going_on.open, clock)
    assert sign.code in page.words
    assert "<svg" in page.text
    assert page.headers["Refresh"] == "30"
    assert "<script" not in page.text
    clock.move(timedelta(minutes=1))
    assert (await at_the_door(going_on, going_on.open, clock)).handle != sign.handle
    assert "Refresh" not in (await fatima.get(f"{place}?still")).headers
    clock.set(going_on.open.starts_at - LEAD - timedelta(seconds=1))
    early = await fatima.get(place)
    assert "<svg" not in early.text
    assert "Er kan nog niemand inchecken. Vanaf dinsdag 1 december om 15.30 uur" in early.words


async def test_who_has_signed_in_checks_in_with_one_button(
    going_on: House, browsers: Browsers, clock: MovableClock
) -> None:
    anna = await browsers(going_on.anna)
    path = f"/here/{(await at_the_door(going_on, going_on.open, clock)).handle}"
    before = await going_on.digest()
    page = await anna.get(path)
    assert await going_on.digest() == before
    done = await anna.post(path, form(page))
    assert "Je staat als aanwezig op de lijst." in done.words
    assert await present(going_on, going_on.open) == {"Anna de Vries"}
    assert (await anna.post(path, form(page))).status == 200
    olaf = await browsers(going_on.outsider)  # not invited; everybody may come to a public gathering
    await olaf.post(path, form(await olaf.get(path)))
    assert await present(going_on, going_on.open) == {"Anna de Vries", "Olaf Buiten"}


async def test_a_sign_that_is_gone_or_of_elsewhere_checks_nobody_in(
    going_on: House, browsers: Browsers, clock: MovableClock
) -> None:
    anna = await browsers(going_on.anna)
    sign = await at_the_door(going_on, going_on.open, clock)
    page = await anna.get(f"/here/{sign.handle}")
    clock.move(timedelta(minutes=5))
    gone = await anna.post(f"/here/{sign.handle}", form(page))
    assert (gone.status, "Kijk nog eens naar de code" in gone.words) == (410, True)
    assert (await anna.get(f"/here/{sign.handle}")).status == 410
    assert (await anna.get("/here/nonsense")).status == 404
    answer = tokens.handle(KEYS, "r", going_on.open.id)  # another purpose is another secret
    assert (await anna.get(f"/here/{answer}")).status == 410
    fresh = await at_the_door(going_on, going_on.open, clock)
    clock.set(going_on.open.ends_at)
    assert (await anna.get(f"/here/{fresh.handle}")).status == 410
    assert await present(going_on, going_on.open) == set()


async def test_the_code_on_the_sign_checks_in_whoever_holds_an_answer_link(
    going_on: House, visitor: Browser, clock: MovableClock
) -> None:
    link = await going_on.link(going_on.open, going_on.anna)
    sign = await at_the_door(going_on, going_on.open, clock)
    page = await visitor.get(link)
    wrong = f"{(int(sign.code) + 5) % 10_000:04}"
    refused = await visitor.press(page, f"{link}/here", code=wrong)
    assert refused.location == f"{link}?code#answer"
    assert "Dit is niet de code die er nu staat." in (await visitor.get(f"{link}?code")).words
    assert await present(going_on, going_on.open) == set()
    done = await visitor.press(page, f"{link}/here", code=f"{sign.code[:2]} {sign.code[2:]}")
    assert "Je staat als aanwezig op de lijst." in done.words
    assert await present(going_on, going_on.open) == {"Anna de Vries"}
    assert f"{link}/here" not in (await visitor.get(link)).text


async def test_a_code_cannot_be_guessed_by_trying(going_on: House, visitor: Browser, clock: MovableClock) -> None:
    link = await going_on.link(going_on.open, going_on.anna)
    sign = await at_the_door(going_on, going_on.open, clock)
    page = await visitor.get(link)
    right = {tokens.code(KEYS, tokens.SIGN, going_on.open.id, slot) for slot in good(clock.now())}
    wrong = [code for code in (f"{number:04}" for number in range(20)) if code not in right]
    for code in wrong[:10]:
        await visitor.press(page, f"{link}/here", code=code)
    await visitor.press(page, f"{link}/here", code=sign.code)
    assert await present(going_on, going_on.open) == set()


async def test_a_mailed_link_checks_in_and_nothing_tells_who_is_known(
    going_on: House, visitor: Browser, clock: MovableClock
) -> None:
    path = f"/here/{(await at_the_door(going_on, going_on.open, clock)).handle}"
    page = await visitor.get(path)
    known = await visitor.press(page, f"{path}/mail", name="Iemand", email="ANNA@example.org")
    fresh = await visitor.press(page, f"{path}/mail", name="Vera Vreemd", email="vera@example.net")
    assert known.status == fresh.status == 200
    assert known.words == fresh.words
    anna, vera = await mailed(going_on)
    assert anna == await going_on.registration_id(going_on.open, going_on.anna)
    link = f"/present/{tokens.handle(KEYS, tokens.PRESENT, anna)}"
    before = await going_on.digest()
    shown = await visitor.get(link)
    assert await going_on.digest() == before
    assert "Je staat als aanwezig op de lijst." in (await visitor.post(link, form(shown))).words
    theirs = f"/present/{tokens.handle(KEYS, tokens.PRESENT, vera)}"
    await visitor.post(theirs, form(await visitor.get(theirs)))
    assert await present(going_on, going_on.open) == {"Anna de Vries", "Vera Vreemd"}
    clock.set(going_on.open.ends_at)
    assert (await visitor.get(link)).status == 410
    assert (await visitor.post(link, form(shown))).status == 410


async def test_what_was_typed_wrong_comes_back(going_on: House, visitor: Browser, clock: MovableClock) -> None:
    path = f"/here/{(await at_the_door(going_on, going_on.open, clock)).handle}"
    page = await visitor.get(path)
    for typed, words in (
        ({"name": "Vera", "email": "x"}, "Dit is geen mailadres"),
        ({"name": "", "email": "v@x.nl"}, "Vul je naam in"),
    ):
        again = await visitor.press(page, f"{path}/mail", **typed)
        assert (again.status, words in again.words) == (400, True)
        assert f'action="{html.escape(path)}/mail"' in again.text
    assert await mailed(going_on) == []


async def test_nobody_comes_into_a_confidential_gathering_who_is_not_of_it(
    going_on: House, browsers: Browsers, visitor: Browser, clock: MovableClock
) -> None:
    path = f"/here/{(await at_the_door(going_on, going_on.secret, clock)).handle}"
    page = await visitor.get(path)
    said = [page.text]
    for email in ("vera@example.net", "olaf@example.org", "anna@example.org"):
        said.append((await visitor.press(page, f"{path}/mail", name="Vera", email=email)).text)
    assert await mailed(going_on) == [await going_on.registration_id(going_on.secret, going_on.anna)]
    olaf = await browsers(going_on.outsider)
    theirs = await olaf.get(path)
    said += [theirs.text, (await olaf.post(path, form(theirs))).text]
    anna = await browsers(going_on.anna)
    said.append((await anna.post(path, form(await anna.get(path)))).text)
    assert await present(going_on, going_on.secret) == {"Anna de Vries"}
    assert [secret for secret in SECRETS for text in said if secret in text] == []
    lou = await browsers(going_on.lou)
    sign = await lou.get(f"/manage/gatherings/{going_on.secret.id}/check-in")
    assert re.search(r'class="bigcode">\d{4}<', sign.text)
    assert [secret for secret in SECRETS if secret in sign.text] == []
