"""From rows to values: the one way in which the store builds dataclasses."""

from collections.abc import Iterable
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")
U = TypeVar("U")


def one(of: type[T], row: Any) -> T | None:
    """Build the dataclass whose fields are the columns of a row, or None for no row."""
    return None if row is None else of(**row)


def many(of: type[T], rows: Iterable[Any]) -> list[T]:
    """Build one dataclass per row, in the order of the rows."""
    return [of(**row) for row in rows]


def split(row: Any, first: type[T], then: type[U]) -> tuple[T, U]:
    """Build two dataclasses from a row that holds their columns side by side, each in the order of its fields."""
    middle = _width(first)  # type: ignore[arg-type]
    end = middle + _width(then)  # type: ignore[arg-type]
    return first(*row[:middle]), then(*row[middle:end])


@cache
def _width(of: type) -> int:
    return len(fields(of))
