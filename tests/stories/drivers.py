"""Ways to talk with Kring: a story is told to a driver and never knows by which channel it goes.

A driver is one more entry in DRIVERS: an async context manager that takes the running Kring and gives something with
`says`. What somebody presses is a choice of the last answer, by its label; a channel without buttons sends its word.
"""

import asyncio
import io
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from bots.console.talk import talk
from bots.mail.hand_over import hand_over
from service.wiring.house import Kring
from service.wiring.running import serving
from service.wiring.talking import answer
from tests.fakes.telegram import Account, TelegramServer
from tests.waiting import until

WIDE: Final = 2000
"""Characters of a line, so that nothing is broken into two."""

LINK: Final = """
    insert into address (person_id, channel, value, is_primary, verified_at, created_at)
    select person_id, 'telegram', $2, true, $3, $3 from address where channel = 'mail' and value = $1
"""

AUTHSERV: Final = "mx.example.org"


@dataclass(frozen=True)
class Heard:
    """An answer as somebody reads it: all words, the choices by label with what to type, and the files by name."""

    words: str
    choices: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)


class Driver(Protocol):
    """Carries what people say to Kring, and back what they hear."""

    async def says(self, address: str, text: str) -> Heard:
        """Say something as the person with this mail address, and return all that they hear of it."""
        ...

    async def presses(self, address: str, label: str) -> Heard:
        """Press a button of what this person heard last."""
        ...


class Console:
    """The terminal: a line typed, lines read."""

    def __init__(self, kring: Kring, folder: Path) -> None:
        self._kring = kring
        self._folder = folder
        self._last: dict[str, Heard] = {}

    async def says(self, address: str, text: str) -> Heard:
        typed, files = self._folder / "typed", self._folder / "files"
        typed.write_text(f"{text}\n", "utf-8")
        printed = io.StringIO()
        with typed.open(encoding="utf-8") as stdin:
            await talk(
                partial(answer, self._kring),
                address=address,
                clock=self._kring.clock,
                stdin=stdin,
                stdout=printed,
                width=WIDE,
                folder=files,
            )
        choices = dict(re.findall(r"^› (.+?) {2,}(.+)$", printed.getvalue(), re.MULTILINE))
        named = re.findall(r"^→ (.+)$", printed.getvalue(), re.MULTILINE)
        found = dict(map(named_file, named))
        heard = Heard(printed.getvalue(), {label: keyword for keyword, label in choices.items()}, found)
        self._last[address] = heard
        return heard

    async def presses(self, address: str, label: str) -> Heard:
        return await self.says(address, self._last[address].choices[label])


class Mail:
    """Letters: handed over as the association's mail server does, answered with a letter in the folder."""

    def __init__(self, kring: Kring) -> None:
        self._kring = kring
        self._last: dict[str, tuple[Heard, EmailMessage]] = {}
        self._written = 0

    async def says(self, address: str, text: str) -> Heard:
        return await self._writes(address, text, f"kring@{self._kring.settings.mail_domain}")

    async def presses(self, address: str, label: str) -> Heard:
        heard, letter = self._last[address]
        _, recipient = parseaddr(letter["Reply-To"])
        return await self._writes(address, heard.choices[label], recipient, letter["Message-ID"])

    async def _writes(self, address: str, text: str, recipient: str, answers: str = "") -> Heard:
        known = set(self._kring.settings.mail_folder.glob("*.eml"))
        self._written += 1
        thread = f"In-Reply-To: {answers}\r\n" if answers else ""
        raw = (
            f"Authentication-Results: {AUTHSERV}; dmarc=pass header.from=example.org\r\n{thread}"
            f"From: <{address}>\r\nTo: <{recipient}>\r\nSubject: Vraag {self._written}\r\n"
            f"Date: Mon, 23 Nov 2026 10:00:00 +0100\r\nMessage-ID: <{self._written}@client.example.org>\r\n"
            "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
            f"{text}\r\n\r\nGroeten,\r\n{address.partition('@')[0].title()}\r\n"
        ).encode()
        assert self._kring.settings.lmtp is not None
        for _ in range(2):  # what is delivered twice is worked on once
            await hand_over(self._kring.settings.lmtp, address, recipient, raw)
        await settled(self._kring)
        letters = [read(path) for path in sorted(set(self._kring.settings.mail_folder.glob("*.eml")) - known)]
        own = [letter for letter in letters if letter["Delivered-To"] == address]
        heard = _joined(own)
        assert heard.words, "no letter came"
        self._last[address] = heard, own[-1]
        return heard


class Telegram:
    """A chat: words typed and buttons pressed on a phone that was connected long ago."""

    def __init__(self, kring: Kring, server: TelegramServer) -> None:
        self._kring = kring
        self._server = server
        self._phones: dict[str, Account] = {}

    async def says(self, address: str, text: str) -> Heard:
        phone = await self._phone(address)
        phone.types(text)
        return await self._heard(phone)

    async def presses(self, address: str, label: str) -> Heard:
        phone = await self._phone(address)
        await phone.presses(label)
        return await self._heard(phone)

    async def _phone(self, address: str) -> Account:
        if address not in self._phones:
            phone = self._phones[address] = self._server.account(address.partition("@")[0].title())
            async with self._kring.db.transaction() as conn:
                await conn.execute(LINK, address, str(phone.id), self._kring.clock.now())
        return self._phones[address]

    async def _heard(self, phone: Account) -> Heard:
        await self._server.all_heard()
        await settled(self._kring)
        news = phone.news
        codes = {button["text"]: button["callback_data"] for one in news for button in one.buttons}
        files = [phone.file(one) for one in news if "document" in one.json]
        return Heard(
            "\n".join(one.text for one in news),
            {label: code.replace(":", " ") for label, code in codes.items()},
            {file.name: file.content for file in files},
        )


async def settled(kring: Kring) -> None:
    """Wait until nothing is left to work on, to announce or to hand over at this moment."""

    async def idle() -> bool:
        async with kring.db.reading() as conn:
            return not await conn.fetchval(
                "select exists (select from inbox where state = 'new')"
                " or exists (select from gathering where announce_at <= $1)"
                " or exists (select from notice where state = 'claimed' or (state = 'planned' and due_at <= $1))",
                kring.clock.now(),
            )

    await until(idle)


def named_file(path: str) -> tuple[str, bytes]:
    return Path(path).name, Path(path).read_bytes()


def read(path: Path) -> EmailMessage:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert not message.defects
    return message


def _joined(letters: list[EmailMessage]) -> Heard:
    words = "\n".join(str(letter.get_body(("plain",)).get_content()) for letter in letters)  # type: ignore[union-attr]
    words = words.replace("\r\n", "\n")
    found = re.findall(r"^(.+?)(?:: https?://\S+)?\n  (?:of antwoord met|or answer with): (.+)$", words, re.MULTILINE)
    files = {
        part.get_filename() or "": part.get_content()
        for letter in letters
        for part in letter.iter_attachments()
        if part.get_content_type() != "application/ics"
    }
    assert all(letter["Auto-Submitted"].startswith("auto-") for letter in letters)
    return Heard(words, dict(found), {name: c.encode() if isinstance(c, str) else c for name, c in files.items()})


@asynccontextmanager
async def console(kring: Kring, folder: Path):
    yield Console(kring, folder)


@asynccontextmanager
async def mail(kring: Kring, folder: Path):
    yield Mail(kring)


@asynccontextmanager
async def telegram(kring: Kring, folder: Path):
    async with TelegramServer(clock=kring.clock) as server:
        bot = {"telegram_token": server.token, "telegram_api": server.url}
        chatty = replace(kring, settings=kring.settings.model_copy(update=bot))
        async with serving(chatty, roles=("telegram",), stop=asyncio.Event()):
            yield Telegram(kring, server)


DRIVERS: Final[Mapping[str, Callable[[Kring, Path], AbstractAsyncContextManager[Driver]]]] = {
    "console": console,
    "mail": mail,
    "telegram": telegram,
}
"""By the name of the channel."""
