"""The annual plan: taken in from a file, and counted against what takes place."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from service.actions import attendance, planning, registration, scheduling
from service.actions.importing import ImportReport
from service.actions.planning import PlanLine
from service.database import Database
from service.errors import Invalid, NotAllowed, NotFound
from service.formats.tables import Fault
from service.model import Attendance, Circle, Gathering, Partstat, Role, Via
from service.rules.access import ANONYMOUS, KRING, Actor
from service.store import targets
from service.store.targets import PlanYear
from tests.conftest import NOW
from tests.factories import make_circle, make_member, make_person

HEADER = "programme,title,kind,output,min_count,max_count,period,months,language,audience,source,circle"
STAFF = Actor("person:0", role=Role.STAFF, signed_in=True)
START = date(2027, 1, 1)
SUMMER = datetime(2027, 7, 1, 12, tzinfo=UTC)


async def take_in(db: Database, *lines: str, year: int = 2027, starts_on: date | None = None) -> ImportReport:
    source = "\n".join([HEADER, *lines])
    return await planning.import_plan(db, STAFF, source, year=year, starts_on=starts_on)


async def make_gathering(db: Database, circle: Circle, day: str, *, publish: bool = True) -> Gathering:
    start = datetime.fromisoformat(f"{day}T16:00")
    facts = {"title_nl": "Bijeenkomst", "starts_local": start, "ends_local": start + timedelta(hours=2)}
    draft = await scheduling.create(db, KRING, circle.slug, facts | {"timezone": "Europe/Amsterdam"}, now=NOW)
    return await scheduling.publish(db, KRING, draft.id, now=NOW) if publish else draft


async def titles(db: Database, year: int = 2027) -> list[str]:
    return [line.title for line in await planning.plan(db, STAFF, year, now=NOW)]


async def test_a_line_counts_what_is_planned_published_held_and_cancelled(db: Database) -> None:
    circle = await make_circle(db, "alfa", kind="training", programme="Leren")
    await take_in(db, "Leren,Cursus,training,gathering,10,12,year,,nl,,,alfa")
    members = [await make_member(db, circle) for _ in range(3)]
    host = await make_member(db, circle, role="facilitator")
    held = [await make_gathering(db, circle, f"2027-0{month}-10") for month in range(1, 6)]
    to_come = await make_gathering(db, circle, "2027-09-10")
    await make_gathering(db, circle, "2027-10-10", publish=False)
    cancelled = await make_gathering(db, circle, "2027-11-10")
    for gathering, who in ((held[0], members), (held[1], members[:1]), (to_come, members[:2]), (cancelled, members)):
        for person in [*who, host]:
            await registration.respond(db, KRING, gathering.id, person.id, Partstat.ACCEPTED, via=Via.WEB, now=NOW)
    await scheduling.cancel(db, KRING, cancelled.id, "", now=NOW)
    marks = {members[0].id: Attendance.PRESENT, members[1].id: Attendance.ABSENT, host.id: Attendance.PRESENT}
    await attendance.mark(db, KRING, held[0].id, marks, now=SUMMER)
    assert await planning.plan(db, STAFF, 2027, now=SUMMER) == [
        PlanLine(
            programme="Leren",
            title="Cursus",
            kind="training",
            output="gathering",
            period="year",
            circle="alfa",
            planned_min=10,
            planned_max=12,
            scheduled=1,
            drafts=1,
            held=5,
            cancelled=1,
            seated=6,
            present=1,
            rating=None,
            ratings=0,
            on_track=True,
        )
    ]


async def test_ten_planned_seven_held_one_cancelled_one_moved_to_next_year_adds_up(db: Database) -> None:
    circle = await make_circle(db, "alfa", kind="training", programme="Leren")
    for year in (2027, 2028):
        await take_in(db, "Leren,Cursus,training,gathering,10,,year,,nl,,,alfa", year=year)
    made = [await make_gathering(db, circle, f"2027-{month:02}-10") for month in range(1, 10)]
    await scheduling.cancel(db, KRING, made[7].id, "", now=NOW)
    moved = {"starts_local": datetime(2028, 1, 10, 16), "ends_local": datetime(2028, 1, 10, 18)}
    await scheduling.change(db, KRING, made[8].id, moved, now=NOW, coalesce=timedelta(0))
    then = datetime(2028, 1, 1, tzinfo=UTC)
    (this,), (following,) = [await planning.plan(db, STAFF, year, now=then) for year in (2027, 2028)]
    assert (this.held, this.scheduled, this.cancelled, this.on_track) == (7, 0, 1, False)
    assert (following.held, following.scheduled, following.cancelled, following.on_track) == (0, 1, 0, True)


async def test_a_gathering_counts_in_the_year_of_its_own_wall_clock(db: Database) -> None:
    circle = await make_circle(db, "alfa", kind="training", programme="Leren")
    await take_in(db, "Leren,Cursus,training,gathering,1,,year,,nl,,,alfa", starts_on=date(2026, 12, 1))
    for day in ("2026-11-30", "2026-12-01", "2027-11-30", "2027-12-01"):
        await make_gathering(db, circle, day)
    late = {"starts_local": datetime(2027, 11, 30, 23, 30), "ends_local": datetime(2027, 12, 1, 1)}
    facts = {"title_nl": "Laat", "timezone": "America/New_York"} | late
    await scheduling.create(db, KRING, "alfa", facts, now=NOW)
    (line,) = await planning.plan(db, STAFF, 2027, now=NOW)
    assert (line.scheduled, line.drafts) == (2, 1)


async def test_a_line_without_a_circle_counts_the_circles_that_no_other_line_claims(db: Database) -> None:
    claimed = await make_circle(db, "claimed", kind="training", programme="Leren")
    free = [await make_circle(db, slug, kind="training", programme="Leren") for slug in ("free", "free-too")]
    others = [
        await make_circle(db, "other-kind", kind="dinner", programme="Leren"),
        await make_circle(db, "other-programme", kind="training", programme="Doen"),
    ]
    await take_in(
        db,
        "Leren,Alle,training,gathering,1,,year,,nl,,,",
        "Leren,Een,training,gathering,1,,year,,nl,,,claimed",
        "Leren,Brief,mailing,mailing,12,,month,,nl,,,",
    )
    for circle in (claimed, *free, *others):
        await make_gathering(db, circle, "2027-03-10")
    assert [(line.title, line.scheduled, line.on_track) for line in await planning.plan(db, STAFF, 2027, now=NOW)] == [
        ("Alle", 2, True),
        ("Een", 1, True),
        ("Brief", 0, None),
    ]


async def test_a_line_of_groups_counts_circles_with_people_in_its_language(db: Database) -> None:
    own = await make_circle(db, "own", kind="intervision_group", programme="Leren")
    dutch = await make_circle(db, "dutch", kind="intervision_group", programme="Leren")
    english = await make_circle(db, "english", kind="intervision_group", programme="Leren", language="en")
    claimed = await make_circle(db, "claimed", kind="intervision_group", programme="Leren")
    await make_circle(db, "without-people", kind="intervision_group", programme="Leren")
    elsewhere = await make_circle(db, "elsewhere", kind="intervision_group", programme="Doen")
    for circle in (own, dutch, english, claimed, elsewhere):
        await make_member(db, circle)
    await make_gathering(db, own, "2027-03-10")
    await take_in(
        db,
        "Leren,Groepen,intervision_group,group,4,,year,,nl,,,own",
        "Leren,Groups,intervision_group,group,1,,year,,en,,,",
        "Leren,Sessies,intervision_group,gathering,1,,year,,nl,,,claimed",
    )
    found = await planning.plan(db, STAFF, 2027, now=datetime(2028, 1, 1, tzinfo=UTC))
    assert [(line.title, line.held, line.scheduled, line.on_track) for line in found] == [
        ("Groepen", 2, 0, False),
        ("Groups", 1, 0, True),
        ("Sessies", 0, 0, False),
    ]


async def test_who_left_makes_no_group(db: Database) -> None:
    circle = await make_circle(db, "own", kind="intervision_group", programme="Leren")
    person = await make_member(db, circle)
    await take_in(db, "Leren,Groepen,intervision_group,group,1,,year,,nl,,,own")
    assert [line.held for line in await planning.plan(db, STAFF, 2027, now=NOW)] == [1]
    async with db.transaction() as conn:
        await conn.execute("update membership set state = 'left' where person_id = $1", person.id)
    assert [line.held for line in await planning.plan(db, STAFF, 2027, now=NOW)] == [0]


async def test_a_plan_of_a_hundred_lines_takes_as_few_statements_as_a_plan_of_one(db: Database) -> None:
    await take_in(db, *(f"Leren,Cursus {number},training,gathering,1,,year,,nl,,," for number in range(100)))
    heard: list[str] = []
    async with db.reading() as conn:
        with conn.query_logger(lambda query: heard.append(query.query)):
            assert len(await planning.plan(db.within(conn), STAFF, 2027, now=NOW)) == 100
            await asyncio.sleep(0)  # asyncpg hands the statements over in the next turn of the loop
    assert heard == [targets.SELECT_YEAR, targets.SELECT_COUNTED]


async def test_the_same_file_again_changes_nothing(db: Database) -> None:
    await make_circle(db, "alfa")
    lines = ['Leren,Cursus,training,gathering,1,2,quarter,"4,11",en,leden,p. 1,alfa', "Leren,Brief,x,mailing,1,,,,,,,"]
    assert await take_in(db, *lines) == ImportReport(added=2)
    before = await rows(db)
    assert await take_in(db, *lines) == ImportReport(unchanged=2)
    assert await rows(db) == before


async def test_a_file_is_the_whole_plan_of_its_year(db: Database) -> None:
    a, b, c = (f"Leren,{title},training,gathering,1,,year,,nl,,," for title in "ABC")
    await take_in(db, a, year=2026)
    assert await take_in(db, a, b) == ImportReport(added=2)
    changed = b.replace(",1,", ",3,")
    assert await take_in(db, c, changed) == ImportReport(added=1, changed=1, removed=1)
    assert await titles(db) == ["C", "B"]
    assert await take_in(db, changed, c) == ImportReport(unchanged=2)
    assert await titles(db) == ["B", "C"]
    assert await titles(db, 2026) == ["A"]
    assert (await planning.plan(db, STAFF, 2027, now=NOW))[0].planned_min == 3


async def test_a_broken_line_stops_the_whole_file(db: Database) -> None:
    line = "Leren,Cursus,training,gathering,1,,year,,nl,,,"
    await take_in(db, line)
    report = await take_in(db, line.replace(",1,", ",5,"), "Leren,Diner,tea_party,gathering,1,,year,,nl,,,nowhere")
    assert report == ImportReport(errors=[Fault(3, "kind: There is no kind tea_party.")])
    assert [found.planned_min for found in await planning.plan(db, STAFF, 2027, now=NOW)] == [1]
    with pytest.raises(Invalid):
        await take_in(db, line, year=0)


async def test_a_plan_year_starts_on_the_first_of_january_unless_told_otherwise(db: Database) -> None:
    line = "Leren,Cursus,training,gathering,1,,year,,nl,,,"
    await take_in(db, line, year=2026)
    await take_in(db, line, starts_on=date(2026, 11, 23))
    await take_in(db, line)
    assert await planning.years(db) == [PlanYear(2027, date(2026, 11, 23)), PlanYear(2026, date(2026, 1, 1))]
    await take_in(db, line, starts_on=START)
    assert (await planning.years(db))[0] == PlanYear(2027, START)


async def test_the_plan_is_the_business_of_staff(db: Database) -> None:
    await take_in(db, "Leren,Cursus,training,gathering,1,,year,,nl,,,")
    person = await make_person(db)
    for actor in (ANONYMOUS, Actor("person:1", person_id=person.id, signed_in=True)):
        with pytest.raises(NotAllowed):
            await planning.plan(db, actor, 2027, now=NOW)
        with pytest.raises(NotAllowed):
            await planning.import_plan(db, actor, HEADER, year=2027)
    with pytest.raises(NotFound):
        await planning.plan(db, STAFF, 1999, now=NOW)
    assert len(await planning.plan(db, STAFF, 2027, now=NOW)) == 1


async def rows(db: Database) -> list[tuple[object, ...]]:
    async with db.reading() as conn:
        return [tuple(row) for row in await conn.fetch("select xmin::text, * from target order by id")]
