"""Whatever changes what a card shows leaves its mark, in the same transaction, whichever door it came by."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from service.actions import circles, group_cards, joining, people, registration, scheduling
from service.clock import MovableClock
from service.database import Database
from service.model import Partstat, Via
from service.rules.access import KRING
from tests.conftest import NOW
from tests.handlers.dialogue.house import House, Person

LATER = NOW + timedelta(minutes=5)


class Stage:
    """A circle with a gathering to come, the card of which hangs in a group, and another gathering with its card."""

    def __init__(self, db: Database, house: House) -> None:
        self.db = db
        self.house = house
        self.people: list[Person] = []

    async def set(self) -> None:
        self.people = [await self.house.person(name) for name in ("Anna", "Bo", "Cas")]
        slug = await self.house.circle("data", *self.people, led_by=self.people[2])
        self.gathering = await self.house.gathering(slug, capacity=1)
        other_slug = await self.house.circle("other")
        self.other = await self.house.gathering(other_slug)
        for one in (self.gathering, self.other):
            await group_cards.share(self.db, KRING, one.id, channel="telegram", conversation="-1", now=NOW)

    async def revisions(self) -> tuple[int, int]:
        async with self.db.reading() as conn:
            found = await conn.fetch("select gathering_id, revision from group_card order by id")
        return tuple(row["revision"] for row in found)  # type: ignore[return-value]

    async def answers(self, who: int, partstat: Partstat) -> None:
        await registration.respond(
            self.db, KRING, self.gathering.id, self.people[who].id, partstat, via=Via.API, now=LATER
        )


@pytest.fixture
async def stage(db: Database, clock: MovableClock) -> Stage:
    made = Stage(db, House(db, clock))
    await made.set()
    return made


Change = Callable[[Stage], Awaitable[Any]]


def edits(**facts: Any) -> Change:
    return lambda s: scheduling.change(s.db, KRING, s.gathering.id, facts, now=LATER, coalesce=timedelta(0))


CHANGES: dict[str, Change] = {
    "answer": lambda s: s.answers(0, Partstat.ACCEPTED),
    "title": edits(title_nl="Anders"),
    "place": edits(location="Zwolle"),
    "capacity": edits(capacity=5),
    "cancel": lambda s: scheduling.cancel(s.db, KRING, s.gathering.id, "", now=LATER),
    "name": lambda s: people.change_person(s.db, KRING, s.people[0].id, {"name": "Annabel"}, now=LATER),
    "circle": lambda s: circles.change(s.db, KRING, "data", {"title_nl": "Kring Data"}, now=LATER),
    "leaves": lambda s: joining.remove_member(s.db, KRING, "data", s.people[0].id, now=LATER),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_every_change_marks_its_card_and_no_other(stage: Stage, change: str) -> None:
    await stage.answers(1, Partstat.ACCEPTED)
    before = await stage.revisions()
    await CHANGES[change](stage)
    after = await stage.revisions()
    assert after[0] > before[0]
    assert after[1] == before[1]


async def test_a_change_that_is_taken_back_marks_nothing(stage: Stage) -> None:
    before = await stage.revisions()
    with pytest.raises(ZeroDivisionError):
        async with stage.db.transaction() as conn:
            await conn.execute("update gathering set location = 'Zwolle' where id = $1", stage.gathering.id)
            raise ZeroDivisionError
    assert await stage.revisions() == before


async def test_people_who_vanish_take_their_names_along(stage: Stage) -> None:
    await stage.answers(0, Partstat.ACCEPTED)
    before = await stage.revisions()
    async with stage.db.transaction() as conn:
        await conn.execute("delete from person where id = $1", stage.people[0].id)
    after = await stage.revisions()
    assert (after[0] > before[0], after[1]) == (True, before[1])
