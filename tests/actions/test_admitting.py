"""A group takes so many and no more; a confidential one takes somebody of the team only with its own consent."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from service.actions import circles, importing, joining, kinds, members, people, privacy, scheduling
from service.database import Database
from service.errors import Conflict, NotAllowed
from service.model import Circle, Role
from service.rules.access import KRING, Actor
from tests.actions.play import KEYS
from tests.conftest import NOW
from tests.factories import make_circle, make_member, make_person

STAFF = Actor("person:0", role=Role.STAFF, signed_in=True)


@pytest.fixture
async def group(db: Database) -> Circle:
    """Make a group of three that anybody may ask to come into, with its facilitator and two members."""
    policy = {"label_nl": "Drietal", "joining": "request", "most_members": 3, "minimum": 2}
    await kinds.create(db, STAFF, "triple", policy)
    circle = await make_circle(db, "drie", kind="triple")
    for role in ("facilitator", "participant", "participant"):
        await make_member(db, circle, role=role)
    return circle


async def test_a_group_takes_as_many_as_its_kind_says_and_those_who_lead_it_beside(db: Database, group: Circle) -> None:
    third, fourth = await make_member(db, group), await make_person(db)
    with pytest.raises(Conflict, match="complete: it has 3 members"):
        await make_member(db, group, fourth)
    with pytest.raises(Conflict):
        await members.add_by_address(db, STAFF, "drie", name="Vera", email="v@example.org", language="nl", now=NOW)
    assert await people.person_by_address(db, "mail", "v@example.org") is None  # nor is she added and left outside
    await make_member(db, group, fourth, role="facilitator")
    with pytest.raises(Conflict):  # who leads it without being of it is not simply one more
        await make_member(db, group, fourth)
    await make_member(db, group, third)  # who is in it is in it
    await joining.remove_member(db, KRING, "drie", third.id, now=NOW)
    await make_member(db, group, fourth)


async def test_where_those_who_lead_are_of_the_group_they_count(db: Database, group: Circle) -> None:
    await kinds.change(db, STAFF, "triple", {"facilitators_count": True}, now=NOW)
    for role in ("participant", "facilitator"):
        with pytest.raises(Conflict):
            await make_member(db, group, role=role)


async def test_who_asks_for_a_group_that_is_complete_waits_until_somebody_leaves(db: Database, group: Circle) -> None:
    last, asks = await make_member(db, group), await make_person(db, "Vera")
    vera = await people.actor_for(db, asks.id)
    assert await members.complete(db, vera, await circles.get(db, vera, "drie"))
    assert await joining.join(db, vera, "drie", now=NOW) == "requested"
    for _ in range(2):
        with pytest.raises(Conflict):
            await joining.set_member(db, KRING, "drie", asks.id, "participant", now=NOW)
    assert [one.name for one in await members.page(db, STAFF, "drie", state="requested")] == ["Vera"]
    await joining.remove_member(db, KRING, "drie", last.id, now=NOW)
    await joining.set_member(db, KRING, "drie", asks.id, "participant", now=NOW)
    circle, size = await members.size(db, STAFF, "drie")
    assert (members.room(circle, size), size.requests) == (0, 0)


async def test_into_a_group_that_anybody_may_join_nobody_comes_who_is_one_too_many(db: Database, group: Circle) -> None:
    await kinds.change(db, STAFF, "triple", {"joining": "open"}, now=NOW)
    anna, bert = [await people.actor_for(db, (await make_person(db)).id) for _ in range(2)]
    came = await asyncio.gather(
        joining.join(db, anna, "drie", now=NOW), joining.join(db, bert, "drie", now=NOW), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in came) == ["Conflict", "MembershipState"]
    assert (await members.size(db, STAFF, "drie"))[1] == members.Size(4, 1, 0)


async def test_a_file_with_one_too_many_is_refused_with_its_lines(db: Database, group: Circle) -> None:
    head = "name,email,language,organisation,title,roles,circles\n"
    rows = [
        f"{name},{name}@example.org,nl,,,,{place}\n" for name, place in (("a", "drie"), ("b", "drie"), ("c", "*drie"))
    ]
    report = await importing.people(db, KRING, head + "".join(rows), now=NOW)
    assert [(fault.line, fault.reason) for fault in report.errors] == [
        (line, "circles: The group drie has no room for everybody in this file.") for line in (2, 3)
    ]
    assert await people.person_by_address(db, "mail", "a@example.org") is None
    report = await importing.people(db, KRING, head + rows[0] + rows[2], now=NOW)
    assert (report.added, report.errors) == (2, [])
    await kinds.change(db, STAFF, "triple", {"most_members": 2}, now=NOW)  # nobody is put out by that
    report = await importing.people(db, KRING, head + rows[0] + rows[2], now=NOW + timedelta(days=1))
    assert (report.unchanged, report.errors) == (2, [])


async def test_nobody_of_the_team_lets_themselves_or_each_other_into_a_confidential_circle(db: Database) -> None:
    circle = await make_circle(db, kind="intervision_group")
    lead, anna, staf, stef = [await make_person(db, name) for name in ("Fien", "Anna", "Staf", "Stef")]
    for one in (staf, stef):
        await people.change_person(db, KRING, one.id, {"role": Role.STAFF}, now=NOW)
    team = replace(STAFF, person_id=staf.id)
    await make_member(db, circle, lead, role="facilitator")
    for actor in (team, STAFF, replace(team, role=Role.ADMIN)):
        for one in (staf, stef):
            for role in ("participant", "facilitator"):
                with pytest.raises(NotAllowed):
                    await joining.set_member(db, actor, circle.slug, one.id, role, now=NOW)
    # Not by way of an empty circle either: what was told in it stays told.
    await joining.remove_member(db, team, circle.slug, lead.id, now=NOW)
    with pytest.raises(NotAllowed):
        await joining.set_member(db, team, circle.slug, staf.id, "facilitator", now=NOW)
    # The team sets members all the same, and whoever leads the group lets in whom they want.
    await joining.set_member(db, team, circle.slug, anna.id, "facilitator", now=NOW)
    leading = await people.actor_for(db, anna.id)
    await joining.set_member(db, leading, circle.slug, staf.id, "participant", now=NOW)
    with pytest.raises(NotAllowed):  # who is let in does not make themselves more than that
        await joining.set_member(db, await people.actor_for(db, staf.id), circle.slug, staf.id, "facilitator", now=NOW)


async def test_the_team_does_not_come_in_by_opening_the_door_of_a_confidential_kind(db: Database) -> None:
    """Its policy is the team's to decide, so it must not be a way in: neither for a kind nor for another kind."""
    staf = await make_person(db, "Staf", role=Role.STAFF)
    circle = await make_circle(db, "spiegel", kind="intervision_group")
    await make_member(db, circle, role="facilitator")
    actor = await people.actor_for(db, staf.id)
    await kinds.change(db, actor, "intervision_group", {"joining": "open"}, now=NOW)
    with pytest.raises(NotAllowed):
        await joining.join(db, actor, "spiegel", now=NOW)
    await kinds.create(db, actor, "ajar", {"label_nl": "Op een kier", "confidential": True, "joining": "open"})
    await circles.change(db, actor, "spiegel", {"kind": "ajar"}, now=NOW)
    with pytest.raises(NotAllowed):
        await joining.join(db, actor, "spiegel", now=NOW)
    assert (await people.actor_for(db, staf.id)).member_of == frozenset()


async def test_erasing_its_people_does_not_make_a_confidential_circle_new(db: Database) -> None:
    staf = await make_person(db, "Staf", role=Role.STAFF)
    circle = await make_circle(db, "spiegel", kind="intervision_group")
    lead = await make_member(db, circle, role="facilitator")
    actor = await people.actor_for(db, staf.id)
    starts = datetime(2026, 12, 1, 16)
    facts = {"title_nl": "Avond", "starts_local": starts, "ends_local": starts + timedelta(hours=2)}
    meeting = await scheduling.create(db, actor, "spiegel", facts, now=NOW)
    await scheduling.publish(db, actor, meeting.id, now=NOW)
    await privacy.erase(db, actor, lead.id, keys=KEYS, now=NOW)
    with pytest.raises(NotAllowed):
        await joining.set_member(db, actor, "spiegel", staf.id, "facilitator", now=NOW)


async def test_somebody_of_the_team_sets_a_confidential_circle_up_and_leads_it(db: Database) -> None:
    circle = await make_circle(db, kind="intervision_group")
    staf = await make_person(db, "Staf", role=Role.STAFF)
    actor = await people.actor_for(db, staf.id)
    await joining.set_member(db, actor, circle.slug, staf.id, "facilitator", now=NOW)
    assert [one.name for one in await members.page(db, await people.actor_for(db, staf.id), circle.slug)] == ["Staf"]


async def test_a_circle_that_names_no_language_has_that_of_its_kind(db: Database) -> None:
    facts = {"title_nl": "Kring", "title_en": ""}
    await kinds.change(db, STAFF, "training", {"language": "en"}, now=NOW)
    spoken = [
        (await circles.create(db, STAFF, slug=slug, kind=kind, association=ours, **given, **facts, now=NOW)).language
        for slug, kind, ours, given in (
            ("a", "training", "nl", {}),
            ("b", "training", "nl", {"language": "nl"}),
            ("c", "dinner", "en", {}),
            ("d", "dinner", "nl", {}),
        )
    ]
    assert spoken == ["en", "nl", "en", "nl"]
