"""Clean the text that people type: names, titles, places, descriptions.

Cleans and never refuses; escaping for HTML, mail or iCalendar is the business of whoever writes those.
"""

import re
import unicodedata
from typing import Final

_HEADER_LENGTH: Final = 200

# Words of everyday European letters, single spaces between them: nothing to clean.
_ORDINARY: Final = re.compile("[!-~¡-¬®-ɏ–—‘’“”…€]+(?: [!-~¡-¬®-ɏ–—‘’“”…€]+)*")
# What has no business in typed text: controls that are not white space, lone surrogates, bidirectional
# controls, invisible characters and fillers, tags, annotation marks and non-characters.
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ud800-\udfff"
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e007f]"
)
# Marks that stack on one letter: four are more than any language needs, the rest climbs over other lines.
_STACKED: Final = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4})"
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_SELECTORS: Final = re.compile("([\ufe00-\ufe0f\U000e0100-\U000e01ef])[\ufe00-\ufe0f\U000e0100-\U000e01ef]+")
# Joiners belong inside emoji and Persian or Indic words, one at a time; elsewhere they only hide things.
_JOINERS: Final = re.compile("([\u200c\u200d])[\u200c\u200d]+")
_IDLE_JOINER: Final = re.compile("(?<![^\x00-\x7f\\s])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f\\s])")
_BLANK_LINES: Final = re.compile("\n{3,}")


def clean_line(value: str, limit: int) -> str:
    """Make one line of at most `limit` characters; any white space becomes a single space."""
    if len(value) <= limit and _ORDINARY.fullmatch(value):
        return value
    return _shorten(" ".join(_visible(value).split()), limit)


def clean_text(value: str, limit: int) -> str:
    """Make text of at most `limit` characters; every kind of line break becomes a newline."""
    lines = _visible(value).expandtabs(1).splitlines()
    return _shorten(_BLANK_LINES.sub("\n\n", "\n".join(line.rstrip() for line in lines)).strip(), limit)


def header_text(value: str, limit: int = _HEADER_LENGTH) -> str:
    """Make one line for a mail header that nobody can read as an encoded word (RFC 2047 section 2)."""
    return clean_line(clean_line(value, limit).replace("=?", "= ?"), limit)


def _visible(value: str) -> str:
    value = _UNSEEN.sub("", value)
    if value.isascii():
        return value
    value = _SELECTORS.sub(r"\1", _STACKED.sub(r"\1", value))
    value = _IDLE_JOINER.sub("", _JOINERS.sub(r"\1", value))
    return unicodedata.normalize("NFC", value)


def _shorten(value: str, limit: int) -> str:
    if len(value) <= limit:
        return value
    return value[: limit - 1].rstrip(" \n\u200c\u200d") + "…"
