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
    ONLINE = "online"  # comes, but not to the place
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


def group(partstat: str, seat: str, *, facilitator: bool, online: bool = False) -> Group:
    """Tell to which group somebody belongs; `online` where they said that they join from elsewhere."""
    if facilitator:
        return Group.FACILITATING
    if online and (partstat, seat) == (Partstat.ACCEPTED, Seat.NONE):
        return Group.ONLINE
    return _SEATS.get(Seat(seat)) or _ANSWERS[Partstat(partstat)]
