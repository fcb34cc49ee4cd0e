"""A file with an annual plan: one row per line of the plan, each cell checked and in the form in which it is kept.

What the lines come to over the year is counted in `service/store/targets.py`.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from service.errors import Invalid
from service.formats import fields, tables
from service.formats.tables import Fault
from service.model import Language, Output, Period

COLUMNS: Final = (
    "programme", "title", "kind", "output", "min_count", "max_count", "period", "months", "language", "audience",
    "source", "circle",
)  # fmt: skip
REQUIRED: Final = ("programme", "title", "kind", "output", "min_count")

_MOST: Final = 10_000
_CALENDAR: Final = frozenset(str(month) for month in range(1, 13))


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A line of the plan: how many things of which output a programme promises, and for which circle."""

    programme: str
    title: str
    kind: str
    output: str
    min_count: int
    max_count: int | None
    period: str
    months: list[int]
    language: str
    audience: str
    source: str
    circle: str | None


def read(source: str | bytes, *, kinds: Collection[str], circles: Collection[str]) -> Iterator[PlanRow | Fault]:
    """Yield the lines of a plan, and in the place of each broken row the first thing that is wrong with it.

    `kinds` and `circles` are the names of kinds and the slugs of circles that a line may name.
    """
    lines: dict[tuple[str, str], int] = {}
    for row in tables.read(source, COLUMNS, required=REQUIRED):
        if isinstance(row, Fault):
            yield row
            continue
        try:
            line = _line(dict(zip(COLUMNS, row.cells, strict=True)), kinds, circles)
            first = lines.setdefault((line.programme, line.title), row.line)
            if first != row.line:
                raise Invalid("title", f"This line of the programme is on line {first} too.")
            yield line
        except Invalid as error:
            yield Fault(row.line, f"{error.field}: {error}")


def _line(cells: dict[str, str], kinds: Collection[str], circles: Collection[str]) -> PlanRow:
    output = fields.choice("output", cells["output"].strip(), Output)
    kind, circle = fields.needed("kind", cells["kind"]), cells["circle"].strip().lower()
    if output != Output.MAILING and kind not in kinds:
        raise Invalid("kind", f"There is no kind {kind}.")
    if circle and circle not in circles:
        raise Invalid("circle", f"There is no circle {circle}.")
    low, high = _count("min_count", cells["min_count"]), cells["max_count"].strip()
    most = _count("max_count", high) if high else None
    if most is not None and most < low:
        raise Invalid("max_count", "This is less than min_count.")
    return PlanRow(
        programme=fields.needed("programme", cells["programme"]),
        title=fields.needed("title", cells["title"]),
        kind=kind,
        output=output,
        min_count=low,
        max_count=most,
        period=fields.choice("period", cells["period"].strip() or Period.YEAR, Period),
        months=_months(cells["months"]),
        language=fields.choice("language", cells["language"].strip() or Language.DUTCH, Language),
        audience=fields.line("audience", cells["audience"]),
        source=fields.line("source", cells["source"]),
        circle=circle or None,
    )


def _count(field: str, cell: str) -> int:
    value = cell.strip()
    if not (value.isascii() and value.isdecimal()) or int(value) > _MOST:
        raise Invalid(field, f"This must be a number from 0 to {_MOST}.")
    return int(value)


def _months(cell: str) -> list[int]:
    months = [word.strip() for word in cell.split(",")] if cell.strip() else []
    if not all(month in _CALENDAR for month in months):
        raise Invalid("months", "These must be numbers from 1 to 12 with commas between them.")
    return sorted({int(month) for month in months})
