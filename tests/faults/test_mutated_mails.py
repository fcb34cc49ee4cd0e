"""Mails that no program wrote, through the real listener: all of them are kept, and each comes to an end."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bots.mail.envelope import Arrived
from bots.mail.hand_over import hand_over
from service.clock import MovableClock
from service.config import Settings
from service.database import Database
from service.formats.tokens import HANDLE_CHARACTERS
from service.wiring.house import Kring, Source
from service.wiring.running import serving
from tests.actions.play import KEYS
from tests.mails.corpus import Filling, load, names
from tests.program import free_port
from tests.waiting import until

DOMAIN = Filling().domain
AT_ONCE = 4
PATIENCE = 1800.0
SCRAPS = (
    b"\0",
    b"\r",
    b"\n\n",
    b"\xff\xfe",
    b'"',
    b"(",
    b"<<",
    b"=?utf-8?q?",
    b"--",
    b";a*0*=b",
    b"BEGIN:VCALENDAR\r\n",
)
NAMES = names()


def mutated(raw: bytes, source: random.Random) -> bytes:
    """Change a mail in a few places: bytes, lines, pieces that are missing, doubled or put where they do not belong."""
    data = bytearray(raw)
    for _ in range(source.randint(1, 6)):
        at, end = sorted((source.randrange(len(data) + 1), source.randrange(len(data) + 1)))
        end = min(end, at + 200)
        match source.randrange(5):
            case 0:
                data[at:end] = bytes(source.randrange(256) for _ in range(source.randint(0, 20)))
            case 1:
                del data[at:end]
            case 2:
                data[at:at] = data[at:end]
            case 3:
                data[at:at] = source.choice(SCRAPS) * source.choice([1, 1, 2, 500])
            case _:
                lines = data.split(b"\r\n")
                source.shuffle(lines[: source.randint(1, 30)])
                lines.insert(source.randrange(len(lines)), lines[source.randrange(len(lines))])
                data = bytearray(b"\r\n".join(lines))
    return bytes(data)


def foreign(source: random.Random, number: int) -> Arrived:
    """Make a mail like none before: one of the corpus, to an address of our domain, damaged."""
    handle = "".join(source.choices("abcdefghijklmnopqrstuvwxyz234567", k=HANDLE_CHARACTERS))
    mail = load(source.choice(NAMES), Filling(handle=handle))
    ours = mail.recipient if mail.recipient.lower().endswith(f"@{DOMAIN}") else f"anybody@{DOMAIN}"
    raw = b"Message-ID: <%d@fuzz.example>\n" % number + mutated(mail.raw, source)
    # As it arrives: every line ends in CRLF, and so does the last one.
    lines = raw.replace(b"\r\n", b"\n").removesuffix(b"\n").replace(b"\n", b"\r\n") + b"\r\n"
    return Arrived(ours, mail.envelope_from, lines)


@asynccontextmanager
async def taking_mail_in(db: Database, clock: MovableClock, folder: Path) -> AsyncIterator[str]:
    """Run what `kring run --roles mail` runs, during the block; any task of it that fails fails the block."""
    place = f"127.0.0.1:{free_port()}"
    settings = Settings(mail_domain=DOMAIN, lmtp=place, data=folder)
    kring = Kring(settings, Source(db.dsn), db, KEYS, clock)
    async with serving(kring, roles=("mail",), stop=asyncio.Event()):
        yield place


@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.soak)])
async def test_mutated_mails_are_all_kept_and_classified(
    db: Database, clock: MovableClock, tmp_path: Path, count: int
) -> None:
    source = random.Random(count)
    waiting = [foreign(source, number) for number in range(count)]
    sent = {mail.external_id for mail in waiting}
    async with taking_mail_in(db, clock, tmp_path) as place:

        async def send() -> None:
            while waiting:
                mail = waiting.pop()
                assert await hand_over(place, mail.envelope_from, mail.recipient, mail.raw) == "250 2.0.0 Stored"

        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(send())
        await until(lambda: all_ended(db), PATIENCE)
    async with db.reading() as conn:
        kept = await conn.fetch("select external_id, state, facts ->> 'refused' as refused from inbox")
    assert {row["external_id"] for row in kept} == sent
    assert {row["state"] for row in kept} == {"no-op", "parked"}  # they are about nobody
    assert not [row for row in kept if row["refused"] == "crashed"]


async def all_ended(db: Database) -> bool:
    async with db.reading() as conn:
        return not await conn.fetchval("select exists (select from inbox where state = 'new')")
