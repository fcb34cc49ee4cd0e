"""A file of people taken in: what it adds, what it leaves, what it refuses, and that it can be repeated."""

import asyncio
import csv
import io
from datetime import timedelta

import pytest

from service.actions import importing, joining, members, people, scheduling
from service.actions.importing import ImportReport
from service.database import Database
from service.errors import NotAllowed
from service.formats.tables import Fault
from service.model import Role
from service.rules.access import ANONYMOUS, KRING, Actor
from service.store import feeds
from tests.conftest import NOW
from tests.factories import make_circle, make_member, make_organisation, make_person

HEADER = "name,email,language,organisation,title,roles,circles"
STAFF = Actor("person:0", role=Role.STAFF, signed_in=True)
LATER = NOW + timedelta(days=9)
TABLES = ("organisation", "person", "address", "affiliation", "membership", "notice", "registration")


async def take_in(db: Database, *lines: str, actor: Actor = KRING, dry_run: bool = False) -> ImportReport:
    return await importing.people(db, actor, "\n".join([HEADER, *lines]), dry_run=dry_run, now=LATER)


async def test_new_people_come_with_all_that_the_file_says(db: Database) -> None:
    alfa, beta = await make_circle(db, "alfa"), await make_circle(db, "beta", kind="intervision_group")
    report = await take_in(
        db,
        "Anna,anna@a.example anna@b.example,en,Zuid,Hoofd,staff,alfa *beta",
        "Bert,bert@a.example,,zuid,,,alfa",
        "Cor,cor@a.example,,,,,",
    )
    assert report == ImportReport(added=3)
    anna, bert, cor = await people.people(db, STAFF)
    assert (anna.name, anna.email, anna.language, anna.role) == ("Anna", "anna@a.example", "en", "staff")
    assert (anna.organisation, anna.title) == ("Zuid", "Hoofd")
    assert (bert.language, bert.role, bert.organisation, bert.title) == ("nl", "member", "Zuid", "")
    assert (cor.organisation, cor.title) == (None, None)
    assert await people.person_by_address(db, "mail", "anna@b.example") == anna
    actor = await people.actor_for(db, anna.id)
    assert (actor.member_of, actor.facilitates) == ({alfa.id, beta.id}, {beta.id})
    async with db.reading() as conn:
        assert await conn.fetchval("select count(*) from address where verified_at = $1", LATER) == 4
        assert await conn.fetch("select from person where preferred_channel <> 'mail'") == []


async def test_the_same_file_again_writes_no_row(db: Database) -> None:
    await make_circle(db, "alfa")
    lines = [
        "Anna,anna@a.example anna@b.example,en,Zuid,Hoofd,staff,*alfa",
        "Bert,bert@a.example,,Noord,,,alfa",
        "Cor,cor@a.example,,,,,",
    ]
    assert await take_in(db, *lines) == ImportReport(added=3)
    before = await everything(db)
    assert await take_in(db, *lines) == ImportReport(unchanged=3)
    assert await everything(db) == before


async def test_people_are_known_by_any_of_their_addresses(db: Database) -> None:
    anna = await make_person(db, "Anna", email="anna@a.example")
    assert await take_in(db, "Anna,anna@b.example anna@a.example,,,,,") == ImportReport(changed=1)
    assert (await people.person(db, STAFF, anna.id)).email == "anna@b.example"
    assert await take_in(db, "Anna,anna@a.example,,,,,") == ImportReport(changed=1)
    assert await people.people(db, STAFF) == [anna]
    assert (await people.person_by_address(db, "mail", "anna@b.example")) == anna


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Anna Smit,anna@a.example,,,,,", ("Anna Smit", "nl", "member", "Noord", "Adviseur")),
        ("Anna,anna@a.example,en,,,,", ("Anna", "en", "member", "Noord", "Adviseur")),
        ("Anna,anna@a.example,,,,staff,", ("Anna", "nl", "staff", "Noord", "Adviseur")),
        ("Anna,anna@a.example,,noord,Hoofd,,", ("Anna", "nl", "member", "Noord", "Hoofd")),
        ("Anna,anna@a.example,,Zuid,,,", ("Anna", "nl", "member", "Zuid", "")),
        ("Anna,anna@a.example,,Zuid,Hoofd,,", ("Anna", "nl", "member", "Zuid", "Hoofd")),
    ],
)
async def test_what_differs_is_changed_and_an_empty_cell_says_nothing(
    db: Database, line: str, expected: tuple[str, ...]
) -> None:
    noord = await make_organisation(db, "Noord")
    anna = await make_person(db, "Anna", email="anna@a.example", organisation=noord, title="Adviseur")
    assert await take_in(db, "Anna,anna@a.example,,,,,") == ImportReport(unchanged=1)
    assert await take_in(db, line) == ImportReport(changed=1)
    now = await people.person(db, STAFF, anna.id)
    assert (now.name, now.language, now.role, now.organisation, now.title) == expected
    assert await take_in(db, line) == ImportReport(unchanged=1)


async def test_who_moved_keeps_where_they_were_as_history(db: Database) -> None:
    noord, zuid = await make_organisation(db, "Noord"), await make_organisation(db, "Zuid")
    await make_person(db, "Anna", email="anna@a.example", organisation=noord)
    await take_in(db, "Anna,anna@a.example,,Zuid,,,")
    async with db.reading() as conn:
        found = await conn.fetch("select organisation_id, since, until from affiliation order by id")
    assert [tuple(row) for row in found] == [(noord.id, NOW.date(), LATER.date()), (zuid.id, LATER.date(), None)]


async def test_memberships_are_added_and_never_taken_away(db: Database) -> None:
    alfa, beta = await make_circle(db, "alfa"), await make_circle(db, "beta", kind="working_group")
    anna = await make_person(db, "Anna", email="anna@a.example")
    await make_member(db, alfa, anna, role="facilitator")
    await joining.join(db, await people.actor_for(db, anna.id), "beta", now=NOW)
    assert await take_in(db, "Anna,anna@a.example,,,,,alfa") == ImportReport(unchanged=1)
    assert await take_in(db, "Anna,anna@a.example,,,,,beta") == ImportReport(changed=1)
    assert await take_in(db, "Anna,anna@a.example,,,,,*beta") == ImportReport(changed=1)
    assert await take_in(db, "Anna,anna@a.example,,,,,") == ImportReport(unchanged=1)
    actor = await people.actor_for(db, anna.id)
    assert (actor.member_of, actor.facilitates) == ({alfa.id, beta.id}, {alfa.id, beta.id})


async def test_who_left_a_circle_is_not_brought_back(db: Database) -> None:
    alfa = await make_circle(db, "alfa")
    anna = await make_member(db, alfa, await make_person(db, "Anna", email="anna@a.example"))
    await joining.leave(db, await people.actor_for(db, anna.id), "alfa", now=NOW)
    assert await take_in(db, "Anna,anna@a.example,,,,,*alfa") == ImportReport(unchanged=1)
    assert await members.count(db, KRING, "alfa") == 0


async def test_a_visitor_in_the_file_is_a_person_like_any_other(db: Database) -> None:
    anna = await make_person(db, "Anna", email="anna@a.example")
    async with db.transaction() as conn:
        await conn.execute("update person set provisional_until = $1", LATER)
        await conn.execute("update address set verified_at = null")
    assert await take_in(db, "Anna,anna@a.example,,,,,") == ImportReport(changed=1)
    assert await people.people(db, STAFF) == [anna]
    async with db.reading() as conn:
        assert await conn.fetchval("select verified_at from address") == LATER


async def test_an_import_mails_and_invites_nobody_and_publishing_again_does(db: Database) -> None:
    await make_circle(db, "alfa")
    start = (NOW + timedelta(days=30)).replace(tzinfo=None)
    facts = {"title_nl": "Bijeenkomst", "starts_local": start, "ends_local": start + timedelta(hours=2)}
    draft = await scheduling.create(db, KRING, "alfa", facts | {"timezone": "Europe/Amsterdam"}, now=NOW)
    await scheduling.publish(db, KRING, draft.id, now=NOW)
    await take_in(db, "Anna,anna@a.example,,,,,alfa")
    async with db.reading() as conn:
        assert await conn.fetchval("select count(*) from notice") == 0
        assert await conn.fetchval("select count(*) from registration") == 0
    await scheduling.publish(db, KRING, draft.id, now=LATER)
    async with db.reading() as conn:
        assert await conn.fetchval("select count(*) from notice where purpose = 'invitation'") == 1


async def test_the_feeds_of_whom_a_file_changes_are_marked_and_no_others(db: Database) -> None:
    made = [await make_person(db, name, email=f"{name}@a.example".lower()) for name in ("Anna", "Bert")]
    async with db.transaction() as conn:
        for person in made:
            await feeds.insert_feed(conn, "person", person.name.encode(), person.id, None, NOW)
    await take_in(db, "Anna,anna@a.example,en,,,,", "Bert,bert@a.example,nl,,,,")
    async with db.reading() as conn:
        marks = await conn.fetch("select revision, changed_at from feed where kind = 'person' order by person_id")
    assert [tuple(mark) for mark in marks] == [(2, LATER), (1, NOW)]


async def test_every_broken_row_is_told_and_nothing_is_taken_in(db: Database) -> None:
    await make_person(db, "Bert", email="bert@a.example")
    await make_person(db, "Cor", email="cor@a.example")
    dirk = await make_person(db, "Dirk", email="dirk@a.example")
    await people.change_person(db, STAFF, dirk.id, {"email": "dirk@b.example"}, now=NOW)
    before = await everything(db)
    report = await take_in(
        db,
        "Anna,anna@a.example,,Zuid,,,",
        "Bert,bert@a.example cor@a.example,,,,,",
        "Dirk,dirk@a.example,,,,,",
        "Dirk,dirk@b.example,,,,,",
        "Eva,eva@a.example,,,,,gamma *delta",
        "Frits,,,,,,",
        "Gijs",
    )
    assert report == ImportReport(
        errors=[
            Fault(3, "email: These addresses belong to different people."),
            Fault(5, "email: This is the same person as on line 4."),
            Fault(6, "circles: There is no circle delta."),
            Fault(6, "circles: There is no circle gamma."),
            Fault(7, "email: This is needed."),
            Fault(8, "has 1 cells where the header has 7"),
        ]
    )
    assert await everything(db) == before


async def test_a_file_without_people_or_without_header_does_nothing(db: Database) -> None:
    assert await take_in(db) == ImportReport()
    report = await importing.people(db, KRING, b"naam;adres\nAnna;anna@a.example\n", now=NOW)
    assert [fault.line for fault in report.errors] == [1]


async def test_a_dry_run_reports_the_same_and_changes_nothing(db: Database) -> None:
    await make_circle(db, "alfa")
    await make_person(db, "Anna", email="anna@a.example")
    before = await everything(db)
    lines = ["Anne,anna@a.example,,Zuid,,,alfa", "Bert,bert@a.example,,,,,"]
    assert await take_in(db, *lines, dry_run=True) == ImportReport(added=1, changed=1)
    assert await everything(db) == before
    assert await take_in(db, *lines) == ImportReport(added=1, changed=1)


async def test_a_file_of_the_spreadsheet_of_an_old_computer_is_read(db: Database) -> None:
    source = "\r\n".join([HEADER, "Zoë,zoe@a.example,,’t Zuiden,,,"]).replace(",", ";").encode("cp1252")
    assert await importing.people(db, KRING, source, language="en", now=NOW) == ImportReport(added=1)
    (zoe,) = await people.people(db, STAFF)
    assert (zoe.name, zoe.organisation, zoe.language) == ("Zoë", "’t Zuiden", "en")


async def test_only_an_admin_makes_or_changes_an_admin(db: Database) -> None:
    await make_person(db, "Anna", email="anna@a.example", role="admin")
    refusal = ImportReport(errors=[Fault(2, "roles: Only an admin may make or change an admin.")])
    for line in (
        "Anna,anna@a.example,,,,staff,",
        "Anna,anna@a.example mallory@a.example,,,,,",
        "Mallory,mallory@a.example,,,,admin,",
    ):
        assert await take_in(db, line, actor=STAFF) == refusal
    assert await take_in(db, "Anna,anna@a.example,,,,admin,", actor=STAFF) == ImportReport(unchanged=1)
    assert await take_in(db, "Mallory,mallory@a.example,,,,admin,") == ImportReport(added=1)


async def test_a_file_leaves_an_admin(db: Database) -> None:
    await make_person(db, "Anna", email="anna@a.example", role="admin")
    before = await everything(db)
    assert await take_in(db, "Anna,anna@a.example,,,,staff,") == ImportReport(
        errors=[Fault(2, "roles: Nobody would be admin any more; make somebody else one first.")]
    )
    assert await everything(db) == before
    lines = ["Anna,anna@a.example,,,,staff,", "Bea,bea@b.example,,,,admin,"]
    assert await take_in(db, *lines) == ImportReport(added=1, changed=1)


@pytest.mark.parametrize("actor", [ANONYMOUS, Actor("person:1", person_id=1, signed_in=True)])
async def test_importing_is_the_business_of_staff(db: Database, actor: Actor) -> None:
    with pytest.raises(NotAllowed):
        await take_in(db, "Anna,anna@a.example,,,,,", actor=actor)
    assert await people.people(db, STAFF) == []


async def test_two_imports_in_one_transaction_do_not_meet(db: Database) -> None:
    async with db.transaction() as conn:
        inner = db.within(conn)
        assert await take_in(inner, "Anna,anna@a.example,,,,,", dry_run=True) == ImportReport(added=1)
        assert await take_in(inner, "Anna,anna@a.example,,,,,") == ImportReport(added=1)
        assert await take_in(inner, "Bert,bert@a.example,,,,,") == ImportReport(added=1)
    assert [person.name for person in await people.people(db, STAFF)] == ["Anna", "Bert"]


async def test_two_imports_at_the_same_moment_come_one_after_the_other(clone: Database) -> None:
    lines = [f"Person {number},p{number}@a.example,,Zuid,,," for number in range(200)]
    reports = await asyncio.gather(*(take_in(clone, *lines) for _ in range(4)))
    assert sorted(report.added for report in reports) == [0, 0, 0, 200]
    assert sorted(report.unchanged for report in reports) == [0, 200, 200, 200]


async def test_two_thousand_people_twice_are_two_thousand_people(db: Database) -> None:
    await make_circle(db, "alfa")
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER.split(","))
    writer.writerows(
        (f"Person {number}", f"p{number}@a{number % 100}.example", "nl", f"Zuid {number % 100}", "", "", "alfa")
        for number in range(2000)
    )
    heard: list[int] = []
    source = text.getvalue()
    report = await importing.people(db, KRING, source, now=NOW, progress=heard.append)
    assert report == ImportReport(added=2000)
    assert heard == [1000, 2000, 2000]
    assert await importing.people(db, KRING, source, now=LATER) == ImportReport(unchanged=2000)
    assert await members.count(db, KRING, "alfa") == 2000


async def everything(db: Database) -> list[list[tuple[object, ...]]]:
    """Read every row with the transaction that wrote it, so that a row written anew is told from one left alone."""
    async with db.reading() as conn:
        return [
            [tuple(row) for row in await conn.fetch(f"select xmin::text, t::text from {table} t order by t::text")]
            for table in TABLES
        ]
