"""The whole road of an answer with a real mail server in front: SMTP, Postfix as the README sets it up, LMTP, Kring."""

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiosmtplib
import pytest

from service.demo import calendar_clients
from service.demo.calendar_clients import Client, Posted
from tests.postfix import MISSING, Postfix, postfix
from tests.program import running
from tests.stories.conftest import Programs
from tests.stories.founding import founded, published
from tests.stories.newcomer import arrived
from tests.stories.test_calendar_answers import DOMAIN, ends, invitation, standing
from tests.waiting import until

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING or "there is one")
KEYS = "a:" + base64.b64encode(bytes(32)).decode()
"""The same ones after a second start, which finds an empty folder."""

ANNA, BEN = "anna@example.org", "ben@example.org"


async def send(server: Postfix, *mails: Posted) -> None:
    """Send mails over one connection, as the outside world does."""
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=server.port, start_tls=False)
    async with client:
        for mail in mails:
            await client.sendmail(mail.sender, [mail.recipient], mail.raw)


async def test_an_answer_comes_through_a_real_mail_server(programs: Programs, clone_dsn: str, ground: Path) -> None:
    program = programs(clone_dsn, KRING_MAIL_DOMAIN=DOMAIN, KRING_SECRET_KEYS=KEYS)
    with postfix(ground / "postfix", domain=DOMAIN, lmtp=program.lmtp) as server:
        async with running(program), arrived(program) as newcomer:
            await founded(newcomer)
            gathering, _ = await published(newcomer, "Gegevens én mensen, anders; bekeken")
            asked = {address: invitation(program, address) for address in (ANNA, BEN)}
            pressed = datetime.now(UTC)
            accepted = calendar_clients.reply(Client.GMAIL, asked[ANNA], "accepted", now=pressed)
            declined = calendar_clients.reply(Client.OUTLOOK, asked[BEN], "declined", now=pressed)
            await send(server, accepted, declined, accepted)
            assert await ends(program, 2) == [("applied", "answer")] * 2
            assert await standing(newcomer, gathering, ANNA) == ("accepted", "seated", "calendar")
            assert await standing(newcomer, gathering, BEN) == ("declined", "none", "calendar")

        # While Kring is away the mail server keeps what comes, and hands it over once it is back.
        later = calendar_clients.reply(Client.APPLE, asked[ANNA], "declined", now=pressed + timedelta(seconds=5))
        await send(server, later)

        async def deferred() -> bool:
            return "status=deferred" in server.log

        await until(deferred)
        async with running(program), arrived(program) as again:
            again.key = newcomer.key
            server.flush()
            assert await ends(program, 3) == [("applied", "answer")] * 3
            assert await standing(again, gathering, ANNA) == ("declined", "none", "calendar")
    assert server.log.count("status=sent (250 2.0.0 Stored)") == 4
    assert "status=bounced" not in server.log


async def test_one_mail_to_two_addresses_is_handed_over_one_by_one(
    programs: Programs, clone_dsn: str, ground: Path
) -> None:
    program = programs(clone_dsn, KRING_MAIL_DOMAIN=DOMAIN)
    with postfix(ground / "postfix-two", domain=DOMAIN, lmtp=program.lmtp) as server:
        async with running(program):
            raw = b"From: <anna@example.org>\r\nMessage-ID: <1@example.org>\r\n\r\n.\r\n..ja\r\n"
            both = [f"r-{'a' * 40}@{DOMAIN}", f"Niemand.Bekend@{DOMAIN}"]
            client = aiosmtplib.SMTP(hostname="127.0.0.1", port=server.port, start_tls=False)
            async with client:
                await client.sendmail(ANNA, both, raw)
            assert len(await ends(program, 2)) == 2
    assert server.log.count("status=sent (250 2.0.0 Stored)") == 2
