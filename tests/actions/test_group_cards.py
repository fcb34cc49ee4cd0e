"""Cards kept up through the outbox: at most one message waits per card, in its newest words."""

import asyncio
from datetime import datetime, timedelta
from functools import partial

import pytest

from handlers.dialogue import group_cards as cards
from service.actions import conversing, group_cards, registration, scheduling
from service.actions.card_keeping import Keeper
from service.clock import MovableClock
from service.database import Database
from service.formats import outbounds
from service.model import Gathering, Partstat, Via
from service.rules.access import KRING
from service.waking import Bell
from tests.conftest import NOW
from tests.handlers.dialogue.house import SITE, House, Person, read

MESSAGES = """
    select dedupe_key, conversation, lane, person_id, facts from notice
    where conversation is not null order by dedupe_key
"""
OPEN = "select count(*) from group_card where closed_at is null"


def composed(now: datetime) -> group_cards.Compose:
    return partial(cards.compose, base_url=SITE.base_url, timezone=SITE.timezone, now=now)


class Stage:
    """A gathering with its card in a group."""

    def __init__(self, db: Database, clock: MovableClock, house: House, gathering: Gathering, anna: Person) -> None:
        self.db = db
        self.clock = clock
        self.house = house
        self.gathering = gathering
        self.anna = anna

    async def share(self, group: str = "-12") -> None:
        now = self.clock.now()
        await group_cards.share(self.db, KRING, self.gathering.id, channel="telegram", conversation=group, now=now)

    async def refresh(self) -> bool:
        now = self.clock.now()
        return await group_cards.refresh(self.db, composed(now), names=3, now=now)

    async def over(self) -> bool:
        await group_cards.mark_over(self.db, now=self.clock.now())
        return await self.refresh()

    async def answers(self, who: Person, partstat: Partstat = Partstat.ACCEPTED) -> None:
        await registration.respond(
            self.db, KRING, self.gathering.id, who.id, partstat, via=Via.API, now=self.clock.move(timedelta(minutes=1))
        )

    async def messages(self) -> list[str]:
        async with self.db.reading() as conn:
            found = await conn.fetch(MESSAGES)
        assert {(one["conversation"], one["lane"], one["person_id"]) for one in found} <= {("-12", "telegram", None)}
        return [read((outbounds.unpacked(one["facts"]["outbound"]),)) for one in found]

    async def sent(self, state: str = "sent", *, was: str = "planned") -> None:
        """Let everything that waits be on its way, or end so."""
        async with self.db.transaction() as conn:
            await conn.execute("update notice set state = $1 where conversation is not null and state = $2", state, was)

    async def open(self) -> int:
        async with self.db.reading() as conn:
            return int(await conn.fetchval(OPEN))


@pytest.fixture
async def stage(db: Database, clock: MovableClock) -> Stage:
    house = House(db, clock)
    anna = await house.person("Anna")
    gathering = await house.gathering(await house.circle("data", anna))
    made = Stage(db, clock, house, gathering, anna)
    await made.share()
    return made


async def test_a_card_is_written_once_and_again_when_it_says_something_else(stage: Stage) -> None:
    assert await stage.refresh()
    assert not await stage.refresh()
    await stage.sent()
    await stage.answers(stage.anna)
    assert await stage.refresh()
    assert not await stage.refresh()
    first, second = await stage.messages()
    assert ("Nog niemand" in first, "Er komt één iemand\nAnna" in second) == (True, True)


async def test_what_changes_while_a_message_waits_is_written_into_it(stage: Stage) -> None:
    await stage.refresh()
    bo = await stage.house.person("Bo")
    for who in (stage.anna, bo):
        await stage.answers(who)
        await stage.refresh()
    [only] = await stage.messages()
    assert "Anna, Bo" in only
    await stage.sent("claimed")
    await stage.answers(bo, Partstat.DECLINED)
    assert not await stage.refresh()
    await stage.sent(was="claimed")
    assert await stage.refresh()
    assert ["Bo" in one for one in await stage.messages()] == [True, False]


async def test_a_change_that_a_card_does_not_show_is_no_message(stage: Stage) -> None:
    await stage.refresh()
    await stage.sent()
    changes = {"description_nl": "Iets over de bijeenkomst."}
    now = stage.clock.now()
    await scheduling.change(stage.db, KRING, stage.gathering.id, changes, now=now, coalesce=timedelta(0))
    assert not await stage.refresh()
    assert len(await stage.messages()) == 1


async def test_after_the_end_a_card_says_so_once_and_is_let_go(stage: Stage) -> None:
    await stage.refresh()
    await stage.sent()
    assert not await stage.over()
    stage.clock.set(NOW + timedelta(days=9))
    assert await stage.over()
    assert not await stage.over()
    assert await stage.open() == 0
    assert "Deze is geweest." in (await stage.messages())[-1]
    assert "[ja" not in (await stage.messages())[-1]


async def test_a_newer_card_takes_the_place_of_the_one_that_stands(stage: Stage) -> None:
    await stage.refresh()
    await stage.sent()
    await stage.share()
    assert await stage.refresh()
    assert await stage.open() == 1
    old, new = (await stage.messages())[-2:]
    assert ("nieuwere kaart" in old, "nieuwere kaart" in new) == (True, False)


@pytest.mark.parametrize("shared_first", [True, False])
async def test_a_group_that_has_moved_has_one_card(stage: Stage, shared_first: bool) -> None:
    await stage.refresh()
    await stage.sent()
    if shared_first:
        await stage.share("-10012")
    await conversing.moved(stage.db, "telegram", "-12", "-10012")
    if not shared_first:
        await stage.share("-10012")
    await stage.refresh()
    async with stage.db.reading() as conn:
        waiting = await conn.fetch(
            "select conversation from notice where state = 'planned' and conversation is not null"
        )
    assert [row["conversation"] for row in waiting] == ["-10012"]
    assert await stage.open() == 1


async def test_a_card_that_cannot_be_delivered_is_let_go(stage: Stage) -> None:
    await stage.refresh()
    await stage.sent("failed")
    await stage.answers(stage.anna)
    assert not await stage.refresh()
    assert (await stage.open(), len(await stage.messages())) == (0, 1)


async def test_a_confidential_circle_leaves_nothing_in_a_group(stage: Stage) -> None:
    async with stage.db.transaction() as conn:
        await conn.execute("update circle set kind = 'intervision_group'")
    await stage.refresh()
    assert await stage.messages() == ["Deze kaart wordt niet meer bijgehouden."]
    assert await stage.open() == 0


async def test_many_processes_write_each_card_once(clone: Database, clock: MovableClock) -> None:
    house = House(clone, clock)
    slug = await house.circle("data")
    for _ in range(30):
        gathering = await house.gathering(slug)
        await group_cards.share(clone, KRING, gathering.id, channel="telegram", conversation="-12", now=NOW)
    compose = composed(NOW)

    async def process() -> None:
        while await group_cards.refresh(clone, compose, names=3, now=NOW):
            pass

    await asyncio.gather(*(process() for _ in range(6)))
    async with clone.reading() as conn:
        found = await conn.fetch(MESSAGES)
    assert len({one["dedupe_key"] for one in found}) == len(found) == 30


async def test_a_keeper_sees_a_change_by_itself_and_wakes_who_sends(stage: Stage) -> None:
    bell, stop = Bell(), asyncio.Event()
    keeper = Keeper(
        db=stage.db,
        clock=stage.clock,
        compose=lambda card, now: composed(now)(card),
        names=3,
        bell=bell,
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(keeper.run(stop))
        assert await bell.wait(10)
        await stage.answers(stage.anna)
        assert await bell.wait(10)
        stop.set()
    assert "Anna" in (await stage.messages())[-1]
