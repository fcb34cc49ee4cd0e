"""The annual plan on its page: every number is the one that the plan itself gives."""

import re
from dataclasses import asdict
from datetime import date, timedelta

import pytest

from handlers.web import plan as page_module
from service.actions import attendance, planning, scheduling, web_sessions
from service.clock import MovableClock
from service.model import Attendance, Partstat
from service.rules.access import KRING
from service.store.targets import PlanYear
from tests.handlers.web.browsing import Browser, Page
from tests.handlers.web.conftest import Browsers
from tests.handlers.web.house import START, House

HEADER = "programme,title,kind,output,min_count,max_count,period,months,language,audience,source,circle"
LINES = """
Innovatie,Datadagen,community_of_practice,gathering,4,4,quarter,,nl,members,test,data
Beleid,Lobbycafés,lobby_cafe,gathering,3,4,year,,nl,members,test,lobby
Innovatie,Intervisie,intervision_group,group,2,,year,,nl,members,test,
Beleid,Nieuwsbrief,mailing,mailing,12,12,month,,nl,members,test,
Beleid,Op tijd,reception,gathering,1,1,year,11,nl,members,test,
"""
COLUMNS = ("held", "scheduled", "drafts", "cancelled", "seated", "present", "rating")


async def take_in(house: House, year: int, starts_on: date) -> None:
    report = await planning.import_plan(house.db, KRING, HEADER + LINES, year=year, starts_on=starts_on)
    assert report.errors == []


@pytest.fixture
async def staff(house: House, browsers: Browsers) -> Browser:
    return await browsers(house.staff)


async def see(house: House, staff: Browser, clock: MovableClock, path: str) -> Page:
    """Look as staff who signed in just now: a session of theirs does not outlive a night."""
    async with house.db.transaction() as conn:
        token = (await web_sessions.begin(conn, house.staff.id, now=clock.now())).token
    staff.client.session.cookie_jar.update_cookies({"kring": token}, staff.client.make_url("/"))
    return await staff.get(path)


def rows(page: Page) -> dict[str, list[str]]:
    """Read the numbers of each line from the page."""
    found = {}
    for row in re.findall(r"<tr role=\"row\">\s*<th role=\"rowheader\".*?</tr>", page.text, re.DOTALL):
        title = re.sub("<[^>]+>", "", re.search(r"<th[^>]*>(.*?)</th>", row, re.DOTALL)[1].split("<span")[0])
        cells = re.findall(r'<td role="cell" class="number[^"]*"[^>]*>(.*?)</td>', row, re.DOTALL)
        found[title] = [re.sub(r"<span.*?</span>", "", cell) for cell in cells]
    return found


async def test_the_numbers_are_those_of_the_plan(house: House, staff: Browser, clock: MovableClock) -> None:
    await take_in(house, 2026, date(2026, 11, 1))
    await house.answer(house.open, house.anna, Partstat.ACCEPTED)
    later = {"title_nl": "Later", "starts_local": START + timedelta(days=60), "ends_local": START + timedelta(days=61)}
    made = await scheduling.create(house.db, KRING, "data", later, now=clock.now())
    await scheduling.publish(house.db, KRING, made.id, now=clock.now())
    await scheduling.cancel(house.db, KRING, house.members.id, "", now=clock.now())
    clock.move(timedelta(days=10))
    await attendance.mark(house.db, KRING, house.open.id, {house.anna.id: Attendance.PRESENT}, now=clock.now())

    lines = {line.title: asdict(line) for line in await planning.plan(house.db, KRING, 2026, now=clock.now())}
    page = await see(house, staff, clock, "/manage/plan/2026")
    shown = rows(page)
    assert shown.keys() == lines.keys()
    for title, line in lines.items():
        expected = [str(line[name] or "–") for name in COLUMNS]
        assert shown[title][1:] == ([""] if line["on_track"] is None else expected), title
    assert [row[0] for row in shown.values()] == ["4", "minstens 2", "3–4", "12", "1"]
    assert lines["Datadagen"]["held"] == 2
    assert (lines["Datadagen"]["scheduled"], lines["Datadagen"]["drafts"], lines["Datadagen"]["present"]) == (1, 1, 1)
    assert "bijeenkomsten geweest 2" in page.words
    assert "keer iemand aanwezig 1" in page.words


async def test_each_line_says_in_words_whether_it_is_on_track(
    house: House, staff: Browser, clock: MovableClock
) -> None:
    await take_in(house, 2026, date(2026, 11, 1))
    clock.move(timedelta(days=20))
    page = await see(house, staff, clock, "/manage/plan/2026")
    assert "Datadagen verdeeld over de kwartalen Op schema" in page.words
    assert "Intervisie groepen Op schema" in page.words
    assert "Op tijd Loopt achter" in page.words
    assert "Nieuwsbrief elke maand Nog niet in Kring" in page.words
    english = await staff.get("/manage/plan/2026?lang=en")
    assert "Nieuwsbrief every month Not in Kring yet" in english.words
    assert "Op tijd Behind" in english.words


async def test_programmes_keep_the_order_of_the_plan_and_hold_their_lines(house: House, staff: Browser) -> None:
    await take_in(house, 2026, date(2026, 11, 1))
    page = await staff.get("/manage/plan/2026")
    assert re.findall(r"<h2>(\w+)</h2>", page.text) == ["Innovatie", "Beleid"]
    assert list(rows(page)) == ["Datadagen", "Intervisie", "Lobbycafés", "Nieuwsbrief", "Op tijd"]
    assert "Van november 2026 tot en met oktober 2027" in page.words


async def test_each_thing_promised_is_a_circle(house: House, staff: Browser) -> None:
    await take_in(house, 2026, date(2026, 11, 1))
    page = await staff.get("/manage/plan/2026")
    drawn = [re.findall(r'class="(\w+)" cx', row) for row in re.findall(r"<svg.*?</svg>", page.text)][
        4:
    ]  # after the key
    assert drawn[0] == [
        "scheduled",
        "scheduled",
        "draft",
        "open",
    ]  # the data circle: two to come and one in draft of four
    assert drawn[2] == ["scheduled", "open", "open"]
    assert "style=" not in page.text


async def test_the_year_under_way_comes_first_and_others_can_be_chosen(
    house: House, staff: Browser, clock: MovableClock
) -> None:
    assert "Er is nog geen jaarplan." in (await staff.get("/manage/plan")).words
    await take_in(house, 2026, date(2026, 11, 1))
    await take_in(house, 2027, date(2027, 11, 1))
    assert "Jaarplan 2026" in (await staff.get("/manage/plan")).words
    clock.set(house.now + timedelta(days=360))
    assert "Jaarplan 2027" in (await see(house, staff, clock, "/manage/plan")).words
    clock.set(house.now + timedelta(days=3000))
    assert "Jaarplan 2027" in (await see(house, staff, clock, "/manage/plan")).words  # nothing is under way: the latest
    assert [(await staff.get(f"/manage/plan/{year}")).status for year in ("2026", "2027", "2025", "20266")] == [
        200,
        200,
        404,
        404,
    ]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 1, 1), date(2026, 12, 31)),
        (date(2026, 11, 1), date(2027, 10, 31)),
        (date(2024, 2, 29), date(2025, 2, 28)),
        (date(2023, 3, 31), date(2024, 3, 30)),
    ],
)
def test_a_plan_year_is_twelve_months_long(first: date, last: date) -> None:
    assert page_module._last(PlanYear(2026, first)) == last
