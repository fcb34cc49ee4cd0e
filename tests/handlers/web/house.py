"""A small association with something of everything, and what tests need to know of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from service.actions import circles, joining, organisations, people, registration, scheduling, web_sessions
from service.database import Database
from service.formats.tokens import Keys, handle
from service.model import Gathering, Partstat, Person, Via
from service.rules.access import KRING

KEYS: Keys = {"a": b"a key that only the tests know.....", "b": b"an older key, which still verifies"}
START = datetime(2026, 12, 1, 16, 0)


@dataclass(frozen=True)
class House:
    """People and gatherings by name."""

    db: Database
    now: datetime
    anna: Person  # a member of the data circle and of the peer group
    ben: Person  # likewise; reads English
    fatima: Person  # facilitates the data circle
    lou: Person  # facilitates the lobby café, which is for members
    staff: Person
    outsider: Person  # a member of the association, in no circle
    open: Gathering  # of the data circle, public
    full: Gathering  # of the data circle: one seat, taken by Ben
    members: Gathering  # of a circle for members
    secret: Gathering  # of the peer group
    draft: Gathering

    async def registration_id(self, gathering: Gathering, person: Person) -> int:
        async with self.db.reading() as conn:
            return await conn.fetchval(
                "select id from registration where gathering_id = $1 and person_id = $2", gathering.id, person.id
            )

    async def link(self, gathering: Gathering, person: Person, purpose: str = "r") -> str:
        """Return the path of somebody's answer or unsubscribe link."""
        return f"/{purpose}/{handle(KEYS, purpose, await self.registration_id(gathering, person))}"

    async def answer(self, gathering: Gathering, person: Person, partstat: Partstat) -> None:
        actor = await people.actor_for(self.db, person.id)
        await registration.respond(
            self.db, actor, gathering.id, person.id, partstat, via=Via.WEB, now=self.now, clicked_at=self.now
        )

    async def session(self, person: Person, now: datetime | None = None) -> str:
        """Begin a session and return the cookie's value."""
        async with self.db.transaction() as conn:
            return (await web_sessions.begin(conn, person.id, now=now or self.now)).token

    async def mails(self, purpose: str) -> list[dict[str, Any]]:
        """Return the facts of the notices of a purpose, oldest first."""
        async with self.db.reading() as conn:
            found = await conn.fetch("select facts from notice where purpose = $1 order by id", purpose)
        return [row["facts"] for row in found]

    async def digest(self) -> dict[str, str]:
        """Return a digest of every table, to see whether anything was written."""
        async with self.db.reading() as conn:
            names = [row[0] for row in await conn.fetch("select tablename from pg_tables where schemaname = 'public'")]
            return {
                name: await conn.fetchval(f"select md5(string_agg(t::text, '|' order by t::text)) from {name} t")
                for name in names
            }


async def build(db: Database, now: datetime) -> House:
    """Found the association."""
    organisation = await organisations.create(db, KRING, name="Stichting Wereldwijs", now=now)

    async def person(name: str, language: str = "nl", role: str = "member") -> Person:
        return await people.create_person(
            db,
            KRING,
            name=name,
            email=f"{name.split()[0].lower()}@example.org",
            language=language,
            role=role,
            organisation_id=organisation.id,
            now=now,
        )

    async def circle(slug: str, kind: str, nl: str, en: str, *members: Person) -> None:
        await circles.create(
            db, KRING, slug=slug, kind=kind, title_nl=nl, title_en=en, language="nl", programme="Innovatie", now=now
        )
        for member in members:
            await joining.set_member(db, KRING, slug, member.id, "participant", now=now)

    async def gathering(slug: str, nl: str, en: str, *, publish: bool = True, **facts: Any) -> Gathering:
        given = {"starts_local": START, "ends_local": START + timedelta(hours=2), "location": "Zaal 3"}
        made = await scheduling.create(db, KRING, slug, given | {"title_nl": nl, "title_en": en} | facts, now=now)
        return await scheduling.publish(db, KRING, made.id, now=now) if publish else made

    anna, ben, fatima = await person("Anna de Vries"), await person("Ben Okafor", "en"), await person("Fatima Aziz")
    lou = await person("Lou Lobby")
    staff, outsider = await person("Sanne Staf", role="staff"), await person("Olaf Buiten")
    await circle("data", "community_of_practice", "Datakring", "Data circle", anna, ben)
    await joining.set_member(db, KRING, "data", fatima.id, "facilitator", now=now)
    await circle("lobby", "lobby_cafe", "Lobbycafé", "Lobby café", anna)
    await joining.set_member(db, KRING, "lobby", lou.id, "facilitator", now=now)
    await circle("spiegel", "intervision_group", "De Spiegel", "The Mirror", anna, ben)
    house = House(
        db,
        now,
        anna,
        ben,
        fatima,
        lou,
        staff,
        outsider,
        open=await gathering("data", "Gegevens delen", "Sharing data", online_url="https://meet.example.org/kamer"),
        full=await gathering("data", "Kleine zaal", "Small room", capacity=1),
        members=await gathering("lobby", "De nieuwe Kamer", "The new parliament"),
        secret=await gathering("spiegel", "Macht aan tafel", "Power at the table"),
        draft=await gathering("data", "Nog niet", "Not yet", publish=False),
    )
    await house.answer(house.full, ben, Partstat.ACCEPTED)
    return house
