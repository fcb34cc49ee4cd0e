"""What becomes of a yes when the ways to take part change: a link that goes, a place that goes, one that comes beside.

A yes counts for what it was said to. Who joins online holds no seat, so that without the link they are asked anew: a
seat that nobody asked for would be taken from somebody who waits. Who holds a seat keeps it, as with every move.
"""

from enum import StrEnum

from service.model import Mode, Partstat

ON_SITE, ONLINE = frozenset({Mode.ON_SITE}), frozenset({Mode.ONLINE})


class Sequel(StrEnum):
    """What becomes of one yes."""

    ASK = "ask"  # it was to joining online, which has ended: whether they come is asked anew
    SEAT = "seat"  # everybody joins online now, and is counted by seats
    JOIN = "join"  # it was to joining online, and stays that beside a place


def sequel(
    partstat: str, mode: str | None, was: frozenset[Mode], now: frozenset[Mode], told: frozenset[Mode]
) -> Sequel | None:
    """Tell what becomes of somebody's yes, None where it stays what it is.

    `mode` is what they chose, None where there was no choice. Who was asked anew and has not been told yet still has
    theirs, so that a link that is put back finds everybody as they were. So does a place: a yes without a choice was
    said to what people had been `told`.
    """
    online = mode == Mode.ONLINE
    asked = partstat == Partstat.NEEDS_ACTION and online
    if was == now or not (asked or partstat == Partstat.ACCEPTED):
        return None
    if now == ON_SITE:
        return Sequel.ASK if online and not asked else None
    if now == ONLINE:
        return Sequel.SEAT if online else None
    joined = online or (mode is None and told == ONLINE)
    return Sequel.JOIN if asked or (was == ONLINE and joined) else None
