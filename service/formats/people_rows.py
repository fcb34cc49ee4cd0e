"""A file of people: one row per person, each cell checked and in the form in which it is kept.

Knows the file alone; whether a circle or a person is there already is for `service/store/imports.py` to find out.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from service.errors import Invalid
from service.formats import fields, tables
from service.formats.addresses import normalised
from service.formats.tables import Fault
from service.model import Language, Role

COLUMNS: Final = ("name", "email", "language", "organisation", "title", "roles", "circles")
FACILITATES: Final = "*"

_ROLES: Final = (Role.STAFF, Role.ADMIN)


class PersonRow(NamedTuple):
    """What a file says of a person; an empty cell says nothing.

    `emails` and `circles` are words with a space between them: the first address is the primary one, a slug with an
    asterisk before it is of a circle that the person facilitates.
    """

    line: int
    name: str
    emails: str
    language: str
    organisation: str
    title: str
    role: str
    circles: str


def read(source: str | bytes) -> Iterator[PersonRow | Fault]:
    """Yield the people of a CSV text, and in the place of each broken row the first thing that is wrong with it."""
    lines: dict[str, int] = {}
    for row in tables.read(source, COLUMNS, required=("name", "email")):
        if isinstance(row, Fault):
            yield row
            continue
        name, email, language, organisation, title, role, circles = row.cells
        try:
            yield PersonRow(
                row.line,
                fields.needed("name", name),
                _emails(row.line, email, lines),
                _language(language),
                *_affiliation(organisation, title),
                _role(role),
                _circles(circles),
            )
        except Invalid as error:
            yield Fault(row.line, f"{error.field}: {error}")


def _emails(line: int, cell: str, lines: dict[str, int]) -> str:
    """Read the addresses of a row; `lines` tells where each address of the file stood first."""
    emails = [normalised(word) for word in cell.split()]
    if not emails:
        raise Invalid("email", "This is needed.")
    for email in emails:
        first = lines.setdefault(email, line)
        if first != line:
            raise Invalid("email", f"{email} is on line {first} too.")
    return emails[0] if len(emails) == 1 else " ".join(dict.fromkeys(emails))


# What follows stands in many rows of a file, so that most answers are known from an earlier row.


@lru_cache(maxsize=64)
def _language(cell: str) -> str:
    value = cell.strip().lower()
    return value and fields.choice("language", value, Language)


@lru_cache(maxsize=64)
def _role(cell: str) -> str:
    value = cell.strip().lower()
    return value and fields.choice("roles", value, _ROLES)


@lru_cache(maxsize=4096)
def _affiliation(organisation: str, title: str) -> tuple[str, str]:
    organisation, title = fields.line("organisation", organisation), fields.line("title", title)
    if title and not organisation:
        raise Invalid("title", "A title needs an organisation.")
    return organisation, title


@lru_cache(maxsize=4096)
def _circles(cell: str) -> str:
    """Read the slugs of a cell; who facilitates a circle is not also told to take part in it."""
    slugs = dict.fromkeys(cell.lower().split())
    return " ".join(slug for slug in slugs if FACILITATES + slug not in slugs)
