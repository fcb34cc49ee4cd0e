"""Kring with a bot, a Telegram on loopback, and people who have both."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path

import pytest

from bots.mail.caught import CaughtMail
from service.clock import MovableClock
from service.config import read
from service.database import Database
from service.model import Gathering
from service.store import outbox
from service.wiring.house import Kring, Source
from service.wiring.running import serving
from tests.actions.delivery_worker import KEYS
from tests.actions.play import Play
from tests.conftest import NOW
from tests.fakes.telegram import Account, TelegramServer
from tests.waiting import until

SECRET = "s" * 40


@dataclass
class House:
    """An association, its bot and its mail."""

    play: Play
    telegram: TelegramServer
    folder: Path
    dsn: str
    accounts: dict[str, Account] = field(default_factory=dict)

    @asynccontextmanager
    async def open(self, *roles: str, **settings: str) -> AsyncIterator[Kring]:
        """Run Kring during the block, with a bot that polls unless told otherwise."""
        given = {
            "KRING_DATA": str(self.folder),
            "KRING_TELEGRAM_TOKEN": self.telegram.token,
            "KRING_TELEGRAM_API": self.telegram.url,
            "KRING_BASE_URL": "https://kring.samen.example",
            "KRING_NAME": "Samen",
            **settings,
        }
        stop = asyncio.Event()
        kring = Kring(read(given), Source(self.dsn), self.play.db, KEYS, self.play.clock)
        async with serving(kring, roles=roles or ("telegram", "worker"), stop=stop):
            yield kring

    async def account(self, name: str, *, language: str = "nl", linked: bool = True) -> Account:
        """Give somebody the app, and have their chat connected already."""
        made = self.telegram.account(name, language=language)
        self.accounts[name] = made
        made.user.started = True
        if linked:
            await self.link(name, made.id)
        return made

    async def link(self, name: str, number: int) -> None:
        (row,) = await self.play.fetch("select id from person where name = $1", name)
        async with self.play.db.transaction() as conn:
            await conn.execute(
                "insert into address (person_id, channel, value, is_primary, verified_at, created_at)"
                " values ($1, 'telegram', $2, true, $3, $3)",
                row["id"],
                str(number),
                NOW,
            )
            await conn.execute("update person set preferred_channel = 'telegram' where id = $1", row["id"])
            await outbox.reroute(conn, row["id"], "telegram")

    async def mails(self) -> list[tuple[str, str]]:
        """List the mails that went out, the oldest first: to whom, and about what."""
        caught = CaughtMail(self.folder / "mail", self.play.clock)
        return [(parseaddr(one.to)[1], one.subject) for one in reversed(await caught.list())]

    async def letters(self) -> list[tuple[str, str]]:
        """List the mails that went out, the oldest first: to whom, and their text."""
        caught = CaughtMail(self.folder / "mail", self.play.clock)
        found = [await caught.read(one.name) for one in reversed(await caught.list())]
        return [(dict(one.headers)["Delivered-To"], one.text) for one in found]

    async def silence(self) -> None:
        """Wait until nothing is left to do: no update unread, no message unsent."""
        await self.telegram.all_heard()
        await until(self._done)

    async def _done(self) -> bool:
        rows = await self.play.fetch(
            "select (select count(*) from inbox where state = 'new')"
            " + (select count(*) from notice where state in ('planned', 'claimed') and due_at <= $1) as open",
            self.play.now,
        )
        return bool(rows[0]["open"] == 0)

    async def standing(self, gathering: Gathering, name: str) -> tuple[str, str, str | None]:
        """Tell how somebody stands: answer, seat, and the door it came by."""
        found = await self.play.row(gathering, name, "partstat, seat, via")
        return tuple(found)


@pytest.fixture
async def telegram(clock: MovableClock) -> AsyncIterator[TelegramServer]:
    async with TelegramServer(clock=clock) as server:
        yield server


@pytest.fixture
async def house(
    clone: Database, clone_dsn: str, clock: MovableClock, telegram: TelegramServer, tmp_path: Path
) -> House:
    return House(Play(clone, clock), telegram, tmp_path, clone_dsn)
