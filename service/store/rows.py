"""From rows to values: the one way in which the store builds dataclasses."""

from collections.abc import Iterable
from typing import Any, TypeVar

T = TypeVar("T")


def one(of: type[T], row: Any) -> T | None:
    """Build the dataclass whose fields are the columns of a row, or None for no row."""
    return None if row is None else of(**row)


def many(of: type[T], rows: Iterable[Any]) -> list[T]:
    """Build one dataclass per row, in the order of the rows."""
    return [of(**row) for row in rows]
