"""Divide a line that a person typed into words, and words into the phrases of the lexicon.

Takes every character as it comes, in time that grows with their number; what the phrases mean together is decided in
`words`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from handlers.dialogue import lexicon
from service.channels import Topic

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """The words of a line, small and without punctuation; `doubt`: there is a question mark or an ellipsis in it."""

    tokens: Phrase
    doubt: bool


class Kind(StrEnum):
    """What a word or phrase does in an answer."""

    ANSWER = "answer"
    NUMBER = "number"
    GREETING = "greeting"
    GLAD = "glad"
    SORRY = "sorry"
    THANKS = "thanks"
    POLITE = "polite"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Item:
    """A phrase, a number or a word that is in no list; `topic` is that of an answer."""

    kind: Kind
    words: str
    topic: Topic | None = None


EMOJI: Final = frozenset("👍👎✅❌😊🙂😀😃😄😁😉🎉🥳❤☺😢😞😔😕🙁😟☹🙏👋")

_SMILEYS: Final = {":-)": "☺", ":)": "☺", ";-)": "☺", ";)": "☺", ":-(": "☹", ":(": "☹"}
_PUNCTUATION: Final = frozenset(',.;:!?…()[]"“”„«»¡¿')
_DASHES: Final = frozenset(("-", "–", "—", "--"))
_DIGITS: Final = 18
"""Of a number that PostgreSQL's bigint can hold."""

# Apostrophes, and what only colours the emoji before it, go; an emoji stands apart from the word it is glued to.
_DROPPED: Final = dict.fromkeys(map(ord, "'’‘`´\ufe0e\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"))
_TABLE: Final = _DROPPED | {ord(emoji): f" {emoji} " for emoji in EMOJI}


def line(text: str) -> Line:
    """Divide a line into words; the stroke of a command and the name of a bot behind it fall away."""
    text = text.casefold()
    for smiley, emoji in _SMILEYS.items():
        text = text.replace(smiley, emoji)
    doubt = "?" in text or "…" in text or ".." in text or _is_numbering(text)
    spaced = "".join(" " if _parts(text, at) else text[at] for at in range(len(text)))
    tokens = [token for token in spaced.translate(_TABLE).split() if token not in _DASHES]
    if tokens and tokens[0].startswith("/"):
        tokens[0] = tokens[0][1:].partition("@")[0]
    return Line(tuple(token for token in tokens if token), doubt)


def items(tokens: Sequence[str]) -> list[Item]:
    """Divide words into known phrases, the longest first; greetings only stand at the beginning."""
    found: list[Item] = []
    at, table = 0, _OPENING
    while at < len(tokens):
        item, length = _longest(tokens[at : at + _LONGEST], table)
        table = table if item.kind is Kind.GREETING else _ITEMS
        found.append(item)
        at += length
    return found


def number(token: str) -> str | None:
    """Read the number of a gathering, as 12 or #12; None for what is none."""
    digits = token.removeprefix("#")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS):
        return None
    return str(int(digits))


def phrases(text: str) -> list[Phrase]:
    """Read the phrases of an entry of the lexicon, parted by strokes and lines."""
    return [line(phrase).tokens for row in text.splitlines() for phrase in row.split("|") if phrase.strip()]


def words(text: str) -> frozenset[str]:
    """Read an entry of the lexicon that holds single words."""
    return frozenset(" ".join(phrase) for phrase in phrases(text))


def by_phrase(table: Mapping[Topic, str]) -> dict[Phrase, Topic]:
    """Turn a table of the lexicon round."""
    return {phrase: topic for topic, text in table.items() for phrase in phrases(text)}


def _parts(text: str, at: int) -> bool:
    """Tell whether a character parts words; in 12.30 it does not, so that a time is never taken for a number."""
    if text[at] not in _PUNCTUATION:
        return False
    return not (text[at] in ".,:" and text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit())


def _is_numbering(text: str) -> bool:
    """Tell whether a line begins with "No. 12", which in English is a number and not a refusal."""
    start = text.lstrip(" (/")
    return start.startswith("no.") and start[3:].lstrip()[:1].isdigit()


def _longest(tokens: Sequence[str], table: Mapping[Phrase, Item]) -> tuple[Item, int]:
    for length in range(len(tokens), 0, -1):
        if item := table.get(tuple(tokens[:length])):
            return item, length
    if tokens[0] in _NUMBER and len(tokens) > 1 and (found := number(tokens[1])):
        return Item(Kind.NUMBER, found), 2
    if found := number(tokens[0]):
        return Item(Kind.NUMBER, found), 1
    return Item(Kind.UNKNOWN, tokens[0]), 1


def _table(kind: Kind, text: str, topic: Topic | None = None) -> dict[Phrase, Item]:
    return {phrase: Item(kind, " ".join(phrase), topic) for phrase in phrases(text)}


_ITEMS: Final = {
    **_table(Kind.POLITE, lexicon.POLITE),
    **_table(Kind.THANKS, lexicon.THANKS),
    **_table(Kind.GLAD, lexicon.GLAD),
    **_table(Kind.SORRY, lexicon.SORRY),
    **{k: v for topic, text in lexicon.ANSWERS.items() for k, v in _table(Kind.ANSWER, text, topic).items()},
}
_OPENING: Final = _table(Kind.GREETING, lexicon.GREETINGS) | _ITEMS
_LONGEST: Final = max(len(phrase) for phrase in _OPENING)
_NUMBER: Final = words(lexicon.NUMBER)
