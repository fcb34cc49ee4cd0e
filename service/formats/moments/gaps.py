"""Why a text is no moment."""

from enum import StrEnum


class Gap(StrEnum):
    """Why no moment was read."""

    UNKNOWN = "unknown"  # there are words in it that say nothing of a moment
    DAY = "day"  # no day, or more than one
    TIME = "time"  # no time
    NO_SUCH_DAY = "no-such-day"
    WEEKDAY = "weekday"  # the day of the week is not that of the date
    PAST = "past"


class Unread(Exception):
    """Stops reading: there is a gap."""

    def __init__(self, gap: Gap) -> None:
        super().__init__(gap)
        self.gap = gap
