"""Seats and waiting list on the real database: against a plain model, and with everybody at the door at once."""

import asyncio
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.actions import announcing, circles, joining, organisations, people, registration, scheduling
from service.database import Database
from service.model import Gathering, Partstat, Via
from service.rules.access import KRING, Actor
from tests.actions.seat_model import SeatModel, Standing
from tests.conftest import NOW

PEOPLE = 7
answers = st.tuples(
    st.just("answer"), st.integers(0, PEOPLE - 1), st.sampled_from(["accepted"] * 3 + ["declined", "tentative"])
)
steps = st.lists(
    st.one_of(
        answers,
        answers,
        st.tuples(st.just("capacity"), st.one_of(st.none(), st.integers(1, 5))),
        st.tuples(st.just("quota"), st.one_of(st.none(), st.integers(1, 3))),
        st.tuples(st.just("hours"), st.integers(1, 14)),
        st.tuples(st.just("cancel and re-open")),
    ),
    max_size=30,
)


@given(steps, st.sampled_from([30 * 24, 60, 40]), st.integers(1, 4), st.one_of(st.none(), st.integers(1, 2)))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
async def test_seats_are_what_a_plain_model_says(
    shared: Database, steps: list[tuple], hours: int, capacity: int, quota: int | None
) -> None:
    now = NOW
    persons, gathering = await published(shared, hours=hours, capacity=capacity, quota=quota, now=now)
    model = SeatModel(gathering.starts_at, capacity, quota, persons)
    ids = list(persons)
    for kind, *details in steps:
        now += timedelta(seconds=1)
        if kind == "hours":
            now += timedelta(hours=details[0])
        if now >= gathering.starts_at:
            break
        for step, ident in await announcing.due(shared, now=now):
            await step(shared, ident, now=now)
        model.expire(now)
        if kind == "answer":
            person, partstat = ids[details[0]], details[1]
            await answer(shared, gathering.id, person, partstat, now)
            model.answer(person, partstat, now)
        elif kind in ("capacity", "quota"):
            name = {"capacity": "capacity", "quota": "organisation_quota"}[kind]
            await scheduling.change(shared, KRING, gathering.id, {name: details[0]}, now=now, coalesce=timedelta(0))
            setattr(model, kind, details[0])
            model.fill(now)
        elif kind == "cancel and re-open":
            await scheduling.cancel(shared, KRING, gathering.id, "", now=now)
            await scheduling.publish(shared, KRING, gathering.id, now=now)
            model.reopen()
        assert await standings(shared, gathering.id) == model.standings()


async def test_of_twenty_five_at_once_exactly_twenty_are_seated_and_five_wait_in_turn(clone: Database) -> None:
    persons, gathering = await published(clone, hours=200, capacity=20, quota=None, now=NOW, count=25)
    await asyncio.gather(*(answer(clone, gathering.id, person, "accepted", NOW) for person in persons))
    found = await standings(clone, gathering.id)
    seats = sorted((seat, position or 0) for _, seat, position in found.values())
    assert seats == [("seated", 0)] * 20 + [("waiting", place) for place in range(1, 6)]


async def test_without_the_lock_the_same_rush_gives_away_too_many_seats(clone: Database) -> None:
    """The negative control: the same reads and writes, decided without holding the gathering."""
    persons, gathering = await published(clone, hours=200, capacity=20, quota=None, now=NOW, count=25)
    taken = "select count(*) from registration where gathering_id = $1 and seat = 'seated'"
    take = "update registration set seat = 'seated' where gathering_id = $1 and person_id = $2"
    together = asyncio.Barrier(25)

    async def grab(person: int) -> None:
        async with clone.transaction() as conn:
            free = await conn.fetchval(taken, gathering.id) < 20
            await together.wait()
            if free:
                await conn.execute(take, gathering.id, person)

    await asyncio.gather(*(grab(person) for person in persons))
    async with clone.reading() as conn:
        assert await conn.fetchval(taken, gathering.id) == 25


async def test_the_same_answer_at_the_same_instant_is_one_registration_and_one_message(clone: Database) -> None:
    persons, gathering = await published(clone, hours=200, capacity=2, quota=None, now=NOW, count=1)
    (person,) = persons
    outcomes = await asyncio.gather(
        *(answer(clone, gathering.id, person, "accepted", NOW + timedelta(seconds=1), via) for via in list(Via) * 2)
    )
    assert sorted(outcome.changed for outcome in outcomes) == [False] * 13 + [True]
    ledger = await registration.ledger(clone, KRING, gathering.id)
    assert [notice.purpose for notice in ledger if notice.purpose not in ("invitation", "reminder")] == ["confirmation"]


@pytest.mark.parametrize("order", [("first", "second"), ("second", "first")])
async def test_of_two_doors_the_later_click_wins_in_whichever_order_they_arrive(
    db: Database, order: tuple[str, str]
) -> None:
    persons, gathering = await published(db, hours=200, capacity=2, quota=None, now=NOW, count=1)
    (person,) = persons
    clicks = {"first": ("declined", NOW + timedelta(minutes=1)), "second": ("accepted", NOW + timedelta(minutes=6))}
    for arrival, name in enumerate(order):
        partstat, clicked_at = clicks[name]
        await registration.respond(
            db,
            themselves(person),
            gathering.id,
            person,
            Partstat(partstat),
            via=Via.MAIL,
            now=NOW + timedelta(minutes=10 + arrival),
            clicked_at=clicked_at,
        )
    assert (await standings(db, gathering.id))[person] == ("accepted", "seated", None)


async def published(
    db: Database, *, hours: int, capacity: int | None, quota: int | None, now: datetime, count: int = PEOPLE
) -> tuple[dict[int, int | None], Gathering]:
    """Publish a gathering for people of two organisations and of none; return whom each person is from."""
    async with db.reading() as conn:
        serial = await conn.fetchval("select count(*) from circle")
    slug = f"circle-{serial}"
    first = await organisations.create(db, KRING, name=f"First {serial}", now=now)
    second = await organisations.create(db, KRING, name=f"Second {serial}", now=now)
    await circles.create(
        db, KRING, slug=slug, kind="community_of_practice", title_nl="Kring", title_en="Circle", language="nl", now=now
    )
    persons: dict[int, int | None] = {}
    for number in range(count):
        organisation = (first.id, second.id, None)[number % 3]
        email = f"person{number}@circle{serial}.example.org"
        made = await people.create_person(
            db, KRING, name=f"Person {number}", email=email, language="nl", organisation_id=organisation, now=now
        )
        await joining.set_member(db, KRING, slug, made.id, "participant", now=now)
        persons[made.id] = organisation
    start = (now + timedelta(hours=hours + 1)).replace(tzinfo=None)  # local time in winter Amsterdam
    facts = {
        "title_nl": "Bijeenkomst",
        "starts_local": start,
        "ends_local": start + timedelta(hours=2),
        "timezone": "Europe/Amsterdam",
        "capacity": capacity,
        "organisation_quota": quota,
    }
    draft = await scheduling.create(db, KRING, slug, facts, now=now)
    return persons, await scheduling.publish(db, KRING, draft.id, now=now)


async def answer(
    db: Database, gathering_id: int, person: int, partstat: str, now: datetime, via: Via = Via.WEB
) -> registration.Outcome:
    return await registration.respond(
        db, themselves(person), gathering_id, person, Partstat(partstat), via=via, now=now
    )


def themselves(person: int) -> Actor:
    return Actor(f"person:{person}", person_id=person, signed_in=True)


async def standings(db: Database, gathering_id: int) -> dict[int, Standing]:
    _, found = await registration.roster(db, KRING, gathering_id)
    return {one.person_id: (one.partstat, one.seat, one.position) for one in found}
