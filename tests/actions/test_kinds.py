"""Kinds: policy that staff change, and what follows from it."""

import itertools
from typing import Any

import pytest

from service.actions import circles, feeds, kinds, people, scheduling
from service.database import Database
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.model import CircleKind, Role
from service.rules.access import KRING, Actor
from tests.conftest import NOW
from tests.factories import make_circle, make_member, make_person

STAFF = Actor("person:0", role=Role.STAFF, signed_in=True)
WHOLE: dict[str, Any] = {
    "label_nl": "Theekrans",
    "label_en": "Tea party",
    "visibility": "circle",
    "confidential": False,
    "joining": "request",
    "capacity": 12,
    "organisation_quota": 2,
    "approval": True,
    "reminders": ["P3D", "PT2H"],
    "minimum": 4,
    "language": "en",
    "rating": False,
    "most_members": 8,
    "facilitators_count": True,
}


async def test_a_kind_is_what_was_given(db: Database) -> None:
    made = await kinds.create(db, STAFF, "tea_party", WHOLE)
    assert made == CircleKind(name="tea_party", **WHOLE)
    assert await kinds.get(db, STAFF, "tea_party") == made
    changed = await kinds.change(db, STAFF, "tea_party", {"capacity": None, "minimum": None}, now=NOW)
    assert changed == CircleKind(name="tea_party", **(WHOLE | {"capacity": None, "minimum": None}))
    assert {kind.name: kind for kind in await circles.kinds(db)}["tea_party"] == changed


async def test_a_kind_that_says_little_has_a_policy(db: Database) -> None:
    made = await kinds.create(db, STAFF, "tea_party", {"label_en": "Tea party"})
    assert (made.visibility, made.joining, made.reminders, made.rating) == ("members", "open", ["P7D", "P1D"], True)


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("label", {"label_nl": "", "label_en": " "}),
        ("visibility", {"visibility": "nobody"}),
        ("joining", {"joining": "never"}),
        ("capacity", {"capacity": 0}),
        ("capacity", {"capacity": "12"}),
        ("capacity", {"capacity": True}),
        ("organisation_quota", {"organisation_quota": -1}),
        ("minimum", {"minimum": 13}),
        ("minimum", {"minimum": 9}),
        ("most_members", {"most_members": 0}),
        ("facilitators_count", {"facilitators_count": "yes"}),
        ("confidential", {"confidential": "yes"}),
        ("reminders", {"reminders": ["tomorrow"]}),
        ("reminders", {"reminders": "P1D"}),
        ("language", {"language": "fr"}),
        ("rating", {"rating": 7}),
        ("name", {"name": "other"}),
    ],
)
async def test_what_cannot_be_is_refused_under_its_name(db: Database, field: str, given: dict[str, Any]) -> None:
    made = await kinds.create(db, STAFF, "tea_party", WHOLE)
    with pytest.raises(Invalid) as refusal:
        await kinds.change(db, STAFF, "tea_party", given, now=NOW)
    assert refusal.value.field == field
    assert await kinds.get(db, STAFF, "tea_party") == made


async def test_names_are_plain_and_taken_once(db: Database) -> None:
    await kinds.create(db, STAFF, "tea_party", WHOLE)
    with pytest.raises(Conflict):
        await kinds.create(db, STAFF, "tea_party", WHOLE)
    for name in ("", "Tea", "tea-party", "_tea", "a" * 81):
        with pytest.raises(Invalid):
            await kinds.create(db, STAFF, name, WHOLE)
    with pytest.raises(NotFound):
        await kinds.change(db, STAFF, "coffee", {"capacity": 3}, now=NOW)


async def test_only_the_team_decides(db: Database) -> None:
    circle = await make_circle(db)
    host = await people.actor_for(db, (await make_member(db, circle, role="facilitator")).id)
    for attempt in (
        lambda: kinds.get(db, host, circle.kind),
        lambda: kinds.create(db, host, "tea_party", WHOLE),
        lambda: kinds.change(db, host, circle.kind, {"capacity": 3}, now=NOW),
    ):
        with pytest.raises(NotAllowed):
            await attempt()


async def test_what_was_told_in_confidence_stays_so(db: Database) -> None:
    await kinds.create(db, STAFF, "tea_party", WHOLE | {"confidential": True})
    await kinds.change(db, STAFF, "tea_party", {"confidential": False}, now=NOW)
    await kinds.change(db, STAFF, "tea_party", {"confidential": True}, now=NOW)
    await make_circle(db, kind="tea_party")
    with pytest.raises(Conflict):
        await kinds.change(db, STAFF, "tea_party", {"confidential": False}, now=NOW)


async def test_a_new_gathering_has_the_policy_of_the_day_and_an_old_one_its_own(db: Database) -> None:
    circle = await make_circle(db, kind="training")
    times = {
        "starts_local": NOW.replace(tzinfo=None, day=28, hour=20),
        "ends_local": NOW.replace(tzinfo=None, day=28, hour=22),
    }
    facts = {"title_nl": "Bijeenkomst", "timezone": "Europe/Amsterdam"} | times
    old = await scheduling.create(db, KRING, circle.slug, facts, now=NOW)
    await kinds.change(db, STAFF, "training", {"capacity": 7, "approval": True, "reminders": []}, now=NOW)
    new = await scheduling.create(db, KRING, circle.slug, facts, now=NOW)
    assert (new.capacity, new.approval, new.reminders) == (7, True, [])
    assert await scheduling.get(db, KRING, old.id) == old


async def test_feeds_hear_only_of_who_may_see(db: Database) -> None:
    circle = await make_circle(db, kind="training")
    anna = await people.actor_for(db, (await make_member(db, circle, await make_person(db))).id)
    await feeds.create_feed(db, anna, "circle", circle.slug, now=NOW)

    async def revisions() -> list[int]:
        async with db.reading() as conn:
            return [row["revision"] for row in await conn.fetch("select revision from feed order by id")]

    seen = [await revisions()]
    for given in ({"capacity": 3}, {"visibility": "circle"}):
        await kinds.change(db, STAFF, "training", given, now=NOW)
        seen.append(await revisions())
    assert [[now - was for was, now in zip(*pair, strict=True)] for pair in itertools.pairwise(seen)] == [
        [0, 0],
        [1, 1],
    ]
