"""A small association to play stories on: people go by their names, and every step takes one second.

What people hear is read from the outbox, what their calendars hold from the numbers kept with their registrations.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from service.actions import announcing, joining, people, registration, scheduling
from service.actions.answering import Outcome
from service.clock import MovableClock
from service.database import Database
from service.formats import tokens
from service.model import Attendance, Gathering, Organisation, Partstat, Registration, Via
from service.rules.access import KRING, Actor
from tests.factories import make_circle, make_organisation, make_person

KEYS = {"a": b"k" * 32}
ZONE = "Europe/Amsterdam"
PAUSE = timedelta(seconds=20)

Heard = tuple[str, str]
"""Who heard what: a name and a purpose."""


@dataclass
class Play:
    db: Database
    clock: MovableClock
    slug: str = "cop"
    ids: dict[str, int] = field(default_factory=dict)
    seen: int = 0

    # The cast

    async def open(self, *members: str, kind: str = "community_of_practice", facilitator: str = "Fien") -> None:
        """Make the circle with its facilitator and members."""
        await make_circle(self.db, self.slug, kind=kind, now=self.now)
        if facilitator:
            await self.join(facilitator, role="facilitator")
        for name in members:
            await self.join(name)

    async def person(self, name: str, *, of: Organisation | None = None) -> int:
        if name not in self.ids:
            made = await make_person(self.db, name, email=f"{name.lower()}@example.org", organisation=of, now=self.now)
            self.ids[name] = made.id
        return self.ids[name]

    async def organisation(self, name: str, *staff: str) -> Organisation:
        made = await make_organisation(self.db, name, now=self.now)
        for one in staff:
            await self.person(one, of=made)
        return made

    async def join(self, name: str, role: str = "participant") -> None:
        person = await self.person(name)
        await joining.set_member(self.db, KRING, self.slug, person, role, now=self.step())

    async def leave(self, name: str) -> None:
        await joining.remove_member(self.db, KRING, self.slug, self.ids[name], now=self.step())

    async def actor(self, name: str) -> Actor:
        return await people.actor_for(self.db, self.ids[name])

    # The gathering

    async def draft(self, *, days: float = 30, hours: float = 2, **facts: Any) -> Gathering:
        """Plan a gathering so many days from now, to the hour of the clock; in winter Amsterdam is an hour ahead."""
        start = (self.now + timedelta(days=days, hours=1)).replace(tzinfo=None, microsecond=0)
        given = {
            "title_nl": "Bijeenkomst",
            "starts_local": start,
            "ends_local": start + timedelta(hours=hours),
            "timezone": ZONE,
            "capacity": None,
        }
        return await scheduling.create(self.db, KRING, self.slug, given | facts, now=self.now)

    async def published(self, **facts: Any) -> Gathering:
        return await self.publish(await self.draft(**facts))

    async def publish(self, gathering: Gathering) -> Gathering:
        return await scheduling.publish(self.db, KRING, gathering.id, now=self.step())

    async def change(self, gathering: Gathering, *, coalesce: timedelta = PAUSE, **facts: Any) -> Gathering:
        return await scheduling.change(self.db, KRING, gathering.id, facts, now=self.step(), coalesce=coalesce)

    async def move(self, gathering: Gathering, by: timedelta, **more: Any) -> Gathering:
        now = await self.read(gathering)
        return await self.change(now, starts_local=now.starts_local + by, ends_local=now.ends_local + by, **more)

    async def cancel(self, gathering: Gathering, reason: str = "") -> Gathering:
        return await scheduling.cancel(self.db, KRING, gathering.id, reason, now=self.step())

    async def invite(self, gathering: Gathering, *names: str) -> None:
        ids = [await self.person(name) for name in names]
        await scheduling.invite(self.db, KRING, gathering.id, ids, now=self.step())

    async def read(self, gathering: Gathering) -> Gathering:
        return await scheduling.get(self.db, KRING, gathering.id)

    # Answers

    async def answer(self, gathering: Gathering, name: str, partstat: str, *, via: Via = Via.WEB) -> Registration:
        return (await self.respond(gathering, name, partstat, via=via)).registration

    async def respond(
        self,
        gathering: Gathering,
        name: str,
        partstat: str,
        *,
        by: str | None = None,
        via: Via = Via.WEB,
        clicked_at: datetime | None = None,
    ) -> Outcome:
        person = await self.person(name)
        actor = await self.actor(by or name)
        outcome = await registration.respond(
            self.db,
            actor,
            gathering.id,
            person,
            Partstat(partstat),
            via=via,
            now=self.step(),
            clicked_at=clicked_at,
        )
        # What the answer says is so must be what the list says.
        assert [one for one in await self.roster(gathering) if one.person_id == person] == [outcome.registration]
        return outcome

    async def accept(self, gathering: Gathering, *names: str) -> None:
        for name in names:
            await self.answer(gathering, name, "accepted")

    async def decline(self, gathering: Gathering, *names: str) -> None:
        for name in names:
            await self.answer(gathering, name, "declined")

    async def handle(self, gathering: Gathering, name: str, purpose: str = "r") -> str:
        ident, generation = await self.row(gathering, name, "id, generation")
        return tokens.handle(KEYS, purpose, ident, generation)

    # Time

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def step(self) -> datetime:
        return self.clock.move(timedelta(seconds=1))

    async def after(self, **span: float) -> None:
        """Let time pass, and do what is due by then."""
        self.clock.move(timedelta(**span))
        await self.tick()

    async def before_start(self, gathering: Gathering, **span: float) -> None:
        """Go to so long before the start."""
        self.clock.set(gathering.starts_at - timedelta(**span))
        await self.tick()

    async def tick(self) -> None:
        for step, ident in await announcing.due(self.db, now=self.now):
            await step(self.db, ident, now=self.now)

    async def deliver(self) -> None:
        """Send what is due, as far as the outbox can tell."""
        await self.execute(
            "update notice set state = 'sent', sent_at = $1 where state = 'planned' and due_at <= $1", self.now
        )

    # What came of it

    async def news(self) -> list[Heard]:
        """Return who heard what since the last look, reminders left out, by name."""
        return sorted((name, purpose) for name, purpose, _ in await self.letters())

    async def letters(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Return the same in the order of writing, each with its facts but for the stamp, which `stamps` checks."""
        rows = await self.fetch(
            """
            select n.id, p.name, n.purpose, n.facts from notice n join person p on p.id = n.person_id
            where n.id > $1 and n.purpose <> 'reminder' order by n.id
            """,
            self.seen,
        )
        self.seen = rows[-1]["id"] if rows else self.seen
        return [
            (row["name"], row["purpose"], {k: v for k, v in row["facts"].items() if k != "dtstamp"}) for row in rows
        ]

    async def copies(self, gathering: Gathering) -> dict[str, tuple[int, str | None]]:
        """Return SEQUENCE and STATUS of everybody's calendar copy."""
        rows = await self.fetch(
            """
            select p.name, r.sequence, r.calendar_status from registration r join person p on p.id = r.person_id
            where r.gathering_id = $1 order by p.name
            """,
            gathering.id,
        )
        return {row["name"]: (row["sequence"], row["calendar_status"]) for row in rows}

    async def seats(self, gathering: Gathering) -> dict[str, tuple[str, str, int | None]]:
        """Return answer, seat and position of everybody on the list but the facilitator, in its order."""
        return {
            one.person_name: (one.partstat, one.seat, one.position)
            for one in await self.roster(gathering)
            if not one.facilitator
        }

    async def roster(self, gathering: Gathering) -> list[Registration]:
        insider = Actor("kring", facilitates=frozenset({gathering.circle_id}), signed_in=True)
        _, found = await registration.roster(self.db, insider, gathering.id)
        return found

    async def history(self, gathering: Gathering, name: str) -> list[tuple[str, str | None, str, str, str]]:
        """Return who did what by which door, what it led to, and the note."""
        rows = await self.fetch(
            """
            select h.actor, h.via, h.partstat, h.seat, h.note from registration_history h
            join registration r on r.id = h.registration_id
            where r.gathering_id = $1 and r.person_id = $2 order by h.id
            """,
            gathering.id,
            self.ids[name],
        )
        return [tuple(row) for row in rows]

    async def reminders(self, gathering: Gathering, name: str | None = None) -> list[tuple[str, str, datetime, str]]:
        """Return name, kind, due time and state of the reminders, in the order of due times."""
        rows = await self.fetch(
            """
            select p.name, n.facts ->> 'kind', n.due_at, n.state from notice n join person p on p.id = n.person_id
            where n.purpose = 'reminder' and n.gathering_id = $1 and ($2::text is null or p.name = $2)
            order by n.due_at, p.name, n.id
            """,
            gathering.id,
            name,
        )
        return [tuple(row) for row in rows]

    async def row(self, gathering: Gathering, name: str, columns: str) -> Any:
        (row,) = await self.fetch(
            f"select {columns} from registration where gathering_id = $1 and person_id = $2",
            gathering.id,
            self.ids[name],
        )
        return row

    async def fetch(self, statement: str, *values: Any) -> list[Any]:
        async with self.db.reading() as conn:
            return await conn.fetch(statement, *values)

    async def execute(self, statement: str, *values: Any) -> None:
        async with self.db.transaction() as conn:
            await conn.execute(statement, *values)


def all_heard(purpose: str, names: Iterable[str]) -> list[Heard]:
    return sorted((name, purpose) for name in names)


PRESENT, ABSENT, EXCUSED = Attendance.PRESENT, Attendance.ABSENT, Attendance.EXCUSED
