"""Say a sentence in a person's language: the catalogues beside this file, read once.

The English sentence in the code is the key. Dates are in `dates`, templates in `templates`, upkeep in `update`.
"""

import gettext
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from service.model import Language
from service.texts import dates

FOLDER = Path(__file__).parent
"""Holds a folder per language, and in it a catalogue per room of the program."""

Key = tuple[str | None, str]
"""The context and the English sentence of a message."""


class Texts:
    """Everything Kring can say in one language.

    Sentences hold named places, `%(name)s`, and a percent sign stands there twice: `gettext("%(part)s%%", part=80)`.
    """

    __slots__ = ("_messages", "_plural", "language")

    def __init__(self, language: str, messages: Mapping[Key, tuple[str, ...]], plural: Callable[[int], int]) -> None:
        self.language = language
        self._messages = messages
        self._plural = plural

    def gettext(self, message: str, /, **variables: object) -> str:
        """Say a sentence, with its places filled."""
        return self.message(message) % variables

    def ngettext(self, singular: str, plural: str, count: int, /, **variables: object) -> str:
        """Say a sentence in the number of `count`, which also fills the place `%(count)s`."""
        return self.plural_message(singular, plural, count) % {"count": count, **variables}

    def pgettext(self, context: str, message: str, /, **variables: object) -> str:
        """Say a sentence whose English words mean different things in different contexts."""
        return self.message(message, context) % variables

    def message(self, message: str, context: str | None = None) -> str:
        """Return a sentence with its places still open; the English one where there is no translation."""
        return self._messages.get((context, message), (message,))[0]

    def plural_message(self, singular: str, plural: str, count: int) -> str:
        """Return a sentence in the number of `count`, with its places still open."""
        forms = self._messages.get((None, singular), (singular, plural))
        return forms[self._plural(count)]

    def day(self, day: date) -> str:
        """Write a day in full: dinsdag 1 december 2026."""
        return dates.day(day, self.language)

    def short_day(self, day: date) -> str:
        """Write a day for a narrow column: di 1 dec."""
        return dates.short_day(day, self.language)

    def month(self, day: date) -> str:
        """Write the month of a day: december 2026."""
        return dates.month(day, self.language)

    def clock(self, moment: datetime) -> str:
        """Write a wall time: 16.00 uur."""
        return dates.clock(moment, self.language)

    def hours(self, starts: datetime, ends: datetime) -> str:
        """Write the wall times of something within one day: 16.00–17.30 uur."""
        return dates.hours(starts, ends, self.language)

    def when(self, starts: datetime, ends: datetime, timezone: str, *, home: str) -> str:
        """Write when something is, from its wall times; the zone is named where it is not `home`."""
        return dates.when(starts, ends, timezone, home=home, language=self.language)

    def decimal(self, number: float) -> str:
        """Write a number with one decimal: 7,8."""
        return dates.decimal(number, self.language)

    def moment(self, instant: datetime, timezone: str, *, home: str) -> str:
        """Write an instant as a deadline in a zone: dinsdag 1 december om 16.00 uur."""
        return dates.moment(instant, timezone, home=home, language=self.language)


def marked(message: str) -> str:
    """Return a sentence as it is; marks it for the catalogues where it is translated only later."""
    return message


@cache
def translator(language: str) -> Texts:
    """Return the texts of a language; English for one that Kring does not speak."""
    known = language if language in tuple(Language) else Language.ENGLISH.value
    messages: dict[Key, tuple[str, ...]] = {}
    plural = "(n != 1)"
    for path in sorted((FOLDER / known).glob("*.po")):
        catalogue = read(path, known)
        plural = catalogue.plural_expr
        messages |= _translated(catalogue)
    return Texts(known, messages, gettext.c2py(plural))


def read(path: Path, language: str) -> Catalog:
    """Read one catalogue; raises PoFileError where it cannot be understood."""
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def _translated(catalogue: Catalog) -> dict[Key, tuple[str, ...]]:
    found: dict[Key, tuple[str, ...]] = {}
    for message in catalogue:
        forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        source = message.id if isinstance(message.id, str) else message.id[0]
        if source and forms and all(forms):
            found[message.context, source] = forms
    return found
