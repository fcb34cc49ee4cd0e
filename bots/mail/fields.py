"""Read header fields of mails that came in: split, unfold, decode, and take one mailbox or media type out of them.

Own patterns, each linear in text that is cut first, in place of `email.policy.default`, which one header can stall or
crash. Writing headers is in `headers`.
"""

import re
from binascii import Error, a2b_base64, a2b_qp
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from service.formats.cleaning import clean_line
from service.formats.foreign_lines import decoded, kept_address

LONGEST: Final = 2000
"""Where a field is cut: no honest one reaches it."""

_NAME: Final = 100
_PARAMETERS: Final = 1000
_FIELD: Final = re.compile(r"([!-9;-~]{1,100})[ \t]*:")
# RFC 2047 section 2
_WORD: Final = re.compile(r"=\?([^?\s*]{1,40})(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS: Final = re.compile(r"\?= =\?")
_PARAMETER: Final = re.compile(r';\s?([\w*.+-]{1,60})\s?=\s?(?:"((?:[^"\\]|\\.)*)"|([^;\s"]*))')
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_COMMENT: Final = re.compile(r"\([^()]*\)")
_ANGLE: Final = re.compile(r"<([^<>]*)>")
_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64: Final = bytes(byte for byte in range(256) if byte not in _ALPHABET)


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one header block, names in small letters, values unfolded and not decoded."""

    lines: tuple[tuple[str, str], ...]

    def __len__(self) -> int:
        return len(self.lines)

    def first(self, name: str) -> str:
        """Return the topmost field of a name, empty if there is none."""
        return next(self.every(name), "")

    def every(self, name: str) -> Iterator[str]:
        """Yield the fields of a name from the top, each cut where no honest one reaches."""
        return (value[:LONGEST] for found, value in self.lines if found == name)

    def __contains__(self, name: object) -> bool:
        return any(found == name for found, _ in self.lines)


def fields(block: bytes) -> Fields:
    """Split a header block whose lines end in a newline; lines that are no field are left out."""
    found: list[tuple[str, list[str]]] = []
    for line in decoded(block).split("\n"):
        if line[:1] in {" ", "\t"}:
            if found:
                found[-1][1].append(line)
        elif match := _FIELD.match(line):
            found.append((match[1].lower(), [line[match.end() :]]))
    return Fields(tuple((name, "".join(pieces).strip()) for name, pieces in found))


def plain(value: str, limit: int) -> str:
    """Return the text of a field, its encoded words decoded and nothing in it that is not seen."""
    value = _BETWEEN_WORDS.sub("?==?", " ".join(value[:LONGEST].split()))
    return clean_line(_WORD.sub(_decoded_word, value), limit)


def mailbox(fields: Fields, name: str) -> tuple[str, str | None]:
    """Return the display name and the address in a field that holds exactly one mailbox, else None for the address.

    Decoding comes after taking apart (RFC 2047 section 5): an encoded word never holds an address.
    """
    values = list(fields.every(name))
    if len(values) != 1:
        return "", None
    bare = _QUOTED.sub("", values[0])
    for _ in range(3):
        bare = _COMMENT.sub("", bare)
    angles = _ANGLE.findall(bare)
    before, _, behind = bare.partition("<")
    if len(angles) > 1 or "," in before or (angles and behind.partition(">")[2].strip()):
        return "", None
    shown = values[0].rpartition("<")[0] if angles else ""
    return plain(shown.strip().strip('"'), _NAME), kept_address(angles[0] if angles else bare) or None


def media_type(value: str, default: str) -> tuple[str, Mapping[str, str]]:
    """Return what Content-Type or Content-Disposition says: its value and its parameters, names in small letters."""
    value = " ".join(value[:_PARAMETERS].split())
    kind = value.partition(";")[0].strip(" '\"").lower()
    found: dict[str, str] = {}
    for name, quoted, bare in _PARAMETER.findall(value):
        found.setdefault(name.lower().rstrip("*"), quoted or bare)
    return kind or default, found


def transferred(body: bytes, encoding: str) -> bytes:
    """Undo a transfer encoding (RFC 2045 section 6), leniently."""
    match encoding.strip(" '\"").lower():
        case "base64":
            return _base64(body)
        case "quoted-printable":
            return a2b_qp(body)
        case _:
            return body


def _base64(body: bytes) -> bytes:
    body = body.translate(None, _NOT_BASE64)
    if len(body) % 4 == 1:
        body = body[:-1]
    return a2b_base64(body + b"=" * (-len(body) % 4))


def _decoded_word(found: re.Match[str]) -> str:
    charset, encoding, text = found[1], found[2].lower(), found[3].encode(errors="replace")
    try:
        data = _base64(text) if encoding == "b" else a2b_qp(text, header=True)
    except Error:
        return ""
    return decoded(data, charset)
