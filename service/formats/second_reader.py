"""Let icalendar read an answer too: what two readers understand alike was hardly misread.

Only checks; the reading that counts is in `itip_reply`.
"""

import re
from typing import Any, Final

from icalendar import Calendar

from service.formats.cleaning import clean_line
from service.formats.foreign_lines import kept_address

_LONGEST: Final = 16_384
_START: Final = re.compile("^BEGIN:VEVENT", re.IGNORECASE | re.MULTILINE)
_END: Final = re.compile("^END:VEVENT", re.IGNORECASE | re.MULTILINE)
# Properties in which two readers may differ as they like: to leave them out takes half the time, and rules of strangers
# are never read at all.
_NO_MATTER: Final = re.compile(
    r"^(?:X-[A-Z0-9-]{1,60}|DESCRIPTION|SUMMARY|LOCATION|COMMENT|URL|CATEGORIES|CLASS|PRIORITY|TRANSP|STATUS|SEQUENCE"
    r"|DTSTAMP|DTSTART|DTEND|DURATION|CREATED|LAST-MODIFIED|ORGANIZER|RRULE|RDATE|EXDATE|RECURRENCE-ID|REQUEST-STATUS)"
    r"[:;][^\n]*\n(?:[ \t][^\n]*\n)*",
    re.IGNORECASE | re.MULTILINE,
)
_MATTERS: Final = frozenset((None, "UID", "ATTENDEE"))
_UID: Final = 500


def differs(text: str, uid: str | None, attendees: tuple[tuple[str, str | None], ...]) -> bool:
    """Tell whether icalendar can read the one event of a calendar and finds another UID, attendee or answer."""
    event = _event(text)
    if event is None:
        return False
    found = _listed(event.get("UID"))
    if {clean_line(str(one), _UID) for one in found} != ({uid} if uid else set()):
        return True
    told = [_attendee(one) for one in _listed(event.get("ATTENDEE"))]
    if not all(who for who, _ in told) or not all(who for who, _ in attendees):
        return False
    return {(who, partstat) for who, partstat in told if partstat} != {
        (who, partstat) for who, partstat in attendees if partstat and (who, None) not in told
    }


def _event(text: str) -> Any | None:
    """Return the event as icalendar reads it, with nothing in it but what matters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    start = _START.search(text)
    end = _END.search(text, start.end()) if start else None
    if start is None or end is None or end.start() - start.start() > _LONGEST:
        return None
    inside = _NO_MATTER.sub("", text[start.start() : end.start()])
    lines = f"BEGIN:VCALENDAR\n{inside}END:VEVENT\nEND:VCALENDAR\n"
    try:
        (event,) = Calendar.from_ical(lines.encode(errors="replace")).walk("VEVENT")
    except Exception:  # whatever a stranger's text does to it: it could not read that
        return None
    return None if any(name in _MATTERS for name, _ in event.errors) else event


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _attendee(one: Any) -> tuple[str, str | None]:
    partstat = getattr(one, "params", {}).get("PARTSTAT")
    return kept_address(str(one)), str(partstat).lower() if partstat else None
