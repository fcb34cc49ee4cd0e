"""Answers that come at the same moment: written together, and come to the same as one after the other."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.actions import registration, together
from service.clock import MovableClock
from service.database import Database
from service.errors import KringError
from service.model import Gathering, Partstat, Via
from tests.actions.play import KEYS, Play
from tests.waiting import until

TURN = "select turn from gathering where id = $1"
TAKEN = "select count(*) from registration where gathering_id = $1 and seat in ('seated', 'offered')"
WAITS = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
NAMES = [f"P{number:02}" for number in range(12)]


@pytest.fixture
def away(clone: Database, clock: MovableClock) -> Play:
    """A stage on a database that only this test has."""
    return Play(clone, clock)


@pytest.fixture
async def other(clone: Database) -> AsyncIterator[Database]:
    """The same database as another process has it: with lines of its own."""
    database = await Database.open(clone.dsn, size=8)
    yield database
    await database.close()


async def by_link(play: Play, gathering: Gathering, name: str, partstat: str, *, db: Database | None = None) -> Any:
    """Answer with the link in the mail; return how the person then stands, or why the answer was not taken."""
    handle = await play.handle(gathering, name)
    try:
        outcome = await registration.answer_by_handle(
            db or play.db, handle, Partstat(partstat), keys=KEYS, via=Via.LINK, now=play.now
        )
    except KringError as refused:
        return refused
    return outcome.registration


async def all_at_once(play: Play, gathering: Gathering, said: list[tuple[str, str]], *, line: int = 0) -> list[Any]:
    """Let everybody answer while somebody else holds the gathering, so that they come together, so many in line."""

    async def there() -> bool:
        return together._lines.at(play.db, gathering.id).waiting >= line and await _waits(play)

    async with asyncio.TaskGroup() as tasks, play.db.transaction() as conn:
        await conn.execute("select from gathering where id = $1 for update", gathering.id)
        answers = [tasks.create_task(by_link(play, gathering, name, partstat)) for name, partstat in said]
        await until(there)
    return [answer.result() for answer in answers]


async def _waits(play: Play) -> bool:
    return bool((await play.fetch(WAITS))[0][0])


async def test_who_comes_together_is_told_where_they_are(away: Play) -> None:
    await away.open(*NAMES)
    gathering = await away.published(capacity=5)
    told = await all_at_once(away, gathering, [(name, "accepted") for name in NAMES])
    assert [one for one in await away.roster(gathering) if not one.facilitator] == sorted(
        told, key=lambda one: (one.position or 0, one.person_name)
    )
    assert sorted(one.position for one in told if one.position) == [1, 2, 3, 4, 5, 6, 7]


async def test_two_processes_together_fill_exactly_the_seats(away: Play, other: Database) -> None:
    await away.open(*NAMES)
    for _ in range(5):
        gathering = await away.published(capacity=7)
        told = await asyncio.gather(
            *(
                by_link(away, gathering, name, "accepted", db=(away.db, other)[number % 2])
                for number, name in enumerate(NAMES)
            )
        )
        assert sorted((one.seat, one.position or 0) for one in told) == [("seated", 0)] * 7 + [
            ("waiting", position) for position in range(1, 6)
        ]


async def test_what_was_seen_before_somebody_else_came_in_between_is_decided_again(away: Play) -> None:
    await away.open("Anna", "Bert")
    gathering = await away.published(capacity=1)
    async with asyncio.TaskGroup() as tasks, away.db.transaction() as conn:
        await conn.execute("select from gathering where id = $1 for update", gathering.id)
        late = tasks.create_task(by_link(away, gathering, "Anna", "accepted"))
        await until(lambda: _waits(away))
        within = Play(away.db.within(conn), away.clock, ids=away.ids)
        await within.answer(gathering, "Bert", "accepted")
    assert (late.result().seat, late.result().position) == ("waiting", 1)
    assert await away.seats(gathering) == {
        "Bert": ("accepted", "seated", None),
        "Anna": ("accepted", "waiting", 1),
    }


async def test_a_double_click_counts_once(away: Play) -> None:
    await away.open("Anna", "Bert")
    gathering = await away.published()
    said = [("Bert", "accepted"), ("Anna", "accepted"), ("Anna", "accepted"), ("Anna", "accepted")]
    told = await all_at_once(away, gathering, said)
    assert [one.seat for one in told] == ["seated"] * 4
    assert len(await away.history(gathering, "Anna")) == 1
    assert await away.news() == [
        ("Anna", "confirmation"), ("Anna", "invitation"), ("Bert", "confirmation"), ("Bert", "invitation"),
        ("Fien", "invitation"),
    ]  # fmt: skip


async def test_one_who_is_refused_takes_nobody_along(away: Play) -> None:
    await away.open(*NAMES)
    gathering = await away.published()
    await away.leave("P03")  # whose link is then of no use
    rest = [name for name in NAMES if name != "P03"]
    told = await all_at_once(away, gathering, [(name, "accepted") for name in NAMES])
    assert [type(one).__name__ for one in told] == ["Registration"] * 3 + ["Expired"] + ["Registration"] * 8
    assert [name for name, place in (await away.seats(gathering)).items() if place[1] == "seated"] == rest


async def test_who_gives_up_waiting_keeps_nobody_from_being_served(away: Play) -> None:
    await away.open(*NAMES)
    gathering = await away.published()
    async with away.db.transaction() as conn:
        await conn.execute("select from gathering where id = $1 for update", gathering.id)
        answers = [asyncio.ensure_future(by_link(away, gathering, name, "accepted")) for name in NAMES]
        await until(lambda: _waits(away))
        for answer in answers[:3]:
            answer.cancel()
    told = await asyncio.gather(*answers, return_exceptions=True)
    assert [type(one).__name__ for one in told] == ["CancelledError"] * 3 + ["Registration"] * 9
    assert [one.seat for one in told[3:]] == ["seated"] * 9
    assert (await by_link(away, gathering, "P00", "accepted")).seat == "seated"


async def test_who_goes_away_just_when_told_to_lead_leaves_the_line_to_the_next(away: Play) -> None:
    await away.open("Anna", "Bert", "Cor")
    gathering = await away.published()

    async def anna_then_bert_goes() -> Any:
        told = await by_link(away, gathering, "Anna", "accepted")
        bert.cancel()  # nothing has run between this and what Bert was told
        return told

    async def stands_in_line() -> bool:
        return together._lines.at(away.db, gathering.id).waiting > 0

    async with away.db.transaction() as conn:
        await conn.execute("select from gathering where id = $1 for update", gathering.id)
        anna = asyncio.ensure_future(anna_then_bert_goes())
        await until(lambda: _waits(away))
        bert = asyncio.ensure_future(by_link(away, gathering, "Bert", "accepted"))
        await until(stands_in_line)
    assert (await anna).seat == "seated"
    async with asyncio.timeout(10):
        assert (await by_link(away, gathering, "Cor", "accepted")).seat == "seated"
        with pytest.raises(asyncio.CancelledError):
            await bert
    assert (await away.seats(gathering))["Bert"] == ("needs-action", "none", None)


async def test_together_they_cost_fewer_turns_than_one_after_the_other(away: Play) -> None:
    await away.open(*NAMES)
    gathering = await away.published()
    before = (await away.fetch(TURN, gathering.id))[0][0]
    await all_at_once(away, gathering, [(name, "accepted") for name in NAMES], line=len(NAMES) - 1)
    after = (await away.fetch(TURN, gathering.id))[0][0]
    assert after - before == 2  # the first alone, then the whole line


ANSWERS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(["accepted", "accepted", "declined", "tentative"])),
    min_size=1,
    max_size=14,
    unique_by=lambda said: said[0],
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    before=ANSWERS,
    said=ANSWERS,
    capacity=st.one_of(st.none(), st.integers(1, 6)),
    quota=st.one_of(st.none(), st.integers(1, 2)),
    approval=st.booleans(),
)
async def test_together_comes_to_the_same_as_one_after_the_other(
    away: Play,
    before: list[tuple[str, str]],
    said: list[tuple[str, str]],
    capacity: int | None,
    quota: int | None,
    approval: bool,
) -> None:
    if not away.ids:
        await away.organisation("Een", *NAMES[:4])
        await away.organisation("Twee", *NAMES[4:7])
        await away.open(*NAMES)
    facts = {"capacity": capacity, "organisation_quota": quota, "approval": approval}
    together, in_turn = await away.published(**facts), await away.published(**facts)
    for gathering in (together, in_turn):
        for name, partstat in before:
            await by_link(away, gathering, name, partstat)
    await all_at_once(away, together, said)
    assert capacity is None or (await away.fetch(TAKEN, together.id))[0][0] <= capacity
    for name, partstat in said:
        await by_link(away, in_turn, name, partstat)
    assert _counted(await away.seats(together)) == _counted(await away.seats(in_turn))


def _counted(seats: dict[str, tuple[str, str, int | None]]) -> list[tuple[str, str]]:
    """Return answers and seats without who has which: that is up to who comes first."""
    return sorted((partstat, seat) for partstat, seat, _ in seats.values())
