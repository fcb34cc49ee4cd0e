"""How much of what is held about a person goes into an export, by who asks for it."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from service.rules.access import KRING, Actor

Held = Mapping[str, Sequence[Mapping[str, Any]]]
"""What is held about one person: rows by the name of their section."""

CONFIDENTIAL: Final = "confidential"
"""The column that says of a row that it is about a confidential circle."""

NAMING: Final = frozenset(
    {
        "title_nl",
        "title_en",
        "circle",
        "circle_nl",
        "circle_en",
        "text",
        "comment",
        "facts",
        "raw",
        "question",
        "answer",
    }
)
"""What a row about a confidential circle says that is for its own people only."""


class Sight(StrEnum):
    """Who looks."""

    OWN = "own"  # the person: everything
    MACHINE = "machine"  # the command line: of confidential circles when and what was answered, and no names
    TEAM = "team"  # of confidential circles nothing, for who is in one is not theirs to know


def sight(actor: Actor, person_id: int) -> Sight:
    """Tell how much an actor may see who may export a person at all."""
    if actor.signed_in and actor.person_id == person_id:
        return Sight.OWN
    return Sight.MACHINE if actor == KRING else Sight.TEAM


def shown(held: Held, seen: Sight) -> dict[str, list[dict[str, Any]]]:
    """Return what of the rows is shown, without the column that told which are confidential."""
    return {
        section: [_row(row, seen) for row in rows if seen is not Sight.TEAM or not row.get(CONFIDENTIAL)]
        for section, rows in held.items()
    }


def _row(row: Mapping[str, Any], seen: Sight) -> dict[str, Any]:
    left_out = {CONFIDENTIAL}
    if row.get(CONFIDENTIAL) and seen is not Sight.OWN:
        left_out |= NAMING
    return {name: value for name, value in row.items() if name not in left_out}
