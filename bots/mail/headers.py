"""Write header fields that no name or title can break open, and prove it on the finished header block.

Makes header lines only; which fields a mail has, and its parts, is decided in `mime`.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

import idna

from service.errors import DeliveryFailed
from service.formats.cleaning import header_text

# RFC 5322 section 3.2.3: what an atom may hold. Not "=?": readers that decode words anywhere would see through it.
_ATOM = r"(?:(?!=\?)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-])+"
_DOT_ATOM = rf"{_ATOM}(?:\.{_ATOM})*"
# RFC 5321 section 4.1.2: letters, digits and inner hyphens, 63 at most.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = rf"{_LABEL}(?:\.{_LABEL})*"
_IS_DOT_ATOM = re.compile(_DOT_ATOM).fullmatch
_IS_DOMAIN = re.compile(_DOMAIN).fullmatch
_IS_MESSAGE_ID = re.compile(rf"<{_DOT_ATOM}@{_DOMAIN}>").fullmatch
# RFC 3986 appendix A, without what would end or split the field.
_IS_LINK = re.compile(r"(?:https?://|mailto:)(?!.*=\?)[A-Za-z0-9._~:/?#\[\]@!$&'*+;=%-]+").fullmatch

# RFC 2047 section 5, rule 3: the characters that may stand for themselves in any header, a name included.
_SELF = {c: c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/"} | {" ": "_"}
# RFC 2047 section 2 allows 75 per word and 76 per line; shorter words leave room for the name of the field.
_WORD = 54
_LINE = 76

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# What a header line may hold: anything but controls, the tab of a fold included in the text.
_TEXT = b"\t" + bytes(range(0x20, 0x7F)) + bytes(range(0x80, 0x100))
_FOLDS = (b" ", b"\t")
_IS_ONE_MAILBOX = re.compile(
    rb'\r\nTo:(?:(?: "(?:[^"\\\r\n]|\\["\\])*")|(?:(?:\r\n)? =\?utf-8\?q\?[^? \r\n]+\?=)*)'
    rb'(?:\r\n)? <([^<>\s"]+)>\r\n(?! )'
).search


def field(name: str, tokens: Sequence[str]) -> str:
    """Return one header field with its CRLF, folded between tokens at 76 characters."""
    short = f"{name}: {' '.join(tokens)}"
    if len(short) <= _LINE:
        return short + "\r\n"
    lines: list[str] = []
    line = f"{name}:"
    room = 0  # a name alone on the first line confuses old readers, so the first token always follows it
    for token in tokens:
        if room and len(line) + len(token) >= _LINE:
            lines.append(line)
            line = ""
        line = f"{line} {token}"
        room = 1
    return "\r\n".join([*lines, line]) + "\r\n"


@lru_cache(512)
def text_field(name: str, value: str) -> str:
    """Return a field of free text (RFC 5322 section 3.2.5), cleaned, in encoded words where it is not plain."""
    value = header_text(value)
    words = value.split()
    plain = value.isascii() and all(len(word) < _WORD for word in words)
    return field(name, words if plain else encoded_words(value))


def mailbox_field(name: str, display: str, address: str) -> str:
    """Return a field of exactly one mailbox; `address` must have passed `envelope_address`."""
    return field(name, [*phrase(display), f"<{address}>"])


@lru_cache(64)
def date_field(name: str, moment: datetime) -> str:
    """Return a date (RFC 5322 section 3.3) in UTC, in English whatever the locale."""
    utc = moment.astimezone(UTC)
    iso = utc.isoformat()
    return f"{name}: {_DAYS[utc.weekday()]}, {iso[8:10]} {_MONTHS[utc.month - 1]} {iso[:4]} {iso[11:19]} +0000\r\n"


@lru_cache(512)
def phrase(display: str) -> tuple[str, ...]:
    """Return a display name as a quoted string or as encoded words; nothing for an empty one."""
    display = header_text(display)
    if not display:
        return ()
    if display.isascii() and len(display) < _WORD:
        return ('"' + display.replace("\\", "\\\\").replace('"', '\\"') + '"',)
    return encoded_words(display)


@lru_cache(512)
def encoded_words(value: str) -> tuple[str, ...]:
    """Return text as RFC 2047 encoded words, each at most 75 characters and never splitting a character."""
    words: list[str] = []
    word = ""
    for char in value:
        unit = _SELF.get(char) or "".join(f"={byte:02X}" for byte in char.encode())
        if len(word) + len(unit) > _WORD:
            words.append(f"=?utf-8?q?{word}?=")
            word = ""
        word += unit
    return (*words, f"=?utf-8?q?{word}?=") if word else ()


@lru_cache(1024)
@lru_cache(64)
def envelope_address(value: str, *, ours: bool = False) -> str:
    """Return the address as it may stand in an envelope, its domain in A-labels.

    Raises a permanent DeliveryFailed for anything but dot-atom@domain (RFC 5321 section 4.1.2); the address is at
    fault unless it is one of `ours`.
    """
    local, _, domain = value.rpartition("@")
    if not domain.isascii():
        try:
            # Label by label, for the codec takes other full stops than ours too.
            domain = b".".join(map(idna.alabel, domain.split("."))).decode()
        except idna.IDNAError:
            domain = ""
    address = f"{local}@{domain}"
    # RFC 6531 section 3.3: letters beyond ASCII count as atom characters.
    shape = local if local.isascii() else "".join(map(_shape, local))
    if _IS_DOT_ATOM(shape) and _IS_DOMAIN(domain) and len(local.encode()) <= 64 and len(address.encode()) <= 254:
        return address
    raise DeliveryFailed("not a mail address", permanent=True, address_at_fault=not ours)


def _shape(char: str) -> str:
    return "x" if not char.isascii() and unicodedata.category(char)[0] in "LMN" else char


def message_id(value: str) -> str:
    """Return a message id (RFC 5322 section 3.6.4, without its obsolete forms) unchanged, or refuse it."""
    return _strict(_IS_MESSAGE_ID(value) and len(value) <= 250, value, "message id")


def list_id(value: str) -> str:
    """Return the dotted identifier of a list (RFC 2919 section 3) unchanged, or refuse it."""
    return _strict(_IS_DOT_ATOM(value) and len(value) <= 250, value, "list id")


def link(value: str) -> str:
    """Return a link of a List-Unsubscribe field (RFC 2369 section 2) unchanged, or refuse it."""
    return _strict(_IS_LINK(value) and len(value) <= 800, value, "link")


def known_ids(values: Sequence[str]) -> list[str]:
    """Return the well-formed message ids among foreign ones: the first and the last nine, for threading only."""
    ids = [value for value in dict.fromkeys(values) if _IS_MESSAGE_ID(value) and len(value) <= 250]
    return ids if len(ids) <= 10 else [ids[0], *ids[-9:]]


def check_block(block: bytes, names: Sequence[str], recipient: str) -> None:
    """Refuse a header block whose fields, as a stranger reads them, are not these names and this one recipient.

    The last look before the wire: whatever got past cleaning and encoding ends here as a permanent DeliveryFailed.
    """
    *lines, rest = block.split(b"\r\n")
    found = [line.partition(b":")[0] for line in lines if line[:1] not in _FOLDS]
    mailbox = _IS_ONE_MAILBOX(block)
    sound = (
        found == _once_each(tuple(names))
        and mailbox is not None
        and mailbox[1] == recipient.encode()
        # No control and no lone CR or LF, and RFC 5322 section 2.1.1: lines of 998 at most, none blank.
        and block.translate(None, _TEXT) == b"\r\n" * len(lines)
        and all(map(bytes.strip, lines))
        and max(map(len, lines)) <= 998
        and not rest
    )
    _strict(sound, "", "header block")


@lru_cache(256)
def _once_each(names: tuple[str, ...]) -> list[bytes] | None:
    """Return names as they stand in a header block; None if one comes twice, in whatever case."""
    return [name.encode() for name in names] if len({name.lower() for name in names}) == len(names) else None


def _strict(holds: object, value: str, what: str) -> str:
    if not holds:
        raise DeliveryFailed(f"malformed {what}", permanent=True)
    return value
