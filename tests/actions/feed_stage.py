"""A small association with calendars: people, circles and gatherings made through the actions, and feeds read back."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from icalendar import Event

from service.actions import circles, feeds, joining, people, registration, scheduling
from service.actions.feed_writing import Kept
from service.actions.feeds import FeedAnswer
from service.clock import MovableClock
from service.database import Database
from service.model import Gathering, Partstat, Via
from service.rules.access import KRING
from tests.formats.reading import vevents


@dataclass(frozen=True, slots=True)
class House:
    """The association of these tests."""

    name: str = "Vereniging De Ring"
    base_url: str = "https://kring.test"
    language: str = "nl"
    timezone: str = "Europe/Amsterdam"


@dataclass
class Stage:
    """What a test plays on; each gathering is a day after the one before it, at four in the afternoon."""

    db: Database
    clock: MovableClock
    kept: Kept = field(default_factory=Kept)
    house: House = field(default_factory=House)
    numbers: count = field(default_factory=count)

    async def person(self, name: str, language: str = "nl", role: str = "member") -> int:
        made = await people.create_person(
            self.db,
            KRING,
            name=name,
            email=f"{name.lower()}@example.org",
            language=language,
            role=role,
            now=self.clock.now(),
        )
        return made.id

    async def circle(self, slug: str, *members: int, kind: str = "community_of_practice") -> str:
        await circles.create(
            self.db,
            KRING,
            slug=slug,
            kind=kind,
            title_nl=f"Kring {slug}",
            title_en=f"Circle {slug}",
            language="nl",
            now=self.clock.now(),
        )
        for person in members:
            await joining.set_member(self.db, KRING, slug, person, "participant", now=self.clock.now())
        return slug

    async def draft(self, slug: str, title: str, **facts: Any) -> Gathering:
        start = facts.pop("start", None) or datetime(2026, 12, 1, 16) + timedelta(days=next(self.numbers))
        given = {
            "title_nl": title,
            "title_en": f"{title} in English",
            "starts_local": start,
            "ends_local": start + timedelta(hours=2),
            "capacity": None,
        }
        return await scheduling.create(self.db, KRING, slug, given | facts, now=self.clock.now())

    async def gathering(self, slug: str, title: str, **facts: Any) -> Gathering:
        made = await self.draft(slug, title, **facts)
        return await self.publish(made)

    async def publish(self, gathering: Gathering) -> Gathering:
        return await scheduling.publish(self.db, KRING, gathering.id, now=self.clock.now())

    async def change(self, gathering: Gathering, **facts: Any) -> Gathering:
        now = self.clock.move(timedelta(seconds=1))
        return await scheduling.change(self.db, KRING, gathering.id, facts, now=now, coalesce=timedelta(0))

    async def cancel(self, gathering: Gathering) -> Gathering:
        now = self.clock.move(timedelta(seconds=1))
        return await scheduling.cancel(self.db, KRING, gathering.id, "", now=now)

    async def answer(self, gathering: Gathering, person: int, partstat: str) -> None:
        actor = await people.actor_for(self.db, person)
        now = self.clock.move(timedelta(seconds=1))
        await registration.respond(self.db, actor, gathering.id, person, Partstat(partstat), via=Via.WEB, now=now)

    async def subscribe(self, person: int, circle: str | None = None) -> str:
        actor = await people.actor_for(self.db, person)
        kind = "person" if circle is None else "circle"
        return await feeds.create_feed(self.db, actor, kind, circle, now=self.clock.now())

    async def read(
        self, token: str | None = None, *, language: str | None = None, seen: str = "", db: Database | None = None
    ) -> FeedAnswer:
        return await feeds.read(
            db or self.db,
            self.kept,
            token,
            association=self.house,
            language=language,
            if_none_match=seen,
            now=self.clock.now(),
        )

    async def text(self, token: str | None = None, *, language: str | None = None) -> bytes:
        answer = await self.read(token, language=language)
        assert answer.body is not None
        return answer.body.plain

    async def events(self, token: str | None = None) -> list[Event]:
        return vevents(await self.text(token))

    async def titles(self, token: str | None = None) -> list[str]:
        return [str(event["SUMMARY"]) for event in await self.events(token)]


async def copies(stage: Stage, person: int, many: int, description: str = "") -> None:
    """Fill the circle until it has so many published gatherings, to which the person comes."""
    async with stage.db.transaction() as conn:
        await conn.execute(
            """
            with made as (
                insert into gathering (uid, circle_id, status, title_nl, title_en, description_nl, starts_local,
                    ends_local, timezone, starts_at, ends_at, reminders, visibility, created_at, changed_at,
                    published_at)
                select 'g' || n, c.id, 'published', 'Titel ' || n, '', $3, at, at + interval '1 hour',
                    'Europe/Amsterdam', at at time zone 'Europe/Amsterdam',
                    (at + interval '1 hour') at time zone 'Europe/Amsterdam', '{}', 'public', $4, $4, $4
                from generate_series((select count(*) from gathering) + 1, $1::bigint) n, circle c,
                    lateral (select timestamp '2026-12-01 09:00' + n * interval '4 hours' as at) t
                returning id
            )
            insert into registration (gathering_id, person_id, partstat, seat, uid, dtstamp, invited_at, created_at)
            select id, $2, 'accepted', 'seated', 'r' || id, $4, $4, $4 from made
            """,
            many,
            person,
            description,
            stage.clock.now(),
        )
        await conn.execute("update feed set revision = revision + 1")
