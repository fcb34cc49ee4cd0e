"""Hand finished mails to the relay, one recipient at a time, over a few connections that stay open.

Takes bytes and two addresses. What is said for one of them is in `transaction`; what is in them, and what becomes of a
failure, is decided elsewhere.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal, Protocol, cast
from urllib.parse import unquote, urlsplit

import aiosmtplib

from bots.mail.headers import envelope_address
from bots.mail.refusals import refusal
from bots.mail.transaction import HungUp, Line, converse
from service.errors import DeliveryFailed
from service.formats.cleaning import clean_line

_PORTS = {"smtp": 25, "smtps": 465, "starttls": 587}


class Transport(Protocol):
    """Something that takes a finished mail for one recipient."""

    async def send(self, envelope_from: str, recipient: str, data: bytes) -> str:
        """Hand over one mail and return what the other side answered; raises DeliveryFailed."""
        ...

    async def check(self) -> None:
        """Find out, without sending, whether mail could be handed over now; raises DeliveryFailed if not."""
        ...

    async def aclose(self) -> None:
        """Let go of everything held open."""
        ...


@dataclass(frozen=True, slots=True)
class Relay:
    """The mail server that takes our mail on."""

    host: str
    port: int
    security: Literal["smtp", "smtps", "starttls"]
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def from_url(cls, url: str) -> "Relay":
        """Read smtp://, smtps:// or starttls://[user:password@]host[:port]; raises ValueError."""
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("must be smtp://, smtps:// or starttls://[user:password@]host[:port]")
        return cls(
            parts.hostname,
            parts.port or _PORTS[parts.scheme],
            cast(Literal["smtp", "smtps", "starttls"], parts.scheme),
            unquote(parts.username) if parts.username else None,
            unquote(parts.password) if parts.password else None,
        )


class SmtpTransport:
    """Sends over at most `connections` connections, opened when needed and kept for the next mail.

    `hello` is the name we greet with. `patience` seconds after which a mail that got no answer fails for now, whatever
    the relay is doing; `idle` seconds after which an unused connection is closed.
    """

    def __init__(
        self,
        relay: Relay,
        *,
        connections: int,
        hello: str,
        patience: float = 50.0,
        idle: float = 30.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._relay = relay
        self._hello = hello
        self._patience = patience
        self._idle = idle
        self._tls = tls
        self._slots = asyncio.Semaphore(connections)
        self._spare: list[Line] = []
        self._sweeper: asyncio.TimerHandle | None = None
        self._closed = False

    async def send(self, envelope_from: str, recipient: str, data: bytes) -> str:
        """Hand over one mail and return the relay's receipt; an empty `envelope_from` is the null sender.

        Raises DeliveryFailed: permanent when the relay refused recipient or content with 5xx, else worth another try.
        A relay that fell silent after the last byte may have taken the mail: the retry then doubles it.
        """
        sender = envelope_address(envelope_from, ours=True) if envelope_from else ""
        to = envelope_address(recipient)
        async with self._slot():
            spare = self._take_spare()
            if spare is not None:
                # A kept connection may be dead without our knowing; nothing is lost before the sender is taken.
                with suppress(HungUp):
                    return await self._transact(spare, sender, to, data)
            try:
                return await self._transact(await self._connect(), sender, to, data)
            except HungUp as hung_up:
                raise DeliveryFailed(f"sender: {hung_up}", permanent=False) from None

    async def check(self) -> None:
        """Connect, greet and sign in; raises DeliveryFailed with the reason if that does not work."""
        async with self._slot():
            self._keep(self._take_spare() or await self._connect())

    async def aclose(self) -> None:
        """Say goodbye on every open connection, two seconds at most."""
        self._closed = True
        if self._sweeper is not None:
            self._sweeper.cancel()
        async with asyncio.TaskGroup() as goodbyes:
            while self._spare:
                goodbyes.create_task(_quit(self._spare.pop().client))

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        async with self._slots:
            if self._closed:
                raise DeliveryFailed("connect: Kring is stopping", permanent=False)
            try:
                async with asyncio.timeout(self._patience):
                    yield
            except TimeoutError:
                raise DeliveryFailed(f"lost: no answer within {self._patience:g} s", permanent=False) from None

    async def _connect(self) -> Line:
        client = self._client()
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()
        except aiosmtplib.SMTPResponseException as refused:
            _drop(client)
            raise refusal("connect", refused.code, refused.message) from None
        except (aiosmtplib.SMTPException, OSError, UnicodeError) as lost:
            _drop(client)
            raise DeliveryFailed(f"connect: {clean_line(str(lost), 300)}", permanent=False) from None
        except BaseException:
            _drop(client)
            raise
        return Line(client, 0.0)

    def _client(self) -> aiosmtplib.SMTP:
        relay = self._relay
        if self._tls is None and relay.security != "smtp":
            self._tls = ssl.create_default_context()
        return aiosmtplib.SMTP(
            hostname=relay.host,
            port=relay.port,
            username=relay.user,
            password=relay.password,
            local_hostname=self._hello,
            timeout=None,  # the slot's clock covers all steps together, so a relay that drips cannot stretch it
            use_tls=relay.security == "smtps",
            start_tls=relay.security == "starttls",
            tls_context=self._tls,
        )

    async def _transact(self, line: Line, sender: str, recipient: str, data: bytes) -> str:
        """Do one transaction and keep the connection, unless nobody can know any more what state it is in."""
        try:
            receipt = await converse(line, sender, recipient, data)
        except DeliveryFailed:
            self._keep(line)
            raise
        except HungUp:
            _drop(line.client)
            raise
        except (aiosmtplib.SMTPException, OSError) as lost:
            _drop(line.client)
            raise DeliveryFailed(f"lost: {clean_line(str(lost), 300)}", permanent=False) from None
        except BaseException:
            _drop(line.client)
            raise
        self._keep(line)
        return receipt

    def _take_spare(self) -> Line | None:
        while self._spare:
            line = self._spare.pop()
            if line.client.is_connected:
                return line
            _drop(line.client)
        return None

    def _keep(self, line: Line) -> None:
        if self._closed or not line.client.is_connected:
            _drop(line.client)
            return
        loop = asyncio.get_running_loop()
        line.used = loop.time()
        self._spare.append(line)
        if self._sweeper is None:
            self._sweeper = loop.call_later(self._idle, self._sweep)

    def _sweep(self) -> None:
        """Close what nobody used for a while; the relay would do it less politely."""
        loop = asyncio.get_running_loop()
        limit = loop.time() - self._idle
        for line in [line for line in self._spare if line.used <= limit]:
            self._spare.remove(line)
            _take_leave(line.client)
        self._sweeper = loop.call_later(self._idle, self._sweep) if self._spare else None


def _drop(client: aiosmtplib.SMTP) -> None:
    """Cut a connection without waiting for a peer that may not read."""
    if client.transport is not None:
        cast(asyncio.Transport, client.transport).abort()
    client.close()


def _take_leave(client: aiosmtplib.SMTP) -> None:
    if client.is_connected:
        cast(asyncio.Transport, client.transport).write(b"QUIT\r\n")
    client.close()


async def _quit(client: aiosmtplib.SMTP) -> None:
    with suppress(aiosmtplib.SMTPException, OSError):
        async with asyncio.timeout(2):
            await client.quit()
    _drop(client)
