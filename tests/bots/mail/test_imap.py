"""One mailbox over a real TLS socket: signing in, what is fetched, and what a server that means ill can do."""

import asyncio
import ssl
import tracemalloc
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from bots.mail import imap
from bots.mail.account import Account, MailboxFault, Refused
from bots.mail.imap import LARGEST, Mailbox
from tests.fakes.imap_server import CHATTER, HANG_UP, HUGE, SILENCE, ImapServer
from tests.fakes.smtp_server import client_context
from tests.waiting import until

T = TypeVar("T")
MAIL = b"From: Anna <anna@example.org>\r\nMessage-ID: <1@example.org>\r\n\r\nja\r\n"


@pytest.fixture
async def server() -> AsyncIterator[ImapServer]:
    """A mailbox with the password geheim."""
    async with ImapServer() as running:
        yield running


def mailbox(server: ImapServer, password: str = "geheim", token_file: Path | None = None) -> Mailbox:
    secret = f":{password}" if password else ""
    url = f"imaps://kring%40example.org{secret}@127.0.0.1:{server.port}/INBOX"
    return Mailbox(Account.from_url(url, token_file), client_context())


async def asked(work: Callable[[], T]) -> T:
    return await asyncio.to_thread(work)


async def test_mails_are_listed_fetched_and_marked_as_read(server: ImapServer) -> None:
    server.deliver(MAIL, b"second")
    box = mailbox(server)
    assert await asked(box.open) == 7
    assert await asked(lambda: box.newer(0)) == [(1, len(MAIL)), (2, 6)]
    assert await asked(lambda: box.fetch([1, 2])) == {1: MAIL, 2: b"second"}
    assert [mail.flags for mail in server.mails] == [set(), set()]
    await asked(lambda: box.put_aside([1]))
    assert [mail.flags for mail in server.mails] == [{"\\Seen"}, set()]
    assert await asked(lambda: box.newer(1)) == [(2, 6)]
    assert await asked(lambda: box.newer(2)) == []
    server.deliver(b"third")
    assert await asked(lambda: box.newer(2)) == [(3, 5)]
    await asked(box.close)
    assert server.connections == 1


async def test_a_folder_for_it_gets_what_was_taken_in(server: ImapServer) -> None:
    server.deliver(MAIL, MAIL)
    server.aside = []
    box = mailbox(server)
    await asked(box.open)
    await asked(lambda: box.put_aside([1, 2]))
    assert (server.mails, [mail.uid for mail in server.aside]) == ([], [1, 2])
    await asked(box.close)


async def test_of_a_mail_too_large_to_be_read_only_the_beginning_comes(server: ImapServer) -> None:
    server.deliver(b"x" * (LARGEST + 1000))
    box = mailbox(server)
    await asked(box.open)
    assert await asked(lambda: box.newer(0)) == [(1, LARGEST + 1000)]
    assert {uid: len(raw) for uid, raw in (await asked(lambda: box.fetch([1]))).items()} == {1: LARGEST}
    await asked(box.close)


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("password", ['a "quoted\\" word', "geheim"])
async def test_a_password_is_said_in_the_way_that_the_server_knows(plain: bool, password: str) -> None:
    async with ImapServer(password=password, plain=plain) as server:
        box = mailbox(server, "".join(f"%{byte:02x}" for byte in password.encode()))
        assert await asked(box.open) == 7
        await asked(box.close)
        assert ("AUTHENTICATE PLAIN" in server.commands) == plain


async def test_a_token_is_read_anew_for_each_connection(tmp_path: Path) -> None:
    kept = tmp_path / "token"
    async with ImapServer(token="fresh") as server:
        box = mailbox(server, "", kept)
        assert await asked(box.fault) == "the token cannot be read: No such file or directory"
        kept.write_text("stale\n")
        said = await asked(box.fault)
        assert said is not None and said.startswith(
            "the server does not let kring@example.org in: [AUTHENTICATIONFAILED]"
        )
        kept.write_text("fresh\n")
        assert await asked(box.fault) is None


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("AUTHENTICATE", "NO your geheim is wrong"),
        ("AUTHENTICATE", "BAD geheim"),
        ("SELECT", "NO geheim"),
        ("greeting", "BYE geheim"),
    ],
)
async def test_no_fault_ever_tells_the_password(server: ImapServer, command: str, reply: str) -> None:
    server.tell(command, reply)
    box = mailbox(server)
    said = await asked(box.fault)
    assert said is not None
    assert "geheim" not in said + repr(box.account) + box.account.name


async def test_a_server_that_proves_nothing_gets_no_password(server: ImapServer) -> None:
    box = Mailbox(Account.from_url(f"imaps://a:geheim@127.0.0.1:{server.port}/INBOX"), ssl.create_default_context())
    said = await asked(box.fault)
    assert said is not None and "certificate verify failed" in said.lower()
    assert server.commands == []


@pytest.mark.parametrize("reply", [HUGE, CHATTER])
@pytest.mark.parametrize("command", ["greeting", "AUTHENTICATE", "SELECT", "SEARCH", "FETCH"])
async def test_no_server_fills_the_memory(server: ImapServer, command: str, reply: str) -> None:
    server.deliver(MAIL)
    server.tell(command, reply)
    box = mailbox(server)

    def work() -> None:
        box.open()
        box.newer(0)

    tracemalloc.start()
    try:
        with pytest.raises(MailboxFault, match="more than was asked for"):
            await asked(work)
        assert tracemalloc.get_traced_memory()[1] < 32 * 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("command", ["AUTHENTICATE", "FETCH"])
async def test_whoever_waits_for_a_silent_server_can_be_called_off(server: ImapServer, command: str) -> None:
    server.deliver(MAIL)
    server.tell(command, SILENCE)
    box = mailbox(server)

    async def called_off() -> None:
        async def it_waits() -> bool:
            return any(said.startswith(command) for said in server.commands)

        await until(it_waits)
        box.hang_up()

    async with asyncio.timeout(imap.SECONDS / 2), asyncio.TaskGroup() as tasks:
        tasks.create_task(called_off())
        with pytest.raises(MailboxFault):
            await asked(lambda: (box.open(), box.newer(0)))


async def test_after_a_fault_the_next_one_begins_anew(server: ImapServer) -> None:
    server.deliver(MAIL)
    box = mailbox(server)
    await asked(box.open)
    server.tell("SEARCH", HANG_UP, times=1)
    with pytest.raises(MailboxFault):
        await asked(lambda: box.newer(0))
    with pytest.raises(MailboxFault, match="connection is gone"):
        await asked(lambda: box.newer(0))
    await asked(box.open)
    assert await asked(lambda: box.newer(0)) == [(1, len(MAIL))]
    server.tell("FETCH", "NO not this one", times=1)
    with pytest.raises(Refused, match="refuses to fetch: not this one"):
        await asked(lambda: box.fetch([1]))
    assert await asked(lambda: box.fetch([1, 9])) == {1: MAIL}
    assert server.connections == 2
    await asked(box.close)


async def test_a_folder_that_is_not_there_is_told() -> None:
    async with ImapServer() as server:
        box = Mailbox(Account.from_url(f"imaps://a:geheim@127.0.0.1:{server.port}/Elders"), client_context())
        assert await asked(box.fault) == "the server refuses to choose the folder: [NONEXISTENT] Unknown Mailbox"
        await asked(box.close)


@pytest.mark.parametrize(
    ("url", "token_file"),
    [("imaps://a@b/INBOX", None), ("imaps://a:b@c/INBOX", Path("token")), ("imaps://a:b%0D%0Ac@d/INBOX", None)],
)
def test_an_account_has_one_secret(url: str, token_file: Path | None) -> None:
    with pytest.raises(ValueError, match=r"needs either|must not hold"):
        Account.from_url(url, token_file)
