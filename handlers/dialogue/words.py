"""Understand what a person typed, in Dutch or English: the one parser of words of every channel.

Pure, and never a guess: a line counts only when all of it is understood. What stands around the words (quotes, a
platform's markup) is taken away by the channel; what is done with an intent is in the other modules.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from handlers.dialogue import lexicon
from handlers.dialogue.phrases import EMOJI, Item, Kind, Line, by_phrase, items, line, number, phrases, words
from service.channels import Intent, Topic
from service.formats.cleaning import clean_text
from service.rules.polling import MOST

LIMIT: Final = 2048
"""Characters that are read; an answer behind which more stands is unclear, for that could hide a second thought."""

ANSWERS: Final = frozenset(lexicon.ANSWERS)


class Puzzle(StrEnum):
    """Why a text was not understood."""

    NOTHING = "nothing"  # there are no words in it
    THANKS = "thanks"  # asks nothing
    COMPANY = "company"  # somebody means to bring others
    RESERVATION = "reservation"  # an answer with something to it, or one that is contradicted
    SEVERAL = "several"  # more than one thing asked at once
    ARGUMENT = "argument"  # the topic is known: but of which gathering, which circle, …?
    LONG = "long"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Unclear:
    """A text that was not understood; `topic` and `argument` tell what it may be about, and are never acted upon."""

    why: Puzzle
    topic: Topic | None = None
    argument: str | None = None


def parse(text: str, *, cut: bool = False) -> Intent | Unclear:
    """Read a text: its first line must be understood as a whole, and nothing below it may contradict that.

    `cut`: there was more below it.
    """
    rows = [row for row in map(line, clean_text(text[:LIMIT], LIMIT).splitlines()) if row.tokens or row.doubt]
    if not rows:
        return Unclear(Puzzle.NOTHING)
    if len(rows) > 1 and _addresses(rows[0]):
        del rows[0]
    first = _read(rows[0])
    if isinstance(first, Unclear):
        return first
    return _contradiction(first, rows[1:], cut=cut or len(text) > LIMIT) or first


def letter(text: str) -> tuple[str, str]:
    """Return what a letter says: above the closing and the name below it, with and without the line that greets."""
    rows = text.splitlines()
    end = next((at for at, row in enumerate(rows) if at and _closes(line(row).tokens)), len(rows))
    first = 1 if end > 1 and _addresses(line(rows[0])) else 0
    return "\n".join(rows[:end]).strip(), "\n".join(rows[first:end]).strip()


def is_slug(word: str) -> bool:
    """Tell whether a word can be the short name of a circle."""
    return len(word) <= _SLUG and word.isascii() and all(part.isalnum() for part in word.split("-"))


_SLUG: Final = 80
_ALONE: Final = by_phrase(lexicon.ALONE)
_WITH: Final = by_phrase(lexicon.WITH)
_LANGUAGES: Final = {phrase: code.value for code, text in lexicon.LANGUAGES.items() for phrase in phrases(text)}
_COMPANY: Final = words(lexicon.COMPANY)
_RESERVATION: Final = words(lexicon.RESERVATION)
_AGAINST: Final = {topic: words(text) | _RESERVATION for topic, text in lexicon.AGAINST.items()}
_TELLING: Final = _COMPANY.union(*_AGAINST.values())
_CLOSINGS: Final = frozenset(phrases(lexicon.CLOSINGS))
_AFTERTHOUGHT: Final = frozenset(phrases(lexicon.AFTERTHOUGHT))

_SOFT: Final = frozenset((Kind.GREETING, Kind.POLITE, Kind.THANKS, Kind.GLAD))
_AGAINST_THE_MOOD: Final = {Topic.ACCEPT: Kind.SORRY, Topic.ACCEPT_ONLINE: Kind.SORRY, Topic.DECLINE: Kind.GLAD}
_CHANGING: Final = ANSWERS | {
    Topic.POLL,
    Topic.RATE,
    Topic.JOIN,
    Topic.LEAVE,
    Topic.LANGUAGE,
    Topic.STOP,
    Topic.PRESENT,
    Topic.ABSENT,
    Topic.EXCUSED,
    Topic.UNMARK,
    Topic.CALL_OFF,
}
_BY_NUMBER: Final = {Topic.JOIN: Topic.ACCEPT, Topic.LEAVE: Topic.DECLINE}
"""Joining and leaving a number means the gathering of that number: circles have names."""

_NAMES: Final = 3
"""Words of a name behind a greeting or above a signature."""


def _read(row: Line) -> Intent | Unclear:
    """Read one line as an answer, else as a question or command."""
    if not row.tokens:
        return Intent(Topic.HELP)
    found = items(row.tokens)
    kinds = {item.kind for item in found}
    if Kind.UNKNOWN not in kinds and Kind.ANSWER in kinds:
        return _answer(found, doubt=row.doubt)
    core, behind = _core(found)
    command = _command(core, behind) if kinds != {Kind.GREETING} else Intent(Topic.HELP)
    if isinstance(command, Intent) and row.doubt and command.topic in _CHANGING:
        return Unclear(Puzzle.RESERVATION, command.topic, command.argument)
    return command or _puzzle(found, core, row)


def _answer(found: Sequence[Item], *, doubt: bool) -> Intent | Unclear:
    """Make an answer of words that are all understood; one that is at odds with itself stays unclear."""
    answers = [item for item in found if item.kind is Kind.ANSWER]
    numbers = [item.words for item in found if item.kind is Kind.NUMBER]
    topic = answers[0].topic
    assert topic is not None
    if len(numbers) > 1:
        return Unclear(Puzzle.SEVERAL, topic)
    argument = numbers[0] if numbers else None
    said = [item.words for item in answers if item.words not in EMOJI]
    at_odds = len(said) > len(set(said)) or {item.topic for item in answers} != {topic}
    if doubt or at_odds or any(item.kind is _AGAINST_THE_MOOD.get(topic) for item in found):
        return Unclear(Puzzle.RESERVATION, topic, argument)
    return Intent(topic, argument)


def _core(found: Sequence[Item]) -> tuple[Sequence[Item], Sequence[Item]]:
    """Take greetings and politeness off both ends; what stood behind is returned too."""
    first, last = 0, len(found)
    while first < last and found[first].kind in _SOFT:
        first += 1
    while last > first and found[last - 1].kind in _SOFT:
        last -= 1
    return found[first:last], found[last:]


def _command(core: Sequence[Item], behind: Sequence[Item]) -> Intent | Unclear | None:
    """Read a question or command; None for what is none. A circle may be called by a word of politeness."""
    if len(core) == 1 and core[0].kind is Kind.NUMBER:
        return Intent(Topic.GATHERING, core[0].words)
    tokens = tuple(token for item in core for token in item.words.split())
    if topic := _ALONE.get(tokens):
        return Intent(topic)
    if (language := _LANGUAGES.get(tokens)) and tokens != (language,):  # "en" is a Dutch word too
        return Intent(Topic.LANGUAGE, language)
    if topic := _WITH.get(tokens):
        return _with(topic, behind[0].words) if behind else Unclear(Puzzle.ARGUMENT, topic)
    return _longer(tokens)


def _longer(tokens: Sequence[str]) -> Intent | Unclear | None:
    """Read a command and what follows it: one word, or for some two, as in "list 12 csv"."""
    for length in range(1, _BEHIND + 1):
        topic = _WITH.get(tuple(tokens[:-length]))
        behind = [word for word in tokens[-length:] if length == 1 or word not in _BETWEEN]
        if topic is not None and (len(behind) == 1 or (len(behind) == 2 and topic in _PAIRED)):
            return _with(topic, "-".join(behind))
    return None


def _with(topic: Topic, word: str) -> Intent | Unclear:
    """Complete a command with the word that follows it."""
    argument = _READERS.get(topic, _slug)(word)
    if argument is None:
        return Unclear(Puzzle.ARGUMENT, topic)
    if topic in _BY_NUMBER and (gathering := number(word)):
        return Intent(_BY_NUMBER[topic], gathering)
    return Intent(topic, argument)


def _slug(word: str) -> str | None:
    return word if is_slug(word) else None


def _paged(word: str) -> str | None:
    """Read the number of a gathering, with that of a page or a person behind a stroke."""
    found = [number(part) for part in word.split("-")]
    return "-".join(filter(None, found)) if all(found) and len(found) <= 2 else None


def _listed(word: str) -> str | None:
    """Read the number of a gathering, with a page or the form of a file behind a stroke."""
    gathering, _, form = word.partition("-")
    if form not in lexicon.FILES:
        return _paged(word)
    found = number(gathering)
    return found and f"{found}-{lexicon.FILES[form]}"


def _ballot(word: str) -> str | None:
    """Read the number of a gathering, with those of moments behind it, each after a stroke."""
    found = [number(part) for part in word.split("-")]
    return "-".join(filter(None, found)) if all(found) and len(found) <= 1 + MOST else None


def _pair(word: str) -> str | None:
    """Read the number of a gathering and that of a person behind a stroke."""
    return _paged(word) if "-" in word else None


_READERS: Final[Mapping[Topic, Callable[[str], str | None]]] = {
    Topic.LANGUAGE: lambda word: _LANGUAGES.get((word,)),
    **dict.fromkeys((Topic.GATHERING, Topic.AGENDA, Topic.CALENDAR, Topic.MESSAGE, Topic.CALL_OFF), number),
    **dict.fromkeys((Topic.PUBLISH, Topic.MOVE, Topic.REPLAN, Topic.CANCEL, Topic.CARD), number),
    **dict.fromkeys((Topic.UNANSWERED, Topic.ATTENDANCE, Topic.RATE), _paged),
    **dict.fromkeys((Topic.ATTENDEE, Topic.PRESENT, Topic.ABSENT, Topic.EXCUSED, Topic.UNMARK), _pair),
    Topic.ROSTER: _listed,
    Topic.POLL: _ballot,
}
"""How the word behind a command is read; for all others it is the short name of a circle."""

_PAIRED: Final = frozenset(topic for topic, read in _READERS.items() if read in (_paged, _listed, _pair, _ballot))
"""Commands behind which two words may stand, which mean the same as both with a stroke between them."""

_BEHIND: Final = 4
_BETWEEN: Final = words(lexicon.BETWEEN)


def _puzzle(found: Sequence[Item], core: Sequence[Item], row: Line) -> Unclear:
    """Say why a line was not understood."""
    kinds = {item.kind for item in found}
    if Kind.THANKS in kinds and kinds.isdisjoint((Kind.UNKNOWN, Kind.NUMBER)):
        return Unclear(Puzzle.THANKS)
    if not core:
        return Unclear(Puzzle.UNKNOWN)
    beside = core[1].words if len(core) > 1 and core[1].kind is Kind.NUMBER else None
    coming = core[0].topic is Topic.ACCEPT or core[0].words in ("we", "wij", "ik")
    if coming and _brings(row.tokens):
        return Unclear(Puzzle.COMPANY, Topic.ACCEPT, beside)
    if core[0].kind is Kind.ANSWER:
        return Unclear(Puzzle.RESERVATION, core[0].topic, beside)
    return Unclear(Puzzle.UNKNOWN)


def _brings(tokens: Iterable[str]) -> bool:
    """Tell whether words speak of company."""
    return any(token in _COMPANY or (token.startswith("+") and token[1:].isdigit()) for token in tokens)


def _addresses(row: Line) -> bool:
    """Tell whether a line only greets somebody, by name perhaps."""
    found = items(row.tokens)
    names = [item for item in found if item.kind is not Kind.GREETING]
    greets = len(names) < len(found) and not row.doubt
    return greets and len(names) <= _NAMES and all(n.kind is Kind.UNKNOWN and n.words not in _TELLING for n in names)


def _contradiction(intent: Intent, below: Sequence[Line], *, cut: bool) -> Unclear | None:
    """Look below the line that was understood for what makes it doubtful; None where nothing does."""
    closed = False
    for row in below:
        if closed:
            if any(row.tokens[: len(phrase)] == phrase for phrase in _AFTERTHOUGHT):
                return Unclear(Puzzle.RESERVATION, intent.topic, intent.argument)
        elif _closes(row.tokens):
            closed = True
        elif found := _doubt(intent, row):
            return found
    changes = intent.topic in _CHANGING
    return Unclear(Puzzle.LONG, intent.topic, intent.argument) if cut and changes and not closed else None


def _closes(tokens: Sequence[str]) -> bool:
    """Tell whether a line ends a letter, with a name behind it perhaps."""
    return any(tokens[: len(phrase)] == phrase and len(tokens) - len(phrase) <= _NAMES for phrase in _CLOSINGS)


def _doubt(intent: Intent, row: Line) -> Unclear | None:
    """Tell whether a line further down says something else, or takes something back."""
    other = _read(row)
    if isinstance(other, Intent):
        same = other.topic is intent.topic and other.argument in (None, intent.argument)
        return None if same else Unclear(Puzzle.SEVERAL, intent.topic)
    if intent.topic not in _CHANGING:
        return None
    if intent.topic is Topic.ACCEPT and _brings(row.tokens):
        return Unclear(Puzzle.COMPANY, intent.topic, intent.argument)
    if row.doubt or not _AGAINST.get(intent.topic, _RESERVATION).isdisjoint(row.tokens):
        return Unclear(Puzzle.RESERVATION, intent.topic, intent.argument)
    return None
