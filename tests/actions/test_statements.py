"""How many statements a step costs: as many for forty people as for four, and for nine gatherings as for three."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from handlers.dialogue.words import parse
from service.actions import announcing, attendance, materials, ratings, registration, replies, scheduling
from service.model import Gathering, Partstat, Via
from service.rules.access import KRING
from service.store.inbox import Stored
from tests.actions.play import KEYS, PAUSE, PRESENT, Play
from tests.actions.post import Post

Step = Callable[[Play, Gathering], Awaitable[object]]


async def counted(play: Play, step: Callable[..., Awaitable[object]], *about: object) -> int:
    """Do a step on one connection and return how many statements that took, in savepoints instead of transactions."""
    logged: list[asyncpg.connection.LoggedQuery] = []
    async with play.db.transaction() as conn:
        conn.add_query_logger(logged.append)
        await step(replace(play, db=play.db.within(conn)), *about)
        await asyncio.sleep(0)  # asyncpg hands the statements over in the next turn of the loop
        conn.remove_query_logger(logged.append)
    return sum("typeinfo" not in one.query and "jit" not in one.query for one in logged)  # asyncpg's own, once


async def house(play: Play, people: int, gatherings: int = 1) -> list[Gathering]:
    """Make so many gatherings with room for half of the members, who all said yes."""
    names = [f"{play.slug}{number:02}" for number in range(people)]
    await play.open(*names, facilitator="")
    made = [await play.published(days=5 + number, capacity=people // 2) for number in range(gatherings)]
    for gathering in made:
        await play.accept(gathering, *names)
    return made


async def announce(play: Play, gathering: Gathering) -> None:
    await scheduling.change(
        play.db, KRING, gathering.id, {"location": "Utrecht"}, now=play.step(), coalesce=timedelta(0)
    )
    await announcing.announce(play.db, gathering.id, now=play.now)


async def expire(play: Play, gathering: Gathering) -> None:
    async with play.db.transaction() as conn:
        await conn.execute(
            "update registration set seat = 'offered', offer_expires_at = $1 where seat = 'seated'", play.now
        )
    await announcing.expire_offers(play.db, gathering.id, now=play.step())


async def reopen(play: Play, gathering: Gathering) -> None:
    await scheduling.cancel(play.db, KRING, gathering.id, "", now=play.step())
    await scheduling.publish(play.db, KRING, gathering.id, now=play.step())


async def answer(play: Play, gathering: Gathering) -> None:
    seated = "select person_id from registration where gathering_id = $1 and seat = 'seated' limit 1"
    (row,) = await play.fetch(seated, gathering.id)
    await registration.respond(
        play.db, KRING, gathering.id, row["person_id"], Partstat.DECLINED, via=Via.API, now=play.step()
    )


async def mark(play: Play, gathering: Gathering) -> None:
    marks = dict.fromkeys(play.ids.values(), PRESENT)
    await attendance.mark(play.db, KRING, gathering.id, marks, now=gathering.starts_at)


STEPS: dict[str, Step] = {
    "publish again": lambda play, one: scheduling.publish(play.db, KRING, one.id, now=play.step()),
    "re-open": reopen,
    "more room": lambda play, one: scheduling.change(
        play.db, KRING, one.id, {"capacity": None}, now=play.step(), coalesce=PAUSE
    ),
    "move": lambda play, one: scheduling.change(
        play.db, KRING, one.id, {"ends_local": one.ends_local + timedelta(hours=1)}, now=play.step(), coalesce=PAUSE
    ),
    "announce": announce,
    "expire offers": expire,
    "cancel": lambda play, one: scheduling.cancel(play.db, KRING, one.id, "", now=play.step()),
    "answer": answer,
    "mark": mark,
    "close the list": lambda play, one: attendance.close(play.db, KRING, one.id, now=one.ends_at),
    "undo marks": lambda play, one: attendance.undo(play.db, KRING, one.id, now=one.ends_at),
    "remarks": lambda play, one: attendance.remarks(play.db, KRING, one.id),
    "find at the door": lambda play, one: attendance.find(play.db, KRING, one.id, play.slug, now=play.now),
    "ratings": lambda play, one: ratings.verdict(play.db, KRING, one.id),
    "materials": lambda play, one: materials.kept(play.db, KRING, one.id),
    "roster": lambda play, one: registration.roster(play.db, KRING, one.id),
    "ledger": lambda play, one: registration.ledger(play.db, KRING, one.id),
    "forget": lambda play, one: announcing.forget_visitors(play.db, now=play.now),
}


@pytest.mark.parametrize("name", STEPS)
async def test_a_step_costs_the_same_for_many_people_as_for_few(play: Play, name: str) -> None:
    costs = []
    for slug, people in (("few", 4), ("many", 16)):
        stage = Play(play.db, play.clock, slug=slug)
        (gathering,) = await house(stage, people)
        costs.append(await counted(stage, STEPS[name], gathering))
    assert costs[0] == costs[1] <= 25


async def test_publishing_costs_the_same_for_many_members_as_for_few(play: Play) -> None:
    costs = []
    for slug, people in (("few", 4), ("many", 40)):
        stage = Play(play.db, play.clock, slug=slug)
        await stage.open(*(f"{slug}{number}" for number in range(people)), facilitator="")
        draft = await stage.draft()
        costs.append(await counted(stage, Play.publish, draft))
    assert costs[0] == costs[1] <= 15


@pytest.mark.parametrize("seated", [False, True])
async def test_joining_and_leaving_cost_the_same_for_many_gatherings_as_for_few(play: Play, seated: bool) -> None:
    joins, leaves = [], []
    for slug, gatherings in (("few", 2), ("many", 7)):
        stage = Play(play.db, play.clock, slug=slug)
        made = await house(stage, 4, gatherings)
        name = f"new-in-{slug}"
        await stage.person(name)
        joins.append(await counted(stage, Play.join, name))
        for gathering in made if seated else ():
            await stage.change(gathering, capacity=None)
            await stage.accept(gathering, name)
        leaves.append(await counted(stage, Play.leave, name))
    assert joins[0] == joins[1] <= 20
    assert leaves[0] == leaves[1] <= 20


async def test_leaving_costs_more_only_where_somebody_moves_up(play: Play) -> None:
    made = await house(play, 4, 3)
    seated = next(one.person_name for one in await play.roster(made[0]) if one.seat == "seated")
    await play.news()
    cost = await counted(play, Play.leave, seated)
    assert [purpose for _, purpose in await play.news()] == ["withdrawal"] * 3 + ["promotion"] * 3
    assert cost <= 20 + 3 * 6


async def test_an_answer_from_a_calendar_costs_three_statements(play: Play) -> None:
    """Lock, read, write: whoever else answers waits for no more than that."""
    (gathering,) = await house(play, 4)
    post, name = Post(play), next(iter(play.ids))
    message = await post.message(gathering, name, "declined")
    received = await post.addressed(gathering, name, calendar=message)
    stored = Stored(1, "mail", "mail:x", "", "", b"raw", play.step(), 1)

    async def press(play: Play) -> None:
        verdict = await replies.apply(play.db, stored, received, play.now, keys=KEYS, words=parse, talk=post.talk)
        assert (verdict.state, verdict.reason) == ("applied", "answer")

    assert await counted(play, press) > 3  # somebody moves up
    message = replace(message, attendees=((message.attendees[0][0], "tentative"),), dtstamp=play.step())
    received = replace(received, calendar=message)
    assert await counted(play, press) == 3
