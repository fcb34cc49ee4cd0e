"""Reading in processes of its own: what one mail does there harms neither this process nor the next mail."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from bots.mail.carried import COUNT, LENGTHS, READY, packed, unpacked
from bots.mail.parse import parse
from bots.mail.recipients import Envelope, Ours
from bots.mail.sandbox import COMMAND, Sandbox
from service.errors import Unavailable
from service.formats.received import Handled, ReceivedMail
from service.store.inbox import Stored
from tests.conftest import NOW
from tests.mails.corpus import Filling, load, names
from tests.waiting import until

OURS = Ours("in.kring.example.org", "mx.kring.example.org")
HANDLE = Filling().handle
STALL = 0.05
"""Seconds of work at a stretch that the event loop may do at most for any mail."""


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A sandbox that has read a mail, so that a reader is there."""
    async with Sandbox(OURS) as running:
        await running.read(stored(b"Subject: x\r\n\r\nJa"))
        yield running


def stored(raw: bytes, *, recipient: str = f"r-{HANDLE}@in.kring.example.org", sender: str = "zoe@x.org") -> Stored:
    """Return bytes as they lie in the inbox."""
    return Stored(1, "mail", "mail:x", sender, recipient, raw, NOW, 1)


def refused(reason: str) -> ReceivedMail:
    """Return what is told of a mail that could not be read."""
    return ReceivedMail(
        handled=Handled.ANSWER, handle=HANDLE, envelope_from="zoe@x.org", received_at=NOW, refused=reason
    )


@contextmanager
def watched() -> Iterator[list[float]]:
    """Keep the longest stretch of work, in seconds of this thread's own time, that kept the loop from its tasks."""
    longest = [0.0]

    async def watch() -> None:
        before = time.thread_time()
        while True:
            await asyncio.sleep(0)
            longest[0], before = max(longest[0], time.thread_time() - before), time.thread_time()

    task = asyncio.get_running_loop().create_task(watch())
    try:
        yield longest
    finally:
        task.cancel()


def reader_of(sandbox: Sandbox) -> int:
    """Return the process that reads the next mail."""
    return sandbox._idle[-1].pid


async def test_what_is_read_elsewhere_is_what_is_read_here(sandbox: Sandbox) -> None:
    for name in names():
        mail = load(name)
        envelope = Envelope(sender=mail.envelope_from, recipient=mail.recipient, received_at=NOW)
        received = await sandbox.read(stored(mail.raw, recipient=mail.recipient, sender=mail.envelope_from))
        assert received == parse(mail.raw, envelope, OURS), name


async def test_readers_live_on_from_mail_to_mail(sandbox: Sandbox) -> None:
    first = reader_of(sandbox)
    for _ in range(3):
        assert (await sandbox.read(stored(b"\r\nJa"))).lines == ("Ja",)
    assert reader_of(sandbox) == first


async def test_mails_at_the_same_time_are_all_read(sandbox: Sandbox) -> None:
    read = await asyncio.gather(*(sandbox.read(stored(b"\r\nJa %d" % number)) for number in range(20)))
    assert [mail.lines for mail in read] == [(f"Ja {number}",) for number in range(20)]


HOSTILE = {
    "headers too large": b"Content-Type: text/plain" + b"; a*0*=b" * 20_000 + b"\r\n\r\nJa",
    "too deep": b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(1000)),
    "too large": b"Subject: x\r\n\r\n" + b"x" * 6_000_000,
    "too many parts": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 100_000,
}


@pytest.mark.parametrize("reason", HOSTILE)
async def test_a_hostile_mail_costs_neither_time_nor_the_loop(sandbox: Sandbox, reason: str) -> None:
    reader = reader_of(sandbox)
    with watched() as longest:
        assert await sandbox.read(stored(HOSTILE[reason])) == refused(reason)
    assert longest[0] < STALL
    assert reader_of(sandbox) == reader  # it was not even ended for it


async def test_nested_mails_are_not_opened(sandbox: Sandbox) -> None:
    nested = b"Content-Type: message/rfc822\r\n\r\n" * 1000
    assert (await sandbox.read(stored(nested))).refused is None


async def test_a_mail_that_swells_is_read_within_the_memory_there_is(sandbox: Sandbox) -> None:
    outer = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(12))
    swelling = outer + b"Content-Type: text/html\r\n\r\nJa" + b"&#9786;<p>" * 480_000
    assert len(swelling) < 5 * 1024 * 1024
    sandbox.seconds = 30.0
    with watched() as longest:
        received = await sandbox.read(stored(swelling))
    assert (received.refused, received.cut) == (None, True)
    assert longest[0] < STALL


async def test_a_mail_that_takes_too_long_is_refused_and_the_next_one_read(sandbox: Sandbox) -> None:
    slow = reader_of(sandbox)
    os.kill(slow, signal.SIGSTOP)
    sandbox.seconds = 0.2
    with watched() as longest:
        assert await sandbox.read(stored(b"\r\nJa")) == refused("too slow")
    assert longest[0] < STALL
    sandbox.seconds = 30.0
    assert (await sandbox.read(stored(b"\r\nJa"))).lines == ("Ja",)
    assert reader_of(sandbox) != slow


async def test_a_reader_that_somebody_ended_is_replaced_and_no_mail_suffers(sandbox: Sandbox) -> None:
    os.kill(reader_of(sandbox), signal.SIGKILL)
    assert (await sandbox.read(stored(b"\r\nJa"))).lines == ("Ja",)
    stopped = reader_of(sandbox)
    os.kill(stopped, signal.SIGSTOP)
    reading = asyncio.get_running_loop().create_task(sandbox.read(stored(b"\r\nJa")))
    await until(lambda: handed_over(sandbox))
    os.kill(stopped, signal.SIGKILL)
    assert (await reading).lines == ("Ja",)


@pytest.mark.parametrize("end", [signal.SIGKILL, None], ids=["ended", "too slow"])
async def test_what_befalls_mails_that_are_read_together_befalls_none_of_them(
    sandbox: Sandbox, end: signal.Signals | None
) -> None:
    stopped = reader_of(sandbox)
    os.kill(stopped, signal.SIGSTOP)
    sandbox.seconds = 30.0 if end else 0.5
    mails = [stored(b"\r\nJa %d" % number) for number in range(40)]
    reading = [asyncio.get_running_loop().create_task(sandbox.read(mail)) for mail in mails]
    await until(lambda: handed_over(sandbox))
    sandbox.seconds = 30.0
    if end:
        os.kill(stopped, end)
    assert [mail.lines for mail in await asyncio.gather(*reading)] == [(f"Ja {number}",) for number in range(40)]


async def handed_over(sandbox: Sandbox) -> bool:
    return not sandbox._idle


async def test_whoever_stops_the_service_does_not_stop_its_readers(sandbox: Sandbox) -> None:
    reader = reader_of(sandbox)
    os.kill(reader, signal.SIGTERM)
    os.kill(reader, signal.SIGINT)
    assert (await sandbox.read(stored(b"\r\nJa"))).lines == ("Ja",)
    assert reader_of(sandbox) == reader


async def test_a_mail_that_ends_two_readers_is_refused() -> None:
    fragile = (sys.executable, "-c", "import sys; sys.stdout.write('\\n'); sys.stdout.flush(); sys.stdin.read(1)")
    async with Sandbox(OURS, command=fragile) as sandbox:
        assert await sandbox.read(stored(b"\r\nJa")) == refused("crashed")


@pytest.mark.parametrize("command", [("/nowhere/python",), (sys.executable, "-c", "")])
async def test_without_a_reader_no_mail_is_to_blame(command: tuple[str, ...]) -> None:
    async with Sandbox(OURS, command=command) as sandbox:
        with pytest.raises(Unavailable):
            await sandbox.read(stored(b"\r\nJa"))


async def test_a_reading_that_is_cancelled_leaves_no_half_answer_behind(sandbox: Sandbox) -> None:
    left = reader_of(sandbox)
    os.kill(left, signal.SIGSTOP)
    reading = asyncio.get_running_loop().create_task(sandbox.read(stored(b"\r\nNee")))
    await until(lambda: handed_over(sandbox))
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert (await sandbox.read(stored(b"\r\nJa"))).lines == ("Ja",)
    assert reader_of(sandbox) != left


async def test_a_reader_ends_when_it_needs_more_memory_than_it_may_have() -> None:
    bomb = COUNT.pack(1) + LENGTHS.pack(2, 1024**3) + b"{}"
    reader = await asyncio.create_subprocess_exec(
        *COMMAND, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    told, failed = await reader.communicate(bomb)
    assert (told, reader.returncode, failed.splitlines()[-1]) == (READY, 1, b"MemoryError")


async def test_readers_are_told_none_of_the_secrets(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KRING_SECRET_KEYS", "a:secret")
    tell = "import os, sys; sys.stdout.write('\\n' if 'KRING_SECRET_KEYS' in os.environ else 'none')"
    async with Sandbox(OURS, command=(sys.executable, "-c", tell)) as careful:
        with pytest.raises(Unavailable, match="does not start"):
            await careful.read(stored(b"\r\nJa"))


def test_what_is_carried_over_arrives_as_it_was() -> None:
    for name in names():
        mail = load(name)
        received = parse(mail.raw, Envelope(sender="a@b.org", recipient="", received_at=NOW), OURS)
        assert unpacked(packed(received)) == received
    assert unpacked(packed(replace(received, refused="too large"))).refused == "too large"
