"""Organisations and people: what is refused, what a change does, who may."""

from datetime import timedelta

import pytest

from service.actions import organisations, people
from service.database import Database
from service.errors import Conflict, Invalid, KringError, NotAllowed, NotFound
from service.model import Organisation, Person, Role
from service.rules.access import ANONYMOUS, KRING, Actor
from tests.conftest import NOW
from tests.factories import make_circle, make_member, make_organisation, make_person

STAFF = Actor("person:0", role=Role.STAFF, signed_in=True)


async def test_a_person_is_read_back_as_they_were_made(db: Database) -> None:
    organisation = await make_organisation(db, "Vereniging Zuid")
    made = await people.create_person(
        db,
        STAFF,
        name="  Anna\tde Vries ",
        email="Anna@Example.org",
        language="en",
        organisation_id=organisation.id,
        title="Directeur",
        now=NOW,
    )
    assert made == Person(
        made.id, "Anna de Vries", "en", "member", "mail", None, "anna@example.org", organisation.id, "Vereniging Zuid",
        "Directeur",
    )  # fmt: skip
    assert await people.person(db, STAFF, made.id) == made
    assert await people.person_by_address(db, "mail", " ANNA@example.org") == made


async def test_an_address_that_staff_gave_is_trusted_and_nobody_is_mailed(db: Database) -> None:
    await make_person(db)
    async with db.reading() as conn:
        assert await conn.fetchval("select verified_at from address") == NOW
        assert await conn.fetchval("select count(*) from notice") == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " \u200b "),
        ("email", "anna"),
        ("language", "fr"),
        ("language", None),
        ("role", "boss"),
        ("organisation_id", 999),
        ("title", 5),
        ("title", "Directeur"),
    ],
)
async def test_a_fact_that_cannot_be_right_is_refused_under_its_name(db: Database, field: str, value: object) -> None:
    facts = {"name": "Anna", "email": "anna@example.org", "language": "nl", field: value}
    with pytest.raises(Invalid) as refusal:
        await people.create_person(db, STAFF, **facts, now=NOW)
    assert refusal.value.field == field
    assert await people.people(db, STAFF) == []
    anna = await make_person(db)
    with pytest.raises(Invalid) as refusal:
        await people.change_person(db, STAFF, anna.id, {field: value}, now=NOW)
    assert refusal.value.field == field
    assert await people.person(db, STAFF, anna.id) == anna


async def test_what_is_no_fact_of_a_person_cannot_be_changed(db: Database) -> None:
    anna = await make_person(db)
    with pytest.raises(Invalid) as refusal:
        await people.change_person(db, STAFF, anna.id, {"id": 3}, now=NOW)
    assert refusal.value.field == "id"


async def test_an_address_belongs_to_one_person(db: Database) -> None:
    anna = await make_person(db, email="anna@example.org")
    bert = await make_person(db, email="bert@example.org")
    with pytest.raises(Conflict):
        await make_person(db, email="ANNA@example.org")
    with pytest.raises(Conflict):
        await people.change_person(db, STAFF, bert.id, {"email": "anna@example.org"}, now=NOW)
    assert await people.people(db, STAFF) == [anna, bert]


@pytest.mark.parametrize("look_alike", ["m\u0131ke@example.org", "mi\u212ae@example.org", "mike@example.org.uk"])
async def test_a_look_alike_address_finds_nobody_else(db: Database, look_alike: str) -> None:
    mike = await make_person(db, email="mike@example.org")
    assert await people.person_by_address(db, "mail", look_alike) is None
    other = await make_person(db, email=look_alike)
    assert await people.person_by_address(db, "mail", look_alike) == other
    assert await people.person_by_address(db, "mail", "mike@example.org") == mike


async def test_who_has_a_new_address_is_still_known_by_the_old_one(db: Database) -> None:
    anna = await make_person(db, email="anna@old.example.org")
    changed = await people.change_person(db, STAFF, anna.id, {"email": "anna@new.example.org"}, now=NOW)
    assert changed.email == "anna@new.example.org"
    assert await people.person_by_address(db, "mail", "anna@old.example.org") == changed
    back = await people.change_person(db, STAFF, anna.id, {"email": "anna@old.example.org"}, now=NOW)
    assert back == anna


async def test_who_changes_organisation_keeps_the_history(db: Database) -> None:
    north, south = await make_organisation(db, "Noord"), await make_organisation(db, "Zuid")
    anna = await make_person(db, organisation=north, title="Adviseur")
    later = NOW + timedelta(days=40)
    moved = await people.change_person(db, STAFF, anna.id, {"organisation_id": south.id, "title": "Hoofd"}, now=later)
    assert (moved.organisation, moved.title) == ("Zuid", "Hoofd")
    titled = await people.change_person(db, STAFF, anna.id, {"title": "Directeur"}, now=later)
    assert (titled.organisation, titled.title) == ("Zuid", "Directeur")
    alone = await people.change_person(db, STAFF, anna.id, {"organisation_id": None}, now=later)
    assert (alone.organisation, alone.title) == (None, None)
    async with db.reading() as conn:
        found = await conn.fetch("select organisation_id, title, since, until from affiliation order by id")
    assert [tuple(row) for row in found] == [
        (north.id, "Adviseur", NOW.date(), later.date()),
        (south.id, "Directeur", later.date(), later.date()),
    ]


async def test_of_two_affiliations_the_one_that_began_first_is_shown(db: Database) -> None:
    north, south = await make_organisation(db, "Noord"), await make_organisation(db, "Zuid")
    anna = await make_person(db, organisation=north)
    async with db.transaction() as conn:
        await conn.execute(
            "insert into affiliation (person_id, organisation_id, since) values ($1, $2, $3)",
            anna.id,
            south.id,
            NOW.date() - timedelta(days=1),
        )
    assert (await people.person(db, STAFF, anna.id)).organisation == "Zuid"


async def test_a_visitor_whom_staff_give_an_address_is_a_person_like_any_other(db: Database) -> None:
    anna = await make_person(db, email="anna@example.org")
    async with db.transaction() as conn:
        await conn.execute("update person set provisional_until = $1", NOW)
        await conn.execute("update address set verified_at = null")
    kept = await people.change_person(db, STAFF, anna.id, {"email": "anna@example.org"}, now=NOW)
    assert kept == anna
    async with db.reading() as conn:
        assert await conn.fetchval("select verified_at from address") == NOW


async def test_people_come_in_pages_and_one_by_address(db: Database) -> None:
    made = [await make_person(db, email=f"p{number}@example.org") for number in range(5)]
    assert await people.people(db, STAFF, limit=2) == made[:2]
    assert await people.people(db, STAFF, after=made[1].id, limit=2) == made[2:4]
    assert await people.people(db, STAFF, email="P3@example.org") == [made[3]]
    assert await people.people(db, STAFF, email="nobody@example.org") == []
    assert await people.people(db, STAFF, email="no address") == []


async def test_an_organisation_has_a_name_of_its_own(db: Database) -> None:
    made = await organisations.create(
        db, STAFF, name=" Zuid ", domains=["B.example", "a.example", "b.example"], now=NOW
    )
    assert made == Organisation(made.id, "Zuid", ["a.example", "b.example"])
    with pytest.raises(Conflict):
        await organisations.create(db, STAFF, name="ZUID", now=NOW)
    for field, given in (("name", {"name": ""}), ("domains", {"domains": ["a.example", "a\x00b.example"]})):
        with pytest.raises(Invalid) as refusal:
            await organisations.create(db, STAFF, **({"name": "Oost"} | given), now=NOW)
        assert refusal.value.field == field
    other = await make_organisation(db)
    assert await organisations.every(db, STAFF) == [made, other]
    assert await organisations.every(db, STAFF, after=made.id, limit=1) == [other]


async def test_an_actor_knows_their_role_and_circles_of_this_moment(db: Database) -> None:
    first, second, third = [await make_circle(db) for _ in range(3)]
    anna = await make_person(db, role="staff")
    await make_member(db, first, anna)
    await make_member(db, second, anna, role="facilitator")
    async with db.transaction() as conn:
        await conn.execute(
            "insert into membership (circle_id, person_id, role, state, since)"
            " values ($1, $2, 'participant', 'requested', $3)",
            third.id,
            anna.id,
            NOW,
        )
    assert await people.actor_for(db, anna.id) == Actor(
        f"person:{anna.id}",
        person_id=anna.id,
        role="staff",
        facilitates=frozenset({second.id}),
        member_of=frozenset({first.id, second.id}),
        signed_in=True,
    )
    with pytest.raises(NotFound):
        await people.actor_for(db, anna.id + 1)


@pytest.mark.parametrize(
    ("actor", "refused"),
    [
        (ANONYMOUS, NotAllowed),
        (Actor("person:1", person_id=1, signed_in=True), NotAllowed),
        (STAFF, None),
        (KRING, None),
    ],
)
async def test_people_are_the_business_of_staff(db: Database, actor: Actor, refused: type[KringError] | None) -> None:
    anna = await make_person(db)
    for attempt in (
        organisations.create(db, actor, name="Nieuw", now=NOW),
        organisations.every(db, actor),
        people.create_person(db, actor, name="Bert", email="bert@example.org", language="nl", now=NOW),
        people.people(db, actor),
        people.people(db, actor, email="anna@example.org"),
        people.person(db, actor, anna.id),
        people.change_person(db, actor, anna.id, {"name": "Anna"}, now=NOW),
    ):
        if refused is None:
            await attempt
        else:
            with pytest.raises(refused):
                await attempt


async def test_one_reads_oneself(db: Database) -> None:
    anna, bert = await make_person(db), await make_person(db)
    themselves = await people.actor_for(db, anna.id)
    assert await people.person(db, themselves, anna.id) == anna
    with pytest.raises(NotAllowed):
        await people.person(db, themselves, bert.id)
    with pytest.raises(NotAllowed):
        await people.person(db, themselves, bert.id + 1)


async def test_staff_can_neither_make_an_admin_nor_take_one_over(db: Database) -> None:
    boss = await make_person(db, role="admin")
    anna = await make_person(db)
    with pytest.raises(NotAllowed):
        await people.create_person(db, STAFF, name="X", email="x@example.org", language="nl", role="admin", now=NOW)
    for person, changes in (
        (anna, {"role": "admin"}),
        (boss, {"email": "anna@example.org"}),
        (boss, {"role": "member"}),
    ):
        with pytest.raises(NotAllowed):
            await people.change_person(db, STAFF, person.id, changes, now=NOW)
    with pytest.raises(NotAllowed):
        await people.change_person(db, STAFF, anna.id, {"role": "staff"}, now=NOW)
    assert (await people.change_person(db, STAFF, anna.id, {"role": "member"}, now=NOW)).role == "member"
    assert (await people.change_person(db, KRING, anna.id, {"role": "staff"}, now=NOW)).role == "staff"
    assert (await people.change_person(db, KRING, anna.id, {"role": "admin"}, now=NOW)).role == "admin"


async def test_the_only_admin_stays_one(db: Database) -> None:
    """Else nobody could give roles or make keys any more."""
    boss, anna = await make_person(db, role="admin"), await make_person(db)
    with pytest.raises(Invalid) as refused:
        await people.change_person(db, KRING, boss.id, {"role": "member", "name": "Ook anders"}, now=NOW)
    assert refused.value.field == "role"
    assert (await people.person(db, KRING, boss.id)) == boss
    await people.change_person(db, KRING, anna.id, {"role": "admin"}, now=NOW)
    assert (await people.change_person(db, KRING, boss.id, {"role": "member"}, now=NOW)).role == "member"


async def test_the_first_admin_is_appointed_once(db: Database) -> None:
    assert await people.appoint_admin(db, "Boss@a.example", language="en", now=NOW)
    assert not await people.appoint_admin(db, "other@a.example", language="en", now=NOW)
    (boss,) = await people.people(db, STAFF)
    assert (boss.name, boss.email, boss.language, boss.role) == ("boss", "boss@a.example", "en", "admin")


async def test_who_is_there_already_may_become_the_first_admin_and_is_not_forgotten(db: Database) -> None:
    anna = await make_person(db, "Anna", email="anna@a.example")
    async with db.transaction() as conn:
        await conn.execute("update person set provisional_until = $1", NOW)
    assert await people.appoint_admin(db, "anna@a.example", language="en", now=NOW)
    now = await people.person(db, STAFF, anna.id)
    assert (now.name, now.language, now.role, now.provisional_until) == ("Anna", "nl", "admin", None)


async def test_who_does_not_exist_is_not_found(db: Database) -> None:
    with pytest.raises(NotFound):
        await people.person(db, STAFF, 1)
    with pytest.raises(NotFound):
        await people.change_person(db, STAFF, 1, {"name": "Anna"}, now=NOW)
