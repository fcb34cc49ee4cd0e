"""Fields that people and programs fill in: cleaned here, or refused under their name.

Cleans with `cleaning`; what the fields of a noun are is known to the action that asks.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from service.errors import Invalid
from service.formats.cleaning import clean_line, clean_text

LINE: Final = 200
"""How long a name or a title may be."""

TEXT: Final = 10_000
"""How long a description may be."""


MOST: Final = 100_000
"""How large a number of people may be."""

Check = Callable[[str, Any], Any]
"""Cleans what is given for a field, or raises Invalid for it."""


def checked(given: Mapping[str, Any], checks: Mapping[str, Check]) -> dict[str, Any]:
    """Return what is given, each field cleaned; raises Invalid for the first that there is not, or that cannot be."""
    for field in given:
        if field not in checks:
            raise Invalid(field, "This cannot be set.")
    return {field: checks[field](field, value) for field, value in given.items()}


def needed(field: str, value: object) -> str:
    """Return one line that is not empty; raises Invalid for the field."""
    cleaned = line(field, value)
    if not cleaned:
        raise Invalid(field, "This is needed.")
    return cleaned


def line(field: str, value: object) -> str:
    """Return one line, possibly empty; raises Invalid for the field when it is no text."""
    return clean_line(_text(field, value), LINE)


def text(field: str, value: object) -> str:
    """Return text of several lines, possibly empty; raises Invalid for the field when it is no text."""
    return clean_text(_text(field, value), TEXT)


def choice(field: str, value: object, among: Iterable[str]) -> str:
    """Return the value if it is one of those allowed; raises Invalid for the field."""
    allowed = list(among)
    if value not in allowed:
        raise Invalid(field, f"This must be one of: {', '.join(allowed)}.")
    return str(value)


def number(field: str, value: object) -> int | None:
    """Return a number of people, or None where there is no end to it; raises Invalid for the field."""
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST:
        raise Invalid(field, f"Give a whole number from 1 to {MOST}, or nothing.")
    return value


def flag(field: str, value: object) -> bool:
    """Return a yes or a no; raises Invalid for the field."""
    if not isinstance(value, bool):
        raise Invalid(field, "Say yes or no.")
    return value


def _text(field: str, value: object) -> str:
    if not isinstance(value, str):
        raise Invalid(field, "This must be text.")
    return value
