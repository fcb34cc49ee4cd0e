"""Write a text once and fill in a person a thousand times: constant pieces with named slots between them.

Knows nothing of mail; each value is escaped for its place by whoever fills it in.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

# Nobody who types a title can guess it, and neither HTML, a URL nor a template changes it.
_MARK = secrets.token_hex(8)
_SPLIT = re.compile(f"{_MARK}([a-z]+)-").split


def slot(name: str) -> str:
    """Return what stands for a value in a text that is still to be split; lower-case letters only."""
    return f"{_MARK}{name}-"


@dataclass(frozen=True, slots=True)
class Slotted:
    """A text, encoded all but its slots: the pieces around them, one more than there are slots."""

    pieces: tuple[bytes, ...]
    names: tuple[str, ...]
    encode: Callable[[str], bytes]

    @classmethod
    def of(cls, text: str, encode: Callable[[str], bytes], joint: bytes) -> "Slotted":
        """Split a text at its slots and encode the rest.

        `encode` takes a piece and knows nothing of those around it; `joint` goes between two that share a line.
        """
        split = _SPLIT(text)
        plain, names = split[::2], split[1::2]
        last = len(names)
        pieces = []
        for place, piece in enumerate(plain):
            goes_on = place > 0 and piece[:1] not in ("", "\n")
            is_left = place < last and piece[-1:] != "\n" and bool(piece or place)
            pieces.append(joint * goes_on + encode(piece) + joint * is_left)
        return cls(tuple(pieces), tuple(names), encode)

    def filled(self, values: Mapping[str, str]) -> bytes:
        """Put the encoded text together with a value in each slot; a missing one is a KeyError."""
        encoded = {name: self.encode(values[name]) for name in set(self.names)}
        filled = [b""] * (2 * len(self.names) + 1)
        filled[::2] = self.pieces
        filled[1::2] = [encoded[name] for name in self.names]
        return b"".join(filled)
