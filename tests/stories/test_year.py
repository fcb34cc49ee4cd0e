"""A year of four circles, from planning to attendance and rating, with the clock moved forward."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest

from service.actions import (
    announcing,
    attendance,
    circles,
    joining,
    materials,
    people,
    planning,
    ratings,
    registration,
    scheduling,
)
from service.actions.planning import PlanLine
from service.clock import MovableClock
from service.database import Database
from service.model import Attendance, Gathering, Partstat, Seat, Via
from service.rules.access import KRING, Actor
from tests.factories import make_organisation, make_person

PLAN = """programme,title,kind,output,min_count,max_count,period,months,language,audience,source,circle
Lobby,Lobbycafés,lobby_cafe,gathering,4,4,quarter,,nl,leden,test,cafe
Leiderschap,Intervisie,intervision_group,gathering,6,6,year,,nl,leden,test,spiegel
Leiderschap,Ontmoetingen,ceo_meetup,gathering,2,2,half-year,,nl,leden,test,ontmoeting
Kennis,Datakring,community_of_practice,gathering,3,,year,,nl,leden,test,data
"""
KINDS = {
    "cafe": "lobby_cafe",
    "spiegel": "intervision_group",
    "ontmoeting": "ceo_meetup",
    "data": "community_of_practice",
}
MEETINGS = {"cafe": 4, "spiegel": 6, "ontmoeting": 2, "data": 3}
SIZES = {"cafe": 9, "spiegel": 6, "ontmoeting": 7, "data": 8}


@dataclass
class Year:
    """The association in its year: who belongs to what, and what is planned."""

    db: Database
    clock: MovableClock
    members: dict[str, list[int]] = field(default_factory=dict)
    leads: dict[str, Actor] = field(default_factory=dict)
    gatherings: list[Gathering] = field(default_factory=list)

    async def plan(self) -> dict[str, PlanLine]:
        lines = await planning.plan(self.db, KRING, 2027, now=self.clock.now())
        return {line.circle or "": line for line in lines}

    async def to(self, moment: datetime) -> None:
        """Let time pass until a moment, with what is due by then."""
        self.clock.set(moment)
        for step, ident in await announcing.due(self.db, now=self.clock.now()):
            await step(self.db, ident, now=self.clock.now())

    async def count(self, question: str, *values: object) -> int:
        async with self.db.reading() as conn:
            return int(await conn.fetchval(question, *values))


@pytest.fixture
async def year(db: Database, clock: MovableClock) -> Year:
    """Plan the year in December: circles with their people, and everything that the plan promises, as drafts."""
    made = Year(db, clock)
    now = clock.now()
    for slug, kind in KINDS.items():
        await circles.create(
            db, KRING, slug=slug, kind=kind, title_nl=f"Kring {slug}", title_en="", language="nl", now=now
        )
        made.members[slug] = []
        for number in range(SIZES[slug]):
            organisation = await make_organisation(db)
            person = await make_person(db, f"{slug} {number}", organisation=organisation)
            await joining.set_member(db, KRING, slug, person.id, "participant", now=now)
            made.members[slug].append(person.id)
        lead = await make_person(db, f"{slug} lead")
        await joining.set_member(db, KRING, slug, lead.id, "facilitator", now=now)
        made.leads[slug] = await people.actor_for(db, lead.id)
        for number in range(MEETINGS[slug]):
            starts = datetime(2027, 1 + number * 12 // MEETINGS[slug], 12, 16)
            facts = {"title_nl": f"{slug} {number}", "starts_local": starts, "ends_local": starts + timedelta(hours=2)}
            draft = await scheduling.create(db, made.leads[slug], slug, facts, now=now)
            made.gatherings.append(draft)
    report = await planning.import_plan(db, KRING, PLAN, year=2027, starts_on=date(2027, 1, 1))
    assert report.errors == []
    return made


async def held(year: Year, draft: Gathering) -> None:
    """Walk one gathering: publish, answer, cancel late, hold, mark, close, rate, report."""
    db, clock, slug = year.db, year.clock, draft.circle_slug
    lead, members = year.leads[slug], year.members[slug]
    await year.to(draft.starts_at - timedelta(days=21))
    found = await scheduling.publish(db, lead, draft.id, now=clock.now())
    for person_id in members:
        actor = await people.actor_for(db, person_id)
        await registration.respond(db, actor, found.id, person_id, Partstat.ACCEPTED, via=Via.MAIL, now=clock.now())
    reminders = "select count(*) from notice where purpose = 'reminder' and gathering_id = $1 and state = 'planned'"
    assert await year.count(reminders, found.id) == 2 * (len(members) + 1)
    await year.to(found.starts_at - timedelta(hours=5))
    late = members[-1]
    actor = await people.actor_for(db, late)
    await registration.respond(db, actor, found.id, late, Partstat.DECLINED, via=Via.LINK, now=clock.now())
    await year.to(found.starts_at + timedelta(minutes=10))
    await attendance.mark(db, lead, found.id, dict.fromkeys(members[:-2], Attendance.PRESENT), now=clock.now())
    if not found.confidential:
        await attendance.walk_in(db, lead, found.id, name="Wim Wandel", organisation="Gastvrij", now=clock.now())
    await year.to(found.ends_at + timedelta(minutes=5))
    roster = await attendance.close(db, lead, found.id, now=clock.now())
    marked = {one.person_id: one.attendance for one in roster if one.attendance}
    assert marked[members[-2]] == Attendance.ABSENT
    assert late not in marked
    assert await attendance.remarks(db, lead, found.id) == {late: "late-cancel", members[-2]: "no-show"}
    asked = "select count(*) from notice where purpose = 'rating' and gathering_id = $1 and state = 'planned'"
    assert await year.count(asked, found.id) == len(members) - 2  # neither who was not there nor who has no address
    for number, person_id in enumerate(members[:-2]):
        await ratings.rate(db, await people.actor_for(db, person_id), found.id, 7 + number % 3, now=clock.now())
    await materials.write_report(db, lead, found.id, f"Verslag van {found.title_nl}", now=clock.now())
    told = await materials.tell_report(db, lead, found.id, now=clock.now(), pause=timedelta(0))
    assert told.people == len(members) - 2 + (not found.confidential)


async def test_a_year_walked(year: Year) -> None:
    before = await year.plan()
    assert {slug: (line.planned_min, line.drafts, line.held) for slug, line in before.items()} == {
        slug: (count, count, 0) for slug, count in MEETINGS.items()
    }
    for draft in sorted(year.gatherings, key=lambda one: one.starts_at):
        await held(year, draft)
    after = await year.plan()
    for slug, count in MEETINGS.items():
        line, there = after[slug], SIZES[slug] - 2
        walked_in = 0 if slug == "spiegel" else count
        assert (line.held, line.scheduled, line.drafts, line.on_track) == (count, 0, 0, True), slug
        assert line.present == there * count + walked_in, slug
        assert line.ratings == there * count - there * count % 5, slug  # shown five by five
        assert line.rating is not None, slug
        assert 7 <= line.rating <= 9, slug
    await year.to(year.clock.now() + timedelta(days=40))
    await ratings.let_go(year.db, now=year.clock.now())
    assert await year.count("select count(*) from rating where registration_id is not null") == 0
    assert {slug: line.rating for slug, line in (await year.plan()).items()} == {
        slug: line.rating for slug, line in after.items()
    }
    assert await year.count("select count(*) from registration where seat = $1", Seat.OFFERED) == 0
