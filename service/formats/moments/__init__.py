"""Read days and times as people type them, in Dutch or English: "di 2 februari 16:00", "next tuesday 4pm".

Pure, and never a guess: what can mean two moments gives both, and what is not understood to the last word gives none.
Times are wall times; in which zone is known to whoever asks. The words are in `words`.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import product
from typing import Final

from service.formats.moments import words as said
from service.formats.moments.days import days
from service.formats.moments.gaps import Gap, Unread
from service.formats.moments.hours import hours

__all__ = ["LONGEST", "Gap", "Moment", "Reading", "read"]

LONGEST: Final = 200
"""Characters that are read."""


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


def read(text: str, now: datetime) -> Reading:
    """Read a day and a time of day, perhaps with an end; `now` is wall time where they are meant."""
    try:
        rest = _plain(text)
        on, rest = days(rest, now)
        at, rest = hours(rest)
        if any(word not in said.FILLERS for word in rest.split()):
            raise Unread(Gap.UNKNOWN)
        if not on:
            raise Unread(Gap.DAY)
        if not at:
            raise Unread(Gap.TIME)
    except Unread as unread:
        return Reading(gap=unread.gap)
    found = [_moment(day, *span) for day, span in product(on, at)]
    to_come = tuple(one for one in dict.fromkeys(found) if one.starts > now)
    return Reading(to_come) if to_come else Reading(gap=Gap.PAST)


def _moment(day: date, starts: time, ends: time | None) -> Moment:
    return Moment(datetime.combine(day, starts), None if ends is None else datetime.combine(day, ends))


def _plain(text: str) -> str:
    """Write a text small, with one kind of dash and without what only parts words."""
    if len(text) > LONGEST:
        raise Unread(Gap.UNKNOWN)
    text = text.casefold().translate(said.DASHES)
    text = re.sub(r"(\d)t(\d)", r"\1 \2", text)
    text = re.sub(r"\b([ap])\.m\.?", r"\1m", text)
    text = re.sub(r"['’`]s\b", "s", text)
    text = said.COMPOUND.sub(lambda found: f"{found[1]} {found[2].replace('morgen', 'ochtend')}", text)
    return re.sub(r"[,;()!?]|\.(?!\d)", " ", text)
