"""The door for mail that comes in: an LMTP listener behind the association's own mail server (RFC 2033).

Stores a mail as it came, commits, and only then says 250; reading it is the intake's business. Never to be opened to
the internet: it knows no spam filter and believes the envelope.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import structlog
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session

from bots.mail.envelope import Arrived

log = structlog.get_logger()

LARGEST: Final = 32 * 1024 * 1024
"""Bytes of a mail; what is larger than we read is still kept, but no mail server lets more than this through."""

TIMEOUT_SECONDS: Final = 300.0

Store = Callable[[Arrived], Awaitable[None]]
"""Keeps a mail and commits; raises when that could not be done."""


class _Listener(LMTP):
    """An LMTP server that takes the long lines which mail servers let through, beyond RFC 5321 section 4.5.3.1.6."""

    line_length_limit = 1024 * 1024


class _Handler:
    """What the listener does with each command that matters; aiosmtpd finds the methods by their names."""

    def __init__(self, store: Store, domain: str) -> None:
        self._store = store
        self._domain = domain.lower()

    async def handle_RCPT(  # noqa: N802
        self, server: LMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take one recipient of our domain at a time, so that the one reply after DATA is about them."""
        local, _, domain = address.rpartition("@")
        if not local or domain.lower().rstrip(".") != self._domain:
            return "550 5.7.1 This is not an address of this domain"
        if envelope.rcpt_tos:
            return "452 4.5.3 One recipient at a time, please"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: LMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Store the mail; 250 only once it is committed, 451 on any fault of ours."""
        raw = envelope.original_content or b""
        try:
            await self._store(Arrived(envelope.rcpt_tos[0], (envelope.mail_from or "").strip("<>"), raw))
        except Exception:
            log.exception("mail_not_stored", size=len(raw))
            return "451 4.3.0 Cannot store this now, try again later"
        return "250 2.0.0 Stored"

    async def handle_exception(self, error: Exception) -> str:
        """Ask for another try when something broke on our side: nothing was acknowledged."""
        log.error("lmtp_command_failed", fault=type(error).__name__)
        return "451 4.3.0 Something broke here, try again later"


@asynccontextmanager
async def listening(where: str, *, domain: str, store: Store) -> AsyncIterator[None]:
    """Listen on host:port or on a unix socket during the block; raises OSError when that cannot be done."""
    loop = asyncio.get_running_loop()
    handler = _Handler(store, domain)

    def connection() -> _Listener:
        options: dict[str, Any] = {
            "data_size_limit": LARGEST,
            "enable_SMTPUTF8": True,
            "decode_data": False,
            "hostname": domain,
            "ident": "Kring LMTP",
            "timeout": TIMEOUT_SECONDS,
            "loop": loop,
        }
        return _Listener(handler, **options)

    if where.startswith("/"):
        with contextlib.suppress(FileNotFoundError):
            Path(where).unlink()
        server: asyncio.AbstractServer = await loop.create_unix_server(connection, where)
    else:
        host, _, port = where.rpartition(":")
        server = await loop.create_server(connection, host.strip("[]"), int(port))
    try:
        yield
    finally:
        server.close()
        await server.wait_closed()
