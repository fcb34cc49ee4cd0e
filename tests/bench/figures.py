"""What a benchmark says: a figure, the floor it is held against, and whether that is as good as promised."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the report; without a goal it only informs, and `ok` is None."""

    name: str
    value: float
    unit: str
    floor: float | None = None
    ratio: float | None = None
    goal: str | None = None
    ok: bool | None = None

    def line(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


def informing(name: str, value: float, unit: str, *, floor: float | None = None) -> Figure:
    return Figure(name=name, value=_short(value), unit=unit, floor=_maybe(floor), ratio=_ratio(value, floor))


def at_most(name: str, value: float, unit: str, most: float) -> Figure:
    """A figure that may not exceed a number."""
    return Figure(name=name, value=_short(value), unit=unit, goal=f"<= {most:g} {unit}", ok=value <= most)


def at_least(name: str, value: float, unit: str, least: float) -> Figure:
    """A figure that must reach a number."""
    return Figure(name=name, value=_short(value), unit=unit, goal=f">= {least:g} {unit}", ok=value >= least)


def at_most_times(name: str, value: float, unit: str, floor: float, times: float) -> Figure:
    """A figure that may not exceed so many times its floor: costs."""
    ok = value <= times * floor
    return _beside(name, value, unit, floor, goal=f"<= {times:g} x floor", ok=ok)


def at_least_times(name: str, value: float, unit: str, floor: float, times: float) -> Figure:
    """A figure that must reach so many times its floor: rates."""
    ok = value >= times * floor
    return _beside(name, value, unit, floor, goal=f">= {times:g} x floor", ok=ok)


def within(name: str, value: float, unit: str, floor: float, part: float) -> Figure:
    """A figure that must lie within a part of its floor, above or below: what should not grow."""
    ok = abs(value - floor) <= part * floor
    return _beside(name, value, unit, floor, goal=f"floor ± {part:.0%}", ok=ok)


def _beside(name: str, value: float, unit: str, floor: float, *, goal: str, ok: bool) -> Figure:
    """A figure shown next to its floor."""
    ratio = _ratio(value, floor)
    return Figure(name=name, value=_short(value), unit=unit, floor=_short(floor), ratio=ratio, goal=goal, ok=ok)


def middle(rounds: Sequence[float]) -> float:
    """The median of the rounds."""
    return median(rounds)


def _ratio(value: float, floor: float | None) -> float | None:
    return float(f"{value / floor:.3g}") if floor else None


def _maybe(value: float | None) -> float | None:
    return None if value is None else _short(value)


def _short(value: float) -> float:
    """Keep four digits that mean something."""
    return float(f"{value:.4g}")
