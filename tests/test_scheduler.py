"""The clockwork: one of many reigns, another takes over, and neither a fault nor an outage ends it."""

import asyncio
from collections.abc import AsyncIterator, Iterator, MutableMapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from structlog.testing import capture_logs

from service import embedded, scheduler
from service.actions import registration
from service.clock import MovableClock
from service.database import Database
from service.migrations import migrate
from service.model import Gathering
from tests.actions.play import KEYS, Play, all_heard
from tests.waiting import until

KINGS = """
    select pid from pg_locks where locktype = 'advisory' and granted and objsubid = 1
        and (classid::bigint << 32) + objid::bigint = hashtextextended($1, 0)
        and database = (select oid from pg_database where datname = current_database())
"""
Logs = list[MutableMapping[str, Any]]


@asynccontextmanager
async def running(db: Database, clock: MovableClock, count: int = 1) -> AsyncIterator[list["asyncio.Task[None]"]]:
    """Run schedulers during the block; at its end each must still live, and stop when told."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        started = [tasks.create_task(scheduler.run(db, clock=clock, stop=stop)) for _ in range(count)]
        try:
            yield started
            assert [task.done() for task in started] == [False] * count
        finally:
            stop.set()


async def kings(play: Play) -> list[int]:
    return [row["pid"] for row in await play.fetch(KINGS, scheduler.OFFICE)]


async def until_king(play: Play, *, other_than: int = 0) -> int:
    async def reigns() -> bool:
        return [king != other_than for king in await kings(play)] == [True]

    await until(reigns)
    return (await kings(play))[0]


async def until_told(play: Play, gathering: Gathering) -> None:
    async def told() -> bool:
        (row,) = await play.fetch("select announce_at is null from gathering where id = $1", gathering.id)
        return bool(row[0])

    await until(told)


async def until_logged(logs: Logs, event: str) -> None:
    async def logged() -> bool:
        return any(line["event"] == event for line in logs)

    await until(logged)


async def edited(play: Play, title: str) -> Gathering:
    """Publish a gathering and change it, so that in a while it is to be told."""
    gathering = await play.published(title_nl="Oud")
    await play.news()
    await play.change(gathering, title_nl=title)
    return gathering


@pytest.fixture
def away(clone: Database, clock: MovableClock) -> Play:
    """A stage on a database that only this test has."""
    return Play(clone, clock)


@pytest.fixture
def logs() -> Iterator[Logs]:
    with capture_logs() as lines:
        yield lines


async def test_of_two_one_reigns_and_does_what_is_due_when_the_clock_says_so(away: Play) -> None:
    await away.open("Anna")
    gathering = await edited(away, "Nieuw")
    async with running(away.db, away.clock, 2):
        await until_king(away)
        away.clock.move(timedelta(seconds=20))
        await until_told(away, gathering)
        assert await away.news() == all_heard("update", ["Anna", "Fien"])
        assert len(await kings(away)) == 1
    assert await kings(away) == []


async def test_when_the_connection_of_the_one_is_cut_the_other_takes_over(away: Play) -> None:
    await away.open("Anna")
    async with running(away.db, away.clock, 2):
        for number in range(2):
            gathering = await edited(away, f"Nieuw {number}")
            king = await until_king(away)
            await away.execute("select pg_terminate_backend($1)", king)
            await until_king(away, other_than=king)
            away.clock.move(timedelta(seconds=20))
            await until_told(away, gathering)
            assert await away.news() == all_heard("update", ["Anna", "Fien"])


async def test_a_fault_in_one_step_is_logged_without_anybodys_data_and_keeps_no_other_from_happening(
    away: Play, logs: Logs
) -> None:
    await away.open("Anna")
    broken, sound = await edited(away, "Kapot"), await edited(away, "Heel")
    await away.execute(
        'update gathering set told = told || \'{"starts_at": "anna@example.org"}\' where id = $1', broken.id
    )
    async with running(away.db, away.clock):
        away.clock.move(timedelta(seconds=30))
        await until_told(away, sound)
    assert await away.news() == all_heard("update", ["Anna", "Fien"])
    (fault, *_) = (line for line in logs if line["log_level"] == "error")
    assert (fault["event"], fault["step"], fault["about"]) == ("scheduled_step_failed", "announce", (broken.id,))
    assert (fault["error"], "anna" in str(logs)) == ("ValueError", False)


async def test_a_fault_in_looking_for_what_is_due_is_outlived(away: Play, logs: Logs) -> None:
    await away.open("Anna")
    gathering = await edited(away, "Nieuw")
    await away.execute("alter table gathering rename column announce_at to hidden")
    async with running(away.db, away.clock):
        await until_logged(logs, "scheduled_step_failed")
        await away.execute("alter table gathering rename column hidden to announce_at")
        away.clock.move(timedelta(seconds=20))
        await until_told(away, gathering)


async def test_now_and_then_it_forgets_what_is_to_be_forgotten_also_after_the_clock_was_put_back(away: Play) -> None:
    await away.open()
    gathering = await away.published()

    async def forgotten() -> bool:
        return await away.fetch("select id from person where provisional_until is not null") == []

    async def ask() -> None:
        await registration.register_visitor(
            away.db, gathering.id, name="Gast", email="gast@example.org", language="nl", keys=KEYS, now=away.now
        )

    async with running(away.db, away.clock):
        await until_king(away)
        await ask()
        away.clock.move(timedelta(days=7, minutes=1))
        await until(forgotten)
        away.clock.move(timedelta(days=-7))
        await ask()
        overdue = away.now - timedelta(minutes=5)
        await away.execute("update person set provisional_until = $1 where name = 'Gast'", overdue)
        away.clock.move(timedelta(minutes=-1))
        await until(forgotten)


async def test_it_goes_on_after_the_database_was_away(ground: Path, clock: MovableClock, logs: Logs) -> None:
    folder = ground / "restarted"
    server = embedded.start(folder / "data", durable=False, root_home=folder / "root")
    try:
        conn = await asyncpg.connect(server.dsn)
        await migrate(conn)
        await conn.close()
        db = await Database.open(server.dsn)
        play = Play(db, clock)
        await play.open("Anna")
        gathering = await edited(play, "Nieuw")
        async with running(db, clock):
            await until_king(play)
            server.stop()
            await until_logged(logs, "scheduler_waits")
            server = embedded.start(folder / "data", durable=False, root_home=folder / "root")
            clock.move(timedelta(seconds=20))
            await until_told(play, gathering)
        assert await play.news() == all_heard("update", ["Anna", "Fien"])
        await db.close()
    finally:
        server.stop()
