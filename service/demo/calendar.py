"""Choose the days of a year of gatherings by the rhythm that the plan promises.

Decides on days only; what happens on them is written in `gatherings`. The demo's plan year begins on the first of the
current month and lasts twelve months.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from random import Random

from service.demo.holidays import is_meeting_day
from service.demo.model import PlanLine
from service.demo.programme import Script

MONTHS_PER_PERIOD = {"quarter": 3, "half-year": 6}
FRIDAY = 4

# Nobody is invited for tomorrow; and a month of which so little is left counts as past.
NOTICE = timedelta(days=4)
ENOUGH_DAYS = 5

# Counted in meeting days, so that a school holiday in between does no harm; who has just met waits a little longer.
SOON = slice(0, 10)
SOON_AGAIN = slice(8, 16)
CALLED_OFF = slice(6, 20)

# How far back a gathering from before the plan year may lie when the plan year has only just begun.
LOOKING_BACK = timedelta(days=75)


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """Name the day of one gathering, and whether it was called off."""

    day: date
    cancelled: bool = False


def plan_year(today: date) -> tuple[date, date]:
    """Return the first day of the plan year and the first day after it."""
    start = today.replace(day=1)
    return start, start.replace(year=start.year + 1)


def place(lines: Sequence[tuple[PlanLine, Script]], today: date, rng: Random) -> dict[str, list[Slot]]:
    """Return the days per circle in order of time; lines with the least choice choose first."""
    diary = Diary(today, rng)
    slots = {script.slug: diary.past_of(script) for _, script in lines if script.held}
    for line, script in sorted(lines, key=_freedom):
        done = [slot for slot in slots.get(script.slug, []) if slot.day >= diary.start]
        windows = diary.windows(line, script, script.count - len(done))
        slots.setdefault(script.slug, []).extend(diary.choose(window, script) for window in windows)
    for _, script in lines:
        if script.cancelled:
            slots[script.slug].append(Slot(diary.choose(diary.ahead[CALLED_OFF], script).day, cancelled=True))
    return {slug: sorted(chosen) for slug, chosen in slots.items()}


def _freedom(carried: tuple[PlanLine, Script]) -> tuple[int, int]:
    line, script = carried
    return len(line.months) or 13, 12 // MONTHS_PER_PERIOD.get(line.period, 12) - script.count


@dataclass(slots=True)
class Diary:
    """Keep the days of one plan year, and which of them are taken."""

    today: date
    rng: Random
    start: date = field(init=False)
    days: list[date] = field(init=False)
    ahead: list[date] = field(init=False)
    taken: set[date] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.start, end = plan_year(self.today)
        self.days = [day for day in _meeting_days(self.start, end) if day != self.today]
        self.ahead = [day for day in self.days if day >= self.today + NOTICE]

    def past_of(self, script: Script) -> list[Slot]:
        """Choose a day that is already past: in this plan year if it is old enough, else in the months before it."""
        past = [day for day in self.days if day < self.today]
        earlier = _meeting_days(self.start - LOOKING_BACK, self.start)
        return [self.choose(past if len(past) >= ENOUGH_DAYS else earlier, script)]

    def windows(self, line: PlanLine, script: Script, count: int) -> list[list[date]]:
        """Cut the year into as many windows as there are gatherings to place."""
        if line.months:
            windows = self._in_months(line.months, count)
        elif months := MONTHS_PER_PERIOD.get(line.period):
            windows = [self._upcoming(span) for span in self._periods(months)]
        else:
            windows = _cut(self.ahead, count)
        if script.soon:
            windows[0] = windows[0][SOON_AGAIN if script.held else SOON]
        return windows

    def choose(self, window: Sequence[date], script: Script) -> Slot:
        """Take a day from the window: rather in its middle, on a usual weekday, and free."""
        quarter = len(window) // 4
        middle = window[quarter : len(window) - quarter]
        wanted = {weekday - 1 for weekday in script.weekdays}
        choices = (
            [day for day in middle if day.weekday() in wanted and day not in self.taken],
            [day for day in window if day.weekday() in wanted and day not in self.taken],
            [day for day in window if day.weekday() < FRIDAY and day not in self.taken],
            [day for day in window if day not in self.taken],
            window,
        )
        day = self.rng.choice(next(days for days in choices if days))
        self.taken.add(day)
        return Slot(day)

    def _in_months(self, months: tuple[int, ...], count: int) -> list[list[date]]:
        runs = _runs(months)
        if len(runs) == count:
            return [self._upcoming([day for day in self.days if day.month in run]) for run in runs]
        return _cut(self._upcoming([day for day in self.days if day.month in months]), count)

    def _periods(self, months: int) -> list[list[date]]:
        first = self.start.year * 12 + self.start.month
        spans: list[list[date]] = [[] for _ in range(12 // months)]
        for day in self.days:
            spans[(day.year * 12 + day.month - first) // months].append(day)
        return spans

    def _upcoming(self, days: list[date]) -> list[date]:
        coming = [day for day in days if day >= self.today + NOTICE]
        past = [day for day in days if day < self.today]
        return past if past and len(coming) < ENOUGH_DAYS else coming


def _meeting_days(start: date, end: date) -> list[date]:
    every = (start + timedelta(days=offset) for offset in range((end - start).days))
    return [day for day in every if is_meeting_day(day)]


def _runs(months: tuple[int, ...]) -> list[list[int]]:
    runs: list[list[int]] = []
    for month in months:
        if runs and runs[-1][-1] == month - 1:
            runs[-1].append(month)
        else:
            runs.append([month])
    return runs


def _cut(days: list[date], count: int) -> list[list[date]]:
    edges = [len(days) * index // count for index in range(count + 1)]
    return [days[low:high] for low, high in pairwise(edges)]
