"""The door for mail that comes in: an LMTP listener behind the association's own mail server (RFC 2033).

Stores a mail as it came, commits, and only then says 250; reading it is the intake's business. Never to be opened to
the internet: it knows no spam filter and believes the envelope.
"""

import asyncio
import errno
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, AnyStr, Final

import structlog
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session, syntax

from bots.mail import hand_over
from bots.mail.envelope import Arrived
from service.errors import DeliveryFailed

log = structlog.get_logger()

LARGEST: Final = 32 * 1024 * 1024
"""Bytes of a mail; what is larger than we read is still kept, but no mail server lets more than this through."""

IDENT: Final = "Kring LMTP"
TIMEOUT_SECONDS: Final = 300.0
STOP_SECONDS: Final = 5.0

MOST_RECIPIENTS: Final = 100
"""What RFC 5321 section 4.5.3.1.8 asks for; whoever has more brings the mail again for the rest."""

MISTAKES: Final = 10
"""So many commands that cannot be right end a connection: no mail server makes that many."""

_MISTAKEN: Final = ("500", "501", "502", "503", "555")

Store = Callable[[Arrived], Awaitable[None]]
"""Keeps a mail and commits; raises when that could not be done."""


class _Listener(LMTP):
    """An LMTP server that takes the long lines which mail servers let through, beyond RFC 5321 section 4.5.3.1.6."""

    line_length_limit = 1024 * 1024

    def __init__(self, handler: "_Handler", **options: Any) -> None:
        super().__init__(handler, **options)
        self._connections, self._storing = handler.connections, handler.storing
        self._mistakes = 0
        self._replies = 1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the connection, so that a stop can end it."""
        self._connections.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Forget the connection."""
        super().connection_lost(error)
        self._connections.discard(self)

    async def push(self, status: AnyStr) -> None:
        """Answer a command, and hang up on whoever speaks no LMTP."""
        # RFC 2033 section 4.2: what comes after the data is said for each recipient
        for _ in range(self._replies):
            await super().push(status)
        data_comes = isinstance(status, str) and status.startswith("354")
        self._replies = len(self.envelope.rcpt_tos) if data_comes and self.envelope is not None else 1
        self._mistakes += isinstance(status, str) and status.startswith(_MISTAKEN)
        if self._mistakes >= MISTAKES:
            self.hang_up()

    @syntax("DATA")
    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802
        """Take a mail, store it and answer; until the answer is out, a stop waits."""
        try:
            await super().smtp_DATA(arg)
        finally:
            self._storing.discard(self)

    def hang_up(self) -> None:
        """Close the connection once what was said has gone out."""
        if self.transport is not None:
            self.transport.close()


class _Handler:
    """What the listener does with each command that matters; aiosmtpd finds the methods by their names."""

    def __init__(self, store: Store, domain: str) -> None:
        self._store = store
        self._domain = domain.lower()
        self.storing: set[LMTP] = set()
        self.connections: set[_Listener] = set()

    async def handle_RCPT(  # noqa: N802
        self, server: LMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take whatever recipients of our domain a mail is for."""
        local, _, domain = address.rpartition("@")
        if not address.isprintable():
            return "553 5.1.3 This is not an address"
        if not local or domain.lower().rstrip(".") != self._domain:
            return "550 5.7.1 This is not an address of this domain"
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients for one mail"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: LMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Store the mail for each recipient; 250 only once that is committed, 451 on any fault of ours.

        It is one answer for all of them: brought again, the mail is kept once for whom it was kept already.
        """
        raw, sender = envelope.original_content or b"", (envelope.mail_from or "").strip("<>")
        self.storing.add(server)
        try:
            for recipient in envelope.rcpt_tos:
                await self._store(Arrived(recipient, sender, raw))
        except Exception:
            log.exception("mail_not_stored", size=len(raw))
            return "451 4.3.0 Cannot store this now, try again later"
        return "250 2.0.0 Stored"

    async def handle_exception(self, error: Exception) -> str:
        """Ask for another try when something broke on our side: nothing was acknowledged."""
        log.error("lmtp_command_failed", fault=type(error).__name__)
        return "451 4.3.0 Something broke here, try again later"

    async def stop(self) -> None:
        """Let what is being stored come to its end and be acknowledged, then hang up; a mail server tries again."""
        try:
            async with asyncio.timeout(STOP_SECONDS):
                while self.storing:  # noqa: ASYNC110 - a stop, a few milliseconds long
                    await asyncio.sleep(0.01)
        except TimeoutError:
            log.warning("mails_not_acknowledged", count=len(self.storing))
        for connection in list(self.connections):
            connection.hang_up()


@asynccontextmanager
async def listening(where: str, *, domain: str, store: Store) -> AsyncIterator[str]:
    """Listen on host:port or on a unix socket during the block, and tell where; raises OSError when that cannot be."""
    handler = _Handler(store, domain)
    server = await _server(handler, where, domain)
    try:
        yield _place(server, where)
    finally:
        server.close()
        await handler.stop()
        await server.wait_closed()


async def fault(where: str, *, domain: str) -> str | None:
    """Find out whether mail could come in there, and say why not; where Kring itself listens already is well."""
    try:
        server = await _server(_Handler(_refuse, domain), where, domain)
    except OSError as error:
        if error.errno == errno.EADDRINUSE and await _ours(where):
            return None
        return error.strerror or str(error)
    server.close()
    await server.wait_closed()
    return None


async def _server(handler: _Handler, where: str, domain: str) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    options: dict[str, Any] = {
        "data_size_limit": LARGEST,
        "enable_SMTPUTF8": True,
        "decode_data": False,
        "hostname": domain,
        "ident": IDENT,
        "timeout": TIMEOUT_SECONDS,
        "loop": loop,
    }
    if where.startswith("/"):
        return await loop.create_unix_server(lambda: _Listener(handler, **options), where)
    host, _, port = where.rpartition(":")
    return await loop.create_server(lambda: _Listener(handler, **options), host.strip("[]"), int(port))


def _place(server: asyncio.Server, where: str) -> str:
    """Tell where a server listens, with the port that it got where it could choose."""
    if where.startswith("/"):
        return where
    return f"{where.rpartition(':')[0]}:{server.sockets[0].getsockname()[1]}"


async def _ours(where: str) -> bool:
    try:
        return IDENT in await hand_over.greeting(where)
    except DeliveryFailed:
        return False


async def _refuse(mail: Arrived) -> None:
    raise DeliveryFailed("only looking whether this place is free", permanent=False)
