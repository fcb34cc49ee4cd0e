"""What Telegram was told is heard is never lost, and done once, however Kring ends in between."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from service.clock import MovableClock, SystemClock
from service.database import Database
from service.model import Gathering
from tests.fakes.telegram import TelegramServer
from tests.fakes.telegram.updates import Update
from tests.program import Program
from tests.stories.conftest import Programs
from tests.stories.telegram.stage import SECRET, Friend, Stage
from tests.waiting import until

CHUNK = 25
"""Updates that arrive at once."""

AGAIN = 0.2
"""The part of them that Telegram delivers a second time."""

ENDED = "select state, count(*) from inbox where channel = 'telegram' group by state"
EFFECTS = "select count(*) from registration_history where via = 'telegram'"


@dataclass(frozen=True)
class Storm:
    """So many people change their minds so often, while Kring is killed so often."""

    people: int
    turns: int
    kills: int

    @property
    def updates(self) -> int:
        return self.people * self.turns


SHORT = Storm(people=20, turns=6, kills=1)
LONG = Storm(people=100, turns=50, kills=10)


@dataclass
class Scene:
    """A Kring in a process of its own, and people who are all invited to the same gathering."""

    stage: Stage
    program: Program
    gathering: Gathering
    friends: list[Friend]


@asynccontextmanager
async def scene(clone: Database, clone_dsn: str, programs: Programs, mode: str, people: int) -> AsyncIterator[Scene]:
    async with TelegramServer() as telegram:
        clock = MovableClock(SystemClock().now())
        stage = Stage(clone, clone_dsn, clock, telegram, Path(), mode)
        friends = [await stage.friend(f"Vriend{number}") for number in range(people)]
        gathering = await stage.gathering(*friends, days=30)
        program = programs(
            clone_dsn,
            KRING_TELEGRAM_TOKEN=telegram.token,
            KRING_TELEGRAM_API=telegram.url,
            KRING_TELEGRAM_MODE=mode,
            **({"KRING_TELEGRAM_SECRET": SECRET} if mode == "webhook" else {}),
        )
        program.spawn()
        await program.ready()
        yield Scene(stage, program, gathering, friends)
        if program.running:
            program.kill()
            await program.ended()


async def rage(on: Scene, storm: Storm, seed: int) -> None:
    """Let everybody answer yes and no in turn, deliver a part of it twice, and kill Kring in the middle."""
    chance = random.Random(seed)
    said = [(friend, "ja" if turn % 2 == 0 else "nee") for turn in range(storm.turns) for friend in on.friends]
    kill_at = set(chance.sample(range(1, len(said) // CHUNK), storm.kills))
    heard: list[Update] = []
    for number in range(0, len(said), CHUNK):
        for friend, word in said[number : number + CHUNK]:
            update = friend.phone.types(f"{word} {on.gathering.id}")
            assert update is not None
            heard.append(update)
        if number // CHUNK in kill_at:
            await _killed(on, chance)
        await on.stage.telegram.all_heard(within=60)
        for update in chance.sample(heard[-CHUNK:], round(CHUNK * AGAIN)):
            on.stage.telegram.updates.again(update)


async def _killed(on: Scene, chance: random.Random) -> None:
    """Kill Kring once it has taken in a part of what waits, and start it again."""
    left = len(on.stage.telegram.updates.pending) * chance.random()
    await on.stage.telegram.until(lambda: len(on.stage.telegram.updates.pending) <= left, within=60)
    on.program.kill()
    await on.program.ended()
    on.program.spawn()
    await on.program.ready()


async def weathered(on: Scene, storm: Storm) -> None:
    """See that everything took effect once, in the order in which it was said."""
    await on.stage.telegram.all_heard(within=60)

    async def all_done() -> bool:
        return "new" not in [row["state"] for row in await on.stage.fetch(ENDED)]

    await until(all_done, patience=60 + storm.updates / 10)
    assert {row["state"]: row["count"] for row in await on.stage.fetch(ENDED)} == {"applied": storm.updates}
    assert (await on.stage.fetch(EFFECTS))[0]["count"] == storm.updates
    last = "accepted" if storm.turns % 2 == 1 else "declined"
    assert {answer for answer, _, _ in (await on.stage.standings(on.gathering)).values()} == {last}


async def test_answers_outlive_a_kring_that_is_killed(
    clone: Database, clone_dsn: str, programs: Programs, mode: str
) -> None:
    async with scene(clone, clone_dsn, programs, mode, SHORT.people) as on:
        await rage(on, SHORT, seed=1)
        await weathered(on, SHORT)


@pytest.mark.soak
async def test_five_thousand_answers_outlive_ten_kills(
    clone: Database, clone_dsn: str, programs: Programs, mode: str
) -> None:
    async with scene(clone, clone_dsn, programs, mode, LONG.people) as on:
        await rage(on, LONG, seed=2)
        await weathered(on, LONG)
