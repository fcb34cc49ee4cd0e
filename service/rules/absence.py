"""What a registration tells of somebody who did not come, for those who run a gathering and nobody else.

Derived whenever it is looked at, kept nowhere, and never a reason to refuse anybody anything.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from service.model import Attendance, Partstat, Seat

CUT_OFF: Final = timedelta(hours=24)
"""From so long before the start on a cancellation is late: the seat can hardly be used any more."""

SHORT_NOTICE: Final = timedelta(hours=48)
"""Whoever got a seat later than this before the start, from the waiting list, may well not have seen it."""


class Remark(StrEnum):
    """What is worth a word."""

    LATE_CANCEL = "late-cancel"
    NO_SHOW = "no-show"


@dataclass(frozen=True, slots=True)
class Turn:
    """How it went for somebody: the last moments at which they moved up to a seat and gave one up."""

    person_id: int
    facilitator: bool
    partstat: str
    seat: str
    answered_at: datetime | None
    attendance: str | None
    moved_up_at: datetime | None
    gave_up_at: datetime | None


def remark(turn: Turn, starts_at: datetime) -> Remark | None:
    """Tell whether somebody gave up a seat late, or had one and was marked as absent."""
    if turn.facilitator:
        return None
    if turn.partstat == Partstat.DECLINED:
        late = turn.answered_at is not None and starts_at - CUT_OFF < turn.answered_at < starts_at
        return Remark.LATE_CANCEL if late and turn.gave_up_at is not None else None
    missed = turn.attendance == Attendance.ABSENT and turn.seat == Seat.SEATED
    surprised = turn.moved_up_at is not None and turn.moved_up_at > starts_at - SHORT_NOTICE
    return Remark.NO_SHOW if missed and not surprised else None
