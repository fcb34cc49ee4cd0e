"""A place for things that are costly to write: what was not used for longest goes when there is no room left.

Holds values in the memory of one process; when a value is still true is known by whoever chose its key.
"""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class Shelf(Generic[V]):
    """Keeps values up to `room` bytes, by the sizes that are told."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._filled = 0
        self._kept: OrderedDict[Hashable, tuple[V, int]] = OrderedDict()

    def get(self, key: Hashable) -> V | None:
        """Return what was put under a key, if it is still there."""
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: Hashable, value: V, size: int) -> None:
        """Keep a value of so many bytes; one larger than the shelf is not kept."""
        self._filled -= self._kept.pop(key, (None, 0))[1]
        if size > self._room:
            return
        self._kept[key] = value, size
        self._filled += size
        while self._filled > self._room:
            _, (_, gone) = self._kept.popitem(last=False)
            self._filled -= gone
