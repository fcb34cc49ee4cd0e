"""Write a text once and fill in a person a thousand times: constant pieces with named slots between them.

Knows nothing of mail; each value is escaped for its place by whoever fills it in.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby

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


@dataclass(frozen=True, slots=True)
class Lines:
    """A text of many lines, encoded but for those that hold a slot."""

    blocks: tuple[bytes | Pieces, ...]
    encode: Callable[[str], bytes]

    @classmethod
    def of(cls, text: str, encode: Callable[[str], bytes]) -> "Lines":
        """Split a text into its lines; `encode` takes one line and knows nothing of those around it."""
        blocks: list[bytes | Pieces] = []
        for personal, run in groupby(text.rstrip("\n").split("\n"), key=lambda line: _MARK in line):
            lines = list(run)
            blocks += map(Pieces.of, lines) if personal else [b"".join(map(encode, lines))]
        return cls(tuple(blocks), encode)

    def filled(self, values: Mapping[str, str]) -> bytes:
        """Put the encoded text together with a value in each slot."""
        encode = self.encode
        return b"".join([one if isinstance(one, bytes) else encode(one.filled(values)) for one in self.blocks])
