"""iTIP messages to one person: REQUEST and CANCEL (RFC 5546), one VEVENT and one ATTENDEE each.

Writes the calendar part; which change asks for which message is decided in the rules, the mail around it is built
by the mail channel.
"""

from dataclasses import dataclass, replace
from typing import Final

from service.formats import zones
from service.formats.ical import PRODID, CalendarBlock, CalendarCopy, stamp, vevent
from service.formats.lines import CRLF, encode_uri, fold, quoted
from service.model import CalendarStatus, Partstat

_OPENING: Final = f"BEGIN:VCALENDAR{CRLF}PRODID:{PRODID}{CRLF}VERSION:2.0{CRLF}CALSCALE:GREGORIAN{CRLF}METHOD:"
_CLOSING: Final = f"END:VCALENDAR{CRLF}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitee(CalendarCopy):
    """The copy of one invited person.

    `dtstamp` rises with every message under one UID, in whole seconds, and stays the same when a message is sent
    again. ORGANIZER and ATTENDEE are addresses without "mailto:"; the attendee's is the one the mail goes to.
    """

    organizer_address: str
    organizer_name: str
    attendee_address: str
    attendee_name: str
    partstat: Partstat = Partstat.NEEDS_ACTION
    rsvp: bool = True


def request(block: CalendarBlock, invitee: Invitee) -> bytes:
    """Write an invitation, an update or a corrected answer (RFC 5546 section 3.2.2)."""
    free = invitee.transparent
    seen = "FREE" if free else "BUSY" if invitee.partstat == Partstat.ACCEPTED else "TENTATIVE"
    return _message("REQUEST", block, invitee, _outlook(seen, "FREE" if free else "BUSY"))


def cancel(block: CalendarBlock, invitee: Invitee) -> bytes:
    """Write the end of one person's copy (RFC 5546 section 3.2.5); STATUS is CANCELLED whatever the copy says."""
    ended = replace(invitee, status=CalendarStatus.CANCELLED, transparent=True, rsvp=False)
    return _message("CANCEL", block, ended, _outlook("FREE", "FREE"))


def _message(method: str, block: CalendarBlock, invitee: Invitee, extra: str) -> bytes:
    timezone = zones.vtimezone(block.timezone) if block.timezone else ""
    parties = (_organizer(invitee), _attendee(invitee))
    body = vevent(block, invitee, dtstamp=stamp(invitee.dtstamp), parties=parties, extra=extra)
    return f"{_OPENING}{method}{CRLF}{timezone}{body}{_CLOSING}".encode()


def _organizer(invitee: Invitee) -> str:
    """Name the organizer; without SENT-BY, which makes Gmail show an unknown organizer."""
    name = _named(invitee.organizer_name, invitee.organizer_address)
    return fold(f"ORGANIZER;CN={name}:mailto:{encode_uri(invitee.organizer_address)}")


def _attendee(invitee: Invitee) -> str:
    name = _named(invitee.attendee_name, invitee.attendee_address)
    return fold(
        f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={invitee.partstat.upper()}"
        f";RSVP={'TRUE' if invitee.rsvp else 'FALSE'};CN={name};X-NUM-GUESTS=0"
        f":mailto:{encode_uri(invitee.attendee_address)}"
    )


def _named(name: str, address: str) -> str:
    shown = quoted(name)
    return shown if shown != '""' else quoted(address)


def _outlook(seen: str, intended: str) -> str:
    """Tell Outlook how to show the time before and after an answer, and to offer no other time."""
    return (
        f"X-MICROSOFT-CDO-BUSYSTATUS:{seen}{CRLF}X-MICROSOFT-CDO-INTENDEDSTATUS:{intended}{CRLF}"
        f"X-MICROSOFT-DISALLOW-COUNTER:TRUE{CRLF}"
    )
