"""A mail as it arrived: its envelope and its bytes, and how a repeat of it is known. Reads no more than it must."""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from bots.mail.fields import fields, mailbox
from bots.mail.recipients import RECIPIENTS, Ours, own_address
from service.formats.foreign_lines import plain_address

_MESSAGE_ID: Final = re.compile(rb"^message-id:[ \t]*(?:\r?\n[ \t]+)?([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_FROM: Final = re.compile(rb"^from:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.IGNORECASE | re.MULTILINE)
_ADDRESS: Final = re.compile(rb"[^\s\x00-\x20\x7f<>\"(),:;]{1,64}@[^\s\x00-\x20\x7f<>\"(),:;]{1,255}")
_HEAD: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Arrived:
    """A mail with its envelope: to whom, from whom (empty: nobody), and what."""

    recipient: str
    envelope_from: str
    raw: bytes

    @property
    def external_id(self) -> str:
        """Return what is the same when the same mail is delivered again, though it took another way."""
        head, _, body = self._parts()
        found = _MESSAGE_ID.search(head)
        said = found[1].strip() if found else b""
        to = self.recipient.lower().encode(errors="replace")
        what = b"\n".join((to, said, hashlib.sha256(body).digest()))
        return hashlib.sha256(what).hexdigest()

    @property
    def conversation(self) -> str:
        """Return what keeps mails in order: the address that it was sent to, for commands the sender."""
        local = self.recipient.rpartition("@")[0].lower()
        if re.fullmatch(r"[rub]-[a-z2-7]{40}", local):
            return f"mail:{local}"
        found = _FROM.search(self._parts()[0])
        address = _ADDRESS.search(found[1]) if found else None
        return f"mail:{address[0].decode('latin-1').lower()}" if address else "mail:"

    def _parts(self) -> tuple[bytes, bytes, bytes]:
        end = re.search(rb"\r?\n\r?\n", self.raw[:_HEAD])
        cut = end.end() if end else min(len(self.raw), _HEAD)
        return self.raw[:cut], b"", self.raw[cut:]


def legible(address: str) -> str:
    """Return an address of an envelope as text that can be kept; in the place of what is no text stands its sign.

    A mail server may pass on any bytes that a stranger gave it (RFC 6531 section 3.3 asks for UTF-8): a mail that could
    be kept under no address would be brought again for days.
    """
    return address.encode("utf-8", "surrogatepass").decode("utf-8", "replace").replace("\0", "\ufffd")


def taken_out(raw: bytes, ours: Ours) -> Arrived:
    """Return a mail out of a mailbox, which has lost its envelope, with what its header still says of it.

    Where it says nothing of the sender, its author counts as such: nobody at all would make it a machine's.
    """
    end = re.search(rb"\r?\n\r?\n", raw[:_HEAD])
    found = fields(raw[: end.start() if end else _HEAD].replace(b"\r\n", b"\n"))
    sender = plain_address(found.first("return-path")) if "return-path" in found else mailbox(found, "from")[1]
    return Arrived(own_address((value for name in RECIPIENTS for value in found.every(name)), ours), sender or "", raw)
