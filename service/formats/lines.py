"""Content lines of iCalendar: escape, quote, encode and fold.

Knows lines only; which properties an object has is decided in `ical`, `itip` and `feeds`.
"""

import re
from typing import Final
from urllib.parse import quote

from service.formats.cleaning import clean_line

CRLF: Final = "\r\n"

_LINE_OCTETS: Final = 75  # RFC 5545 section 3.1, without the line break
_PARAMETER_LENGTH: Final = 200
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_PLAIN_URI: Final = re.compile(r"[!#$&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]*")
_URI_SAFE: Final = "!#$&'()*+,-./:;=?@[]_~"
# RFC 5545 knows no escape for a quote, and RFC 6868 readers turn `^n` into a line break.
_PARAMETER: Final = str.maketrans({'"': "'", "^": None})


def text_line(name: str, value: str) -> str:
    """Write a property of type TEXT; newlines in the value are kept as escapes."""
    return fold(f"{name}:{escape(value)}")


def uri_line(name: str, uri: str) -> str:
    """Write a property of type URI; `name` may carry parameters."""
    return fold(f"{name}:{encode_uri(uri)}")


def escape(value: str) -> str:
    """Escape a TEXT value (RFC 5545 section 3.3.11)."""
    value = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return value.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def quoted(value: str) -> str:
    """Quote a parameter value, always: Outlook breaks on non-ASCII parameters without quotes."""
    return f'"{clean_line(value, _PARAMETER_LENGTH).translate(_PARAMETER)}"'


def encode_uri(uri: str) -> str:
    """Percent-encode what may not stand in a URI; an ordinary ASCII address or URL stays byte for byte."""
    if _PLAIN_URI.fullmatch(uri):
        return uri
    return quote(uri, safe=_URI_SAFE, errors="ignore")


def fold(line: str) -> str:
    """End a line with CRLF, folded at 75 octets, never inside a character or an escape pair.

    The one exit of every line: whatever could still start a line of its own is dropped here.
    """
    if not line.isprintable():
        line = _FORBIDDEN.sub("", line)
    if len(line) <= _LINE_OCTETS and line.isascii():
        return line + CRLF
    octets = line.encode()
    pieces, start, width = [], 0, _LINE_OCTETS
    while len(octets) - start > width:
        end = _cut(octets, start, start + width)
        pieces.append(octets[start:end])
        start, width = end, _LINE_OCTETS - 1  # the space that opens a folded line counts
    pieces.append(octets[start:])
    return b"\r\n ".join(pieces).decode() + CRLF


def _cut(octets: bytes, start: int, end: int) -> int:
    while octets[end] & 0xC0 == 0x80:  # a UTF-8 continuation octet
        end -= 1
    piece = octets[start:end]
    backslashes = len(piece) - len(piece.rstrip(b"\\"))
    return end - backslashes % 2
