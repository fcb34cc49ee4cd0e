"""Keep what a person wrote, and cut what their mail program put below it: the mail that they answer, a signature.

Knows the habits of mail programs in Dutch, English, German and French; what the words mean is for others.
"""

import re
from collections.abc import Sequence
from typing import Final

from service.formats.cleaning import clean_line

QUOTE: Final = ">"
LINES: Final = 20
CHARACTERS: Final = 2048

_LONGEST: Final = 1000
_WRAPPED: Final = 4
"""Lines over which "On … wrote:" is spread at most."""

_OPENS: Final = re.compile(r"(?:Op|On|Am|Le|El|Il)\s|-{2,}\s?(?:Op|On|Am|Le)\s", re.IGNORECASE)
_WROTE: Final = re.compile(
    r"\b(?:schreef|geschreven|wrote|schrieb|geschrieben|a écrit|écrit|escribió|scritto)\b", re.IGNORECASE
)
_NUMBERED: Final = re.compile(r"[\d@]")
_ENDS: Final = (":", ":*", ": ", "----", "---")
_DATED: Final = re.compile(r"\d{4}-\d\d-\d\d .{0,60}<[^<>]{1,200}>:")
# "-----Original Message-----" in any language, and lines that only divide.
_DIVIDES: Final = re.compile(r"(?:_{5,}|-{5,}|={5,}|\*{5,})|-{2,}\s?[^-\s].{0,100}?\s?-{2,}")
_SIGNATURE: Final = frozenset(("--", "-- ", "—", "––"))
_FIELD: Final = re.compile(r"[*\s]{0,3}(?:Van|From|Von|De)\s?:\*?\s", re.IGNORECASE)
_MOBILE: Final = (
    "verzonden vanaf",
    "verzonden vanuit",
    "verzonden via",
    "verzonden met",
    "verstuurd vanaf",
    "verstuurd vanuit",
    "verstuurd via",
    "verstuurd met",
    "sent from",
    "sent via",
    "sent with",
    "outlook voor",
    "outlook for",
    "outlook für",
    "outlook pour",
    "get outlook for",
    "get [outlook",
    "download outlook",
    "verkrijg outlook",
    "holen sie sich outlook",
    "télécharger outlook",
    "obtenir outlook",
    "gesendet von",
    "von meinem",
    "envoyé de",
    "envoyé depuis",
    "yahoo mail",
    "begin doorgestuurd bericht",
    "begin forwarded message",
)


def written(text: str) -> tuple[tuple[str, ...], bool]:
    """Return the first lines above quote and signature, and whether the person wrote more than those.

    Between two paragraphs stands one empty line.
    """
    kept, gap, count, size = list[str](), False, 0, 0
    rows = [row[:_LONGEST].strip("\ufeff\u200b") for row in text.splitlines()]
    for at, row in enumerate(rows):
        if ends(rows, at):
            break
        line = clean_line(row, _LONGEST)
        if not line:
            gap = bool(kept)
            continue
        if count == LINES or size + len(line) > CHARACTERS:
            return tuple(kept), True
        kept += ["", line] if gap else [line]
        gap, count, size = False, count + 1, size + len(line)
    return tuple(kept), False


def flowed(text: str) -> str:
    """Join the lines that format=flowed broke (RFC 3676 section 4), quotes and signature left alone."""
    joined = list[str]()
    open_line = False
    for row in text.splitlines():
        soft = row.endswith(" ") and row != "-- "
        row = row if row.startswith(QUOTE) else row.removeprefix(" ")
        if open_line and not row.startswith(QUOTE) and row != "-- ":
            joined[-1] += row
        else:
            joined.append(row)
        open_line = soft and not row.startswith(QUOTE) and len(joined[-1]) < _LONGEST
    return "\n".join(joined)


def ends(rows: Sequence[str], at: int) -> bool:
    """Tell whether what a person wrote ends above a line."""
    row = " ".join(rows[at].split())
    if not row:
        return False
    return (
        row.startswith((QUOTE, "##"))
        or row in _SIGNATURE
        or row.lower().lstrip("*_[<").startswith(_MOBILE)
        or _DIVIDES.fullmatch(row) is not None
        or _FIELD.match(f"{row} ") is not None
        or _attributes(rows, at, row)
    )


def _attributes(rows: Sequence[str], at: int, row: str) -> bool:
    """Tell whether the line introduces a quote: "Op 3 mei 2026 om 10:00 schreef …:", perhaps over a few lines."""
    if _DATED.fullmatch(row) or _introduces(row):
        return True
    if not _OPENS.match(row):
        return False
    return any(_introduces(" ".join(" ".join(rows[at : at + count]).split())) for count in range(2, _WRAPPED + 1))


def _introduces(row: str) -> bool:
    return row.endswith(_ENDS) and _WROTE.search(row) is not None and _NUMBERED.search(row) is not None
