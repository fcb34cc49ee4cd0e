"""Calendar feeds and downloads: METHOD:PUBLISH, without organizer and attendees.

Joins what `ical` wrote; which gatherings a feed holds, and who may read it, is decided elsewhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Final

from service.formats import zones
from service.formats.cleaning import clean_line, clean_text
from service.formats.ical import PRODID, CalendarBlock, CalendarCopy, stamp, vevent
from service.formats.lines import CRLF, text_line, uri_line

_OPENING: Final = (
    f"BEGIN:VCALENDAR{CRLF}VERSION:2.0{CRLF}PRODID:{PRODID}{CRLF}CALSCALE:GREGORIAN{CRLF}METHOD:PUBLISH{CRLF}"
)
_CLOSING: Final = f"END:VCALENDAR{CRLF}".encode()
# RFC 7986 section 5.7, and its older twin that Outlook reads.
_REFRESH: Final = f"REFRESH-INTERVAL;VALUE=DURATION:PT1H{CRLF}X-PUBLISHED-TTL:PT1H{CRLF}"
_NAME: Final = 255
_DESCRIPTION: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHead:
    """What a calendar program shows of a feed: its name, what it is, its zone, a CSS3 colour name and its address."""

    name: str
    timezone: str
    description: str = ""
    color: str = ""
    source: str = ""


def item(block: CalendarBlock, copy: CalendarCopy) -> bytes:
    """Write one VEVENT of a feed; it may be kept for as long as block and copy stay the same.

    No ORGANIZER: clients would mail answers to it, though RFC 5546 section 3.2.1 wants one with PUBLISH.
    """
    return vevent(block, copy, dtstamp=max(block.last_modified, stamp(copy.dtstamp))).encode()


def feed(head: FeedHead, items: Iterable[bytes], timezones: Iterable[str]) -> bytes:
    """Join items into a calendar; `timezones` holds the zone names of their blocks, repeats and all."""
    opening = f"{_OPENING}{_head(head)}{_vtimezones(timezones)}"
    return b"".join((opening.encode(), *items, _CLOSING))


def download(block: CalendarBlock, copy: CalendarCopy) -> bytes:
    """Write the calendar file of one gathering, to be added to a calendar by hand."""
    opening = f"{_OPENING}{_vtimezones([block.timezone])}"
    return b"".join((opening.encode(), item(block, copy), _CLOSING))


def etag(feed_id: str, revision: int, day: date, language: str) -> str:
    """Make the strong ETag of a feed, quotes included; the day stands in it because what is past drops out."""
    digest = blake2b(f"{feed_id}\n{revision}\n{day.isoformat()}\n{language}".encode(), digest_size=16)
    return f'"{digest.hexdigest()}"'


def _head(head: FeedHead) -> str:
    name, description = clean_line(head.name, _NAME), clean_text(head.description, _DESCRIPTION)
    lines = [text_line("NAME", name), text_line("X-WR-CALNAME", name)]
    if description:
        lines.append(text_line("X-WR-CALDESC", description))
    lines += [text_line("X-WR-TIMEZONE", head.timezone), _REFRESH]
    if head.color:
        lines.append(text_line("COLOR", head.color))
    if head.source:
        lines.append(uri_line("SOURCE;VALUE=URI", head.source))
    return "".join(lines)


def _vtimezones(names: Iterable[str]) -> str:
    return "".join(zones.vtimezone(name) or "" for name in sorted(set(names)) if name)
