"""Hours in which somebody wants to hear nothing that can wait, in the wall time of where it takes place.

Decides; the worker asks before it hands a notice over, and lets it wait where it may.
"""

from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from service.model import Purpose

CAN_WAIT: Final = frozenset({Purpose.INVITATION, Purpose.REMINDER, Purpose.RATING})
"""What is told no worse a few hours later. An answer to something that the person just did never waits, nor does a
change of what they count on."""


def ends_at(begins: time | None, ends: time | None, timezone: str, now: datetime) -> datetime | None:
    """Return when the quiet hours end in which a moment falls; None when it falls in none."""
    if begins is None or ends is None or begins == ends:
        return None
    zone = ZoneInfo(timezone)
    local = now.astimezone(zone)
    at = local.time().replace(tzinfo=None)
    over_midnight = begins > ends
    if not (begins <= at < ends if not over_midnight else at >= begins or at < ends):
        return None
    day = local.date() + timedelta(days=1) if over_midnight and at >= begins else local.date()
    end = datetime.combine(day, ends, zone).astimezone(UTC)
    return end if end > now else None  # the hour that a clock change skips or repeats
