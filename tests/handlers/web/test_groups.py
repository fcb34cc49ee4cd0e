"""Groups of a fixed size on the web: how full they are, who waits, and what is refused in which words."""

import pytest

from service.actions import circles, joining, kinds
from service.model import Partstat
from service.rules.access import KRING
from tests.factories import make_member, make_person
from tests.handlers.web.browsing import Browser
from tests.handlers.web.conftest import Browsers
from tests.handlers.web.house import House

COMPLETE = "Deze groep is vol. Pas als iemand weggaat, kun je iemand anders toelaten."
PLACE = "/manage/circles/drie"


@pytest.fixture
async def group(house: House) -> House:
    """Make a group of three with two in it; Lou leads it, Olaf asks to come in."""
    policy = {"label_nl": "Drietal", "joining": "request", "most_members": 3, "language": "en"}
    await kinds.create(house.db, KRING, "triple", policy)
    circle = await circles.create(
        house.db, KRING, slug="drie", kind="triple", title_nl="Drie", title_en="Three", now=house.now
    )
    await make_member(house.db, circle, house.lou, role="facilitator", now=house.now)
    for one in (house.anna, house.ben):
        await make_member(house.db, circle, one, now=house.now)
    return house


async def asks(house: House, browsers: Browsers) -> Browser:
    olaf = await browsers(house.outsider)
    await olaf.press(await olaf.get("/circles/drie"), "/circles/drie/join")
    return olaf


async def test_a_group_says_how_many_it_still_takes(group: House, browsers: Browsers) -> None:
    lou = await browsers(group.lou)
    for path in (PLACE, f"{PLACE}/members"):
        assert "Een groep van hoogstens 3 leden: er kan er nog een bij." in (await lou.get(path)).words
    staff = await browsers(group.staff)
    added = await staff.post(f"{PLACE}/members", await token(staff, person=str(group.outsider.id)))
    assert added.location == f"{PLACE}/members?saved=added"
    assert "Een groep van hoogstens 3 leden: vol." in (await lou.get(PLACE)).words
    assert "De groep heeft 3 leden, en meer passen er niet in." in (await lou.get(f"{PLACE}/members/add")).words
    vera = {"name": "Vera", "email": "vera@example.org"}
    refused = await lou.post(f"{PLACE}/members/add", await token(lou, **vera))
    assert (refused.status, COMPLETE in refused.words, 'value="vera@example.org"' in refused.text) == (400, True, True)
    refused = await staff.post(
        f"{PLACE}/members", await token(staff, person=str((await make_person(group.db, "Vera")).id))
    )
    assert (refused.status, COMPLETE in refused.words) == (400, True)


async def token(browser: Browser, place: str = PLACE, **typed: str) -> dict[str, str]:
    """Return what the form to add somebody holds, with what is typed into it."""
    page = await browser.get(f"{place}/members/add")
    (form,) = [one for one in page.forms if one.method == "post" and one.action == f"{place}/members/add"]
    return form.fields | {"language": "nl"} | typed  # a list to choose from is no field to the browser of the tests


async def test_who_asks_waits_while_the_group_is_complete(group: House, browsers: Browsers) -> None:
    third = await make_member(group.db, await circles.get(group.db, KRING, "drie"), now=group.now)
    lou, olaf = await browsers(group.lou), await browsers(group.outsider)
    door = await olaf.get("/circles/drie")
    assert "De groep is vol met 3 leden. Vraag het, dan sta je op de lijst" in door.words
    await olaf.press(door, "/circles/drie/join")
    shown = await lou.get(PLACE)
    accept = f"{PLACE}/members/{group.outsider.id}/accept"
    assert "De groep is vol: wie het vraagt, wacht hier tot er iemand weggaat." in shown.words
    assert "Olaf Buiten" in shown.words
    assert accept not in shown.text
    assert "wacht tot er iemand weggaat" in (await lou.get(f"{PLACE}/members?show=requests")).words
    late = await lou.post(accept, await token(lou))  # pressed on a page from before
    assert COMPLETE in (await lou.get(late.location)).words
    await joining.remove_member(group.db, KRING, "drie", third.id, now=group.now)
    done = await lou.press(await lou.get(PLACE), accept)
    assert done.location == f"{PLACE}?saved=in"


async def test_a_group_that_anybody_may_join_is_closed_while_it_is_complete(group: House, browsers: Browsers) -> None:
    await kinds.change(group.db, KRING, "triple", {"joining": "open"}, now=group.now)
    olaf = await browsers(group.outsider)
    door = await olaf.get("/circles/drie")
    await make_member(group.db, await circles.get(group.db, KRING, "drie"), now=group.now)
    late = await olaf.press(door, "/circles/drie/join")
    shown = await olaf.get(late.location)
    assert "De groep heeft 3 leden. Je kunt meedoen zodra er iemand weggaat." in shown.words
    assert "/circles/drie/join" not in shown.text


async def test_the_team_reads_why_it_cannot_let_itself_into_a_confidential_group(
    house: House, browsers: Browsers
) -> None:
    staff, place = await browsers(house.staff), "/manage/circles/spiegel/members"
    facts = {"name": "Sanne", "email": "sanne@example.org"}
    for path, more in ((place, {"person": str(house.staff.id)}), (f"{place}/add", facts)):
        refused = await staff.post(path, await token(staff, "/manage/circles/spiegel", **more))
        assert refused.status == 400
        assert "Alleen wie deze groep begeleidt, laat mensen van het team toe" in refused.words
    assert "Macht aan tafel" not in (await staff.get("/me")).words


async def test_a_new_circle_begins_with_the_kind_and_language_of_the_link(house: House, browsers: Browsers) -> None:
    await kinds.change(house.db, KRING, "training", {"language": "en"}, now=house.now)
    staff = await browsers(house.staff)
    page = await staff.get("/manage/new-circle?kind=training")
    assert '<option value="training" selected>' in page.text
    assert '<option value="" selected>Die van de soort</option>' in page.text
    typed = {"title_nl": "Nieuw", "kind": "training", "language": "", "slug": ""}
    await staff.press(page, "/manage/new-circle", **typed)
    assert (await circles.get(house.db, KRING, "nieuw")).language == "en"


async def test_who_leads_a_group_with_too_few_asks_it_for_another_date_with_one_press(
    house: House, browsers: Browsers
) -> None:
    """Two are in the peer group and four have to come, so that one no is enough."""
    circle = await circles.get(house.db, KRING, "spiegel")
    await make_member(house.db, circle, house.lou, role="facilitator", now=house.now)
    lou, staff = await browsers(house.lou), await browsers(house.staff)
    place = f"/manage/gatherings/{house.secret.id}"
    await house.answer(house.secret, house.anna, Partstat.ACCEPTED)
    await house.answer(house.secret, house.ben, Partstat.DECLINED)
    for browser in (lou, staff):
        shown = await browser.get(place)
        assert "Er komt één persoon, en jullie spraken minstens 4 af." in shown.words
        assert "Er zijn te weinig mensen over die nog ja kunnen zeggen." in shown.words
    asked = await lou.get(f"{place}/poll")
    assert "Te weinig mensen kunnen komen." in asked.words
    assert "3 mensen van de kring krijgen een mail" in asked.words
    assert "Te weinig mensen kunnen bij de intervisie zijn" in asked.text  # the letter, neutral
    done = await lou.press(asked, f"{place}/poll", step="start")
    assert done.location == f"{place}/poll?saved"
    assert "Van de 3 heeft nog niemand gestemd." in (await lou.get(done.location)).words
    assert "Er wordt een andere datum gezocht" in (await lou.get(place)).words
    assert len(await house.mails("poll")) == 2 * 3
    # Of circles without a minimum nothing is said.
    for path in (f"/manage/gatherings/{house.open.id}", f"/manage/gatherings/{house.full.id}"):
        assert 'id="minimum"' not in (await staff.get(path)).text
