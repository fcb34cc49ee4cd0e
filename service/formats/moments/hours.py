"""Read the time of day in a text, with its end where there is one: those that can be meant, and what is left."""

import re
from dataclasses import dataclass
from datetime import time

from service.formats.moments import words as said
from service.formats.moments.gaps import Gap, Unread


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


def hours(text: str) -> tuple[list[Span], str]:
    """Take the time out of a text, with its end where there is one: those that can be meant, and what is left."""
    part, text = _part_of_day(text)
    if (found := said.RANGE.search(text)) and _is_range(found):
        marked = found["mark2"] or ""
        first = _hour(found["hour"], found["minute"], found["mark"] or "", part)
        last = _hour(found["hour2"], found["minute2"], marked, part)
        if not found["mark"] and marked in said.HALVES and not first.sure:
            return _inherited(first, last), said.without(text, found)
        return _spans(first, last), said.without(text, found)
    if found := said.SPOKEN.search(text):
        hour = said.number(found["hour"])
        minute = {"half": -30, "kwart voor": -15, "kwart over": 15}[" ".join(found["how"].split())]
        told = _Hour((hour - (minute < 0)) % 12 or 12, minute % 60, sure=False)
        return _spans(_halved(told, part), None), said.without(text, found)
    if found := said.TIME.search(text):
        told = _hour(found["hour"], found["minute"], found["mark"] or found["only"] or "", part)
        return _spans(told, None), said.without(text, found)
    if found := said.AT.search(text):
        return _spans(_hour(found["hour"], None, "", part), None), said.without(text, found)
    return [], text


def _is_range(found: re.Match[str]) -> bool:
    """Tell whether two numbers are times; 4-6 alone may be a day as well."""
    return found["dash"] != "-" or any(found[name] for name in ("minute", "mark", "minute2", "mark2"))


def _hour(hour: str, minute: str | None, mark: str, part: int | None) -> _Hour:
    """Read a time: 16:00 and 4pm are sure, 4 o'clock is not; nobody meets at nine in the evening without saying so."""
    number, minutes = int(hour), int(minute or 0)
    if mark in said.HALVES:
        if not 1 <= number <= 12:
            raise Unread(Gap.UNKNOWN)
        return _Hour(number % 12 + 12 * said.HALVES[mark], minutes, sure=True)
    written = hour.startswith("0") or number > 12 or (minute is not None and number >= said.MORNING)
    told = _Hour(number, minutes, sure=written or number >= said.OFFICE or number == 0)
    return _halved(told, part)


def _halved(told: _Hour, part: int | None) -> _Hour:
    """Decide a time by the part of the day that was named."""
    if part is None or told.hour > 12:
        return told
    if told.sure and told.hour < said.MORNING and part:
        raise Unread(Gap.UNKNOWN)
    return _Hour(told.hour % 12 + 12 * part, told.minute, sure=True)


def _spans(first: _Hour, last: _Hour | None) -> list[Span]:
    """Return what a time can mean, the afternoon first; an end is in the same half of the day, or the one after it."""
    spans: list[Span] = []
    for half in (0,) if first.sure else (1, 0):
        starts = first.at(half)
        if starts is None:
            raise Unread(Gap.UNKNOWN)
        ends = None if last is None else [end for at in (half, 1) if (end := last.at(at)) and end > starts]
        if ends == []:
            continue
        spans.append((starts, ends[0] if ends else None))
    if not spans:
        raise Unread(Gap.UNKNOWN)
    return spans


def _inherited(first: _Hour, last: _Hour) -> list[Span]:
    """Read 4-6pm: the first half of the day that puts the beginning before the end, the nearer one first."""
    ends = last.at(0)
    found = [(starts, ends) for half in (1, 0) if (starts := first.at(half)) and ends and starts < ends]
    if not found:
        raise Unread(Gap.UNKNOWN)
    return [found[0]]


def _part_of_day(text: str) -> tuple[int | None, str]:
    """Take a part of the day out of a text: 0 before noon, 1 after it."""
    halves = set()
    for pattern, half in said.PARTS:
        found, text = said.taken(pattern, text)
        halves |= {half} if found else set()
    if len(halves) > 1:
        raise Unread(Gap.TIME)
    return (halves.pop() if halves else None), text
