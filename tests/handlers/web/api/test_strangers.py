"""Whoever leads a circle brings others in by number, and does not read the association off a list by it."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from service.actions import keys
from service.actions.strangers import NAMED
from service.clock import MovableClock
from service.database import Database
from service.rules.access import KRING
from tests.handlers.web.api.asking import Asking, circle, gathering, person

MANY = NAMED.count + 1


@dataclass
class Door:
    """A circle with a gathering that goes on, the key of who leads it, and many who were never in it."""

    team: Asking
    lead: Asking
    gathering: int
    strangers: list[int]
    clock: MovableClock

    async def listed(self) -> int:
        return len((await self.lead.get(f"/gatherings/{self.gathering}/registrations")).items)


@pytest.fixture
async def door(ask: Asking, db: Database, clock: MovableClock) -> Door:
    await circle(ask, members=(await person(ask, "Ada"),))
    begun = (clock.now() + timedelta(minutes=10)).isoformat()[:16]
    ends = (clock.now() + timedelta(hours=2)).isoformat()[:16]
    number = await gathering(ask, starts_at=begun, ends_at=ends, timezone="UTC")
    async with db.transaction() as conn:
        rows = await conn.fetch(
            "insert into person (name, language, created_at) select 'Vreemd ' || n, 'nl', $2 "
            "from generate_series(1, $1::integer) n returning id",
            MANY,
            clock.now(),
        )
    key = await keys.create_key(db, KRING, name="lead", role="facilitator", circle="data", now=clock.now())
    return Door(ask, ask.with_key(key), number, [row["id"] for row in rows], clock)


async def test_nobody_reads_the_association_off_a_list(door: Door) -> None:
    marks = dict.fromkeys(map(str, door.strangers), "absent")
    before = await door.listed()
    place = f"/gatherings/{door.gathering}"
    answers = [
        await door.lead.put(f"{place}/attendance", marks),
        await door.lead.post(f"{place}/invitations", {"person_ids": door.strangers}),
    ]
    assert [(one.status, one.body["code"]) for one in answers] == [(403, "not_allowed")] * 2
    assert await door.listed() == before
    assert (await door.team.put(f"{place}/attendance", marks)).status == 200
    assert await door.listed() == before + MANY


async def test_whatever_the_way_they_are_counted_together_and_a_day_later_anew(door: Door) -> None:
    place, (*some, invited, answered, member, last) = f"/gatherings/{door.gathering}", door.strangers[: NAMED.count]
    marks = dict.fromkeys(map(str, [*some, last]), "present")
    assert (await door.lead.post(f"{place}/invitations", {"person_ids": [invited]})).status == 200
    assert (await door.lead.put(f"{place}/registrations/{answered}", {"partstat": "accepted"})).status == 200
    assert (await door.lead.put(f"/circles/data/members/{member}", {"role": "participant"})).status == 200
    assert (await door.lead.put(f"{place}/attendance", marks)).status == 200
    beyond = door.strangers[-1]
    for refused in (
        await door.lead.put(f"{place}/registrations/{beyond}", {"partstat": "declined"}),
        await door.lead.put(f"/circles/data/members/{beyond}", {"role": "participant"}),
        await door.lead.post(f"{place}/walk-ins", {"person_id": beyond}),
    ):
        assert (refused.status, refused.body["code"]) == (403, "not_allowed")
    # who is known already, by address or by what was typed, is no stranger
    assert (await door.lead.put(f"{place}/attendance", dict.fromkeys(marks, "excused"))).status == 200
    assert (await door.lead.post(f"{place}/walk-ins", {"name": "Vreemd 1"})).status == 200
    added = {"name": "Nieuw", "email": "nieuw@example.org", "language": "nl", "role": "participant"}
    assert (await door.lead.post("/circles/data/members", added)).status == 200
    door.clock.move(timedelta(days=1))
    assert (await door.lead.put(f"/circles/data/members/{beyond}", {"role": "participant"})).status == 200


async def test_the_association_is_looked_through_while_people_come_in(door: Door) -> None:
    place = f"/gatherings/{door.gathering}/walk-ins"

    async def found(ask: Asking) -> int:
        return len((await ask.get(place, q="vreemd")).body["passers"])

    assert (await found(door.lead), await found(door.team)) == (12, 12)
    door.clock.move(timedelta(hours=4))
    assert (await found(door.lead), await found(door.team)) == (0, 12)
