"""What became of a person's mail addresses, and who must hear of it: those they had before.

Decides; never sends. Whoever may give addresses could else give somebody one of their own, and come in by it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from service.model import Purpose


@dataclass(frozen=True, slots=True)
class Known:
    """A trusted mail address of a person; `awaits_owner`: given by somebody else, and not yet said to be theirs."""

    id: int
    person_id: int
    value: str
    is_primary: bool
    awaits_owner: bool


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to an address of a person; `waits`: for their word that it is theirs."""

    purpose: Purpose
    address_id: int
    value: str
    waits: bool


@dataclass(frozen=True, slots=True)
class Told:
    """An address that hears of a change; one that was the person's for sure may say whether the new one is too."""

    value: str
    decides: bool


def changes(before: Sequence[Known], after: Sequence[Known]) -> list[Change]:
    """List what changed, each address once: given, first for all mail now, taken away. A first address is no change."""
    if not before:
        return []
    old = {one.value: one for one in before}
    kept = {one.value for one in after}
    found = [
        Change(
            Purpose.ADDRESS_PRIMARY if _first(one, old) else Purpose.ADDRESS_ADDED,
            one.id,
            one.value,
            waits=one.awaits_owner or one.value not in old,
        )
        for one in after
        if one.value not in old or _first(one, old)
    ]
    gone = [Change(Purpose.ADDRESS_REMOVED, one.id, one.value, waits=False) for one in before if one.value not in kept]
    return found + gone


def may_go(address_id: int, known: Sequence[Known]) -> bool:
    """Tell whether an address may be removed: the last one that is surely theirs stays while another waits for a word.

    Else it would be enough to take away whoever could say no.
    """
    left = [one for one in known if one.id != address_id]
    return len(left) == len(known) or not left or any(not one.awaits_owner for one in left)


def told(before: Sequence[Known]) -> list[Told]:
    """List who hears of a change: every address of before, whatever has become of it."""
    return [Told(one.value, decides=not one.awaits_owner) for one in before]


def _first(one: Known, old: dict[str, Known]) -> bool:
    return one.is_primary and not (one.value in old and old[one.value].is_primary)
