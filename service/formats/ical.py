"""The calendar block of a gathering: written once per revision and language, made personal a thousand times.

Writes one VEVENT; `itip` wraps it into a message for one person, `feeds` into a list that anyone may subscribe to.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from service.formats import zones
from service.formats.cleaning import clean_line, clean_text
from service.formats.lines import CRLF, text_line, uri_line
from service.model import CalendarStatus

PRODID: Final = "-//Kring//Kring 0.1//NL"

_LINE: Final = 255
_DESCRIPTION: Final = 1000  # characters, the links included


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """What a calendar shows of a gathering, in one language; instants are aware, `timezone` is an IANA name.

    For a confidential gathering the caller gives a neutral summary and leaves out what nobody may read:
    everything given is written.
    """

    summary: str
    starts_at: datetime
    ends_at: datetime
    timezone: str
    created: datetime
    last_modified: datetime
    description: str = ""
    location: str = ""
    online_url: str = ""
    url: str = ""
    confidential: bool = False


@dataclass(frozen=True, slots=True)
class CalendarBlock:
    """The lines of an entry that are the same for everyone, and the pieces for those that are not.

    `timezone` names the VTIMEZONE that must stand before it; empty where the times are in UTC.
    """

    times: str
    about: str
    last_modified: str
    place: str
    summary: str
    url: str
    timezone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarCopy:
    """What differs from copy to copy of one gathering.

    `prefix` goes before the summary ("Waiting list: ", space included); `transparent` leaves the time free.
    """

    uid: str
    sequence: int
    dtstamp: datetime
    status: CalendarStatus = CalendarStatus.CONFIRMED
    prefix: str = ""
    transparent: bool = False


def block(entry: CalendarEntry) -> CalendarBlock:
    """Write the lines of an entry that are the same for everyone; an unknown time zone is invalid."""
    timezone, times = _times(entry)
    place = clean_line(entry.location, _LINE) or clean_line(entry.online_url, _LINE)
    return CalendarBlock(
        times=times,
        about=f"CLASS:PRIVATE{CRLF}" * entry.confidential
        + f"CREATED:{stamp(entry.created)}{CRLF}"
        + _description(entry),
        last_modified=stamp(entry.last_modified),
        place=text_line("LOCATION", place) if place else "",
        summary=clean_line(entry.summary, _LINE),
        url=uri_line("URL", entry.url) if entry.url else "",
        timezone=timezone,
    )


def vevent(
    lines: CalendarBlock, copy: CalendarCopy, *, dtstamp: str, parties: tuple[str, str] = ("", ""), extra: str = ""
) -> str:
    """Write one VEVENT with its properties in the order in which Google writes them.

    Some clients lose updates in another order. `parties` are the ORGANIZER and ATTENDEE lines.
    """
    organizer, attendee = parties
    # Google and iCloud compare LAST-MODIFIED, Exchange DTSTAMP: it must move with a copy as well as with the gathering.
    modified = max(lines.last_modified, dtstamp)
    return (
        f"BEGIN:VEVENT{CRLF}{lines.times}DTSTAMP:{dtstamp}{CRLF}{organizer}{text_line('UID', copy.uid)}{attendee}"
        f"{lines.about}LAST-MODIFIED:{modified}{CRLF}{lines.place}SEQUENCE:{copy.sequence}{CRLF}"
        f"STATUS:{copy.status.upper()}{CRLF}{text_line('SUMMARY', copy.prefix + lines.summary)}"
        f"TRANSP:{'TRANSPARENT' if copy.transparent else 'OPAQUE'}{CRLF}{lines.url}{extra}END:VEVENT{CRLF}"
    )


@lru_cache(256)
def stamp(instant: datetime) -> str:
    """Write an aware instant in UTC; seconds are kept, fractions are dropped."""
    if instant.tzinfo is None:
        raise ValueError("a naive datetime is no instant")
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _times(entry: CalendarEntry) -> tuple[str, str]:
    """Write DTSTART and DTEND, in the entry's zone where every calendar will understand it, else in UTC."""
    there = zones.zone(entry.timezone)
    start, end = entry.starts_at.astimezone(there), entry.ends_at.astimezone(there)
    # A local time in the hour that comes twice means the first (RFC 5545 section 3.3.5); the second needs UTC.
    twice = start.fold or end.fold
    covered = start.year >= zones.FIRST_YEAR and end.year <= zones.LAST_YEAR
    if twice or not covered or zones.vtimezone(entry.timezone) is None:
        return "", f"DTSTART:{stamp(start)}{CRLF}DTEND:{stamp(end)}{CRLF}"
    parameter = f";TZID={entry.timezone}:"
    return entry.timezone, (f"DTSTART{parameter}{start:%Y%m%dT%H%M%S}{CRLF}DTEND{parameter}{end:%Y%m%dT%H%M%S}{CRLF}")


def _description(entry: CalendarEntry) -> str:
    """Write DESCRIPTION with the links at its end: many clients hide URL."""
    call = entry.online_url if entry.location else ""
    links = "\n".join(filter(None, (clean_line(call, _LINE), clean_line(entry.url, _LINE))))
    room = _DESCRIPTION - len(links) - 2
    text = "\n\n".join(filter(None, (clean_text(entry.description, room), links)))
    return text_line("DESCRIPTION", text) if text else ""
