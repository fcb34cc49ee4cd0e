"""The annual plan: what its lines promise."""

from enum import StrEnum


class Output(StrEnum):
    """What a line of the annual plan promises."""

    GATHERING = "gathering"
    GROUP = "group"  # a circle with people in it
    MAILING = "mailing"  # sent elsewhere: Kring does not count them


class Period(StrEnum):
    """How a line of the annual plan spreads what it promises over the year."""

    YEAR = "year"
    HALF_YEAR = "half-year"
    QUARTER = "quarter"
    MONTH = "month"
    WEEK = "week"
