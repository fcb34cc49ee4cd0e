"""Tables from spreadsheets: encodings, separators, headers, and rows that are broken."""

import pytest

from service.formats import tables
from service.formats.tables import Fault, Row, read

COLUMNS = ("name", "town", "note")


def rows(source: str | bytes) -> list[Row | Fault]:
    return list(read(source, COLUMNS, required=("name",)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_table_reads_the_same_however_it_was_saved(encoding: str, separator: str, newline: str) -> None:
    text = newline.join(separator.join(cells) for cells in (COLUMNS, ("Zoë", "’s-Hertogenbosch", "€ 5")))
    assert rows(text.encode(encoding)) == [Row(2, ["Zoë", "’s-Hertogenbosch", "€ 5"])]


def test_columns_may_stand_in_any_order_and_be_absent() -> None:
    assert rows(" Note ,NAME\nx,Anna\n") == [Row(2, ["Anna", "", "x"])]


def test_text_with_a_byte_order_mark_is_text() -> None:
    assert rows("\ufeffname\nAnna") == [Row(2, ["Anna", "", ""])]


def test_lines_are_counted_through_cells_of_several_lines_and_empty_rows() -> None:
    assert rows('name,town\n"An\nna",A\n\n ,\nBert,B\n') == [Row(2, ["An\nna", "A", ""]), Row(6, ["Bert", "B", ""])]


def test_a_broken_row_is_told_and_the_next_are_read() -> None:
    assert rows("name,town\nAnna\nBert,B\nCor,C,c\n") == [
        Fault(2, "has 1 cells where the header has 2"),
        Row(3, ["Bert", "B", ""]),
        Fault(4, "has 3 cells where the header has 2"),
    ]


@pytest.mark.parametrize(
    ("source", "line", "reason"),
    [
        ("", 1, "the header lacks name; it may hold name, town, note"),
        ("town\nA", 1, "the header lacks name; it may hold name, town, note"),
        ("name,age\nA,1", 1, "the header has age; it may hold name, town, note"),
        ("name,\nA,1", 1, "the header has a column without a name; it may hold name, town, note"),
        ("name,town,name\nA,B,C", 1, "the header names a column twice"),
        ("name\tx\nA\tB", 1, "the header lacks name; it may hold name, town, note"),
        ('name,town\nA,"B', 2, "cannot be read as CSV: unexpected end of data"),
        ('name\n"A"B', 2, "cannot be read as CSV: ',' expected after '\"'"),
        ("name\n" + "x" * 131_073, 2, "cannot be read as CSV: field larger than field limit (131072)"),
        (b"name\nA\n\x81\n", 3, "is neither UTF-8 nor CP1252; save the file as CSV in UTF-8"),
        ("name\nA".encode("utf-16"), 1, "is UTF-16; save the file as CSV in UTF-8"),
        (b"x" * (tables.MAX_BYTES + 1), 1, "the file is larger than 64 MB"),
    ],
)
def test_what_cannot_be_read_on_ends_with_a_fault(source: str | bytes, line: int, reason: str) -> None:
    assert rows(source)[-1] == Fault(line, reason)


def test_a_table_without_end_is_cut_off() -> None:
    last = rows("name\n" + "A\n" * (tables.MAX_ROWS + 1))[-1]
    assert last == Fault(tables.MAX_ROWS + 2, "the file has more than 250,000 rows")


@pytest.mark.parametrize(
    "broken", ["name\nZoë\nBrontë".encode()[:-1], "name\nZoë\n".encode() + "Brontë".encode("cp1252")]
)
def test_a_file_that_is_mostly_utf_8_is_not_read_as_something_else(broken: bytes) -> None:
    assert rows(broken) == [Fault(3, "is neither UTF-8 nor CP1252; save the file as CSV in UTF-8")]
