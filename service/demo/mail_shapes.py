"""Write mails and calendars the way foreign programs do, byte by byte: what the shapes in `calendar_clients` share.

What Kring itself sends is written in `bots/mail` and `service/formats`.
"""

import base64
import quopri
from collections.abc import Callable
from datetime import datetime
from email.header import Header
from hashlib import sha256
from typing import Final

CRLF: Final = "\r\n"


def calendar(product: str, event: list[str], *above: str) -> str:
    """Write a calendar with one event, as an answer to an invitation."""
    lines = ["BEGIN:VCALENDAR", f"PRODID:{product}", "VERSION:2.0", *(one for one in above if one), "METHOD:REPLY"]
    lines += ["BEGIN:VEVENT", *event, "END:VEVENT", "END:VCALENDAR"]
    return "".join(_folded(line) for line in lines)


def _folded(line: str) -> str:
    """Fold at 60 characters: that is what cuts an address in two, as these programs do."""
    pieces = [line[at : at + 60] for at in range(0, len(line), 60)] if "\n" not in line else [line]
    return f"{CRLF} ".join(pieces) + CRLF


def mail(head: dict[str, str], body: str) -> bytes:
    """Write a mail from its header and a body that begins with its own Content-Type."""
    lines = "".join(f"{name}: {value}{CRLF}" for name, value in head.items() if value)
    return f"{lines}MIME-Version: 1.0{CRLF}{body}".encode()


def multipart(kind: str, boundary: str, *parts: str) -> str:
    """Write a multipart of parts."""
    inside = "".join(f"--{boundary}{CRLF}{part}{CRLF}" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"{CRLF}{CRLF}{inside}--{boundary}--{CRLF}'


def part(kind: str, content: str, encoding: str, *more: str) -> str:
    """Write a part with its content encoded."""
    fields = CRLF.join((f"Content-Type: {kind}", f"Content-Transfer-Encoding: {encoding}", *more))
    return f"{fields}{CRLF}{CRLF}{_ENCODINGS[encoding](content)}"


def text(kind: str, content: str) -> str:
    """Write a part of text."""
    return part(f"text/{kind}; charset=utf-8", content, "quoted-printable")


_ENCODINGS: Final[dict[str, Callable[[str], str]]] = {
    "7bit": str,
    "8bit": str,
    "base64": lambda text: base64.encodebytes(text.encode()).decode().replace("\n", CRLF),
    "quoted-printable": lambda text: (
        quopri.encodestring(text.replace(CRLF, "\n").encode()).decode().replace("\n", CRLF)
    ),
}


def message_id(host: str, one: str, other: str, now: datetime, prefix: str = "") -> str:
    """Make a Message-ID that is the same for the same answer at the same moment."""
    digest = sha256(f"{one}|{other}|{now.isoformat()}".encode()).hexdigest()[:32]
    return f"<{prefix}{digest}@{host}>"


def encoded(text: str) -> str:
    """Write a header's text, in encoded words where it is not ASCII (RFC 2047)."""
    text = " ".join(text.split())
    return text if text.isascii() else Header(text, "utf-8", maxlinelen=10000).encode()
