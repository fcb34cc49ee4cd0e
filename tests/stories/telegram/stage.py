"""Kring with a Telegram at its far side, both in this process: over the real wire, by a clock that the test moves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from service.clock import MovableClock
from service.config import read
from service.database import Database
from service.model import Gathering
from service.wiring.house import Source, opened
from service.wiring.running import serving
from tests.fakes.telegram import Account, TelegramServer
from tests.handlers.dialogue.house import House, Person
from tests.program import free_port
from tests.waiting import until

TRANSPORTS: Final = ("polling", "webhook")
POLLING, WEBHOOK = [pytest.mark.parametrize("mode", [mode]) for mode in TRANSPORTS]
"""For stories of what an update does: which way it came is forgotten once it is stored, so one way tells all."""

SECRET: Final = "s3cret-" * 6

LINK = """
    insert into address (person_id, channel, value, is_primary, verified_at, created_at)
    values ($1, 'telegram', $2, true, $3, $3)
"""
PREFER = "update person set preferred_channel = 'telegram' where id = $1"
UNDONE = "select count(*) from inbox where channel = 'telegram' and state = 'new'"
UNSAID = "select facts::text from notice where conversation = $1 and state in ('planned', 'claimed')"
UNSENT = "select count(*) from notice where lane = 'telegram' and state in ('planned', 'claimed') and due_at <= $1"


@dataclass(frozen=True)
class Friend:
    """Somebody of the association with their phone."""

    person: Person
    phone: Account

    @property
    def id(self) -> int:
        return self.person.id


@dataclass
class Stage:
    """A running Kring, its people, and Telegram."""

    db: Database
    dsn: str
    clock: MovableClock
    telegram: TelegramServer
    folder: Path
    mode: str
    house: House = field(init=False)

    def __post_init__(self) -> None:
        self.house = House(self.db, self.clock)

    async def friend(self, name: str, *, language: str = "nl", linked: bool = True, **more: Any) -> Friend:
        """Make somebody with a phone; linked as if they had done so long ago, when it was their choice."""
        person = await self.house.person(name, language, **more)
        phone = self.telegram.account(name, language=language)
        if linked:
            await self.link(person.id, phone)
        return Friend(person, phone)

    async def link(self, person_id: int, phone: Account) -> None:
        phone.user.started = True
        async with self.db.transaction() as conn:
            await conn.execute(LINK, person_id, str(phone.id), self.clock.now())
            await conn.execute(PREFER, person_id)

    async def gathering(self, *members: Friend, led_by: Friend | None = None, **facts: Any) -> Gathering:
        """Publish a gathering of a new circle of these people; what that says to them is over when it returns."""
        number = len(await self.fetch("select from circle"))
        kind = {"kind": facts.pop("kind")} if "kind" in facts else {}
        slug = await self.house.circle(
            f"kring-{number}", *[one.person for one in members], led_by=led_by and led_by.person, **kind
        )
        return await self.house.gathering(slug, **facts)

    async def fetch(self, statement: str, *arguments: Any) -> list[Any]:
        async with self.db.reading() as conn:
            return list(await conn.fetch(statement, *arguments))

    async def done(self) -> None:
        """Wait until Kring has heard everything and done it; what it says may still be on its way."""
        await self.telegram.all_heard()

        async def nothing_left() -> bool:
            return not (await self.fetch(UNDONE))[0][0]

        await until(nothing_left)

    async def told(self, phone: Account) -> str:
        """Return everything that was said in somebody's chat, or is about to be."""
        waiting = await self.fetch(UNSAID, str(phone.id))
        return "\n".join([*phone.texts, *(row["facts"] for row in waiting)])

    async def settled(self) -> None:
        """Wait until Kring has heard everything, done it, and sent what is due."""
        await self.telegram.all_heard()

        async def nothing_left() -> bool:
            undone = (await self.fetch(UNDONE))[0][0]
            return not undone and not (await self.fetch(UNSENT, self.clock.now()))[0][0]

        await until(nothing_left)

    async def mailed(self, count: int) -> None:
        """Wait until so many mails have been caught."""

        async def enough() -> bool:
            return len(list((self.folder / "mail").glob("*.eml"))) >= count

        await until(enough)

    async def standings(self, gathering: Gathering) -> dict[str, tuple[str, str, int | None]]:
        return await self.house.standings(gathering)

    @asynccontextmanager
    async def running(self, *roles: str) -> AsyncIterator[None]:
        """Run Kring during the block."""
        port = free_port()
        settings = read(
            {
                "KRING_DATABASE_URL": self.dsn,
                "KRING_DATA": str(self.folder),
                "KRING_HTTP": f"127.0.0.1:{port}",
                "KRING_BASE_URL": f"http://127.0.0.1:{port}",
                "KRING_LMTP": "",
                "KRING_TELEGRAM_TOKEN": self.telegram.token,
                "KRING_TELEGRAM_API": self.telegram.url,
                "KRING_TELEGRAM_MODE": self.mode,
                **({"KRING_TELEGRAM_SECRET": SECRET} if self.mode == "webhook" else {}),
            }
        )
        stop = asyncio.Event()
        async with (
            opened(settings, Source(self.dsn), clock=self.clock) as kring,
            serving(kring, roles=roles or ("web", "worker", "telegram"), stop=stop),
        ):
            yield
