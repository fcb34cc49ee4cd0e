"""Lists that an action gives whole are cut into pages by the key of their rows."""

import pytest

from handlers.web.paging import cut, first

ROWS = [7, 3, 9, 4, 1]


@pytest.mark.parametrize(
    ("after", "shown", "more"),
    [
        ("", [7, 3], 3),
        ("3", [9, 4], 4),
        ("4", [1], None),
        ("1", [], None),
        ("9", [4, 1], None),
        ("8", [7, 3], 3),  # gone in the meantime, or never there
        ("x", [7, 3], 3),
    ],
)
def test_a_page_begins_behind_its_key(after: str, shown: list[int], more: int | None) -> None:
    assert cut(ROWS, lambda row: row, after, 2) == (shown, more)


@pytest.mark.parametrize(("many", "shown", "more"), [(4, [7, 3, 9, 4], 4), (5, ROWS, None), (6, ROWS, None)])
def test_one_row_more_than_a_page_holds_says_where_the_next_begins(
    many: int, shown: list[int], more: int | None
) -> None:
    assert first(ROWS, many, lambda row: row) == (shown, more)
