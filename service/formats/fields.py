"""Fields that people and programs fill in: cleaned here, or refused under their name.

Cleans with `cleaning`; what the fields of a noun are is known to the action that asks.
"""

from collections.abc import Iterable
from typing import Final

from service.errors import Invalid
from service.formats.cleaning import clean_line, clean_text

LINE: Final = 200
"""How long a name or a title may be."""

TEXT: Final = 10_000
"""How long a description may be."""


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


def _text(field: str, value: object) -> str:
    if not isinstance(value, str):
        raise Invalid(field, "This must be text.")
    return value
