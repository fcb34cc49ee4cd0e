"""Read days and times as people type them, in Dutch or English: "di 2 februari 16:00", "next tuesday 4pm".

Pure, and never a guess: what can mean two moments gives both, and what is not understood to the last word gives none.
Times are wall times; in which zone is known to whoever asks. The words are in `moment_words`.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import product
from typing import Final

from service.formats import moment_words as said

LONGEST: Final = 200
"""Characters that are read."""


class Gap(StrEnum):
    """Why no moment was read."""

    UNKNOWN = "unknown"  # there are words in it that say nothing of a moment
    DAY = "day"  # no day, or more than one
    TIME = "time"  # no time
    NO_SUCH_DAY = "no-such-day"
    WEEKDAY = "weekday"  # the day of the week is not that of the date
    PAST = "past"


@dataclass(frozen=True, slots=True)
class Moment:
    """When something begins, and when it ends where that was said."""

    starts: datetime
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text can mean: one moment, several to choose from, or none and why."""

    moments: tuple[Moment, ...] = ()
    gap: Gap | None = None


class _Unread(Exception):
    def __init__(self, gap: Gap) -> None:
        super().__init__(gap)
        self.gap = gap


def read(text: str, now: datetime) -> Reading:
    """Read a day and a time of day, perhaps with an end; `now` is wall time where they are meant."""
    try:
        rest = _plain(text)
        days, rest = _days(rest, now)
        hours, rest = _hours(rest)
        if any(word not in said.FILLERS for word in rest.split()):
            raise _Unread(Gap.UNKNOWN)
        if not days:
            raise _Unread(Gap.DAY)
        if not hours:
            raise _Unread(Gap.TIME)
    except _Unread as unread:
        return Reading(gap=unread.gap)
    found = [_moment(day, *span) for day, span in product(days, hours)]
    to_come = tuple(one for one in dict.fromkeys(found) if one.starts > now)
    return Reading(to_come) if to_come else Reading(gap=Gap.PAST)


def _moment(day: date, starts: time, ends: time | None) -> Moment:
    return Moment(datetime.combine(day, starts), None if ends is None else datetime.combine(day, ends))


def _plain(text: str) -> str:
    """Write a text small, with one kind of dash and without what only parts words."""
    if len(text) > LONGEST:
        raise _Unread(Gap.UNKNOWN)
    text = text.casefold().translate(said.DASHES)
    text = re.sub(r"(\d)t(\d)", r"\1 \2", text)
    text = re.sub(r"\b([ap])\.m\.?", r"\1m", text)
    text = re.sub(r"['’`]s\b", "s", text)
    text = said.COMPOUND.sub(lambda found: f"{found[1]} {found[2].replace('morgen', 'ochtend')}", text)
    return re.sub(r"[,;()!?]|\.(?!\d)", " ", text)


# Days


def _days(text: str, now: datetime) -> tuple[list[date], str]:
    """Take the day out of a text: those that can be meant, and what is left."""
    dates, text = _dates(text, now.date())
    week, text = _taken(said.NEXT_WEEK, text)
    relative, text = _relative(text, now.date())
    weekday, text = _weekday(text)
    if weekday is None:
        if week or bool(dates) + len(relative) > 1:
            raise _Unread(Gap.DAY)
        return [*dates, *relative], text
    number, modifier = weekday
    if dates and not relative and not week and modifier is None:
        if dates[0].weekday() != number:
            raise _Unread(Gap.WEEKDAY)
        return dates, text
    if dates or relative or (week and modifier):
        raise _Unread(Gap.DAY)
    return _by_weekday(number, modifier, now.date(), week=bool(week)), text


def _dates(text: str, today: date) -> tuple[list[date], str]:
    """Take one date out of a text; 3/4 can be meant either way round, so that both are told."""
    for pattern in (said.ISO, said.DAY_MONTH_YEAR, said.DAY_OF_MONTH, said.MONTH_AND_DAY, said.SLASHED):
        if found := pattern.search(text):
            parts = found.groupdict()
            pairs = [(parts["day"], parts["month"])]
            if pattern is said.SLASHED and parts["day"] != parts["month"]:
                pairs.append((parts["month"], parts["day"]))
            days = [day for pair in pairs if (day := _date(*pair, parts["year"], today)) is not None]
            if not days:
                raise _Unread(Gap.NO_SUCH_DAY)
            return days, _without(text, found)
    return [], text


def _date(day: str, month: str, year: str | None, today: date) -> date | None:
    """Make a date, without a year the next there is; None for one that is in no calendar."""
    numbers = int(day), said.MONTHS.get(month) or int(month)
    years = [int(year)] if year else range(today.year, today.year + 9)  # 29 February is eight years away at most
    for one in years:
        try:
            found = date(one, numbers[1], numbers[0])
        except ValueError:
            continue
        if year or found >= today:
            return found
    return None


def _relative(text: str, today: date) -> tuple[list[date], str]:
    days = []
    for pattern, ahead in said.RELATIVE:
        found, text = _taken(pattern, text)
        days += [today + timedelta(days=ahead)] * bool(found)
    if said.THIS_DAY.search(text):  # which also names a part of the day, and so stays
        days.append(today)
    if ahead_of := said.AHEAD.search(text):
        days.append(today + timedelta(days=_number(ahead_of["count"]) * (7 if ahead_of["unit"][0] == "w" else 1)))
        text = _without(text, ahead_of)
    return days, text


def _weekday(text: str) -> tuple[tuple[int, str | None] | None, str]:
    """Take the name of a weekday out of a text, with "next" or "this" before it."""
    found = said.WEEKDAY.search(text)
    if found is None:
        return None, text
    number = next(at for at, names in enumerate(said.WEEKDAYS) if found["name"] in names)
    return (number, found["which"]), _without(text, found)


def _by_weekday(number: int, modifier: str | None, today: date, *, week: bool) -> list[date]:
    """Return the days that the name of a weekday can mean.

    "Next Tuesday" is the coming one, or the one of next week: where those are two, both. The name of today is today or
    a week from now.
    """
    coming = today + timedelta(days=(number - today.weekday() - 1) % 7 + 1)
    of_next_week = today + timedelta(days=7 - today.weekday() + number)
    if week:
        return [of_next_week]
    if modifier in said.NEXT:
        return list(dict.fromkeys((coming, of_next_week)))
    return [today, coming] if number == today.weekday() else [coming]


# Times


@dataclass(frozen=True, slots=True)
class _Hour:
    """A time of day as it was typed; `sure`: it can be read in one way only."""

    hour: int
    minute: int
    sure: bool

    def at(self, half: int) -> time | None:
        """Return the time in the first or the second half of the day, where it can be there."""
        hour = self.hour if self.sure else self.hour % 12 + 12 * half
        return time(hour, self.minute) if hour < 24 and self.minute < 60 else None


Span = tuple[time, time | None]


def _hours(text: str) -> tuple[list[Span], str]:
    """Take the time out of a text, with its end where there is one: those that can be meant, and what is left."""
    part, text = _part_of_day(text)
    if (found := said.RANGE.search(text)) and _is_range(found):
        marked = found["mark2"] or ""
        first = _hour(found["hour"], found["minute"], found["mark"] or "", part)
        last = _hour(found["hour2"], found["minute2"], marked, part)
        if not found["mark"] and marked in said.HALVES and not first.sure:
            return _inherited(first, last), _without(text, found)
        return _spans(first, last), _without(text, found)
    if found := said.SPOKEN.search(text):
        hour = _number(found["hour"])
        minute = {"half": -30, "kwart voor": -15, "kwart over": 15}[" ".join(found["how"].split())]
        told = _Hour((hour - (minute < 0)) % 12 or 12, minute % 60, sure=False)
        return _spans(_halved(told, part), None), _without(text, found)
    if found := said.TIME.search(text):
        told = _hour(found["hour"], found["minute"], found["mark"] or found["only"] or "", part)
        return _spans(told, None), _without(text, found)
    if found := said.AT.search(text):
        return _spans(_hour(found["hour"], None, "", part), None), _without(text, found)
    return [], text


def _is_range(found: re.Match[str]) -> bool:
    """Tell whether two numbers are times; 4-6 alone may be a day as well."""
    return found["dash"] != "-" or any(found[name] for name in ("minute", "mark", "minute2", "mark2"))


def _hour(hour: str, minute: str | None, mark: str, part: int | None) -> _Hour:
    """Read a time: 16:00 and 4pm are sure, 4 o'clock is not; nobody meets at nine in the evening without saying so."""
    number, minutes = int(hour), int(minute or 0)
    if mark in said.HALVES:
        if not 1 <= number <= 12:
            raise _Unread(Gap.UNKNOWN)
        return _Hour(number % 12 + 12 * said.HALVES[mark], minutes, sure=True)
    written = hour.startswith("0") or number > 12 or (minute is not None and number >= said.MORNING)
    told = _Hour(number, minutes, sure=written or number >= said.OFFICE or number == 0)
    return _halved(told, part)


def _halved(told: _Hour, part: int | None) -> _Hour:
    """Decide a time by the part of the day that was named."""
    if part is None or told.hour > 12:
        return told
    if told.sure and told.hour < said.MORNING and part:
        raise _Unread(Gap.UNKNOWN)
    return _Hour(told.hour % 12 + 12 * part, told.minute, sure=True)


def _spans(first: _Hour, last: _Hour | None) -> list[Span]:
    """Return what a time can mean, the afternoon first; an end is in the same half of the day, or the one after it."""
    spans: list[Span] = []
    for half in (0,) if first.sure else (1, 0):
        starts = first.at(half)
        if starts is None:
            raise _Unread(Gap.UNKNOWN)
        ends = None if last is None else [end for at in (half, 1) if (end := last.at(at)) and end > starts]
        if ends == []:
            continue
        spans.append((starts, ends[0] if ends else None))
    if not spans:
        raise _Unread(Gap.UNKNOWN)
    return spans


def _inherited(first: _Hour, last: _Hour) -> list[Span]:
    """Read 4-6pm: the first half of the day that puts the beginning before the end, the nearer one first."""
    ends = last.at(0)
    found = [(starts, ends) for half in (1, 0) if (starts := first.at(half)) and ends and starts < ends]
    if not found:
        raise _Unread(Gap.UNKNOWN)
    return [found[0]]


def _part_of_day(text: str) -> tuple[int | None, str]:
    """Take a part of the day out of a text: 0 before noon, 1 after it."""
    halves = set()
    for pattern, half in said.PARTS:
        found, text = _taken(pattern, text)
        halves |= {half} if found else set()
    if len(halves) > 1:
        raise _Unread(Gap.TIME)
    return (halves.pop() if halves else None), text


def _number(word: str) -> int:
    return int(word) if word.isdigit() else said.NUMBERS[word]


def _taken(pattern: re.Pattern[str], text: str) -> tuple[bool, str]:
    found = pattern.search(text)
    return (True, _without(text, found)) if found else (False, text)


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"
