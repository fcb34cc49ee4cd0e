"""Many at once: nothing blocks for ever, nobody is forgotten between two transactions, and what must hold holds."""

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from service.actions import announcing, circles, feeds, joining, preferences, registration, scheduling
from service.clock import MovableClock
from service.database import Database
from service.errors import Conflict, Expired, NotAllowed, NotFound
from service.model import Gathering, Partstat, Via
from service.rules.access import KRING
from tests.actions.play import KEYS, PAUSE, Play
from tests.waiting import until

BLOCKED = """
    select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()
"""


@pytest.fixture
def away(clone: Database, clock: MovableClock) -> Play:
    """A stage on a database that only this test has, with thirty connections."""
    return Play(clone, clock)


async def done_or_blocked(play: Play, task: "asyncio.Task[Any]") -> None:
    """Wait until a task has either finished or waits for a lock."""

    async def so() -> bool:
        return task.done() or bool((await play.fetch(BLOCKED))[0][0])

    await until(so)


async def during(play: Play, first: Callable[[Database], Awaitable[Any]], second: Awaitable[Any]) -> None:
    """Do the second thing after the first has done its work and before it commits."""
    async with asyncio.TaskGroup() as tasks, play.db.transaction() as conn:
        await first(play.db.within(conn))
        task = tasks.create_task(asyncio.wait_for(second, 20))
        await done_or_blocked(play, task)


# Joining and leaving while something is published


@pytest.mark.parametrize("joining_first", [True, False])
@pytest.mark.parametrize("again", [False, True])
async def test_who_joins_while_it_is_published_is_invited(away: Play, joining_first: bool, again: bool) -> None:
    await away.open("Anna")
    bert = await away.person("Bert")
    gathering = await away.draft()
    if again:
        await away.cancel(await away.publish(gathering))
    await away.news()

    async def publish(db: Database) -> None:
        await scheduling.publish(db, KRING, gathering.id, now=away.now)

    async def join(db: Database) -> None:
        await joining.set_member(db, KRING, "cop", bert, "participant", now=away.now)

    first, second = (join, publish) if joining_first else (publish, join)
    await during(away, first, second(away.db))
    assert await away.news() == [(name, "invitation") for name in ("Anna", "Bert", "Fien")]


@pytest.mark.parametrize("leaving_first", [True, False])
async def test_who_leaves_while_it_is_published_is_not_left_on_the_list(away: Play, leaving_first: bool) -> None:
    await away.open("Anna", "Bert")
    gathering = await away.draft()

    async def publish(db: Database) -> None:
        await scheduling.publish(db, KRING, gathering.id, now=away.now)

    async def leave(db: Database) -> None:
        await joining.remove_member(db, KRING, "cop", away.ids["Bert"], now=away.now)

    first, second = (leave, publish) if leaving_first else (publish, leave)
    await during(away, first, second(away.db))
    assert [one.person_name for one in await away.roster(gathering)] == ["Fien", "Anna"]
    heard = [] if leaving_first else [("Bert", "invitation"), ("Bert", "withdrawal")]
    assert [one for one in await away.news() if one[0] == "Bert"] == heard


async def test_a_visitor_who_presses_the_link_while_staff_make_a_member_of_them_blocks_nobody(away: Play) -> None:
    await away.open()
    gathering = await away.published()
    for number in range(8):
        name = f"Gast{number}"
        await registration.register_visitor(
            away.db, gathering.id, name=name, email=f"{name}@example.org", language="nl", keys=KEYS, now=away.step()
        )
        rows = await away.fetch("select id from person where name = $1", name)
        away.ids[name] = rows[0]["id"]
        handle = await away.handle(gathering, name)
        await asyncio.gather(
            registration.answer_by_handle(away.db, handle, Partstat.ACCEPTED, keys=KEYS, via=Via.LINK, now=away.step()),
            joining.set_member(away.db, KRING, "cop", away.ids[name], "participant", now=away.step()),
        )
    assert [one.seat for one in await away.roster(gathering)] == ["seated"] * 8 + ["none"]


# Everything at once


NAMES = [f"P{number:02}" for number in range(14)]
TURNS = 20
REFUSALS = (Conflict, Expired, NotAllowed, NotFound)


class Crowd:
    """People, facilitators and schedulers who all do something at the same three gatherings."""

    def __init__(self, play: Play, gatherings: list[Gathering], growing: asyncio.Lock, seed: int) -> None:
        self.play = play
        self.gatherings = gatherings
        self.growing = growing
        self.chance = random.Random(seed)
        self.refused = 0

    async def act(self, turns: int) -> None:
        verbs = [self.answer] * 8 + [self.by_link, self.for_another, self.edit, self.move, self.more_room] + [
            self.call_off, self.open_again, self.come, self.go, self.tick, self.attend, self.rename, self.follow
        ]  # fmt: skip
        for _ in range(turns):
            verb = self.chance.choice(verbs)
            try:
                await verb(self.chance.choice(self.gatherings), self.chance.choice(NAMES), self.play.step())
            except REFUSALS:
                self.refused += 1

    async def answer(self, one: Gathering, name: str, now: datetime) -> None:
        partstat = self.chance.choice([Partstat.ACCEPTED, Partstat.ACCEPTED, Partstat.DECLINED, Partstat.TENTATIVE])
        actor = await self.play.actor(name)
        person = self.play.ids[name]
        await registration.respond(self.play.db, actor, one.id, person, partstat, via=Via.WEB, now=now)

    async def by_link(self, one: Gathering, name: str, now: datetime) -> None:
        rows = await self.play.fetch(
            "select 1 from registration where gathering_id = $1 and person_id = $2", one.id, self.play.ids[name]
        )
        if rows:
            handle = await self.play.handle(one, name)
            await registration.answer_by_handle(
                self.play.db, handle, Partstat.ACCEPTED, keys=KEYS, via=Via.LINK, now=now
            )

    async def for_another(self, one: Gathering, name: str, now: datetime) -> None:
        partstat = self.chance.choice([Partstat.ACCEPTED, Partstat.DECLINED])
        person = self.play.ids[name]
        await registration.respond(self.play.db, KRING, one.id, person, partstat, via=Via.API, now=now)

    async def edit(self, one: Gathering, name: str, now: datetime) -> None:
        await self.change(one, {"title_nl": f"Titel {name}"}, now)

    async def move(self, one: Gathering, name: str, now: datetime) -> None:
        later = one.starts_local + timedelta(hours=self.chance.randrange(5))
        await self.change(one, {"starts_local": later, "ends_local": later + timedelta(hours=2)}, now)

    async def more_room(self, one: Gathering, name: str, now: datetime) -> None:
        async with self.growing:  # of two who would set it at once, the second might lower it again
            room = (await self.play.read(one)).capacity or 0
            await self.change(one, {"capacity": max(room, self.chance.randrange(3, 7))}, now)

    async def change(self, one: Gathering, facts: dict[str, Any], now: datetime) -> None:
        await scheduling.change(self.play.db, KRING, one.id, facts, now=now, coalesce=PAUSE)

    async def call_off(self, one: Gathering, name: str, now: datetime) -> None:
        await scheduling.cancel(self.play.db, KRING, one.id, "", now=now)
        await scheduling.publish(self.play.db, KRING, one.id, now=self.play.step())

    async def open_again(self, one: Gathering, name: str, now: datetime) -> None:
        await scheduling.publish(self.play.db, KRING, one.id, now=now)

    async def come(self, one: Gathering, name: str, now: datetime) -> None:
        await joining.set_member(self.play.db, KRING, "cop", self.play.ids[name], "participant", now=now)

    async def go(self, one: Gathering, name: str, now: datetime) -> None:
        await joining.leave(self.play.db, await self.play.actor(name), "cop", now=now)

    async def tick(self, one: Gathering, name: str, now: datetime) -> None:
        for step, ident in await announcing.due(self.play.db, now=now + timedelta(hours=13)):
            await step(self.play.db, ident, now=now + timedelta(hours=13))

    async def attend(self, one: Gathering, name: str, now: datetime) -> None:
        await scheduling.invite(self.play.db, KRING, one.id, [self.play.ids[name]], now=now)

    async def rename(self, one: Gathering, name: str, now: datetime) -> None:
        if self.chance.random() < 0.5:
            await circles.change(self.play.db, KRING, "cop", {"title_nl": f"Kring {name}"}, now=now)
        else:
            actor, wish = await self.play.actor(name), {"language": "en"}
            await preferences.change(self.play.db, actor, self.play.ids[name], wish, now=now)

    async def follow(self, one: Gathering, name: str, now: datetime) -> None:
        actor = await self.play.actor(name)
        kind, circle = self.chance.choice([("person", None), ("circle", "cop")])
        await feeds.create_feed(self.play.db, actor, kind, circle, now=now)


OVERBOOKED = """
    select g.id from gathering g join registration r on r.gathering_id = g.id and r.seat in ('seated', 'offered')
    group by g.id, g.capacity having count(*) > g.capacity
"""
SEQUENCES = """
    select 'g' || id as what, sequence from gathering union all select 'r' || id, sequence from registration
"""
UNEVEN = """
    select registration_id from (
        select registration_id, facts ->> 'dtstamp' as stamp, (facts ->> 'sequence')::integer as sequence,
            lag(facts ->> 'dtstamp') over w as stamp_before, lag((facts ->> 'sequence')::integer) over w as before
        from notice where facts ? 'method' window w as (partition by registration_id order by id)
    ) one
    where stamp::timestamptz <= stamp_before::timestamptz or sequence < before
"""
UNTOLD = """
    select r.id from registration r
    where r.dtstamp is distinct from
        (select max((n.facts ->> 'dtstamp')::timestamptz) from notice n where n.registration_id = r.id)
"""
QUEUES = """
    select gathering_id, array_agg(position order by position) as positions from (
        select r.gathering_id, (select count(*) from registration q where q.gathering_id = r.gathering_id
            and q.seat = 'waiting' and q.queue_number <= r.queue_number) as position
        from registration r where r.seat = 'waiting'
    ) one group by gathering_id
"""
STUCK = """
    select g.id from gathering g
    where g.status = 'published'
      and exists (select from registration r where r.gathering_id = g.id and r.seat = 'waiting')
      and g.capacity > (select count(*) from registration r
                        where r.gathering_id = g.id and r.seat in ('seated', 'offered'))
"""


LAST = """
    select distinct on (r.id) p.name, r.partstat, r.seat, r.sequence, n.facts,
        coalesce(r.confirmed_sequence, -1) >= g.sequence as confirmed
    from registration r join person p on p.id = r.person_id join gathering g on g.id = r.gathering_id
    join notice n on n.registration_id = r.id and n.facts ? 'method'
    where r.withdrawn_at is null and r.partstat <> 'declined' and g.status = 'published'
    order by r.id, n.id desc
"""


async def assert_calendars_are_right(play: Play) -> None:
    """Compare the last message to each calendar with how its person stands."""
    compared = 0
    for row in await play.fetch(LAST):
        facts = row["facts"]
        waits = row["seat"] == "waiting"
        assert facts["method"] == "REQUEST", dict(row)
        assert facts["sequence"] <= row["sequence"], dict(row)  # lower where a move was put back and told to nobody
        assert facts["status"] == ("tentative" if waits else "confirmed"), dict(row)
        if row["confirmed"]:
            assert facts["partstat"] == ("tentative" if waits else row["partstat"]), dict(row)
        else:
            assert facts["partstat"] in ("needs-action", "tentative" if waits else row["partstat"]), dict(row)
        compared += 1
    assert compared > 10


async def watch(play: Play, stop: asyncio.Event) -> int:
    """Look at every commit that can be caught: seats within capacity, no SEQUENCE ever lower."""
    known: dict[str, int] = {}
    for looks in itertools.count():
        if stop.is_set():
            return looks
        assert await play.fetch(OVERBOOKED) == []
        now = {row["what"]: row["sequence"] for row in await play.fetch(SEQUENCES)}
        assert all(now[what] >= sequence for what, sequence in known.items())
        known = now
    raise AssertionError


@pytest.mark.parametrize(("seed", "days"), [(1, 30.0), (2, 1.5)])
async def test_sixteen_who_do_everything_at_once_never_block_each_other_for_good(
    away: Play, seed: int, days: float
) -> None:
    await away.open(*NAMES)
    gatherings = [await away.published(days=days + number / 24, capacity=3) for number in range(3)]
    for name in NAMES[:5]:
        await feeds.create_feed(away.db, await away.actor(name), "person", now=away.now)
    growing = asyncio.Lock()
    crowds = [Crowd(away, gatherings, growing, seed * 100 + number) for number in range(16)]
    stop = asyncio.Event()
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(watch(away, stop))
        async with asyncio.TaskGroup() as crowd:
            for one in crowds:
                crowd.create_task(one.act(TURNS))
        stop.set()
    assert watching.result() > 10
    assert sum(one.refused for one in crowds) < 16 * TURNS / 2
    await away.after(minutes=5)
    for faults in (OVERBOOKED, UNEVEN, UNTOLD, STUCK):
        assert await away.fetch(faults) == []
    for _, positions in await away.fetch(QUEUES):
        assert positions == list(range(1, len(positions) + 1))
    await assert_calendars_are_right(away)
