"""Whatever comes and goes, a place or a link: every yes has its seat, its turn or its way to join, at every commit."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.actions import announcing, registration, scheduling
from service.database import Database
from service.model import Gathering, Mode, Partstat, Registration, Via
from service.rules.access import KRING
from service.store import rosters
from tests.actions.test_seats import published, themselves
from tests.conftest import NOW

PEOPLE = 6
PAUSE = timedelta(seconds=20)
CALL = "https://meet.example.org/kamer"
steps = st.lists(
    st.one_of(
        st.tuples(
            st.just("answer"),
            st.integers(0, PEOPLE - 1),
            st.sampled_from(["accepted"] * 3 + ["declined"]),
            st.sampled_from([Mode.ON_SITE, Mode.ONLINE, None]),
        ),
        st.tuples(st.just("location"), st.sampled_from(["", "Utrecht"])),
        st.tuples(st.just("online_url"), st.sampled_from(["", CALL])),
        st.tuples(st.just("capacity"), st.sampled_from([None, 1, 2, 4])),
        st.tuples(st.just("told")),
        st.tuples(st.just("opened again")),
    ),
    min_size=5,
    max_size=20,
)


@given(steps, st.integers(1, 3))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
async def test_no_yes_is_left_without_a_seat_a_turn_or_a_way_to_join(
    shared: Database, steps: list[tuple], capacity: int
) -> None:
    now = NOW
    persons, gathering = await published(shared, hours=30 * 24, capacity=capacity, quota=None, now=now, count=PEOPLE)
    both = {"location": "Utrecht", "online_url": CALL}
    await scheduling.change(shared, KRING, gathering.id, both, now=now, coalesce=PAUSE)
    before: list[Registration] = []
    for kind, *details in steps:
        now += timedelta(seconds=1)
        if kind == "answer":
            number, partstat, mode = details
            person = list(persons)[number]
            await registration.respond(
                shared, themselves(person), gathering.id, person, Partstat(partstat), via=Via.WEB, now=now, mode=mode
            )
        elif kind == "told":
            now += timedelta(minutes=2)
            for step, ident in await announcing.due(shared, now=now):
                await step(shared, ident, now=now)
        elif kind == "opened again":
            await scheduling.cancel(shared, KRING, gathering.id, "", now=now)
            await scheduling.publish(shared, KRING, gathering.id, now=now)
        else:
            change = {kind: details[0]}
            await scheduling.change(shared, KRING, gathering.id, change, now=now, coalesce=PAUSE)
        before = await everybody_is_somewhere(shared, gathering, before)


async def everybody_is_somewhere(db: Database, gathering: Gathering, before: list[Registration]) -> list[Registration]:
    found = await scheduling.get(db, KRING, gathering.id)
    async with db.reading() as conn:
        people = await rosters.select_roster(conn, gathering.id)
    for one in people:
        joins = found.hybrid and one.mode == Mode.ONLINE
        expected = {"accepted": {"none"} if joins else {"seated", "waiting"}}.get(one.partstat, {"none"})
        assert one.seat in expected, (one, found.location, found.online_url)
    taken, took = (sum(one.seat == "seated" for one in of) for of in (people, before))
    waiting = sum(one.seat == "waiting" for one in people)
    if found.capacity is None:
        assert waiting == 0
    else:
        assert taken <= max(found.capacity, took)  # lowered, it takes nobody's seat and gives none
        assert not waiting or taken >= found.capacity
    counts = (await scheduling.counts(db, [gathering.id]))[gathering.id]
    assert counts.accepted == counts.seated + counts.waiting + counts.online
    return people
