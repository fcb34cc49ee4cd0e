"""Assemble one mail, byte for byte: headers, text, HTML and the calendar part that mail programs act on.

Knows nothing of gatherings or languages; texts come in ready. Sending is in `send`.
"""

import re
from binascii import b2a_base64, b2a_qp
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from urllib.parse import quote

from bots.mail.headers import (
    check_block,
    date_field,
    envelope_address,
    field,
    known_ids,
    link,
    list_id,
    mailbox_field,
    message_id,
    phrase,
    text_field,
)

# MS-OXCMAIL section 2.1.3.2.20; NDR is left out, for a bounce is news.
_NO_ROBOTS = field("X-Auto-Response-Suppress", ["OOF, AutoReply, DR, RN, NRN"])
_MIME = field("MIME-Version", ["1.0"])
# RFC 3834 section 5
_AUTOMATIC = {
    False: field("Auto-Submitted", ["auto-generated"]),
    True: field("Auto-Submitted", ["auto-replied"]),
}
# RFC 8058 section 3.1: one-click goes with a link that takes a POST
_ONE_CLICK = field("List-Unsubscribe-Post", ["List-Unsubscribe=One-Click"])
# RFC 6838 section 4.2
_IS_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}").fullmatch

SOFT_BREAK = b"=\r\n"
"""What stands between two pieces of quoted-printable that share a line of the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that comes along; `media_type` like application/pdf."""

    filename: str
    media_type: str
    content: bytes

    def __post_init__(self) -> None:
        """Refuse what is no media type."""
        if not _IS_MEDIA_TYPE(self.media_type):
            raise ValueError("not a media type")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """Everything one mail says, to one recipient; the same Mail always becomes the same bytes.

    Names and subject may hold anything a visitor typed. `date` is aware. `message_id`, `in_reply_to` and `references`
    are written with their angle brackets; ids of others that are not well-formed are left out. `calendar` and `method`
    come together, and never with attachments. `list_unsubscribe` holds full links, the https one first. `text` and
    `html` may be bytes, joined from what `quoted` has made.
    """

    message_id: str
    date: datetime
    from_name: str
    from_address: str
    to_name: str
    to_address: str
    subject: str
    text: str | bytes
    html: str | bytes
    reply_to: str | None = None
    calendar: bytes | None = None
    method: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    auto_replied: bool = False
    list_unsubscribe: tuple[str, ...] = ()
    list_id: str | None = None
    list_name: str = ""
    attachments: tuple[Attachment, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no receiver would understand: these are mistakes of the caller."""
        if self.date.tzinfo is None:
            raise ValueError("the date of a mail needs a zone")
        if (self.calendar is None) != (self.method is None) or (self.calendar is not None and self.attachments):
            raise ValueError("a calendar part comes with its method and without attachments")
        # RFC 6047 section 2.4
        if self.calendar is not None and b"\r\nMETHOD:%b\r\n" % (self.method or "").encode() not in self.calendar:
            raise ValueError("the method of the mail is not the METHOD of its calendar")


def build(mail: Mail) -> bytes:
    """Return the mail as it goes on the wire, with CRLF.

    Raises a permanent DeliveryFailed if an address or id is malformed, or if the finished headers hold anything else
    than was meant.
    """
    lines = [*_identity(mail), *_thread(mail), *_manners(mail), _MIME]
    kind, body = _body(mail)
    lines.append(f"Content-Type: {kind}\r\n")
    block = "".join(lines).encode()
    check_block(block, [line.partition(":")[0] for line in lines], envelope_address(mail.to_address))
    return b"%b\r\n%b" % (block, body)


def quoted(text: str) -> bytes:
    """Return text in quoted-printable (RFC 2045 section 6.7), its line breaks CRLF; SOFT_BREAK may stand around it."""
    # With a line break at its end no line gets longer than 75, so that there is room for a soft break.
    return b2a_qp(text.replace("\n", "\r\n").encode(errors="replace") + b"\r\n")[:-2]


def _identity(mail: Mail) -> list[str]:
    lines = [
        date_field("Date", mail.date),
        field("Message-ID", [message_id(mail.message_id)]),
        mailbox_field("From", mail.from_name, envelope_address(mail.from_address, ours=True)),
        mailbox_field("To", mail.to_name, envelope_address(mail.to_address)),
        text_field("Subject", mail.subject),
    ]
    if mail.reply_to:
        lines.append(mailbox_field("Reply-To", mail.from_name, envelope_address(mail.reply_to, ours=True)))
    return lines


def _thread(mail: Mail) -> list[str]:
    # RFC 5322 section 3.6.4
    parents = known_ids([mail.in_reply_to] if mail.in_reply_to else [])
    chain = known_ids(mail.references) or parents
    return [field(name, ids) for name, ids in (("In-Reply-To", parents), ("References", chain)) if ids]


def _manners(mail: Mail) -> list[str]:
    lines = [_AUTOMATIC[mail.auto_replied], _NO_ROBOTS]
    if mail.list_id:
        lines.append(field("List-Id", [*phrase(mail.list_name), f"<{list_id(mail.list_id)}>"]))
    if mail.list_unsubscribe:
        links = [f"<{link(url)}>" for url in mail.list_unsubscribe]
        lines.append(field("List-Unsubscribe", [*(f"{url}," for url in links[:-1]), links[-1]]))
        if any(url.startswith("<http") for url in links):
            lines.append(_ONE_CLICK)
    return lines


def _body(mail: Mail) -> tuple[str, bytes]:
    seed = blake2b(mail.message_id.encode(), digest_size=12).hexdigest()
    parts = [
        _part("text/plain; charset=utf-8", "quoted-printable", _quoted(mail.text)),
        _part("text/html; charset=utf-8", "quoted-printable", _quoted(mail.html)),
    ]
    files = [_file(attachment) for attachment in mail.attachments]
    if mail.calendar is not None:
        calendar = _base64(mail.calendar)
        # RFC 6047 section 2.4. The last alternative, method unquoted, no file name: with one, Outlook and Gmail show
        # an attachment in place of the buttons. The copy as a file is for programs that know only attachments.
        parts.append(_part(f"text/calendar; charset=UTF-8; method={mail.method}", "base64", calendar))
        files.append(_part('application/ics; name="invite.ics"', "base64", calendar, 'filename="invite.ics"'))
    kind, body = _multipart("alternative", f"=_a{seed}", parts)
    if not files:
        return kind, body
    return _multipart("mixed", f"=_m{seed}", [f"Content-Type: {kind}\r\n\r\n".encode() + body, *files])


def _multipart(subtype: str, boundary: str, parts: list[bytes]) -> tuple[str, bytes]:
    # RFC 2045 section 6.7: "=_" is neither quoted-printable nor base64, so no body can hold the boundary.
    mark = b"--%b" % boundary.encode()
    body = b"".join([b"%b\r\n%b" % (mark, part) for part in parts])
    return f'multipart/{subtype};\r\n boundary="{boundary}"', b"%b%b--\r\n" % (body, mark)


def _part(kind: str, encoding: str, content: bytes, filename: str = "") -> bytes:
    where = f"Content-Disposition: attachment; {filename}\r\n" if filename else ""
    return f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n{where}\r\n".encode() + content


def _file(attachment: Attachment) -> bytes:
    # RFC 2231 section 4: percent-encoded, so that any name fits
    name = f"filename*=utf-8''{quote(attachment.filename, safe='', errors='replace')}"
    return _part(attachment.media_type, "base64", _base64(attachment.content), name)


def _quoted(text: str | bytes) -> bytes:
    if isinstance(text, bytes):
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    return quoted(f"{text}\n")


def _base64(content: bytes) -> bytes:
    encoded = b2a_base64(content, newline=False)
    return b"\r\n".join([encoded[start : start + 76] for start in range(0, len(encoded), 76)]) + b"\r\n"
