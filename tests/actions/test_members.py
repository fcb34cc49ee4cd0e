"""Who is in a circle, page by page, and coming in by an address alone."""

from datetime import datetime, timedelta

import pytest

from service.actions import joining, members, people
from service.actions.members import Leaving
from service.database import Database
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.model import Circle, MembershipState, Role
from service.rules.access import KRING, Actor
from service.store.memberships import Member, Size
from tests.actions.play import Play
from tests.actions.test_statements import counted
from tests.conftest import NOW
from tests.factories import make_circle, make_member, make_organisation, make_person

STAFF = Actor("person:0", role=Role.STAFF, signed_in=True)


async def peopled(db: Database, circle: Circle) -> None:
    noord = await make_organisation(db, "Stichting Noord")
    for name in ("zoë", "Anna", "bert", "Cor"):
        person = await make_person(db, name, organisation=noord if name == "Cor" else None)
        await make_member(db, circle, person, role="facilitator" if name == "zoë" else "participant")


async def names(db: Database, circle: Circle, **more: object) -> list[str]:
    return [one.name for one in await members.page(db, STAFF, circle.slug, **more)]  # type: ignore[arg-type]


async def test_pages_follow_each_other_facilitators_first(db: Database) -> None:
    circle = await make_circle(db)
    await peopled(db, circle)
    whole = await members.page(db, STAFF, circle.slug)
    assert [one.name for one in whole] == ["zoë", "Anna", "bert", "Cor"]
    pages, after = [], None
    while page := await members.page(db, STAFF, circle.slug, after=after, limit=3):
        pages += page
        after = page[-1].person_id
    assert pages == whole
    await joining.remove_member(db, KRING, circle.slug, whole[1].person_id, now=NOW)
    assert await names(db, circle, after=whole[1].person_id) == ["bert", "Cor"]


@pytest.mark.parametrize(
    ("words", "found"),
    [("AN", ["Anna"]), ("noord", ["Cor"]), (" o", ["zoë", "Cor"]), ("%", []), ("_", []), ("'", []), ("nobody", [])],
)
async def test_members_are_found_by_name_and_organisation(db: Database, words: str, found: list[str]) -> None:
    circle = await make_circle(db)
    await peopled(db, circle)
    assert await names(db, circle, words=words) == found


async def test_requests_stand_apart(db: Database) -> None:
    circle = await make_circle(db, kind="working_group")
    anna = await make_person(db, "Anna")
    await joining.join(db, await people.actor_for(db, anna.id), circle.slug, now=NOW)
    assert await names(db, circle) == []
    assert await members.page(db, STAFF, circle.slug, state="requested") == [
        Member(anna.id, "Anna", None, "participant", "requested", NOW)
    ]
    assert (await members.size(db, STAFF, circle.slug))[1] == Size(members=0, facilitators=0, requests=1)
    with pytest.raises(Invalid):
        await members.page(db, STAFF, circle.slug, state="left")


async def test_of_a_confidential_circle_the_team_gets_numbers_alone(db: Database) -> None:
    circle = await make_circle(db, kind="intervision_group")
    anna = await make_member(db, circle)
    assert (await members.size(db, STAFF, circle.slug))[1] == Size(1, 0, 0)
    with pytest.raises(NotAllowed):
        await members.page(db, STAFF, circle.slug)
    with pytest.raises(NotAllowed):
        await members.leaving(db, STAFF, circle.slug, anna.id, now=NOW)
    with pytest.raises(NotFound):
        await members.page(db, await people.actor_for(db, (await make_person(db)).id), circle.slug)


async def test_somebody_new_comes_in_by_name_and_address(db: Database) -> None:
    circle = await make_circle(db)
    host = await people.actor_for(db, (await make_member(db, circle, role="facilitator")).id)
    made = await members.add_by_address(
        db, host, circle.slug, name="Vera", email="Vera@Example.org", language="en", now=NOW
    )
    person = await people.person(db, KRING, made)
    assert (person.name, person.email, person.language, person.role) == ("Vera", "vera@example.org", "en", "member")
    assert "Vera" in await names(db, circle)


async def test_somebody_known_comes_in_as_they_are(db: Database) -> None:
    circle = await make_circle(db)
    vera = await make_person(db, "Vera", email="vera@example.org")
    made = await members.add_by_address(
        db, STAFF, circle.slug, name="V.", email="vera@example.org", language="en", role="facilitator", now=NOW
    )
    assert made == vera.id
    assert await people.person(db, KRING, made) == vera
    assert [(one.name, one.role) for one in await members.page(db, STAFF, circle.slug)] == [("Vera", "facilitator")]


async def test_what_is_refused_adds_nobody(db: Database) -> None:
    circle = await make_circle(db)
    member = await people.actor_for(db, (await make_member(db, circle)).id)
    given = {"name": "Vera", "email": "vera@example.org", "language": "nl"}
    with pytest.raises(NotAllowed):
        await members.add_by_address(db, member, circle.slug, **given, now=NOW)
    for field, value in (("name", " "), ("email", "vera"), ("language", "fr"), ("role", "boss")):
        with pytest.raises(Invalid) as refusal:
            await members.add_by_address(db, STAFF, circle.slug, **(given | {field: value}), now=NOW)  # type: ignore[arg-type]
        assert refusal.value.field == field
    assert await people.person_by_address(db, "mail", "vera@example.org") is None


async def test_before_somebody_is_taken_out_it_is_said_what_follows(play: Play) -> None:
    await play.open("Anna")
    for days in (5, 9):
        await play.published(days=days)
    await play.draft()
    anna = play.ids["Anna"]
    found = await members.leaving(play.db, KRING, play.slug, anna, now=play.now)
    assert (found.member.name, found.invited) == ("Anna", 2)
    assert isinstance(found, Leaving)
    with pytest.raises(NotFound):
        await members.leaving(play.db, KRING, play.slug, 999, now=play.now)


async def test_who_asks_hears_what_was_decided(play: Play) -> None:
    await play.open(kind="working_group")
    for name in ("Anna", "Bert"):
        actor = await people.actor_for(play.db, await play.person(name))
        await joining.join(play.db, actor, play.slug, now=play.step())
        await joining.join(play.db, actor, play.slug, now=play.step())
    assert await play.news() == [("Fien", "join-requested")] * 2
    await joining.set_member(play.db, KRING, play.slug, play.ids["Anna"], "participant", now=play.step())
    await joining.remove_member(play.db, KRING, play.slug, play.ids["Bert"], now=play.step())
    assert sorted(await play.news()) == [("Anna", "joined"), ("Bert", "join-refused")]


async def test_who_takes_a_request_back_hears_nothing(play: Play) -> None:
    await play.open(kind="working_group")
    actor = await people.actor_for(play.db, await play.person("Anna"))
    await joining.join(play.db, actor, play.slug, now=play.step())
    await play.news()
    await joining.leave(play.db, actor, play.slug, now=play.step())
    assert await play.news() == []


async def test_a_page_costs_the_same_in_a_large_circle_as_in_a_small_one(play: Play) -> None:
    costs = []
    for slug, number in (("few", 3), ("many", 40)):
        stage = Play(play.db, play.clock, slug=slug)
        await stage.open(*(f"{slug}{each}" for each in range(number)), facilitator="")
        costs.append(await counted(stage, lambda one: members.page(one.db, KRING, one.slug)))
    assert costs[0] == costs[1] <= 3


async def test_a_closed_circle_takes_nobody_in(play: Play) -> None:
    await play.open("Anna")
    async with play.db.transaction() as conn:
        await conn.execute("update circle set closed_at = $1", play.now)
    with pytest.raises(Conflict):
        await members.add_by_address(
            play.db, KRING, play.slug, name="Vera", email="vera@example.org", language="nl", now=play.now
        )
    assert await people.person_by_address(play.db, "mail", "vera@example.org") is None


TOLD = """
    select p.name, n.due_at from notice n join person p on p.id = n.person_id
    where n.purpose = 'members-changed' order by 2, 1
"""


async def test_whoever_leads_a_confidential_circle_hears_that_the_team_has_changed_its_members(db: Database) -> None:
    circle = await make_circle(db, kind="intervision_group")
    people = {name: await make_person(db, name) for name in ("Fien", "Gert", "Anna", "Bert", "Cor", "Staf")}
    for name in ("Fien", "Gert"):
        await make_member(db, circle, people[name], role="facilitator")
    staff = Actor("person:staf", person_id=people["Staf"].id, role=Role.STAFF, signed_in=True)
    fien = Actor("person:fien", person_id=people["Fien"].id, facilitates=frozenset({circle.id}), signed_in=True)

    async def told() -> list[tuple[str, datetime]]:
        async with db.reading() as conn:
            return [tuple(row) for row in await conn.fetch(TOLD)]

    await joining.set_member(db, fien, circle.slug, people["Anna"].id, "participant", now=NOW)
    await joining.set_member(db, KRING, circle.slug, people["Bert"].id, "participant", now=NOW)
    assert await told() == []
    at_once = [("Fien", NOW), ("Gert", NOW)]
    await joining.set_member(db, staff, circle.slug, people["Cor"].id, "participant", now=NOW)
    assert await told() == at_once
    # What follows within the hour is one more mail, at its end.
    end = NOW.replace(minute=0) + timedelta(hours=1)
    for _ in range(2):
        await joining.set_member(db, staff, circle.slug, people["Cor"].id, "participant", now=NOW)
    await joining.remove_member(db, staff, circle.slug, people["Gert"].id, now=NOW)
    await joining.remove_member(db, staff, circle.slug, people["Bert"].id, now=NOW)
    assert await told() == [*at_once, ("Fien", end), ("Gert", end)]
    await joining.remove_member(db, staff, circle.slug, people["Anna"].id, now=NOW + timedelta(hours=1))
    assert await told() == sorted(
        [*at_once, ("Fien", end), ("Gert", end), ("Fien", NOW + timedelta(hours=1))], key=lambda one: (one[1], one[0])
    )
    async with db.reading() as conn:
        facts = await conn.fetch("select distinct facts from notice where purpose = 'members-changed'")
    assert [row["facts"] for row in facts] == [{"circle": {}}]


async def test_of_an_open_circle_nobody_is_warned(db: Database) -> None:
    circle = await make_circle(db)
    await make_member(db, circle, await make_person(db, "Fien"), role="facilitator")
    await joining.set_member(db, STAFF, circle.slug, (await make_person(db, "Anna")).id, "participant", now=NOW)
    async with db.reading() as conn:
        assert await conn.fetch(TOLD) == []


@pytest.mark.parametrize("standing", [MembershipState.ACTIVE, MembershipState.REQUESTED])
async def test_whoever_does_not_stand_so_is_not_there_for_who_counts_numbers(
    db: Database, standing: MembershipState
) -> None:
    circle = await make_circle(db)
    await peopled(db, circle)
    stranger = await make_person(db, "Vera")
    before = await members.page(db, STAFF, circle.slug)
    with pytest.raises(NotFound):
        await joining.set_member(db, KRING, circle.slug, stranger.id, "facilitator", now=NOW, standing=standing)
    assert await members.page(db, STAFF, circle.slug) == before
