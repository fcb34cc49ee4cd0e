"""Find the calendar in a mail (RFC 6047 section 2.4): of its parts, the one that most surely is the answer.

Chooses among parts; how a calendar is read stands in `service/formats/itip_reply.py`.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bots.mail.parts import Part, TooMuch
from service.formats import itip_reply
from service.formats.received import CalendarMessage

CALENDAR: Final = 256 * 1024

_CALENDARS: Final = frozenset(("text/calendar", "text/x-vcalendar"))
_FILES: Final = frozenset(("application/ics", "application/calendar", "application/x-ics"))
_TNEF: Final = frozenset(("application/ms-tnef", "application/vnd.ms-tnef"))
_LOOKED_AT: Final = 4


def calendar(parts: Sequence[Part]) -> tuple[CalendarMessage | None, bool]:
    """Return the calendar message of a mail, and whether there is one that cannot be read; raises TooMuch."""
    ranked = sorted((part for part in parts if _rank(part)), key=_rank)[:_LOOKED_AT]
    found: CalendarMessage | None = None
    for part in ranked:
        if found is None:
            found = _read(part)
        elif (other := _read(part, checked=False)) and _says_otherwise(found, other):
            return replace(found, damaged=True), False
    return found, found is None and (bool(ranked) or any(map(_is_tnef, parts)))


def _rank(part: Part) -> int:
    """Rank a part: 1 is the surest place for a calendar, 0 is no place for one."""
    if part.kind.startswith(("multipart/", "message/")):
        return 0
    ranks = (
        part.kind in _CALENDARS and "method" in part.parameters,
        part.kind in _CALENDARS,
        part.kind in _FILES,
        part.filename.endswith((".ics", ".vcs")),
        part.carries_calendar_in_header,
    )
    return ranks.index(True) + 1 if any(ranks) else 0


def _read(part: Part, *, checked: bool = True) -> CalendarMessage | None:
    if len(part.body) > 2 * CALENDAR:
        raise TooMuch("calendar too large")
    data = part.content(CALENDAR + 1)
    if len(data) > CALENDAR:
        raise TooMuch("calendar too large")
    if part.carries_calendar_in_header:
        data = part.block + b"\n" + data
    return itip_reply.read(
        data,
        charset=part.parameters.get("charset", ""),
        method=part.parameters.get("method", ""),
        checked=checked,
    )


def _says_otherwise(one: CalendarMessage, other: CalendarMessage) -> bool:
    return (one.method, one.uid, one.attendees) != (other.method, other.uid, other.attendees)


def _is_tnef(part: Part) -> bool:
    return part.kind in _TNEF or part.filename == "winmail.dat"
