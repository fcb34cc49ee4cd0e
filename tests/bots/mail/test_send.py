import asyncio
import inspect

import pytest

from bots.mail.mime import build
from bots.mail.refusals import refusal
from bots.mail.send import Relay, SmtpTransport
from service.errors import DeliveryFailed
from tests.bots.mail.samples import INVITATION
from tests.fakes.smtp_server import HANG_UP, TARPIT, SmtpServer, client_context

BOUNCES = "b-1@in.kring.example"
ZOE = "zoe@example.org"
DATA = build(INVITATION)


def transport(relay: SmtpServer, **options: object) -> SmtpTransport:
    given: dict[str, object] = {"connections": 4, "hello": "in.kring.example", "patience": 5.0, "idle": 30.0}
    return SmtpTransport(Relay.from_url(relay.url), **(given | options))  # type: ignore[arg-type]


async def failure(sender: SmtpTransport, to: str = ZOE) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as caught:
        await sender.send(BOUNCES, to, DATA)
    return caught.value


async def test_a_mail_arrives_byte_for_byte_at_its_one_recipient() -> None:
    async with SmtpServer() as relay:
        sender = transport(relay)
        assert await sender.send(BOUNCES, ZOE, DATA) == "2.0.0 queued as 4F1"
        await sender.aclose()
        [mail] = relay.mails
        assert (mail.envelope_from, mail.recipients, mail.data) == (BOUNCES, (ZOE,), DATA)
        assert mail.options == (f"SIZE={len(DATA)}",)


async def test_an_answer_can_go_out_with_the_null_sender() -> None:
    async with SmtpServer() as relay:
        sender = transport(relay)
        await sender.send("", ZOE, DATA)
        await sender.aclose()
        assert [mail.envelope_from for mail in relay.mails] == [""]


async def test_one_connection_serves_mail_after_mail() -> None:
    async with SmtpServer() as relay:
        sender = transport(relay)
        for _ in range(20):
            await sender.send(BOUNCES, ZOE, DATA)
        assert (relay.connections, relay.open) == (1, 1)
        await sender.aclose()
        assert relay.commands["quit"] == 1
        await relay.until(lambda: relay.open == 0)


async def test_many_mails_at_once_never_open_more_connections_than_allowed() -> None:
    async with SmtpServer() as relay:
        sender = transport(relay, connections=3)
        await asyncio.gather(*(sender.send(BOUNCES, f"p{n}@example.org", DATA) for n in range(60)))
        await sender.aclose()
        assert (len(relay.mails), relay.peak, relay.connections, relay.commands["quit"]) == (60, 3, 3, 3)
        assert {mail.recipients for mail in relay.mails} == {(f"p{n}@example.org",) for n in range(60)}


# Who refuses, with what; then: permanent, the address at fault, and how the detail begins.
REFUSALS = [
    ("greeting", "554 5.7.1 you are on a list", False, False, "connect: 554"),
    ("greeting", "421 4.3.2 too busy", False, False, "connect: 421"),
    ("ehlo", "550 no", False, False, "connect: 550"),
    ("mail", "550 5.7.1 sender not allowed", False, False, "sender: 550 5.7.1"),
    ("mail", "451 4.3.0 disk full", False, False, "sender: 451"),
    ("mail", "421 4.7.0 slow down", False, False, "sender: 421"),
    ("rcpt", "550 5.1.1 no such user", True, True, "recipient: 550 5.1.1"),
    ("rcpt", "550-5.1.1 no such user\r\n550 5.1.1 see our page", True, True, "recipient: 550 5.1.1"),
    ("rcpt", "550 unknown user", True, True, "recipient: 550 unknown"),
    ("rcpt", "550 blocked, looks like spam", True, False, "recipient: 550 blocked"),
    ("rcpt", "554 5.7.1 relay access denied", True, False, "recipient: 554 5.7.1"),
    ("rcpt", "550 5.7.26 unauthenticated", True, False, "recipient: 550 5.7.26"),
    ("rcpt", "552 5.2.2 mailbox full", True, False, "recipient: 552 5.2.2"),
    ("rcpt", "452 4.2.2 mailbox full", False, False, "recipient: 452"),
    ("rcpt", "450 4.7.1 greylisted", False, False, "recipient: 450"),
    ("rcpt", "421 4.7.0 closing", False, False, "recipient: 421"),
    ("data", "554 5.7.0 no", True, False, "content: 554 5.7.0"),
    ("data", "451 4.3.0 later", False, False, "content: 451"),
    ("end", "554 5.6.0 malformed", True, False, "content: 554 5.6.0"),
    ("end", "550 5.1.1 gone after all", True, True, "content: 550 5.1.1"),
    ("end", "550 no thanks", True, False, "content: 550 no"),
    ("end", "452 4.3.1 disk full", False, False, "content: 452"),
    ("end", "421 4.3.2 stopping", False, False, "content: 421"),
]


@pytest.mark.parametrize(("step", "reply", "permanent", "at_fault", "detail"), REFUSALS)
async def test_each_refusal_says_whether_to_try_again_and_whom_to_blame(
    step: str, reply: str, permanent: bool, at_fault: bool, detail: str
) -> None:
    async with SmtpServer() as relay:
        relay.tell(step, reply, times=1)  # type: ignore[arg-type]
        sender = transport(relay, connections=1)
        error = await failure(sender)
        assert (error.permanent, error.address_at_fault) == (permanent, at_fault)
        assert error.detail.startswith(detail)
        assert relay.mails == []
        # and the next mail goes its way, over the same connection where that lives
        assert await sender.send(BOUNCES, ZOE, DATA) == "2.0.0 queued as 4F1"
        lives = step in ("mail", "rcpt", "data", "end") and not reply.startswith("421")
        assert relay.connections == (1 if lives else 2)
        await sender.aclose()


@pytest.mark.parametrize("step", ["greeting", "ehlo", "mail", "rcpt", "data", "end"])
async def test_a_connection_lost_at_any_step_is_worth_another_try(step: str) -> None:
    async with SmtpServer() as relay:
        relay.tell(step, HANG_UP, times=1)  # type: ignore[arg-type]
        sender = transport(relay, connections=1)
        error = await failure(sender)
        assert (error.permanent, error.address_at_fault) == (False, False)
        await sender.send(BOUNCES, ZOE, DATA)
        await sender.aclose()
        assert len(relay.mails) == 1


async def test_an_answer_lost_after_the_last_dot_leads_to_the_same_mail_twice_under_one_message_id() -> None:
    async with SmtpServer() as relay:
        relay.tell("end", HANG_UP, times=1, stored=True)
        sender = transport(relay)
        assert not (await failure(sender)).permanent
        await sender.send(BOUNCES, ZOE, DATA)
        await sender.aclose()
        assert relay.message_ids == {INVITATION.message_id: 2}
        assert [mail.data for mail in relay.mails] == [DATA, DATA]


@pytest.mark.parametrize("step", ["greeting", "ehlo", "mail", "rcpt", "data", "end"])
async def test_a_tarpit_gets_no_more_than_our_patience(step: str) -> None:
    async with SmtpServer() as relay:
        relay.tell(step, TARPIT, times=1)  # type: ignore[arg-type]
        sender = transport(relay, connections=1, patience=0.3)
        async with asyncio.timeout(5):
            error = await failure(sender)
        assert (error.permanent, error.detail) == (False, "lost: no answer within 0.3 s")
        await sender.send(BOUNCES, ZOE, DATA)
        await sender.aclose()


async def test_four_tarpits_do_not_stop_the_others() -> None:
    async with SmtpServer() as relay:
        relay.tell("rcpt", TARPIT, recipient="slow")
        sender = transport(relay, connections=4, patience=0.5)
        slow = [failure(sender, f"slow{n}@example.org") for n in range(4)]
        others = [sender.send(BOUNCES, f"p{n}@example.org", DATA) for n in range(40)]
        async with asyncio.timeout(8):
            await asyncio.gather(*slow, *others)
        await sender.aclose()
        assert len(relay.mails) == 40


def test_by_default_a_slot_is_free_within_a_minute() -> None:
    assert inspect.signature(SmtpTransport).parameters["patience"].default < 60


async def test_a_greylisted_mail_goes_through_the_second_time() -> None:
    async with SmtpServer() as relay:
        relay.greylist()
        sender = transport(relay)
        assert (await failure(sender)).detail == "recipient: 451 4.7.1 greylisted, try again later"
        await sender.send(BOUNCES, ZOE, DATA)
        await sender.aclose()
        assert (len(relay.mails), relay.connections, relay.commands["rset"]) == (1, 1, 1)


async def test_a_refusal_is_told_at_once_even_if_the_relay_would_not_reset() -> None:
    async with SmtpServer() as relay:
        relay.tell("rcpt", "550 5.1.1 no such user", recipient="gone@")
        sender = transport(relay, connections=1)
        assert (await failure(sender, "gone@example.org")).address_at_fault
        relay.hang_up_all()
        await sender.send(BOUNCES, ZOE, DATA)
        await sender.aclose()
        assert [mail.recipients for mail in relay.mails] == [(ZOE,)]


async def test_a_connection_the_relay_closed_meanwhile_is_replaced_unseen() -> None:
    async with SmtpServer() as relay:
        sender = transport(relay)
        await sender.send(BOUNCES, ZOE, DATA)
        relay.hang_up_all()
        await sender.send(BOUNCES, ZOE, DATA)
        relay.tell("mail", "421 4.4.2 idle too long", times=1)
        await sender.send(BOUNCES, ZOE, DATA)
        relay.tell("mail", HANG_UP, times=1)
        await sender.send(BOUNCES, ZOE, DATA)
        await sender.aclose()
        assert (len(relay.mails), relay.connections) == (4, 4)


async def test_an_unused_connection_is_closed_politely() -> None:
    async with SmtpServer() as relay:
        sender = transport(relay, idle=0.05)
        await sender.send(BOUNCES, ZOE, DATA)
        await relay.until(lambda: relay.open == 0)
        assert relay.commands["quit"] == 1
        await sender.send(BOUNCES, ZOE, DATA)
        await sender.aclose()
        assert len(relay.mails) == 2


async def test_a_relay_that_is_not_there_is_worth_another_try_and_found_again() -> None:
    async with SmtpServer() as relay:
        port = relay.port
    sender = SmtpTransport(Relay("127.0.0.1", port, "smtp"), connections=1, hello="in.kring.example")
    assert not (await failure(sender)).permanent
    with pytest.raises(DeliveryFailed, match=r"^connect: "):
        await sender.check()
    async with SmtpServer(port=port) as back:
        await sender.check()
        await sender.send(BOUNCES, ZOE, DATA)
        assert (len(back.mails), back.connections) == (1, 1)
        await sender.aclose()


async def test_a_cancelled_mail_gives_its_slot_back_and_its_connection_up() -> None:
    async with SmtpServer() as relay:
        relay.tell("rcpt", TARPIT, times=1)
        sender = transport(relay, connections=1)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await sender.send(BOUNCES, ZOE, DATA)
        await sender.send(BOUNCES, ZOE, DATA)
        assert relay.connections == 2
        await sender.aclose()


async def test_after_aclose_nothing_is_opened_again() -> None:
    async with SmtpServer() as relay:
        sender = transport(relay)
        await sender.send(BOUNCES, ZOE, DATA)
        await sender.aclose()
        await sender.aclose()
        assert not (await failure(sender)).permanent
        assert relay.connections == 1


async def test_a_mail_under_way_during_aclose_arrives_and_leaves_nothing_open() -> None:
    async with SmtpServer() as relay:
        sender = transport(relay)
        under_way = asyncio.gather(sender.send(BOUNCES, ZOE, DATA))
        await relay.until(lambda: relay.commands["mail"] == 1)
        await sender.aclose()
        assert await under_way == ["2.0.0 queued as 4F1"]
        await relay.until(lambda: relay.open == 0)


@pytest.mark.parametrize("secure", ["smtps", "starttls"])
async def test_tls_and_sign_in(secure: str) -> None:
    async with SmtpServer(secure=secure, login=("kring", "p@ss:w/rd")) as relay:
        url = relay.url.replace("p@ss:w/rd", "p%40ss%3Aw%2Frd")
        options = {"connections": 1, "hello": "in.kring.example"}
        sender = SmtpTransport(Relay.from_url(url), tls=client_context(), **options)  # type: ignore[arg-type]
        await sender.check()
        await sender.send(BOUNCES, ZOE, DATA)
        await sender.aclose()
        assert (len(relay.mails), relay.connections) == (1, 1)

        stranger = SmtpTransport(Relay.from_url(url), **options)  # type: ignore[arg-type]
        assert "certificate" in (await failure(stranger)).detail.lower()

        wrong = SmtpTransport(Relay.from_url(url.replace("p%40", "q")), tls=client_context(), **options)  # type: ignore[arg-type]
        error = await failure(wrong)
        assert (error.permanent, error.detail[:12]) == (False, "connect: 535")


async def test_a_relay_without_starttls_gets_no_mail_when_we_ask_for_it() -> None:
    async with SmtpServer() as relay:
        sender = SmtpTransport(Relay("127.0.0.1", relay.port, "starttls"), connections=1, hello="in.kring.example")
        assert not (await failure(sender)).permanent
        assert relay.mails == []


async def test_an_address_beyond_ascii_goes_only_where_the_relay_takes_it() -> None:
    async with SmtpServer(smtputf8=True) as relay:
        sender = transport(relay)
        await sender.send(BOUNCES, "zoë@bücher.example", DATA)
        await sender.aclose()
        assert relay.mails[0].recipients == ("zoë@xn--bcher-kva.example",)
        assert relay.mails[0].options == (f"SIZE={len(DATA)}", "SMTPUTF8", "BODY=8BITMIME")
    async with SmtpServer() as relay:
        sender = transport(relay)
        error = await failure(sender, "zoë@example.org")
        assert (error.permanent, error.address_at_fault) == (True, False)
        await sender.send(BOUNCES, "zoe@bücher.example", DATA)
        await sender.aclose()
        assert relay.mails[0].recipients == ("zoe@xn--bcher-kva.example",)


@pytest.mark.parametrize(
    "address", ["", "zoe", "a@b@c", "zoe@x> BODY=8BITMIME", "z\r\nRCPT TO:<e@x>@x", "<zoe@x>", "a@b,c@d"]
)
async def test_what_is_no_single_address_never_reaches_the_relay(address: str) -> None:
    async with SmtpServer() as relay:
        error = await failure(transport(relay), address)
        assert (error.permanent, error.address_at_fault) == (True, True)
        with pytest.raises(DeliveryFailed) as ours:
            await transport(relay).send(address or "x", ZOE, DATA)
        assert (ours.value.permanent, ours.value.address_at_fault) == (True, False)
        assert relay.connections == 0


def test_the_answer_of_a_relay_is_made_fit_for_the_ledger() -> None:
    assert refusal("recipient", 550, "5.1.1 no\n\udcff\x00 such\tuser " + "x" * 500).detail == (
        "recipient: " + ("550 5.1.1 no such user " + "x" * 500)[:299] + "…"
    )


@pytest.mark.parametrize(
    ("url", "relay"),
    [
        ("smtp://127.0.0.1", Relay("127.0.0.1", 25, "smtp")),
        ("smtp://mail.example:2525", Relay("mail.example", 2525, "smtp")),
        ("smtps://kring:s%3Acret@mail.example", Relay("mail.example", 465, "smtps", "kring", "s:cret")),
        ("starttls://kring@[::1]", Relay("::1", 587, "starttls", "kring")),
    ],
)
def test_relay_addresses(url: str, relay: Relay) -> None:
    assert Relay.from_url(url) == relay
    assert "cret" not in repr(relay)


@pytest.mark.parametrize("url", ["", "mail.example", "http://mail.example", "smtp://", "smtp://x:99999"])
def test_what_is_no_relay_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        Relay.from_url(url)
