"""Tables that people make in a spreadsheet and save as CSV: decoded, header checked, one row after another.

Knows lines and columns; what a cell must hold is decided by `people_rows` and `plan_rows`.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

MAX_BYTES: Final = 64 * 1024 * 1024
MAX_ROWS: Final = 250_000

_SEPARATORS: Final = ",;"
# An accented letter as UTF-8 writes it: a file with one of these is not CP1252, but UTF-8 with a broken place.
_LETTER_IN_UTF8: Final = re.compile(b"[\xc3-\xc5][\x80-\xbf]")


class Fault(NamedTuple):
    """What is wrong and on which line; lines count from 1, the header included."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row in the order of the columns asked for, and the line on which it starts."""

    line: int
    cells: list[str]


class _UnreadableError(Exception):
    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.fault = Fault(line, reason)


def read(source: str | bytes, columns: Sequence[str], *, required: Sequence[str]) -> Iterator[Row | Fault]:
    """Yield the rows of a CSV text, and in the place of a row that is broken its fault.

    Bytes are UTF-8 (with or without byte order mark) or else CP1252; cells are parted by commas or semicolons; the
    columns stand in any order, absent ones that are not required read as empty; empty rows are passed over. Where
    the text cannot be read on (its encoding, its header, its size, an open quotation mark) a fault is the last thing.
    """
    try:
        yield from _rows(_decoded(source), columns, required)
    except _UnreadableError as error:
        yield error.fault


def _rows(text: str, columns: Sequence[str], required: Sequence[str]) -> Iterator[Row | Fault]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    try:
        header = next(reader, [])
        places = _places(header, columns, required)
        in_order = places == list(range(len(header)))
        last, count = reader.line_num, 0
        for cells in reader:
            line, last = last + 1, reader.line_num
            if not any(map(str.strip, cells)):
                continue
            count += 1
            if count > MAX_ROWS:
                raise _UnreadableError(line, f"the file has more than {MAX_ROWS:,} rows")
            if len(cells) != len(header):
                yield Fault(line, f"has {len(cells)} cells where the header has {len(header)}")
            else:
                yield Row(line, cells if in_order else ["" if place is None else cells[place] for place in places])
    except csv.Error as error:
        raise _UnreadableError(max(reader.line_num, 1), f"cannot be read as CSV: {error}") from error


def _decoded(source: str | bytes) -> str:
    if len(source) > MAX_BYTES:
        raise _UnreadableError(1, f"the file is larger than {MAX_BYTES // 1024 // 1024} MB")
    if isinstance(source, str):
        return source.removeprefix("\ufeff")
    if source.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise _UnreadableError(1, "is UTF-16; save the file as CSV in UTF-8")
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        broken = error
    try:
        if _LETTER_IN_UTF8.search(source) is None:
            return source.decode("cp1252")
    except UnicodeDecodeError as error:
        broken = error
    line = source.count(b"\n", 0, broken.start) + 1
    raise _UnreadableError(line, "is neither UTF-8 nor CP1252; save the file as CSV in UTF-8") from broken


def _separator(text: str) -> str:
    header = text.partition("\n")[0]
    return max(_SEPARATORS, key=header.count)


def _places(header: list[str], columns: Sequence[str], required: Sequence[str]) -> list[int | None]:
    """Find where each column asked for stands in the file."""
    names = [name.strip().lower() for name in header]
    missing = [name for name in required if name not in names]
    if missing:
        raise _UnreadableError(1, f"the header lacks {', '.join(missing)}; it may hold {', '.join(columns)}")
    unknown = [name or "a column without a name" for name in names if name not in columns]
    if unknown:
        raise _UnreadableError(1, f"the header has {', '.join(unknown)}; it may hold {', '.join(columns)}")
    if len(set(names)) < len(names):
        raise _UnreadableError(1, "the header names a column twice")
    return [names.index(name) if name in names else None for name in columns]
