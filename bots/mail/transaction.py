"""One mail transaction over an open connection to the relay (RFC 5321 section 3.3)."""

from dataclasses import dataclass

import aiosmtplib

from bots.mail.content import content
from bots.mail.refusals import refusal
from service.errors import DeliveryFailed
from service.formats.cleaning import clean_line


@dataclass(slots=True)
class Line:
    """One open connection; `midway` if the relay still holds half a transaction of ours."""

    client: aiosmtplib.SMTP
    used: float
    midway: bool = False


class HungUp(Exception):
    """The relay ended the connection before it took anything of this mail."""


async def converse(line: Line, sender: str, recipient: str, data: bytes) -> str:
    """Hand over one mail and return the relay's receipt.

    Raises DeliveryFailed where the relay refuses, HungUp where it ended the connection before, and what aiosmtplib
    raises where nobody can know any more.
    """
    client = line.client
    await _begin(line, sender, recipient, len(data))
    reply = await client.execute_command(b"RCPT", b"TO:<%b>" % recipient.encode())
    if reply.code // 100 != 2:
        raise refusal("recipient", reply.code, reply.message)
    reply = await client.execute_command(b"DATA")
    if reply.code != 354:
        raise refusal("content", reply.code, reply.message)
    reply = await _pour(client, content(_without_lone_cr(data)))
    if reply.code != 250:
        raise refusal("content", reply.code, reply.message)
    line.midway = False
    return clean_line(reply.message, 300)


def _without_lone_cr(data: bytes) -> bytes:
    """Let a CR on its own end a line, which RFC 5321 section 2.3.8 forbids to send."""
    return data if data.count(b"\r") == data.count(b"\r\n") else data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


async def _pour(client: aiosmtplib.SMTP, lines: bytes) -> aiosmtplib.SMTPResponse:
    """Send the content of a mail; the library's own way searches it twice for what `mime` never writes."""
    if client.protocol is None:
        raise aiosmtplib.SMTPServerDisconnected("Connection lost")
    client.protocol.write(lines)
    return await client.protocol.read_response()


async def _begin(line: Line, sender: str, recipient: str, size: int) -> None:
    client = line.client
    options = _options(client, sender, recipient, size)
    try:
        if line.midway:
            await client.rset()
        reply = await client.execute_command(b"MAIL", b"FROM:<%b>" % sender.encode(), *options)
    except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPResponseException) as lost:
        raise HungUp(clean_line(str(lost), 300)) from None
    if reply.code == 421:
        raise HungUp(clean_line(f"{reply.code} {reply.message}", 300))
    if reply.code // 100 != 2:
        raise refusal("sender", reply.code, reply.message)
    line.midway = True


def _options(client: aiosmtplib.SMTP, sender: str, recipient: str, size: int) -> list[bytes]:
    options = [b"SIZE=%d" % size] if client.supports_extension("size") else []
    if not (sender.isascii() and recipient.isascii()):
        # RFC 6531 section 3.5: without the extension such a mail must not be sent.
        if not client.supports_extension("smtputf8"):
            raise DeliveryFailed("recipient: the relay takes no addresses beyond ASCII", permanent=True)
        options += [b"SMTPUTF8", b"BODY=8BITMIME"]
    return options
