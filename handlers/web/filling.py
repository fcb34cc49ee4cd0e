"""Forms that people fill in: what was typed, and what is wrong with it in their own words.

A form that is refused comes back as it was typed, with a sentence at each field; templates show it with the macros of
`parts.html`. What is right is decided by the actions, whose refusals become sentences here.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from aiohttp import web

from handlers.web import forms
from service.errors import Conflict, Invalid, KringError
from service.texts.catalogue import marked

Typed = Mapping[str, str]
"""What stood in the fields of a form, by their names."""

Faults = dict[str, str]
"""A sentence in English, marked for translation, per field that is not right; under "" one about the whole."""

FAULTS: Final[dict[str, str]] = {
    "title": marked("Give it a title, in Dutch, in English or in both."),
    "slug": marked("Use small letters, digits and single hyphens for the address, and begin with a letter or digit."),
    "name": marked("Fill in a name."),
    "email": marked("This is not a mail address. It looks like name@example.org."),
    "kind": marked("Choose one of the kinds."),
    "language": marked("Choose one of the languages."),
    "role": marked("Choose one of the roles."),
    "organisation_id": marked("Choose one of the organisations."),
    "capacity": marked("Fill in a whole number, or leave it empty when there is no limit."),
    "organisation_quota": marked("Fill in a whole number, or leave it empty when there is no limit."),
}
"""What is wrong where an action says `Invalid` for a field: a sentence that says what to do."""

DIGITS: Final = 18
"""How many digits the number of a row has at most: so many always fit into 64 bits."""

ELSE: Final = marked("Please check this once more.")


async def typed(request: web.Request) -> dict[str, str]:
    """Return everything that stood in the form, files left out; of a field that stood there twice the last."""
    return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}


async def ticked(request: web.Request, name: str) -> list[str]:
    """Return every value of a field that may stand there more than once, such as boxes to tick."""
    return [value for value in (await request.post()).getall(name, []) if isinstance(value, str)]


async def without(request: web.Request, names: Iterable[str] = ()) -> dict[str, str]:
    """Return what was typed, without the token of the form and without some fields."""
    unwanted = {forms.FIELD, *names}
    return {name: value for name, value in (await typed(request)).items() if name not in unwanted}


def faults(error: KringError, words: Mapping[str, str] = FAULTS) -> Faults:
    """Turn the refusal of an action into sentences at the fields of its form; what is no such refusal goes on.

    A conflict stands at the field "" unless `words` has a sentence for "conflict".
    """
    if isinstance(error, Invalid):
        field = error.field.removesuffix("_nl").removesuffix("_en") if error.field not in words else error.field
        return {field: words.get(field, FAULTS.get(field, ELSE))}
    if isinstance(error, Conflict) and "conflict" in words:
        return {"": words["conflict"]}
    raise error


def number(text: str) -> int | None:
    """Read the number of a row, as buttons and addresses carry it; None for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS else None


def whole(text: str) -> int | None:
    """Read a whole number that may be left out; -1, which no action takes, for what is no number."""
    text = text.strip()
    if not text:
        return None
    return int(text) if text.isdecimal() and len(text) < 10 else -1
