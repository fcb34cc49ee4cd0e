"""An association to talk with: people, circles and gatherings, and somebody who says things."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from handlers.dialogue.dispatch import handle
from handlers.dialogue.turn import Site
from service.actions import circles, joining, organisations, people, registration, scheduling
from service.channels import Document, Facts, Inbound, Intent, Outbound
from service.clock import MovableClock
from service.database import Database
from service.model import Gathering
from service.rules.access import KRING

SITE = Site(name="Vereniging", base_url="http://kring.test", timezone="Europe/Amsterdam", language="nl")
KEYS = {"a": b"k" * 32}


@dataclass(frozen=True)
class Person:
    """Somebody of the association, in the terminal."""

    db: Database
    clock: MovableClock
    id: int
    address: str
    channel: str = "console"

    async def says(self, text: str, **more: Any) -> tuple[Outbound, ...]:
        return await self._hear(text=text, **more)

    async def presses(self, intent: Intent, **more: Any) -> tuple[Outbound, ...]:
        return await self._hear(intent=intent, **more)

    async def hears(self, text: str) -> str:
        """Say something, and return all words of the answer."""
        return read(await self.says(text))

    def on(self, channel: str) -> "Person":
        return replace(self, channel=channel)

    async def _hear(self, *, at: datetime | None = None, **what: Any) -> tuple[Outbound, ...]:
        now = self.clock.now()
        said = Inbound(
            channel=self.channel,
            external_id="1",
            received_at=at or now,
            address=self.address,
            **{"conversation": self.address} | what,
        )
        return await handle(self.db, said, keys=KEYS, now=now, site=SITE)


@dataclass(frozen=True)
class House:
    """An empty association."""

    db: Database
    clock: MovableClock

    async def person(self, name: str, language: str = "nl", organisation: str | None = None, **more: Any) -> Person:
        now, address = self.clock.now(), f"{name.lower()}@example.org"
        if organisation is not None:
            found = await organisations.create(self.db, KRING, name=organisation, now=now)
            more["organisation_id"] = found.id
        made = await people.create_person(self.db, KRING, name=name, email=address, language=language, now=now, **more)
        return Person(self.db, self.clock, made.id, address)

    async def circle(self, slug: str, *members: Person, led_by: Person | None = None, **facts: Any) -> str:
        now = self.clock.now()
        given = {"kind": "community_of_practice", "title_nl": "Datakring", "title_en": "Data circle", "language": "nl"}
        await circles.create(self.db, KRING, slug=slug, now=now, **(given | facts))
        for member in members:
            await joining.set_member(self.db, KRING, slug, member.id, "participant", now=now)
        if led_by is not None:
            await joining.set_member(self.db, KRING, slug, led_by.id, "facilitator", now=now)
        return slug

    async def gathering(self, slug: str, *, publish: bool = True, days: int = 8, **facts: Any) -> Gathering:
        starts = datetime(2026, 11, 23, 16, 0) + timedelta(days=days)
        given = {"title_nl": "Kick-off", "title_en": "Kick-off", "location": "Utrecht"}
        times = {"starts_local": starts, "ends_local": starts + timedelta(hours=1, minutes=30)}
        now = self.clock.now()
        made = await scheduling.create(self.db, KRING, slug, given | times | facts, now=now)
        return await scheduling.publish(self.db, KRING, made.id, now=now) if publish else made

    async def standings(self, gathering: Gathering) -> dict[str, tuple[str, str, int | None]]:
        """Tell how everybody stands at a gathering: answer, seat, place in line."""
        actor = replace(KRING, facilitates=frozenset((gathering.circle_id,)))
        _, found = await registration.roster(self.db, actor, gathering.id)
        return {one.person_name: (one.partstat, one.seat, one.position) for one in found}


def read(outbounds: tuple[Outbound, ...]) -> str:
    """Return every word that somebody would read, choices included."""
    parts: list[str] = []
    for outbound in outbounds:
        for block in outbound.blocks:
            if isinstance(block, Facts):
                parts += [f"{label}: {value}" for label, value in block.rows]
            elif isinstance(block, Document):
                parts += [block.name, block.content.decode("utf-8-sig")]
            else:
                parts.append(block.text)
        for choice in outbound.choices:
            parts += [f"[{choice.keyword}] {choice.label}"]
    return "\n".join(parts)
