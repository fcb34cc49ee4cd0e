"""Write the attendance list of a gathering as a file: CSV and XLSX for a spreadsheet, HTML to print.

Takes the registrations in the order they are to stand; who may have the list is decided elsewhere.
"""

import csv as csv_module
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from service.formats.zones import zone
from service.model import Attendance, Gathering, Partstat, Registration, Seat, Via
from service.texts.catalogue import Texts, marked

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

CSV_TYPE: Final = "text/csv"
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_COLUMNS: Final = (
    (marked("Name"), 30),
    (marked("Organisation"), 34),
    (marked("Answer"), 16),
    (marked("Seat"), 16),
    (marked("Place in the queue"), 18),
    (marked("Answered via"), 15),
    (marked("Answered at"), 17),
    (marked("Attendance"), 13),
)
"""Heading and width in characters of each column."""


@dataclass(frozen=True, slots=True)
class Column:
    """A further column of a file: its heading, its width in characters, and what it says of each person, by number."""

    heading: str
    width: int
    cells: Mapping[int, str]


_PAGE: Final = Markup(
    """<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ font: 15px/1.4 system-ui, sans-serif; margin: 2rem }}
table {{ border-collapse: collapse; width: 100% }}
th, td {{ border-bottom: 1px solid #999; padding: .4rem .6rem; text-align: left; vertical-align: top }}
</style>
<h1>{title}</h1>
<p>{when}</p>
<table>
<thead><tr>{head}</tr></thead>
<tbody>
{body}
</tbody>
</table>
</html>
"""
)

_FIRST_ROW: Final = 2
"""Of the people in the sheet, from 0: above them stand the title and the headings."""

_FACILITATOR: Final = marked("facilitator")
_ONLINE: Final = marked("joins online")
_WORDS: Final[dict[str, str]] = {
    Partstat.NEEDS_ACTION: marked("no answer"),
    Partstat.ACCEPTED: marked("accepted"),
    Partstat.DECLINED: marked("declined"),
    Partstat.TENTATIVE: marked("tentative"),
    Seat.SEATED: marked("seated"),
    Seat.OFFERED: marked("offered"),
    Seat.WAITING: marked("waiting"),
    Via.LINK: marked("link"),
    Via.CALENDAR: marked("calendar"),
    Via.MAIL: marked("mail"),
    Via.TELEGRAM: "Telegram",
    Via.CONSOLE: marked("terminal"),
    Via.WEB: marked("website"),
    Via.API: "API",
    Attendance.PRESENT: marked("present"),
    Attendance.ABSENT: marked("absent"),
    Attendance.EXCUSED: marked("excused"),
}
# What a spreadsheet may take for the start of a formula, also behind spaces and in the wide forms of East Asian text.
_FORMULA: Final = re.compile(r"\s*[=+\-@\t\r\n＝＋－＠]")


def csv(
    gathering: Gathering, registrations: Iterable[Registration], texts: Texts, *, more: Sequence[Column] = ()
) -> bytes:
    """Write UTF-8 with a byte order mark, by which Excel knows it; every cell quoted, none a formula.

    `more` are columns behind those of every list.
    """
    text = io.StringIO(newline="")
    writer = csv_module.writer(text, quoting=csv_module.QUOTE_ALL)
    writer.writerow(_harmless(heading) for heading, _ in _headings(texts, more))
    for registration in registrations:
        writer.writerow(_harmless(cell) for cell in _cells(registration, gathering.timezone, texts, more))
    return text.getvalue().encode("utf-8-sig")


def xlsx(
    gathering: Gathering,
    registrations: Iterable[Registration],
    texts: Texts,
    *,
    now: datetime,
    more: Sequence[Column] = (),
) -> bytes:
    """Write one sheet, with title and headings that stay in sight; all is text, save the place in the queue."""
    made = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    from xlsxwriter import Workbook  # a start need not wait for it

    with Workbook(made, options) as book:
        book.set_properties({"title": gathering.title(texts.language), "created": now})
        sheet = book.add_worksheet(texts.gettext("Attendance list"))
        rows = [_cells(registration, gathering.timezone, texts, more) for registration in registrations]
        headings = _headings(texts, more)
        _head(sheet, book, gathering, texts, headings)
        _fill(sheet, rows)
        sheet.autofilter(_FIRST_ROW - 1, 0, _FIRST_ROW - 1 + len(rows), len(headings) - 1)
    return made.getvalue()


def html(gathering: Gathering, registrations: Iterable[Registration], texts: Texts) -> bytes:
    """Write one page that stands alone, to print and to tick."""
    rows = [_cells(registration, gathering.timezone, texts) for registration in registrations]
    head = Markup("").join(Markup("<th>{}</th>").format(texts.gettext(words)) for words, _ in _COLUMNS)
    body = Markup("\n").join(
        Markup("<tr>{}</tr>").format(Markup("").join(Markup("<td>{}</td>").format(cell) for cell in row))
        for row in rows
    )
    page = _PAGE.format(
        language=texts.language,
        title=gathering.title(texts.language),
        when=texts.when(gathering.starts_local, gathering.ends_local, gathering.timezone, home=gathering.timezone),
        head=head,
        body=body,
    )
    return page.encode()


def file_name(gathering: Gathering, extension: str) -> str:
    """Name the file after circle and day, in plain ASCII."""
    return f"{gathering.circle_slug}-{gathering.starts_local:%Y-%m-%d}.{extension}"


def _headings(texts: Texts, more: Sequence[Column]) -> list[tuple[str, int]]:
    """Return heading and width of every column."""
    own = [(texts.gettext(words), width) for words, width in _COLUMNS]
    return own + [(one.heading, one.width) for one in more]


def _cells(registration: Registration, timezone: str, texts: Texts, more: Sequence[Column] = ()) -> Sequence[str | int]:
    at = registration.answered_at
    return (
        registration.person_name,
        registration.organisation or "",
        texts.gettext(_WORDS[registration.partstat]),
        _said(_seat(registration), texts),
        registration.position or "",
        _said(_WORDS[registration.via] if registration.via else "", texts),
        f"{at.astimezone(zone(timezone)):%Y-%m-%d %H:%M}" if at else "",
        _said(_WORDS[registration.attendance] if registration.attendance else "", texts),
        *(one.cells.get(registration.person_id, "") for one in more),
    )


def _seat(registration: Registration) -> str:
    """Say in our own words where somebody sits; nothing where they have no seat and need none."""
    if registration.facilitator:
        return _FACILITATOR
    if registration.online and registration.seat == Seat.NONE:
        return _ONLINE
    return _WORDS.get(registration.seat, "")


def _said(words: str, texts: Texts) -> str:
    return texts.gettext(words) if words else ""


def _harmless(cell: str | int) -> str:
    """Put an apostrophe before what a spreadsheet would calculate when the file is opened."""
    text = str(cell)
    return f"'{text}" if _FORMULA.match(text) else text


def _head(
    sheet: "Worksheet",
    book: "Workbook",
    gathering: Gathering,
    texts: Texts,
    headings: Sequence[tuple[str, int]],
) -> None:
    title, heading = book.add_format({"bold": True, "font_size": 14}), book.add_format({"bold": True, "bottom": 1})
    when = texts.when(gathering.starts_local, gathering.ends_local, gathering.timezone, home=gathering.timezone)
    sheet.write_string(0, 0, f"{gathering.title(texts.language)} · {when}", title)
    for column, (words, width) in enumerate(headings):
        sheet.set_column(column, column, width)
        sheet.write_string(_FIRST_ROW - 1, column, words, heading)
    sheet.freeze_panes(_FIRST_ROW, 0)
    sheet.repeat_rows(0, _FIRST_ROW - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _fill(sheet: "Worksheet", rows: Iterable[Sequence[str | int]]) -> None:
    for number, cells in enumerate(rows, start=_FIRST_ROW):
        for column, cell in enumerate(cells):
            if isinstance(cell, int):
                sheet.write_number(number, column, cell)
            else:
                sheet.write_string(number, column, cell)
