"""However a gathering is edited and answered, each calendar gets messages in an order that it can tell (RFC 5546).

DTSTAMP rises with every message under one UID; SEQUENCE rises where time, place or STATUS change and with a CANCEL, and
nowhere else (sections 2.1.4 and 2.1.5).
"""

import json
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from service.clock import MovableClock
from service.database import Database
from service.model import Gathering
from tests.actions.play import Play
from tests.conftest import NOW

PEOPLE = ("Anna", "Ben", "Cleo", "Dirk")
PLACES = ("Utrecht", "Zwolle", "")
MESSAGES = """
    select n.id, r.uid, n.facts from notice n join registration r on r.id = n.registration_id
    where n.id > $1 and n.facts ? 'sequence' order by n.id
"""


@dataclass(frozen=True)
class Copy:
    """What a calendar holds after a message."""

    sequence: int
    stamp: datetime
    shown: tuple[datetime, datetime, str, str, str]


@dataclass
class Calendars:
    """Everybody's calendar, which takes messages as RFC 5546 has them, and refuses one that is out of order."""

    play: Play
    seen: int = 0
    copies: dict[str, Copy] = field(default_factory=dict)
    risen: dict[str, bool] = field(default_factory=dict)
    messages: int = 0

    def edited(self) -> None:
        """Note that time or place were touched: SEQUENCE may have risen though they are what they were."""
        self.risen = dict.fromkeys(self.copies, True)

    async def take(self, gathering: Gathering) -> None:
        for ident, uid, facts in await self.play.fetch(MESSAGES, self.seen):
            facts = json.loads(facts) if isinstance(facts, str) else facts
            self.seen, self.messages = ident, self.messages + 1
            shown = (gathering.starts_at, gathering.ends_at, gathering.location, facts["status"], facts["method"])
            copy = Copy(facts["sequence"], datetime.fromisoformat(facts["dtstamp"]), shown)
            self._follows(uid, copy)
            self.copies[uid], self.risen[uid] = copy, False

    def _follows(self, uid: str, copy: Copy) -> None:
        before = self.copies.get(uid)
        if before is None:
            assert copy.sequence == 0
            return
        assert copy.stamp > before.stamp
        if copy.shown != before.shown or copy.shown[-1] == "CANCEL":
            assert copy.sequence > before.sequence
        elif not self.risen[uid]:
            assert copy.sequence == before.sequence
        assert copy.sequence >= before.sequence


async def move(play: Play, gathering: Gathering, source: random.Random) -> None:
    await play.move(gathering, timedelta(hours=source.choice([-2, -1, 1, 2])))


async def place(play: Play, gathering: Gathering, source: random.Random) -> None:
    await play.change(gathering, location=source.choice(PLACES))


async def word(play: Play, gathering: Gathering, source: random.Random) -> None:
    await play.change(gathering, **{source.choice(["title_nl", "description_nl"]): f"Tekst {source.randrange(4)}"})


async def room(play: Play, gathering: Gathering, source: random.Random) -> None:
    await play.change(gathering, capacity=source.choice([1, 2, 3, None]))


async def answer(play: Play, gathering: Gathering, source: random.Random) -> None:
    await play.answer(gathering, source.choice(PEOPLE), source.choice(["accepted", "declined", "tentative"]))


async def away(play: Play, gathering: Gathering, source: random.Random) -> None:
    name = source.choice(PEOPLE)
    await play.leave(name)
    await play.join(name)


async def cancel(play: Play, gathering: Gathering, source: random.Random) -> None:
    await play.cancel(gathering)


async def reopen(play: Play, gathering: Gathering, source: random.Random) -> None:
    await play.publish(gathering)


async def wait(play: Play, gathering: Gathering, source: random.Random) -> None:
    await play.after(seconds=source.choice([0, 1, 25, 70]))


PUBLISHED = (move, place, word, word, room, answer, answer, answer, away, cancel, wait, wait)
CANCELLED = (reopen, wait)
RAISING = (move, place, away, cancel, reopen)
"""After these SEQUENCE may have risen though all is as it was before."""


async def act(play: Play, gathering: Gathering, source: random.Random, calendars: Calendars) -> Gathering:
    """Do one thing that somebody might do."""
    deed = source.choice(PUBLISHED if gathering.status == "published" else CANCELLED)
    if deed in RAISING:
        calendars.edited()
    await deed(play, gathering, source)
    return await play.read(gathering)


@pytest.mark.parametrize("edits", [120, pytest.param(1_000, marks=pytest.mark.soak)])
@pytest.mark.parametrize("seed", [1, 2])
async def test_every_message_can_be_put_in_order(db: Database, edits: int, seed: int) -> None:
    play, source = Play(db, MovableClock(NOW), slug=f"order-{seed}"), random.Random(seed)
    await play.open(*PEOPLE)
    gathering = await play.published(capacity=2, days=60)
    calendars = Calendars(play)
    for _ in range(edits):
        await calendars.take(gathering)
        gathering = await act(play, gathering, source, calendars)
    await calendars.take(gathering)
    assert calendars.messages > edits / 2
