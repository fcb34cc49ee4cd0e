"""Read the annual plan and the texts of the circles that carry it, from the files in this package.

Only reads; what is made of it (people, days, gatherings) is decided by the neighbours.
"""

import csv
import tomllib
from dataclasses import dataclass
from datetime import time
from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast

from service.demo.model import Circle, PlanLine, Text, Visibility

TEXTS = ("verenigingsbreed", "kwaliteit", "innovation-hub", "leiderschap", "lobby", "communicatie")


@dataclass(frozen=True, slots=True)
class Theme:
    """Hold what one gathering is about; with a `month` it belongs to that calendar month."""

    title: Text
    text: Text
    month: int | None


@dataclass(frozen=True, slots=True)
class Script:
    """Describe how a circle gathers and who is in it, as its text file says.

    `count` is the number of gatherings in a plan year. `held` asks for one that is already past, `soon` for one within
    weeks, `cancelled` for one more that was called off, `announced` publishes the whole year at once. `answers` says
    how far the next gathering has filled.
    """

    slug: str
    title: Text
    description: Text
    closing: Text
    closing_online: Text
    led_by: str
    co_led: bool
    fields: tuple[str, ...]
    guests: str | None
    size: int
    same_language: bool
    count: int
    start: time
    end: time
    weekdays: tuple[int, ...]
    places: tuple[str, ...]
    hybrid: bool
    capacity: int | None
    organisation_quota: int | None
    visibility: Visibility | None
    held: bool
    soon: bool
    cancelled: bool
    announced: bool
    answers: Literal["full", "nearly", "some"] | None
    themes: tuple[Theme, ...]


@cache
def read_plan() -> tuple[PlanLine, ...]:
    """Return the lines of the annual plan in their own order."""
    text = files("service.demo").joinpath("plan-2024.csv").read_text("utf-8")
    return tuple(_plan_line(row) for row in csv.DictReader(text.splitlines()))


@cache
def read_scripts() -> dict[str, Script]:
    """Return how each circle gathers, by slug."""
    folder = files("service.demo").joinpath("texts")
    tables = [tomllib.loads(folder.joinpath(f"{name}.toml").read_text("utf-8")) for name in TEXTS]
    scripts = [_script(entry) for table in tables for entry in table["circle"]]
    return {script.slug: script for script in scripts}


def carried_lines() -> tuple[tuple[PlanLine, Script], ...]:
    """Pair each line that a circle carries with that circle's script, in the order of the plan."""
    scripts = read_scripts()
    return tuple((line, scripts[line.circle]) for line in read_plan() if line.circle)


def circles() -> tuple[Circle, ...]:
    """Return the circles in the order of the plan."""
    return tuple(
        Circle(
            slug=script.slug,
            kind=line.kind,
            title=script.title,
            description=script.description,
            language=line.language,
            programme=line.programme,
        )
        for line, script in carried_lines()
    )


def _plan_line(row: dict[str, str]) -> PlanLine:
    return PlanLine(
        programme=row["programme"],
        title=row["title"],
        kind=row["kind"],
        output=cast(Literal["gathering", "group", "mailing"], row["output"]),
        min_count=int(row["min_count"]),
        max_count=int(row["max_count"]) if row["max_count"] else None,
        period=cast(Literal["year", "half-year", "quarter", "month", "week"], row["period"]),
        months=tuple(int(month) for month in row["months"].split(",") if month),
        language=cast(Literal["nl", "en"], row["language"]),
        audience=row["audience"],
        source=row["source"],
        circle=row["circle"] or None,
    )


def _script(entry: dict[str, Any]) -> Script:
    return Script(
        slug=entry["slug"],
        title=Text(*entry["title"]),
        description=Text(*entry["description"]),
        closing=Text(*entry["closing"]),
        closing_online=Text(*entry.get("closing_online", entry["closing"])),
        led_by=entry["led_by"],
        co_led=entry.get("co_led", False),
        fields=tuple(entry.get("fields", ())),
        guests=entry.get("guests"),
        size=entry["size"],
        same_language=entry.get("same_language", False),
        count=entry["count"],
        start=time.fromisoformat(entry["start"]),
        end=time.fromisoformat(entry["end"]),
        weekdays=tuple(entry["weekdays"]),
        places=tuple(entry["places"]),
        hybrid=entry.get("hybrid", False),
        capacity=entry.get("capacity"),
        organisation_quota=entry.get("organisation_quota"),
        visibility=entry.get("visibility"),
        held=entry.get("held", False),
        soon=entry.get("soon", False),
        cancelled=entry.get("cancelled", False),
        announced=entry.get("announced", False),
        answers=entry.get("answers"),
        themes=tuple(_theme(theme) for theme in entry["themes"]),
    )


def _theme(entry: dict[str, Any]) -> Theme:
    return Theme(title=Text(*entry["title"]), text=Text(*entry["text"]), month=entry.get("month"))
