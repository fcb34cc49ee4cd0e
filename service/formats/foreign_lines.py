"""Content lines of calendars that other programs wrote: decode, unfold and split them, whatever is wrong with them.

Tolerant where `lines` is strict; what the lines say is read in `itip_reply`. Every step is linear in the text.
"""

import codecs
import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import unquote

from service.errors import Invalid
from service.formats.addresses import normalised

_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_SNIFFED: Final = 128
_BREAK: Final = re.compile("\r\n|\r|\n")
_NAME: Final = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,63})[ \t]*(?=[:;])")
# RFC 5545 section 8.3.2 and what came later: the rest of a value whose fold lost its blank often looks like a
# property, for it holds "mailto:" or a parameter.
_NAMES: Final = """
BEGIN END CALSCALE METHOD PRODID VERSION ATTACH CATEGORIES CLASS COMMENT DESCRIPTION GEO LOCATION PERCENT-COMPLETE
PRIORITY RESOURCES STATUS SUMMARY COMPLETED DTEND DUE DTSTART DURATION FREEBUSY TRANSP TZID TZNAME TZOFFSETFROM
TZOFFSETTO TZURL TZUNTIL TZID-ALIAS-OF ATTENDEE CONTACT ORGANIZER RECURRENCE-ID RELATED-TO URL UID EXDATE EXRULE
RDATE RRULE ACTION REPEAT TRIGGER CREATED DTSTAMP LAST-MODIFIED SEQUENCE REQUEST-STATUS NAME REFRESH-INTERVAL
SOURCE COLOR IMAGE CONFERENCE ACKNOWLEDGED PROXIMITY CALENDAR-ADDRESS LOCATION-TYPE PARTICIPANT-TYPE
RESOURCE-TYPE STRUCTURED-DATA STYLED-DESCRIPTION LINK REFID CONCEPT BUSYTYPE DEFAULT-ALARM ALARM-AGENT
"""
_KNOWN: Final = frozenset(_NAMES.split())
_FOLDED_FROM: Final = 50
"""Characters that a line has at least when its writer folded it: a shorter one is followed by junk, not by its rest."""

_ADDRESS: Final = 320
_AROUND: Final = " \t\"'<>"
_ADDRESSED: Final = re.compile(":[ \t]*mailto:", re.IGNORECASE)
_CODECS: Final = re.compile(
    r"utf[-_]?8|utf[-_]?16(?:[-_]?[lb]e)?|utf[-_]?7|(?:us-?)?ascii|latin-?1|iso[-_]?8859[-_]?\d{1,2}"
    r"|(?:windows|cp)-?125\d|koi8-?[ru]|macintosh|gb2312|gbk|gb18030|big5|shift_jis|iso-2022-jp|euc-?(?:jp|kr)",
    re.IGNORECASE,
)


def decoded(data: bytes, charset: str = "") -> str:
    """Return text as far as it is any: by its byte order mark, as UTF-16, UTF-8, the declared charset, Windows-1252."""
    for bom, codec in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(codec, "replace")
    head = data[:_SNIFFED]
    if head.count(0) * 3 > len(head):
        return data.decode("utf-16-be" if head[0] == 0 else "utf-16-le", "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode(known_codec(charset) or "cp1252", "replace")


def known_codec(charset: str) -> str | None:
    """Return the codec of a charset that mail really uses, None for others: some take quadratic time."""
    charset = charset.strip(" '\"")
    try:
        name = codecs.lookup(charset).name if _CODECS.fullmatch(charset) else None
    except LookupError:
        return None
    # What calls itself Latin-1 is Windows-1252, as every reader takes it.
    return "cp1252" if name in {"iso8859-1", "ascii"} else name


def properties(text: str) -> Iterator[tuple[str, str]]:
    """Yield the name of each property, in capitals, and the rest of its line from the first ":" or ";" on."""
    name, pieces, width = "", list[str](), 0
    for line in filter(None, _BREAK.split(text)):
        found = _NAME.match(line)
        if line[0] in " \t":
            pieces.append(line[1:])  # RFC 5545 section 3.1
        elif found and (width < _FOLDED_FROM or _is_property(found[1].upper())):
            if name:
                yield name, "".join(pieces)
            name, pieces = found[1].upper(), [line[found.end() :]]
        elif width >= _FOLDED_FROM and not _is_property(line.strip().upper()):
            pieces.append(line)
        width = len(line)
    if name:
        yield name, "".join(pieces)


def _is_property(name: str) -> bool:
    return name in _KNOWN or (name.startswith("X-") and _NAME.match(f"{name}:") is not None)


def value_of(rest: str) -> str:
    """Return the value of a property whose parameters do not matter."""
    return rest[_colon(rest) + 1 :].strip()


def addressed(rest: str) -> tuple[Mapping[str, str], str]:
    """Return the parameters, by name in capitals, and the value of a property that holds an address.

    The value begins at the last ":mailto:", for CN too may hold one that nobody quoted.
    """
    at = -1
    for match in _ADDRESSED.finditer(rest):
        at = match.start()
    at = at if at >= 0 else _colon(rest, last=True)
    return _parameters(rest[:at]), rest[at + 1 :].strip()


def parameter(rest: str, name: str) -> str:
    """Return one parameter of a property whose value begins at the first colon outside quotes; empty if absent."""
    return _parameters(rest[: _colon(rest)]).get(name, "")


def plain_address(value: str) -> str:
    """Take a mail address out of its URI (RFC 6068 section 2), in small letters; empty if it can be none."""
    value = value[: 4 * _ADDRESS].strip(_AROUND)
    if value[:7].lower() == "mailto:":
        value = value[7:].partition("?")[0]
    if "%" in value:
        value = unquote(value)
    value = value.strip(_AROUND)
    return (value.lower() if value.isascii() else value) if "@" in value and len(value) <= _ADDRESS else ""


def kept_address(value: str) -> str:
    """Return the mail address in a calendar address (RFC 5545 section 3.3.3) as it is kept, empty if there is none."""
    plain = plain_address(value)
    try:
        return normalised(plain) if plain else ""
    except Invalid:
        return ""


def _colon(rest: str, *, last: bool = False) -> int:
    """Return where the value begins; quotes that do not pair off are not quotes."""
    if '"' not in rest:
        return rest.rfind(":") if last else rest.find(":")
    quoted, found = False, -1
    for at, char in enumerate(rest):
        if char == '"':
            quoted = not quoted
        elif char == ":" and not quoted:
            found = at
            if not last:
                return at
    return found if found >= 0 else rest.find(":")


def _parameters(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for piece in _pieces(text):
        name, equals, value = piece.partition("=")
        if equals:
            found.setdefault(name.strip().upper(), value.strip().strip('"').strip())
    return found


def _pieces(text: str) -> list[str]:
    """Split at the semicolons outside quotes."""
    if '"' not in text or text.count('"') % 2:
        return text.split(";")
    pieces, start = [], 0
    for at, quoted in _semicolons(text):
        if not quoted:
            pieces.append(text[start:at])
            start = at + 1
    return [*pieces, text[start:]]


def _semicolons(text: str) -> Iterator[tuple[int, bool]]:
    quoted = False
    for at, char in enumerate(text):
        if char == '"':
            quoted = not quoted
        elif char == ";":
            yield at, quoted
