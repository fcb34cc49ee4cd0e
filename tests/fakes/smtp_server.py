# ruff: noqa: N802 — aiosmtpd finds its commands by these names
"""A relay on loopback that does as it is told: the far side of the network for whatever sends mail.

    async with SmtpServer() as relay:
        relay.tell("rcpt", "550 5.1.1 no such user", recipient="gone@")
        relay.tell("end", HANG_UP, stored=True, times=1)
        ... KRING_SMTP_URL=relay.url ...
        mails = await relay.received(3)

Steps: greeting, ehlo, mail, rcpt, data (the command), end (after the last dot). Spoken by aiosmtpd, so that the talk is
checked by somebody else's reading of the RFC.
"""

import asyncio
import ssl
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self

import aiosmtpd
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

Step = Literal["greeting", "ehlo", "mail", "rcpt", "data", "end"]
HANG_UP: Final = "hang up"
TARPIT: Final = "tarpit"
"""One byte a second, and never a whole line."""

_CERTIFICATES = Path(aiosmtpd.__file__).parent / "tests" / "certs"


@dataclass(frozen=True, slots=True)
class Delivered:
    """A mail the relay has taken on; `options` are those of MAIL FROM."""

    envelope_from: str
    recipients: tuple[str, ...]
    options: tuple[str, ...]
    data: bytes

    @property
    def message(self) -> Message:
        return message_from_bytes(self.data)


@dataclass(slots=True)
class _Order:
    step: Step
    reply: str | Callable[[str, str], str | None]
    times: int | None
    recipient: str
    stored: bool


class SmtpServer:
    """`secure`: None, "smtps" or "starttls"; `login`: (user, password) that it then insists on."""

    def __init__(
        self, *, secure: str | None = None, login: tuple[str, str] | None = None, smtputf8: bool = False, port: int = 0
    ) -> None:
        self.mails: list[Delivered] = []
        self.commands: Counter[str] = Counter()
        self.connections = 0
        self.peak = 0
        self.port = port
        self._secure = secure
        self._login = login
        self._smtputf8 = smtputf8
        self._orders: list[_Order] = []
        self._open: set[_Session] = set()
        self._news = asyncio.Event()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            self._session, "127.0.0.1", self.port, ssl=server_context() if self._secure == "smtps" else None
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        self.hang_up_all()
        await self.until(lambda: not self._open)

    @property
    def url(self) -> str:
        login = "{}:{}@".format(*self._login) if self._login else ""
        return f"{self._secure or 'smtp'}://{login}127.0.0.1:{self.port}"

    @property
    def open(self) -> int:
        return len(self._open)

    @property
    def message_ids(self) -> Counter[str]:
        """How often each Message-ID was taken on."""
        return Counter(mail.message["Message-ID"] for mail in self.mails)

    def tell(
        self,
        step: Step,
        reply: str | Callable[[str, str], str | None],
        *,
        times: int | None = None,
        recipient: str = "",
        stored: bool = False,
    ) -> None:
        """Give an order: at this step answer so (a line, HANG_UP or TARPIT), `times` times or until `obey_no_more`.

        `recipient`: only for addresses that hold this text. A function gets sender and recipient; None from it lets the
        mail pass. `stored`: take the mail on all the same (for "end": the answer that gets lost on its way).
        """
        self._orders.append(_Order(step, reply, times, recipient, stored))

    def greylist(self) -> None:
        """Refuse each sender and recipient for now the first time they come together."""
        seen: set[tuple[str, str]] = set()

        def first_time(sender: str, recipient: str) -> str | None:
            if (sender, recipient) in seen:
                return None
            seen.add((sender, recipient))
            return "451 4.7.1 greylisted, try again later"

        self.tell("rcpt", first_time)

    def obey_no_more(self) -> None:
        self._orders.clear()

    def hang_up_all(self) -> None:
        for session in list(self._open):
            session.hang_up()

    async def received(self, count: int, *, within: float = 10.0) -> list[Delivered]:
        """Wait until `count` mails were taken on, and return all there are."""
        await self.until(lambda: len(self.mails) >= count, within=within)
        return self.mails

    async def until(self, holds: Callable[[], bool], *, within: float = 10.0) -> None:
        """Wait for something about this server to hold; looked at whenever anything happens here."""
        async with asyncio.timeout(within):
            while not holds():
                self._news.clear()
                await self._news.wait()

    def order_for(self, step: Step, sender: str, recipient: str) -> tuple[str | None, bool]:
        for order in self._orders:
            if order.step != step or order.recipient not in recipient or order.times == 0:
                continue
            reply = order.reply if isinstance(order.reply, str) else order.reply(sender, recipient)
            if reply is not None:
                order.times = order.times and order.times - 1
                return reply, order.stored
        return None, False

    def opened(self, session: "_Session") -> None:
        self._open.add(session)
        self.connections += 1
        self.peak = max(self.peak, len(self._open))
        self._news.set()

    def closed(self, session: "_Session") -> None:
        self._open.discard(session)
        self._news.set()

    def took(self, mail: Delivered) -> None:
        self.mails.append(mail)
        self._news.set()

    def happened(self, command: str) -> None:
        self.commands[command] += 1
        self._news.set()

    def authenticate(self, _server: SMTP, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        known = (data.login.decode(), data.password.decode()) == self._login
        return AuthResult(success=known, handled=False)

    def _session(self) -> "_Session":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # signing in without TLS is fine on loopback
            return _Session(
                self,
                tls_context=server_context() if self._secure == "starttls" else None,
                auth_required=self._login is not None,
                auth_require_tls=False,
                authenticator=self.authenticate,
                enable_SMTPUTF8=self._smtputf8,
                hostname="relay.example",
                data_size_limit=32 * 2**20,
            )


def server_context() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(_CERTIFICATES / "server.crt", _CERTIFICATES / "server.key")
    return context


def client_context() -> ssl.SSLContext:
    """Return a context that trusts this server and nobody else."""
    context = ssl.create_default_context(cafile=_CERTIFICATES / "server.crt")
    context.check_hostname = False  # the certificate names no host
    return context


class _Session(SMTP):  # type: ignore[misc]
    line_length_limit = 32 * 2**20

    def __init__(self, relay: SmtpServer, **options: Any) -> None:
        super().__init__(object(), loop=asyncio.get_running_loop(), **options)
        self.relay = relay
        self._greeted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._original_transport is None:  # else it is STARTTLS on a connection that is counted already
            self.relay.opened(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self.relay.closed(self)

    def hang_up(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    async def push(self, status: str | bytes) -> None:
        if not self._greeted:
            self._greeted = True
            if await self._obey("greeting"):
                return
        await super().push(status)

    async def smtp_EHLO(self, arg: str) -> None:
        if not await self._obey("ehlo"):
            await super().smtp_EHLO(arg)

    async def smtp_MAIL(self, arg: str) -> None:
        if not await self._obey("mail"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str) -> None:
        if not await self._obey("rcpt", arg):
            await super().smtp_RCPT(arg)

    async def smtp_RSET(self, arg: str) -> None:
        self.relay.happened("rset")
        await super().smtp_RSET(arg)

    async def smtp_QUIT(self, arg: str) -> None:
        self.relay.happened("quit")
        await super().smtp_QUIT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        if await self._obey("data"):
            return
        if not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 no recipient")
            return
        await self.push("354 go ahead")
        raw = await self._reader.readuntil(b"\r\n.\r\n")
        data = (b"\r\n" + raw[:-3]).replace(b"\r\n..", b"\r\n.")[2:]
        envelope = self.envelope
        mail = Delivered(
            (envelope.mail_from or "").strip("<>"), tuple(envelope.rcpt_tos), tuple(envelope.mail_options), data
        )
        self._set_post_data_state()
        reply, stored = self.relay.order_for("end", mail.envelope_from, mail.recipients[0])
        if stored or reply is None or reply.startswith("2"):
            self.relay.took(mail)
        self.relay.happened("end")
        await self._answer(reply or "250 2.0.0 queued as 4F1")

    async def _obey(self, step: Step, arg: str = "") -> bool:
        self.relay.happened(step)
        reply, _ = self.relay.order_for(step, (self.envelope.mail_from or "") if self.envelope else "", arg)
        if reply is not None:
            await self._answer(reply)
        return reply is not None

    async def _answer(self, reply: str) -> None:
        if reply == HANG_UP:
            self.hang_up()
        elif reply == TARPIT:
            while True:
                self._writer.write(b"2")
                await asyncio.sleep(1)
        else:
            await super().push(reply)
            if reply.startswith("421"):
                self.transport.close()
