"""The attendance list: on a phone at the door, on paper, and as a file."""

import csv
import io
import re
from datetime import timedelta
from zipfile import ZipFile

import pytest

from handlers.web.roster import MANY
from handlers.web.sheet import BLANK
from service.actions import attendance, circles, importing, joining, people, registration, scheduling
from service.clock import MovableClock
from service.errors import Conflict
from service.model import Attendance, Gathering, Mode, Partstat, Person, Via
from service.rules.access import KRING, Actor
from tests.factories import make_circle, make_member, make_person
from tests.handlers.web.browsing import FROM_OUR_PAGE, Browser, Page
from tests.handlers.web.conftest import Browsers
from tests.handlers.web.house import START, House


@pytest.fixture
async def fatima(house: House, browsers: Browsers) -> Browser:
    """The facilitator of the data circle."""
    return await browsers(house.fatima)


def of(gathering: Gathering, tail: str = "") -> str:
    return f"/manage/gatherings/{gathering.id}/roster{tail}"


def names(page: Page) -> list[str]:
    return re.findall(r'<div class="who"><b>(.*?)</b>', page.text)


def checked(page: Page, person: Person) -> str:
    found = re.findall(rf'name="p{person.id}" value="(\w*)" checked', page.text)
    assert len(found) == 1
    return found[0]


async def send(browser: Browser, page: Page, gathering: Gathering, tail: str = "", **fields: str) -> Page:
    """Send the form as a browser does: what was not touched goes with it as it stood."""
    form = page.form(of(gathering)).fields["form"]
    untouched = dict(re.findall(r'name="(p\d+)" value="(\w*)" checked', page.text)) | dict(
        re.findall(r'name="(w\d+)" value="(\w+)"', page.text)
    )
    fields = {"form": form, **untouched, **fields} if not tail else {"form": form, **fields}
    return await browser.post(of(gathering, tail), fields, FROM_OUR_PAGE)


async def marks(house: House) -> dict[str, str | None]:
    _, everyone = await registration.roster(house.db, KRING, house.open.id)
    return {one.person_name.split()[0]: one.attendance for one in everyone}


async def test_the_list_shows_who_comes_who_waits_and_everyone(house: House, fatima: Browser) -> None:
    await house.answer(house.full, house.anna, Partstat.ACCEPTED)
    assert names(await fatima.get(of(house.full))) == ["Ben Okafor", "Fatima Aziz"]  # who leads it is expected too
    waiting = await fatima.get(of(house.full, "?show=waiting"))
    assert names(waiting) == ["Anna de Vries"]
    assert "wacht, plek 1" in waiting.words
    everyone = await fatima.get(of(house.full, "?show=all"))
    assert names(everyone) == ["Ben Okafor", "Anna de Vries", "Fatima Aziz"]
    assert "Komen 1 Wachtlijst 1 Iedereen 3" in everyone.words
    assert "Eén begeleider staat ook op de lijst." in everyone.words
    assert names(await fatima.get(of(house.full, "?show=nonsense"))) == ["Ben Okafor", "Fatima Aziz"]
    circle = await circles.get(house.db, KRING, "data")
    await make_member(house.db, circle, house.lou, role="facilitator", now=house.now)
    assert "2 begeleiders staan ook op de lijst." in (await fatima.get(of(house.full))).words


async def test_once_it_is_over_the_list_says_what_people_answered_and_not_what_they_will_do(
    house: House, browsers: Browsers, clock: MovableClock
) -> None:
    await house.answer(house.open, house.anna, Partstat.ACCEPTED)
    await house.answer(house.open, house.ben, Partstat.DECLINED)
    clock.set(house.open.ends_at)
    page = await (await browsers(house.fatima)).get(of(house.open, "?show=all"))
    said = dict(re.findall(r"(Anna|Ben|Fatima) \w[^–]*? (zei ja|zei nee|gaf geen antwoord) ", page.words))
    assert said == {"Anna": "zei ja", "Ben": "zei nee", "Fatima": "gaf geen antwoord"}


async def test_the_list_says_who_joins_online(house: House, fatima: Browser) -> None:
    await house.answer(house.open, house.ben, Partstat.ACCEPTED)
    assert "online mee" not in (await fatima.get(of(house.open))).words
    anna = Actor(f"person:{house.anna.id}", person_id=house.anna.id, signed_in=True)
    said = {"via": Via.WEB, "now": house.now, "mode": Mode.ONLINE}
    await registration.respond(house.db, anna, house.open.id, house.anna.id, Partstat.ACCEPTED, **said)
    page = await fatima.get(of(house.open))
    assert "Van hen op locatie: 1, online: 1" in page.words
    sheet = await fatima.get(of(house.open, "/sheet"))
    assert re.findall(r'<th scope="row">(.*?)</th>', sheet.text) == ["Ben Okafor", "Fatima Aziz"]
    assert "Doet online mee Anna de Vries" in sheet.words
    words = page.words.partition("Anna de Vries Stichting Wereldwijs")[2]
    assert words.startswith(" doet online mee Ben Okafor Stichting Wereldwijs Fatima Aziz")


async def test_long_before_the_start_the_list_says_from_when_it_takes_marks(house: House, fatima: Browser) -> None:
    page = await fatima.get(of(house.open, "?show=all"))
    assert "Vanaf dinsdag 1 december om 15.00 uur kun je hier afvinken wie er is." in page.words
    assert f'name="p{house.anna.id}"' not in page.text
    refused = await send(fatima, page, house.open, "/walk-in", name="Wim Wandel")
    assert refused.status == 409
    assert "Wim Wandel" not in (await fatima.get(of(house.open, "?show=all"))).text


@pytest.mark.usefixtures("doors")
async def test_marks_are_kept_and_shown(house: House, fatima: Browser) -> None:
    await house.answer(house.open, house.anna, Partstat.ACCEPTED)
    await house.answer(house.open, house.ben, Partstat.ACCEPTED)
    page = await fatima.get(of(house.open))
    assert (checked(page, house.anna), checked(page, house.ben)) == ("", "")
    saved = await send(
        fatima, page, house.open, **{f"p{house.anna.id}": "present", f"p{house.ben.id}": "excused", "show": "coming"}
    )
    assert (saved.status, saved.location) == (303, of(house.open, "?show=coming&saved=marks"))
    after = await fatima.get(saved.location)
    assert "Opgeslagen. Ongedaan maken" in after.words
    assert "verwacht 2 aanwezig 1 afwezig 0 afgemeld 1 nog open 0 Eén begeleider staat ook op de lijst." in after.words
    assert (checked(after, house.anna), checked(after, house.ben)) == ("present", "excused")

    await send(fatima, after, house.open, **{f"p{house.anna.id}": "", f"p{house.ben.id}": "absent"})
    assert await marks(house) == {"Anna": None, "Ben": "absent", "Fatima": None}


@pytest.mark.usefixtures("doors")
async def test_what_was_saved_last_is_undone_and_what_somebody_else_marked_since_is_not(
    house: House, browsers: Browsers, fatima: Browser
) -> None:
    await house.answer(house.open, house.anna, Partstat.ACCEPTED)
    await house.answer(house.open, house.ben, Partstat.ACCEPTED)
    page = await fatima.get(of(house.open))
    await send(fatima, page, house.open, **{f"p{house.anna.id}": "present", f"p{house.ben.id}": "present"})
    staff = await browsers(house.staff)
    theirs = await staff.get(of(house.open))
    await send(staff, theirs, house.open, **{f"p{house.ben.id}": "excused"})

    saved = await fatima.get(of(house.open, "?show=coming&saved=marks"))
    undone = await fatima.press(saved, of(house.open, "/undo"))
    assert undone.location == of(house.open, "?show=coming&saved=undone")
    after = await fatima.get(undone.location)
    assert "Ongedaan gemaakt" in after.words
    assert of(house.open, "/undo") not in after.text
    assert await marks(house) == {"Anna": None, "Ben": "excused", "Fatima": None}


async def test_the_rest_is_absent_only_once_somebody_says_so_and_that_can_be_undone(
    house: House, fatima: Browser, browsers: Browsers, clock: MovableClock
) -> None:
    await house.answer(house.open, house.anna, Partstat.ACCEPTED)
    await house.answer(house.open, house.ben, Partstat.ACCEPTED)
    before = await fatima.get(of(house.open))
    assert "Zet de anderen op afwezig" not in before.words
    clock.set(house.open.starts_at)
    lead = await browsers(house.fatima)
    page = await lead.get(of(house.open))
    await send(lead, page, house.open, **{f"p{house.anna.id}": "present"})
    assert "Zet de anderen op afwezig" not in (await lead.get(of(house.open))).words  # somebody may still come in
    with pytest.raises(Conflict):
        await attendance.close(house.db, KRING, house.open.id, now=clock.now())
    clock.set(house.open.ends_at)
    page = await lead.get(of(house.open))
    assert "Eén iemand is nog niet gemarkeerd." in page.words  # who leads it takes no seat
    clock.move(timedelta(minutes=1))
    assert await marks(house) == {"Anna": "present", "Ben": None, "Fatima": None}
    closed = await lead.press(page, of(house.open, "/close"))
    assert await marks(house) == {"Anna": "present", "Ben": "absent", "Fatima": None}
    after = await lead.get(closed.location)
    assert "De anderen staan op afwezig." in after.words
    assert "niet verschenen" in after.words + (await lead.get(of(house.open, "?show=all"))).words
    await lead.press(after, of(house.open, "/undo"))
    assert await marks(house) == {"Anna": "present", "Ben": None, "Fatima": None}


async def test_a_sheet_to_sign_has_everybody_who_comes_and_room_for_more(house: House, fatima: Browser) -> None:
    await house.answer(house.open, house.anna, Partstat.ACCEPTED)
    await house.answer(house.open, house.ben, Partstat.DECLINED)
    page = await fatima.get(of(house.open, "/sheet"))
    names_on_it = re.findall(r'<th scope="row">(.*?)</th>', page.text)
    assert names_on_it == ["Anna de Vries", "Fatima Aziz"]
    assert "Naam Organisatie Handtekening" in page.words
    assert page.text.count("<tr><td></td><td></td><td></td></tr>") == BLANK
    assert f'href="{of(house.open, "/sheet")}"' in (await fatima.get(of(house.open))).text


async def test_a_confidential_list_leaves_only_for_whoever_says_that_they_know(
    house: House, browsers: Browsers, clock: MovableClock
) -> None:
    await joining.set_member(house.db, KRING, "spiegel", house.lou.id, "facilitator", now=clock.now())
    lou = await browsers(house.lou)
    page = await lou.get(of(house.secret, "?show=all"))
    assert "vertrouwelijk" in page.words
    form = page.form(of(house.secret, ".xlsx")).fields
    for tail in (".csv", ".xlsx"):
        assert (await lou.post(of(house.secret, tail), form)).status == 400
        assert (await lou.post(of(house.secret, tail), {**form, "confidential": "yes"})).status == 200


@pytest.mark.usefixtures("doors")
async def test_two_people_at_the_door_do_not_undo_each_other(house: House, browsers: Browsers, fatima: Browser) -> None:
    await house.answer(house.open, house.anna, Partstat.ACCEPTED)
    await house.answer(house.open, house.ben, Partstat.ACCEPTED)
    staff = await browsers(house.staff)
    here, there = await fatima.get(of(house.open)), await staff.get(of(house.open))
    await send(fatima, here, house.open, **{f"p{house.anna.id}": "present"})
    await send(staff, there, house.open, **{f"p{house.ben.id}": "present"})
    assert await marks(house) == {"Anna": "present", "Ben": "present", "Fatima": None}


async def test_a_mark_that_is_none_is_refused_and_nobody_else_comes_onto_the_list(
    house: House, fatima: Browser
) -> None:
    page = await fatima.get(of(house.open, "?show=all"))
    assert (await send(fatima, page, house.open, **{f"p{house.anna.id}": "asleep"})).status == 400
    assert (await send(fatima, page, house.open, **{f"p{house.outsider.id}": "present"})).status == 303
    assert await marks(house) == {"Anna": None, "Ben": None, "Fatima": None}


async def test_a_facilitator_answers_for_somebody(house: House, fatima: Browser) -> None:
    page = await fatima.get(of(house.full, "?show=all"))
    answered = await send(fatima, page, house.full, "/answer", answer=f"{house.ben.id}:declined", show="all")
    assert (answered.status, answered.location) == (303, of(house.full, f"?show=all&saved#p{house.ben.id}"))
    await send(fatima, page, house.full, "/answer", answer=f"{house.anna.id}:accepted", show="all")
    _, everyone = await registration.roster(house.db, KRING, house.full.id)
    assert [(one.person_name, one.partstat, one.seat, one.via) for one in everyone] == [
        ("Anna de Vries", "accepted", "seated", Via.WEB),
        ("Fatima Aziz", "needs-action", "none", None),
        ("Ben Okafor", "declined", "none", Via.WEB),
    ]
    for wrong in ("", "x:accepted", f"{house.ben.id}:", f"{house.ben.id}:asleep", f"{10**30}:accepted", "²:accepted"):
        assert (await send(fatima, page, house.full, "/answer", answer=wrong)).status == 400, wrong
    assert (await send(fatima, page, house.full, "/answer", answer="999999:accepted")).status == 404


async def test_whoever_waits_for_approval_is_let_in_from_the_list(
    house: House, fatima: Browser, clock: MovableClock
) -> None:
    facts = {"title_nl": "Met toelating", "starts_local": START, "ends_local": START.replace(hour=20), "approval": True}
    made = await scheduling.create(house.db, KRING, "data", facts, now=clock.now())
    gathering = await scheduling.publish(house.db, KRING, made.id, now=clock.now())
    await house.answer(gathering, house.anna, Partstat.ACCEPTED)
    page = await fatima.get(of(gathering, "?show=waiting"))
    assert "Anna de Vries Stichting Wereldwijs wacht op goedkeuring Beslissen Toelaten Komt niet" in page.words
    await send(fatima, page, gathering, "/answer", answer=f"{house.anna.id}:accepted", show="waiting")
    assert "Er staat niemand op de wachtlijst." in (await fatima.get(of(gathering, "?show=waiting"))).words
    assert "Anna de Vries" in names(await fatima.get(of(gathering)))


@pytest.mark.usefixtures("doors")
async def test_the_door_takes_marks_and_keeps_answers_for_the_full_list(house: House, fatima: Browser) -> None:
    await house.answer(house.open, house.anna, Partstat.ACCEPTED)
    assert "Antwoord voor deze persoon" not in (await fatima.get(of(house.open))).words
    assert "Antwoord voor deze persoon" in (await fatima.get(of(house.open, "?show=all"))).words


async def test_a_draft_has_an_empty_list_and_a_cancelled_one_takes_nothing(
    house: House, fatima: Browser, clock: MovableClock
) -> None:
    assert "Er is nog niemand uitgenodigd." in (await fatima.get(of(house.draft, "?show=all"))).words
    page = await fatima.get(of(house.open, "?show=all"))
    await scheduling.cancel(house.db, KRING, house.open.id, "", now=clock.now())
    assert (await send(fatima, page, house.open, **{f"p{house.anna.id}": "present"})).status == 409
    assert (await send(fatima, page, house.open, "/answer", answer=f"{house.anna.id}:accepted")).status == 409
    cancelled = await fatima.get(of(house.open, "?show=all"))
    assert names(cancelled) == ["Fatima Aziz", "Anna de Vries", "Ben Okafor"]
    assert 'type="radio"' not in cancelled.text
    assert "Antwoord voor deze persoon" not in cancelled.words


@pytest.mark.usefixtures("doors")
async def test_the_list_goes_out_as_csv_and_xlsx_and_only_by_a_post(house: House, fatima: Browser) -> None:
    await people.change_person(house.db, KRING, house.anna.id, {"name": "=Anna"}, now=house.now)
    await house.answer(house.open, house.anna, Partstat.ACCEPTED)
    await attendance.mark(house.db, KRING, house.open.id, {house.anna.id: Attendance.PRESENT}, now=house.open.starts_at)
    page = await fatima.get(of(house.open))
    form = page.form(of(house.open, ".xlsx"))
    assert [button.get("formaction") for button in form.buttons] == [None, of(house.open, ".csv")]
    table = await fatima.post(of(house.open, ".csv"), form.fields)
    assert table.status == 200
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert table.headers["Content-Disposition"] == 'attachment; filename="data-2026-12-01.csv"'
    rows = list(csv.reader(io.StringIO(table.body.decode("utf-8-sig"))))
    assert (rows[0][-1], [row[-1] for row in rows[1:]]) == ("Aanwezigheid", ["aanwezig", "", ""])
    assert rows[0][:3] == ["Naam", "Organisatie", "Antwoord"]
    assert [row[0] for row in rows[1:]] == ["'=Anna", "Fatima Aziz", "Ben Okafor"]

    sheet = await fatima.press(page, of(house.open, ".xlsx"))
    assert sheet.headers["Content-Type"].endswith("spreadsheetml.sheet")
    with ZipFile(io.BytesIO(sheet.body)) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
        assert b"=Anna" in book.read("xl/sharedStrings.xml")
    for tail in (".csv", ".xlsx"):
        assert (await fatima.get(of(house.open, tail))).status == 405
        assert (await fatima.post(of(house.open, tail), {})).status == 403


@pytest.mark.usefixtures("doors")
async def test_a_long_list_has_pages_and_a_form_that_can_be_sent(
    house: House, browsers: Browsers, clock: MovableClock
) -> None:
    """As long as the largest assembly: the whole page at once stays far below what a form may weigh."""
    circle = await make_circle(house.db, "groot")
    lines = [f"Persoon {number:04},p{number}@groot.example.org,nl,,,,groot" for number in range(MANY + 30)]
    text = "name,email,language,organisation,title,roles,circles\n" + "\n".join(lines)
    report = await importing.people(house.db, KRING, text, now=clock.now())
    assert report.errors == []
    await make_member(house.db, circle, house.lou, role="facilitator")
    facts = {"title_nl": "Groot", "starts_local": START, "ends_local": START.replace(hour=20)}
    made = await scheduling.create(house.db, KRING, "groot", facts, now=clock.now())
    gathering = await scheduling.publish(house.db, KRING, made.id, now=clock.now())
    lou = await browsers(house.lou)
    first = await lou.get(of(gathering, "?show=all"))
    following = first.text.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    second = await lou.get(following)
    assert len(names(first)) == MANY
    assert [*names(first), *names(second)] == ["Lou Lobby", *(f"Persoon {number:04}" for number in range(MANY + 30))]
    ids = re.findall(r'name="p(\d+)" value="present"', first.text)
    saved = await send(lou, first, gathering, **{f"p{ident}": "present" for ident in ids})
    assert saved.status == 303
    counted = await scheduling.counts(house.db, [gathering.id])
    assert counted[gathering.id].present == MANY - 1  # Lou leads it
    after = await lou.get(of(gathering, "?show=all"))
    assert (await send(lou, after, gathering, **{f"p{ident}": "absent" for ident in ids})).status == 303


@pytest.mark.usefixtures("doors")
async def test_hostile_names_stay_words(house: House, fatima: Browser) -> None:
    hostile = '"><svg onload=alert(1)>'
    person = await make_person(house.db, hostile)
    await scheduling.invite(house.db, KRING, house.open.id, [person.id], now=house.now)
    await attendance.mark(house.db, KRING, house.open.id, {person.id: Attendance.PRESENT}, now=house.open.starts_at)
    for path in (of(house.open, "?show=all"), f"/manage/gatherings/{house.open.id}/notices"):
        page = await fatima.get(path)
        assert "<svg" not in page.text
        assert hostile in page.words
