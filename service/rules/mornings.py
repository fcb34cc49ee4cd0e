"""Nine in the morning, where a gathering is: when people are written to about a day and not about an hour."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

MORNING = time(9)


def morning(day: date, timezone: str) -> datetime:
    """Return the moment at which the morning of a day has come."""
    return datetime.combine(day, MORNING, ZoneInfo(timezone)).astimezone(UTC)
