"""Looking for a date: how many moments can be proposed, what the votes add up to, and who is reminded when."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from service.errors import Invalid
from service.model import Vote
from service.rules.mornings import morning

LEAST, MOST = 3, 10
REMINDED_AFTER = timedelta(days=3)
SATURDAY, WEEK = 5, timedelta(days=7)
NOTICE = timedelta(days=4)
"""Fewer days than these nobody should have to vote and come in."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What the votes for one moment add up to."""

    yes: int = 0
    if_need_be: int = 0
    no: int = 0


def check(starts: Sequence[datetime]) -> None:
    """Refuse fewer or more moments than make sense, and one that is there twice; Invalid under `moments`."""
    if not LEAST <= len(starts) <= MOST:
        raise Invalid("moments", f"propose from {LEAST} to {MOST} moments")
    if len(set(starts)) != len(starts):
        raise Invalid("moments", "propose every moment once")


def others(start: datetime, now: datetime, free: Callable[[date], bool]) -> list[datetime]:
    """Suggest as many other moments as a poll needs, at the same hour, from a week after the one that does not suit.

    On the same day of the week, on another one, and on the same a week later; never on a day that is not `free`, nor at
    the weekend unless it was there before, and never within the next days.
    """
    weekends, first = start.weekday() >= SATURDAY, max(start.date() + WEEK, now.date() + NOTICE)
    found: list[datetime] = []
    for days in (0, 2, 7):
        day = first + timedelta(days=days)
        while not free(day) or day in [one.date() for one in found] or (day.weekday() >= SATURDAY and not weekends):
            day += timedelta(days=1)
        found.append(datetime.combine(day, start.time()))
    return sorted(found)


def tally(votes: Iterable[Vote]) -> Tally:
    """Count votes."""
    found = list(votes)
    return Tally(found.count(Vote.YES), found.count(Vote.IF_NEED_BE), found.count(Vote.NO))


def best(tallies: Mapping[int, Tally]) -> set[int]:
    """Tell which moments suit most people: who can at all counts first, who can well after that."""
    ranks = {moment: (one.yes + one.if_need_be, one.yes) for moment, one in tallies.items()}
    top = max(ranks.values(), default=(0, 0))
    return {moment for moment, rank in ranks.items() if rank == top and rank > (0, 0)}


def reminder_due(asked_at: datetime, last: datetime, timezone: str) -> datetime | None:
    """Tell when who has not voted is reminded, once: three days later in the morning; None where that is too late."""
    due = morning((asked_at + REMINDED_AFTER).astimezone(ZoneInfo(timezone)).date(), timezone)
    return due if due < last else None
