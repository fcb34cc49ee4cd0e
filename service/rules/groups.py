"""The groups that a message divides the people of a gathering into, by how they stand.

Letters choose their words by them, previews count by them.
"""

from enum import StrEnum

from service.model import Partstat, Seat


class Group(StrEnum):
    """How somebody stands, in one word."""

    NEW = "new"  # about to be invited
    FACILITATING = "facilitating"
    COMING = "coming"
    OFFERED = "offered"
    WAITING = "waiting"
    MAYBE = "maybe"
    OPEN = "open"  # has not answered
    DECLINED = "declined"


_SEATS = {Seat.WAITING: Group.WAITING, Seat.OFFERED: Group.OFFERED}
_ANSWERS = {
    Partstat.ACCEPTED: Group.COMING,
    Partstat.TENTATIVE: Group.MAYBE,
    Partstat.DECLINED: Group.DECLINED,
    Partstat.NEEDS_ACTION: Group.OPEN,
}


def group(partstat: str, seat: str, *, facilitator: bool) -> Group:
    """Tell to which group somebody belongs."""
    if facilitator:
        return Group.FACILITATING
    return _SEATS.get(Seat(seat)) or _ANSWERS[Partstat(partstat)]
