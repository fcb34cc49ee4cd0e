"""Mail that comes in over LMTP, on a real socket: acknowledged when it is committed, and not a moment before."""

import asyncio
import contextlib
import os
import random
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from bots.mail import lmtp, parts
from bots.mail.envelope import Arrived
from bots.mail.hand_over import hand_over
from service.clock import MovableClock
from service.config import Settings
from service.database import Database
from service.errors import DeliveryFailed, Unavailable
from service.wiring import mail as mails
from service.wiring.house import Kring, Source

DOMAIN = "in.example.org"
CHECKOUT = Path(__file__).parents[3]
MAIL = b"From: Anna <anna@example.org>\r\nMessage-ID: <1@example.org>\r\nSubject: Re\r\n\r\nja\r\n"
FUZZ_SECONDS = 5.0

Keep = Callable[[Arrived], Awaitable[None]]


@pytest.fixture
def keep(db: Database, clock: MovableClock) -> Keep:
    """What the program itself does with a mail."""
    kring = Kring(Settings(mail_domain=DOMAIN), Source(db.dsn), db, {}, clock)
    return partial(mails.keep, kring)


@pytest.fixture
async def where(keep: Keep) -> AsyncIterator[str]:
    """A listener that keeps mail in the database."""
    async with lmtp.listening("127.0.0.1:0", domain=DOMAIN, store=keep) as place:
        yield place


async def kept(db: Database) -> list[tuple[str, str, bytes]]:
    async with db.reading() as conn:
        found = await conn.fetch("select recipient, envelope_from, raw from inbox order by id")
    return [(row["recipient"], row["envelope_from"], row["raw"]) for row in found]


@asynccontextmanager
async def speaking(where: str) -> AsyncIterator[Callable[[bytes], Awaitable[bytes]]]:
    """Speak LMTP by hand: what is said, and the last line of the answer."""
    host, _, port = where.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))

    async def say(line: bytes) -> bytes:
        writer.write(line)
        while (answer := await reader.readline())[3:4] == b"-":
            pass
        return answer.strip()

    try:
        await reader.readline()
        await say(b"LHLO mx\r\n")
        yield say
    finally:
        writer.close()


async def test_a_mail_is_acknowledged_once_it_is_committed_as_it_came(where: str, db: Database) -> None:
    assert await hand_over(where, "anna@example.org", f"r-x@{DOMAIN}", MAIL) == "250 2.0.0 Stored"
    assert await kept(db) == [(f"r-x@{DOMAIN}", "anna@example.org", MAIL)]


async def test_nothing_is_acknowledged_before_it_is_stored(keep: Keep, db: Database) -> None:
    allowed = asyncio.Event()

    async def slow(mail: Arrived) -> None:
        await allowed.wait()
        await keep(mail)

    async with lmtp.listening("127.0.0.1:0", domain=DOMAIN, store=slow) as place, asyncio.TaskGroup() as tasks:
        said = tasks.create_task(hand_over(place, "", f"kring@{DOMAIN}", MAIL))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await asyncio.shield(said)
        assert await kept(db) == []
        allowed.set()
    assert said.result() == "250 2.0.0 Stored"
    assert len(await kept(db)) == 1


async def test_a_stop_finishes_what_is_being_stored_and_hangs_up_on_the_rest(keep: Keep, db: Database) -> None:
    begun, allowed = asyncio.Event(), asyncio.Event()

    async def slow(mail: Arrived) -> None:
        begun.set()
        await allowed.wait()
        await keep(mail)

    async with asyncio.TaskGroup() as tasks:
        async with lmtp.listening("127.0.0.1:0", domain=DOMAIN, store=slow) as place, speaking(place):
            said = tasks.create_task(hand_over(place, "", f"kring@{DOMAIN}", MAIL))
            await begun.wait()
            asyncio.get_running_loop().call_later(0.05, allowed.set)
        assert len(await kept(db)) == 1
    assert said.result() == "250 2.0.0 Stored"
    with pytest.raises(DeliveryFailed):
        await hand_over(place, "", f"kring@{DOMAIN}", MAIL)


async def test_a_database_that_is_gone_means_try_again_later(clone: Database, clock: MovableClock) -> None:
    kring = Kring(Settings(mail_domain=DOMAIN), Source(clone.dsn), clone, {}, clock)

    async def gone(mail: Arrived) -> None:
        raise Unavailable("the database is gone")

    async with lmtp.listening("127.0.0.1:0", domain=DOMAIN, store=gone) as place:
        with pytest.raises(DeliveryFailed, match=r"^451 ") as failure:
            await hand_over(place, "", f"kring@{DOMAIN}", MAIL)
    assert not failure.value.permanent
    await clone.close()
    async with lmtp.listening("127.0.0.1:0", domain=DOMAIN, store=partial(mails.keep, kring)) as place:
        with pytest.raises(DeliveryFailed, match=r"^451 "):
            await hand_over(place, "", f"kring@{DOMAIN}", MAIL)


async def test_the_same_mail_is_kept_once_and_another_recipient_s_beside_it(where: str, db: Database) -> None:
    for recipient in ("r-x", "R-X", "r-y"):
        assert await hand_over(where, "", f"{recipient}@{DOMAIN}", b"Received: by a\r\n" + MAIL) == "250 2.0.0 Stored"
    assert await hand_over(where, "", f"r-x@{DOMAIN}", b"Received: by b\r\n" + MAIL) == "250 2.0.0 Stored"
    assert [recipient for recipient, _, _ in await kept(db)] == [f"r-x@{DOMAIN}", f"r-y@{DOMAIN}"]


async def test_recipients_of_our_domain_from_anybody_or_nobody_each_with_a_reply(where: str, db: Database) -> None:
    async with speaking(where) as say:
        for _ in range(2):
            assert (await say(b"MAIL FROM:<>\r\n"))[:3] == b"250"
            assert (await say(b"RCPT TO:<kring@elsewhere.example>\r\n"))[:3] == b"550"
            assert (await say(b"RCPT TO:<ANYTHING@IN.example.org>\r\n"))[:3] == b"250"
            assert (await say(b"RCPT TO:<kring@in.example.org>\r\n"))[:3] == b"250"
            assert (await say(b"DATA\r\n"))[:3] == b"354"
            assert await say(MAIL + b".\r\n") == await say(b"") == b"250 2.0.0 Stored"
            assert await say(b"NOOP\r\n") == b"250 OK"
    assert await kept(db) == [("ANYTHING@IN.example.org", "", MAIL), ("kring@in.example.org", "", MAIL)]


async def test_a_mail_is_kept_for_all_its_recipients_before_any_is_acknowledged(keep: Keep, db: Database) -> None:
    outages = iter([False, True])

    async def faltering(mail: Arrived) -> None:
        if next(outages, False):
            raise Unavailable("the database is gone")
        await keep(mail)

    async with lmtp.listening("127.0.0.1:0", domain=DOMAIN, store=faltering) as place, speaking(place) as say:
        for code in (b"451", b"250"):
            await say(b"MAIL FROM:<>\r\n")
            for local in (b"r-x", b"r-y", b"r-z"):
                await say(b"RCPT TO:<" + local + b"@in.example.org>\r\n")
            await say(b"DATA\r\n")
            assert [(await say(said))[:3] for said in (MAIL + b".\r\n", b"", b"")] == 3 * [code]
            assert await say(b"NOOP\r\n") == b"250 OK"
    assert [recipient for recipient, _, _ in await kept(db)] == [f"r-{each}@{DOMAIN}" for each in "xyz"]


async def test_a_mail_that_is_too_large_or_for_too_many_is_refused_for_each(where: str, db: Database) -> None:
    async with speaking(where) as say:
        await say(b"MAIL FROM:<>\r\n")
        taken = [(await say(b"RCPT TO:<%d@in.example.org>\r\n" % number))[:3] for number in range(102)]
        assert taken == 100 * [b"250"] + 2 * [b"452"]
        await say(b"RSET\r\n")
        await say(b"MAIL FROM:<>\r\n")
        for local in (b"r-x", b"r-y"):
            await say(b"RCPT TO:<" + local + b"@in.example.org>\r\n")
        await say(b"DATA\r\n")
        line = b"x" * 1_022 + b"\r\n"
        assert [(await say(said))[:3] for said in (line * (lmtp.LARGEST // 1_024 + 1) + b".\r\n", b"")] == 2 * [b"552"]
        assert await say(b"NOOP\r\n") == b"250 OK"
    assert await kept(db) == []


@pytest.mark.parametrize(
    "head",
    [
        b"From: \x00@example.org\r\n",
        b"From: \xff\xfe<a\x00b@example.org>\r\nMessage-ID: <\x00>\r\n",
        b"Message-ID:\r\n",
        b"",
    ],
)
async def test_what_nobody_can_read_is_kept_all_the_same(where: str, db: Database, head: bytes) -> None:
    raw = head + b"\r\n" + bytes(range(256)).replace(b"\r", b"").replace(b"\n", b"") + b"\r\n"
    assert await hand_over(where, "", f"kring@{DOMAIN}", raw) == "250 2.0.0 Stored"
    assert [found for _, _, found in await kept(db)] == [raw]


@pytest.mark.parametrize("sender", [b"a\xff@example.org", b"a\xed\xa0\x80@example.org", b"a\x00@example.org"])
async def test_a_mail_from_what_is_no_address_is_kept_and_not_brought_again_for_days(
    where: str, db: Database, sender: bytes
) -> None:
    async with speaking(where) as say:
        assert (await say(b"MAIL FROM:<" + sender + b">\r\n"))[:3] == b"250"
        assert (await say(b"RCPT TO:<kring@in.example.org>\r\n"))[:3] == b"250"
        assert (await say(b"DATA\r\n"))[:3] == b"354"
        assert (await say(MAIL + b".\r\n"))[:3] == b"250"
    ((recipient, envelope_from, raw),) = await kept(db)
    assert (recipient, raw) == ("kring@in.example.org", MAIL)
    assert envelope_from.startswith("a\ufffd")


async def test_long_lines_are_kept(where: str, db: Database) -> None:
    raw = MAIL + b"x" * 900_000 + b"\r\n"
    assert await hand_over(where, "", f"kring@{DOMAIN}", raw) == "250 2.0.0 Stored"
    assert [found for _, _, found in await kept(db)] == [raw]


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\r", b"\r\n.\n", b"\r\n\x00.\r\n", b"\r.\r\n"])
async def test_no_second_mail_is_smuggled_in(where: str, db: Database, end: bytes) -> None:
    second = f"MAIL FROM:<boss@example.org>\r\nRCPT TO:<kring@{DOMAIN}>\r\nDATA\r\n".encode() + MAIL
    async with speaking(where) as say:
        await say(b"MAIL FROM:<>\r\n")
        await say(f"RCPT TO:<r-x@{DOMAIN}>\r\n".encode())
        await say(b"DATA\r\n")
        assert (await say(MAIL + end + second + b"\r\n.\r\n"))[:3] == b"250"
        assert (await say(b"NOOP\r\n"))[:3] == b"250"
    assert [(recipient, sender) for recipient, sender, _ in await kept(db)] == [(f"r-x@{DOMAIN}", "")]


async def test_ten_thousand_fuzzed_commands_harm_nobody(where: str, caplog: pytest.LogCaptureFixture) -> None:
    source = random.Random(8)
    host, _, port = where.rpartition(":")
    sent = 0
    async with asyncio.timeout(FUZZ_SECONDS * 4):
        while sent < 10_000:
            reader, writer = await asyncio.open_connection(host, int(port))
            lines = [fuzzed(source) for _ in range(100)]
            writer.write(b"LHLO x\r\n" + b"".join(lines) + b"\r\n.\r\nQUIT\r\n")
            writer.write_eof()
            with contextlib.suppress(ConnectionError):  # it may hang up at any time
                await reader.read()
            writer.close()
            sent += len(lines)
    assert [record for record in caplog.records if record.exc_info] == []
    assert await hand_over(where, "", f"kring@{DOMAIN}", MAIL) == "250 2.0.0 Stored"


def fuzzed(source: random.Random) -> bytes:
    """Make a command that begins like one, or not even that."""
    verb = source.choice(
        [b"MAIL FROM:<", b"RCPT TO:<", b"DATA", b"LHLO ", b"RSET", b"VRFY ", b"AUTH ", b"HELP", b"", b"\x00"]
    )
    tail = bytes(source.randrange(256) for _ in range(source.randrange(40))).replace(b"\n", b"")
    return verb + tail + source.choice([b">\r\n", b"\r\n", b"\n", b" SIZE=9\r\n"])


async def test_whoever_speaks_no_lmtp_is_hung_up_on(where: str) -> None:
    async with speaking(where) as say:
        said = [await say(b"MAIL NONSENSE\r\n") for _ in range(lmtp.MISTAKES)]
        assert {answer[:3] for answer in said} == {b"501"}
        assert await say(b"NOOP\r\n") == b""


async def test_a_place_that_is_taken_is_told_and_our_own_is_not(where: str) -> None:
    assert await lmtp.fault(where, domain=DOMAIN) is None
    assert await lmtp.fault("127.0.0.1:0", domain=DOMAIN) is None
    with socket.create_server(("127.0.0.1", 0)) as taken:
        taken.settimeout(0)
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            async with lmtp.listening(f"127.0.0.1:{port}", domain=DOMAIN, store=None):  # type: ignore[arg-type]
                pass


async def test_a_unix_socket_serves_as_well(keep: Keep, db: Database, tmp_path: Path) -> None:
    place = str(tmp_path / "lmtp")
    for _ in range(2):  # a socket that a killed process left behind is no obstacle
        async with lmtp.listening(place, domain=DOMAIN, store=keep):
            assert await hand_over(place, "", f"kring@{DOMAIN}", MAIL) == "250 2.0.0 Stored"
    assert len(await kept(db)) == 1


async def piped(raw: bytes, dsn: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    """Give a mail to `kring receive`, as a mail server does."""
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "service", "receive", "--rcpt", f"r-x@{DOMAIN}", "--sender", "anna@example.org"],
        cwd=CHECKOUT,
        env={**os.environ, "KRING_DATABASE_URL": dsn, "KRING_DATA": str(folder)},
        input=raw,
        capture_output=True,
        check=False,
        timeout=timedelta(minutes=1).total_seconds(),
    )


@pytest.mark.parametrize(
    ("database", "code", "count"), [("", 0, 1), ("postgresql://kring@127.0.0.1:1/kring", 75, 0)], ids=["stored", "gone"]
)
async def test_a_pipe_is_told_whether_the_mail_was_stored(
    db: Database, tmp_path: Path, database: str, code: int, count: int
) -> None:
    done = await piped(MAIL, database or db.dsn, tmp_path)
    assert done.returncode == code, done.stderr
    assert await kept(db) == [(f"r-x@{DOMAIN}", "anna@example.org", MAIL)] * count


async def test_of_a_pipe_without_end_no_more_is_kept_than_shows_that_it_is_too_large(
    db: Database, tmp_path: Path
) -> None:
    done = await piped(MAIL + bytes(3 * parts.MAIL), db.dsn, tmp_path)
    assert done.returncode == 0, done.stderr
    assert [len(raw) for _, _, raw in await kept(db)] == [parts.MAIL + 1]


async def test_who_stores_a_mail_imports_no_page_and_no_dialogue() -> None:
    """A pipe starts a program for every mail."""
    script = (
        "import sys; from service.wiring import house, mail;"
        "sys.exit(any(name in sys.modules for name in ('handlers.web', 'handlers.dialogue.dispatch', 'aiohttp')))"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, cwd=CHECKOUT)
    assert await process.wait() == 0
