"""Clean the text that people type: names, titles, places, descriptions.

Cleans and never refuses; escaping for HTML, mail or iCalendar is the business of whoever writes those.
"""

import re
import unicodedata
from typing import Final

_HEADER_LENGTH: Final = 200
_MARKS: Final = 4  # on one letter, which is more than any language asks for

# Letters, digits and signs of everyday European text: nothing to clean, already in NFC.
_LETTERS: Final = "!-~¡-¬®-ɏ–—‘’“”…€•"
_PLAIN_LINE: Final = re.compile(f"[{_LETTERS}]+(?: [{_LETTERS}]+)*")
_PLAIN: Final = re.compile(f"[\t\n\r {_LETTERS}]*")

# What has no business in typed text: controls that are not white space, lone surrogates, bidirectional
# controls, invisible characters and fillers, tags, annotation marks and non-characters.
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ud800-\udfff"
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\u00ad\u0344\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e007f]"
)
_SELECTORS: Final = re.compile("([\ufe00-\ufe0f\U000e0100-\U000e01ef])[\ufe00-\ufe0f\U000e0100-\U000e01ef]+")
# Joiners belong inside emoji and Persian or Indic words, one at a time; elsewhere they only hide things.
_JOINERS: Final = re.compile("([\u200c\u200d])[\u200c\u200d]+")
_IDLE_JOINER: Final = re.compile("(?<![^\x00-\x7f\\s])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f\\s])")
_BLANK_LINES: Final = re.compile("\n{3,}")


def clean_line(value: str, limit: int) -> str:
    """Make one line of at most `limit` characters; any white space becomes a single space."""
    if len(value) <= limit and _PLAIN_LINE.fullmatch(value):
        return value
    return _shorten(" ".join(_visible(value).split()), limit)


def clean_text(value: str, limit: int) -> str:
    """Make text of at most `limit` characters; every kind of line break becomes a newline."""
    lines = _visible(value).expandtabs(1).splitlines()
    return _shorten(_BLANK_LINES.sub("\n\n", "\n".join(line.rstrip() for line in lines)).strip(), limit)


def header_text(value: str, limit: int = _HEADER_LENGTH) -> str:
    """Make one line for a mail header that nobody can take for an encoded word (RFC 2047 section 2)."""
    return clean_line(clean_line(value, limit).replace("=?", "= ?"), limit)


def _visible(value: str) -> str:
    value = _UNSEEN.sub("", value)
    if _PLAIN.fullmatch(value):
        return value
    value = unicodedata.normalize("NFC", _unstacked(value))
    value = _IDLE_JOINER.sub("", _JOINERS.sub(r"\1", _SELECTORS.sub(r"\1", value)))
    return unicodedata.normalize("NFC", _unstacked(value))


def _unstacked(value: str) -> str:
    """Drop marks piled on one letter: they climb over other lines, and sorting them takes quadratic time."""
    kept, height = [], 0
    for character in value:
        height = height + 1 if unicodedata.combining(character) else 0
        if height <= _MARKS:
            kept.append(character)
    return "".join(kept)


def _shorten(value: str, limit: int) -> str:
    if len(value) <= limit:
        return value
    return value[: limit - 1].rstrip().rstrip("\u200c\u200d") + "…"
