"""A mailbox that is polled: everything in it comes into the inbox once, whatever breaks in between."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import structlog

from bots.mail import polling
from bots.mail.account import Account, MailboxFault
from bots.mail.imap import LARGEST, Mailbox
from bots.mail.polling import Poller
from bots.mail.recipients import Ours
from service.clock import MovableClock
from service.config import Settings
from service.database import Database
from service.wiring.checking import check
from service.wiring.house import Kring, Source
from service.wiring.mail import keep
from tests.fakes.imap_server import HANG_UP, HUGE, SILENCE, ImapServer
from tests.fakes.smtp_server import client_context
from tests.mails.corpus import Filling, load
from tests.waiting import until

DOMAIN = Filling().domain
HANDLE = Filling().handle
OWN = f"r-{HANDLE}@{DOMAIN}"


@pytest.fixture
async def server() -> AsyncIterator[ImapServer]:
    async with ImapServer() as running:
        yield running


def poller(db: Database, clock: MovableClock, server: ImapServer) -> Poller:
    account = Account.from_url(f"imaps://kring:geheim@127.0.0.1:{server.port}/INBOX")
    mailbox = Mailbox(account, client_context())
    return Poller(db=db, clock=clock, channel="mail", mailbox=mailbox, ours=Ours(DOMAIN), pause=0.01)


@asynccontextmanager
async def polled(one: Poller) -> AsyncIterator[None]:
    """Poll during the block."""
    stop = asyncio.Event()
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        tasks.create_task(one.run(stop))
        try:
            yield
        finally:
            stop.set()


async def kept(db: Database) -> list[tuple[str, str, bytes]]:
    async with db.reading() as conn:
        found = await conn.fetch("select recipient, envelope_from, raw from inbox order by id")
    return [(row["recipient"], row["envelope_from"], row["raw"]) for row in found]


def holds(db: Database, count: int) -> Callable[[], Awaitable[bool]]:
    async def so_many() -> bool:
        return len(await kept(db)) >= count

    return so_many


def mail(number: int, *lines: str) -> bytes:
    head = (*lines, "From: Zoë <zoe@x.org>".encode().decode("latin-1"), f"Message-ID: <{number}@x.org>")
    return "\r\n".join([*head, "", "ja", ""]).encode("latin-1")


async def once(one: Poller) -> int:
    """Look once."""
    try:
        return await one.take_in()
    finally:
        await asyncio.to_thread(one.mailbox.close)


async def test_what_comes_in_is_kept_then_put_aside(db: Database, clock: MovableClock, server: ImapServer) -> None:
    server.deliver(mail(1, f"To: {OWN}"))
    async with polled(poller(db, clock, server)):
        await until(holds(db, 1))
        server.deliver(mail(2, f"To: {OWN}"), mail(3, f"To: {OWN}"))
        await until(holds(db, 3))

        async def all_read() -> bool:
            return all(one.flags == {"\\Seen"} for one in server.mails)

        await until(all_read)
    assert [raw for _, _, raw in await kept(db)] == [one.raw for one in server.mails]
    assert server.connections == 1
    assert server.commands[-1] == "LOGOUT"


@pytest.mark.parametrize(
    ("lines", "recipient", "sender"),
    [
        ((f"Delivered-To: {OWN}", "To: all@x.org"), OWN, "zoe@x.org"),
        ((f"X-Original-To: {OWN}", "To: all@x.org"), OWN, "zoe@x.org"),
        ((f"Envelope-To: <{OWN.upper()}>", "To: all@x.org"), OWN.upper(), "zoe@x.org"),
        ((f"To: all@x.org,\r\n {OWN}",), OWN, "zoe@x.org"),
        ((f"Delivered-To: kring@{DOMAIN}", f"To: {OWN}"), f"kring@{DOMAIN}", "zoe@x.org"),
        (("To: all@x.org",), "", "zoe@x.org"),
        (("Return-Path: <bounce@y.org>", f"To: {OWN}"), OWN, "bounce@y.org"),
        (("Return-Path: <>", f"To: {OWN}"), OWN, ""),
    ],
)
async def test_the_header_tells_whom_a_mail_is_for_and_who_sent_it(
    db: Database, clock: MovableClock, server: ImapServer, lines: tuple[str, ...], recipient: str, sender: str
) -> None:
    server.deliver(mail(1, *lines))
    assert await once(poller(db, clock, server)) == 1
    assert await kept(db) == [(recipient, sender, server.mails[0].raw)]


async def test_what_came_by_lmtp_too_is_kept_once(db: Database, clock: MovableClock, server: ImapServer) -> None:
    arrived = load("thunderbird-accepted")
    await keep(Kring(Settings(mail_domain=DOMAIN), Source(db.dsn), db, {}, clock), arrived)
    server.deliver(f"Delivered-To: {arrived.recipient}\r\n".encode() + arrived.raw)
    assert await once(poller(db, clock, server)) == 1
    assert len(await kept(db)) == 1


@pytest.mark.parametrize("command", ["NOOP", "SEARCH", "FETCH", "STORE", "SELECT", "AUTHENTICATE", "greeting"])
@pytest.mark.parametrize("reply", [HANG_UP, HUGE, "BAD not now", "NO not now"])
async def test_no_fault_loses_a_mail_or_takes_it_twice(
    db: Database, clock: MovableClock, server: ImapServer, command: str, reply: str
) -> None:
    server.deliver(*(mail(number, f"To: {OWN}") for number in range(3)))
    server.tell(command, reply, times=2)
    async with polled(poller(db, clock, server)):
        await until(holds(db, 3))
        server.deliver(mail(3, f"To: {OWN}"))
        await until(holds(db, 4))
    assert [raw for _, _, raw in await kept(db)] == [one.raw for one in server.mails]


@pytest.mark.parametrize(
    ("faults", "seconds"),
    [(0, 15.0), (1, 30.0), (2, 60.0), (3, 120.0), (4, 240.0), (5, 480.0), (6, 600.0), (7, 600.0), (5000, 600.0)],
)
def test_after_each_fault_the_pause_is_twice_as_long_up_to_ten_minutes(faults: int, seconds: float) -> None:
    assert polling.patience(15.0, faults) == seconds


async def test_a_server_that_is_away_is_asked_less_and_less_often_and_found_again(
    db: Database, clock: MovableClock
) -> None:
    async with ImapServer() as server:
        port = server.port
    one = poller(db, clock, server)
    one.pause = 0.001
    with structlog.testing.capture_logs() as logs:

        def faults() -> list[structlog.typing.EventDict]:
            return [entry for entry in logs if entry["event"] == "mailbox_fault"]

        async def refused_seven_times() -> bool:
            return len(faults()) >= 7

        async with polled(one):
            await until(refused_seven_times)
            async with ImapServer(port=port) as again:
                again.deliver(mail(1, f"To: {OWN}"))
                await until(holds(db, 1))
                again.deliver(mail(2, f"To: {OWN}"))
                await until(holds(db, 2))  # so the round that found the first has come to its end
                before = len(faults())
                again.tell("NOOP", "NO not now", times=1)
                again.tell("SEARCH", "NO not now", times=1)
                await until(lambda: _more(faults(), before))
    told = faults()
    assert {entry["reason"] for entry in told[:7]} == {"Connection refused"}  # later it is just about to listen again
    assert [entry["again_in"] for entry in told[:7]] == [0.001 * 2**times for times in range(1, 8)]
    assert told[before]["times"] == 1  # what was found again counts anew


async def _more(found: list[structlog.typing.EventDict], before: int) -> bool:
    return len(found) > before


async def test_other_numbers_for_the_same_mails_change_nothing(
    db: Database, clock: MovableClock, server: ImapServer
) -> None:
    server.deliver(*(mail(number, f"To: {OWN}") for number in range(5)))
    one = poller(db, clock, server)
    assert await once(one) == 5
    server.mails.reverse()
    server.start_over()
    server.deliver(mail(5, f"To: {OWN}"))
    assert await once(one) == 6
    assert len(await kept(db)) == 6
    assert await once(one) == 0


async def test_a_mail_that_the_server_never_gives_is_left_there_and_the_others_come(
    db: Database, clock: MovableClock, server: ImapServer
) -> None:
    server.deliver(*(mail(number, f"To: {OWN}") for number in range(4)))
    server.tell("FETCH", "NO that mail is damaged", naming="2 (UID BODY")
    server.tell("FETCH", "NO one of them is damaged", naming=",2,3,4 (UID BODY")
    one = poller(db, clock, server)
    with structlog.testing.capture_logs() as logs:
        for _ in range(polling.TRIES - 1):
            with pytest.raises(MailboxFault, match="that mail is damaged"):
                await once(one)
        assert await once(one) == 3
    assert [raw for _, _, raw in await kept(db)] == [held.raw for held in server.mails if held.uid != 2]
    assert [held.uid for held in server.mails if not held.flags] == [2]
    assert [entry["uid"] for entry in logs if entry["event"] == "mail_left_in_mailbox"] == [2]


async def test_a_mail_that_is_too_large_is_kept_as_far_as_it_tells_that(
    db: Database, clock: MovableClock, server: ImapServer
) -> None:
    large = mail(1, f"To: {OWN}") + b"x" * LARGEST
    server.deliver(large, mail(2, f"To: {OWN}"))
    assert await once(poller(db, clock, server)) == 2
    assert [raw for _, _, raw in await kept(db)] == [large[:LARGEST], mail(2, f"To: {OWN}")]


async def test_only_one_process_polls_and_another_takes_over(
    clone: Database, clock: MovableClock, server: ImapServer
) -> None:
    stops = [asyncio.Event(), asyncio.Event()]
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        for stop in stops:
            tasks.create_task(poller(clone, clock, server).run(stop))
        server.deliver(mail(1, f"To: {OWN}"))
        await until(holds(clone, 1))
        assert server.connections == 1
        async with clone.transaction() as conn:  # as if the first one's machine had gone
            await conn.execute(
                "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted "
                "and database = (select oid from pg_database where datname = current_database())"
            )
        server.deliver(mail(2, f"To: {OWN}"))
        await until(holds(clone, 2))
        for stop in stops:
            stop.set()
    assert len(await kept(clone)) == 2


@pytest.mark.parametrize("command", ["AUTHENTICATE", "FETCH"])
async def test_a_stop_does_not_wait_for_a_silent_server(
    db: Database, clock: MovableClock, server: ImapServer, command: str
) -> None:
    server.deliver(mail(1, f"To: {OWN}"))
    server.tell(command, SILENCE)
    async with asyncio.timeout(10), polled(poller(db, clock, server)):

        async def it_waits() -> bool:
            return any(said.startswith(command) for said in server.commands)

        await until(it_waits)
    assert await kept(db) == []


async def test_a_check_says_what_is_wrong_with_the_mailbox(server: ImapServer, tmp_path: Path) -> None:
    async def said(url: str) -> list[str]:
        return await check(Settings(data=tmp_path, lmtp=None, imap_url=url))

    (untrusted,) = await said(f"imaps://kring:geheim@127.0.0.1:{server.port}/INBOX")
    assert untrusted.startswith("KRING_IMAP_URL: ") and "certificate verify failed" in untrusted
    (secretless,) = await said(f"imaps://kring@127.0.0.1:{server.port}/INBOX")
    assert secretless == "KRING_IMAP_URL needs either a password in it or a token in KRING_IMAP_TOKEN_FILE"
    assert server.commands == []
