"""Cut lists into pages: those that an action gives whole, and those of which the database gives a page and one more."""

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
K = TypeVar("K", int, str)
C = TypeVar("C")


def first(found: Sequence[T], many: int, key: Callable[[T], C]) -> tuple[Sequence[T], C | None]:
    """Keep a page of what was looked up with one more than it holds, and the key of its last if there are more."""
    return found[:many], key(found[many - 1]) if len(found) > many else None


def cut(rows: Sequence[T], key: Callable[[T], K], after: str, many: int) -> tuple[Sequence[T], K | None]:
    """Return the `many` rows behind the one with this key, and the key of the last of them if there are more.

    A key that is not there means the beginning.
    """
    begins = next((index + 1 for index, row in enumerate(rows) if str(key(row)) == after), 0)
    shown = rows[begins : begins + many]
    return shown, key(shown[-1]) if len(rows) > begins + many else None


def cut_unnamed(rows: Sequence[T], after: str, many: int) -> tuple[list[T], int | None]:
    """Cut a list whose rows have no key by their places in it."""
    shown, more = cut(list(enumerate(rows, start=1)), lambda row: row[0], after, many)
    return [row for _, row in shown], more
