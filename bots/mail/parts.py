"""Take a raw mail apart (RFC 2046), within limits that hold before anything is read in it.

Splits only, without recursion, and never into a mail that another one carries: a forwarded or returned copy says
nothing about its carrier.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bots.mail.fields import Fields, fields, media_type, transferred
from service.formats.foreign_lines import decoded

MAIL: Final = 5 * 1024 * 1024
HEADERS: Final = 64 * 1024
FIELDS: Final = 200
PARTS: Final = 100
DEPTH: Final = 12

_BOUNDARY: Final = 200
_NEWLINE: Final = ord("\n")
_CALENDAR: Final = re.compile(rb"^BEGIN:VCALENDAR", re.IGNORECASE | re.MULTILINE)


class TooMuch(Exception):
    """A mail goes beyond a limit; says beyond which."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a mail; `block` and `body` are as they came but for line ends, which are newlines."""

    block: bytes
    body: bytes
    fields: Fields
    kind: str
    parameters: Mapping[str, str]
    disposition: str
    filename: str

    @classmethod
    def of(cls, block: bytes, body: bytes, default: str) -> "Part":
        """Read what the header says about the body; `default` is its media type where nothing does."""
        found = fields(block)
        kind, parameters = media_type(found.first("content-type"), default)
        disposition, more = media_type(found.first("content-disposition"), "")
        name = more.get("filename") or parameters.get("name") or ""
        return cls(block, body, found, kind, parameters, disposition, name.lower())

    @property
    def carries_calendar_in_header(self) -> bool:
        """Tell whether a gateway put a whole calendar where the header should be."""
        return _CALENDAR.search(self.block) is not None

    def content(self, limit: int) -> bytes:
        """Return the decoded body, of at most about `limit` bytes."""
        return transferred(self.body[: 2 * limit], self.fields.first("content-transfer-encoding"))[:limit]

    def text(self, limit: int) -> str:
        """Return the body as text."""
        return decoded(self.content(limit), self.parameters.get("charset", ""))


def parts(raw: bytes) -> list[Part]:
    """Return the mail and the parts in it, in order of appearance; raises TooMuch."""
    if len(raw) > MAIL:
        raise TooMuch("too large")
    found = list[Part]()
    waiting = [(_unix(raw), 0, "text/plain")]
    while waiting:
        data, depth, default = waiting.pop()
        if depth > DEPTH:
            raise TooMuch("too deep")
        part = _part(data, default)
        if len(part.fields) > FIELDS:
            raise TooMuch("too many headers")
        found.append(part)
        inner = "message/rfc822" if part.kind == "multipart/digest" else "text/plain"
        below = list(_below(part, PARTS - len(found) - len(waiting)))
        waiting.extend((piece, depth + 1, inner) for piece in reversed(below))
    return found


def _unix(raw: bytes) -> bytes:
    data = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    # A pipe puts mbox's first line before the header.
    return data.partition(b"\n")[2] if data.startswith(b"From ") else data


def _part(data: bytes, default: str) -> Part:
    if data.startswith(b"\n"):
        return Part.of(b"", data[1:], default)
    end = data.find(b"\n\n", 0, HEADERS + 2)
    if end < 0 and len(data) > HEADERS:
        raise TooMuch("headers too large")
    return Part.of(data, b"", default) if end < 0 else Part.of(data[: end + 1], data[end + 2 :], default)


def _below(part: Part, room: int) -> Iterator[bytes]:
    """Yield what stands between the boundaries of a multipart (RFC 2046 section 5.1.1)."""
    boundary = part.parameters.get("boundary", "")
    if not part.kind.startswith("multipart/") or not 0 < len(boundary) <= _BOUNDARY:
        return
    # Its beginning is fixed, so that it is found fast; whether a line begins there is looked at afterwards.
    mark = re.compile(rb"--%b(--)?[ \t]{0,80}$" % re.escape(boundary.encode(errors="replace")), re.MULTILINE)
    start = None
    for found in mark.finditer(part.body):
        if found.start() and part.body[found.start() - 1] != _NEWLINE:
            continue
        if start is not None:
            room -= 1
            if room < 0:
                raise TooMuch("too many parts")
            yield part.body[start : max(start, found.start() - 1)]
        start = found.end() + 1
        if found[1]:
            return
    if start is not None:
        yield part.body[start:]
