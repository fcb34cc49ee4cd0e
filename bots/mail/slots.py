"""Write a text once and fill in a person a thousand times: constant pieces with named slots between them.

Knows nothing of mail; each value is escaped for its place by whoever fills it in.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

# Nobody who types a title can guess it, and neither HTML, a URL nor a template changes it.
_MARK = secrets.token_hex(8)
_SPLIT = re.compile(f"{_MARK}([a-z]+)-").split


def slot(name: str) -> str:
    """Return what stands for a value in a text that is still to be split; lower-case letters only."""
    return f"{_MARK}{name}-"


@dataclass(frozen=True, slots=True)
class Pieces:
    """A text, split at its slots: constant pieces at even places, the names of slots at odd ones."""

    parts: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "Pieces":
        """Split a text at its slots."""
        return cls(tuple(_SPLIT(text)))

    def filled(self, values: Mapping[str, str]) -> str:
        """Put the text together with a value in each slot; a missing one is a KeyError."""
        parts = list(self.parts)
        parts[1::2] = [values[name] for name in self.parts[1::2]]
        return "".join(parts)
