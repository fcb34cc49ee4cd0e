"""Answers as mail and calendar programs send them: REPLY mails in the shapes of five, and a reply in words.

Pure: it writes bytes; handing them over is somebody else's. The shapes are those that these programs really send, with
their oddities, so that whoever tries Kring out meets what it will meet.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from enum import StrEnum
from typing import Final

from service.demo import mail_shapes as shapes
from service.demo.invitations import Invitation
from service.demo.mail_shapes import CRLF


class Client(StrEnum):
    """A program that people answer with."""

    GMAIL = "gmail"
    OUTLOOK = "outlook"
    APPLE = "apple"
    THUNDERBIRD = "thunderbird"
    NEXTCLOUD = "nextcloud"


@dataclass(frozen=True, slots=True)
class Posted:
    """A mail on its way: the envelope, and its bytes."""

    sender: str
    recipient: str
    raw: bytes


def reply(client: Client, to: Invitation, partstat: str, *, now: datetime) -> Posted:
    """Answer an invitation as a program does; `partstat` is accepted, tentative or declined."""
    return _SHAPES[client](to, partstat.upper(), now)


def words(
    said: str, *, sender: str, recipient: str, subject: str, message_id: str, quoted: str, now: datetime
) -> Posted:
    """Answer in words, above the mail that is answered, as a mail program leaves it."""
    below = "".join(f"> {line}{CRLF}" for line in quoted.splitlines()[:40])
    typed = said.replace("\r\n", "\n").replace("\n", CRLF)
    body = f"{typed}{CRLF}{CRLF}Op {now:%d-%m-%Y} om {now:%H:%M} schreef {recipient}:{CRLF}{CRLF}{below}"
    head = {
        "Message-ID": shapes.message_id("example.org", sender, said, now),
        "Date": format_datetime(now),
        "In-Reply-To": message_id,
        "References": message_id,
        "Subject": shapes.encoded(f"Re: {subject}"),
        "From": f"<{sender}>",
        "To": f"<{recipient}>",
    }
    return Posted(sender, recipient, shapes.mail(head, shapes.text("plain", body)))


def _gmail(to: Invitation, partstat: str, now: datetime) -> Posted:
    """Auto-Submitted, the organizer's address in small letters, CONFIRMED even when declined, and two copies."""
    word = {"ACCEPTED": "Accepted", "TENTATIVE": "Tentatively accepted", "DECLINED": "Declined"}[partstat]
    organizer = to.organizer.lower()
    calendar = shapes.calendar(
        "-//Google Inc//Google Calendar 70.9054//EN",
        [
            f"DTSTART:{_utc(to.starts)}",
            f"DTEND:{_utc(to.ends)}",
            f"DTSTAMP:{_utc(now)}",
            f"ORGANIZER;CN={organizer}:mailto:{organizer}",
            f"UID:{to.uid}",
            f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={partstat};CN={to.attendee};X-NUM-GUESTS=0:"
            f"mailto:{to.attendee}",
            "X-MICROSOFT-CDO-OWNERAPPTID:-1219326544",
            f"CREATED:{_utc(now)}",
            f"LAST-MODIFIED:{_utc(now)}",
            f"SEQUENCE:{to.sequence}",
            "STATUS:CONFIRMED",
            f"SUMMARY:{to.summary}",
            "TRANSP:OPAQUE",
        ],
        "CALSCALE:GREGORIAN",
    )
    said = f"{to.attendee} has {word.lower()} this invitation."
    alternative = shapes.multipart(
        "alternative",
        "000000000000a1",
        shapes.part('text/plain; charset="UTF-8"; format=flowed; delsp=yes', said, "base64"),
        shapes.part('text/html; charset="UTF-8"', f"<p>{said}</p>", "quoted-printable"),
        shapes.part('text/calendar; charset="UTF-8"; method=REPLY', calendar, "7bit" if calendar.isascii() else "8bit"),
    )
    attached = shapes.part(
        'application/ics; name="invite.ics"',
        calendar,
        "base64",
        'Content-Disposition: attachment; filename="invite.ics"',
    )
    head = {
        "Reply-To": _named(to),
        "Sender": "Google Calendar <calendar-notification@google.com>",
        "Auto-Submitted": "auto-generated",
        "Message-ID": shapes.message_id("google.com", to.uid, partstat, now, "calendar-"),
    } | _head(to, f"{word}: {_plain(to.summary)} @ {to.starts:%a %b %d, %Y}", now)
    sender = "3kLmNZQ8KAQ@calendar-server.bounces.google.com"
    return Posted(
        sender, to.organizer, shapes.mail(head, shapes.multipart("mixed", "000000000000b2", alternative, attached))
    )


def _outlook(to: Invitation, partstat: str, now: datetime) -> Posted:
    """No ORGANIZER, the zone by its Windows name, a summary and subject of its own, in the reader's language."""
    word = {"ACCEPTED": "Geaccepteerd", "TENTATIVE": "Voorlopig", "DECLINED": "Geweigerd"}[partstat]
    zone = "W. Europe Standard Time" if to.zone != "UTC" else "tzone://Microsoft/Utc"
    calendar = shapes.calendar(
        "Microsoft Exchange Server 2010",
        [
            f"ATTENDEE;PARTSTAT={partstat};CN={_bare(to.name)}:mailto:{to.attendee}",
            "COMMENT;LANGUAGE=nl-NL:\\n",
            f"UID:{to.uid}",
            f"SUMMARY;LANGUAGE=nl-NL:{word}: {to.summary}",
            f"DTSTART;TZID={zone}:{to.starts:%Y%m%dT%H%M%S}",
            f"DTEND;TZID={zone}:{to.ends:%Y%m%dT%H%M%S}",
            "CLASS:PUBLIC",
            "PRIORITY:5",
            f"DTSTAMP:{_utc(now)}",
            "TRANSP:OPAQUE",
            "STATUS:CONFIRMED",
            f"SEQUENCE:{to.sequence}",
            f"X-MICROSOFT-CDO-APPT-SEQUENCE:{to.sequence}",
            "X-MICROSOFT-CDO-BUSYSTATUS:BUSY",
        ],
        _windows_zone(zone),
    )
    body = shapes.multipart(
        "alternative",
        "_000_AM0PR04MB1234",
        shapes.part('text/plain; charset="iso-8859-1"', "", "quoted-printable"),
        shapes.part('text/html; charset="iso-8859-1"', "<html><body></body></html>", "quoted-printable"),
        shapes.part('text/calendar; charset="utf-8"; method=REPLY', calendar, "base64"),
    )
    head = _head(to, f"{word}: {_plain(to.summary)}", now) | {
        "Thread-Topic": shapes.encoded(_plain(to.summary)),
        "Message-ID": shapes.message_id("AM0PR04MB1234.eurprd04.prod.outlook.com", to.uid, partstat, now),
        "Accept-Language": "nl-NL, en-US",
        "X-MS-Has-Attach": "",
    }
    return Posted(to.attendee, to.organizer, shapes.mail(head, body))


def _apple(to: Invitation, partstat: str, now: datetime) -> Posted:
    """No method in the Content-Type, quoted-printable, an attachment, and a mixed part inside an alternative."""
    word = {"ACCEPTED": "accepted", "TENTATIVE": "tentative", "DECLINED": "declined"}[partstat]
    calendar = shapes.calendar(
        "-//Apple Inc.//macOS 14.5//EN",
        [
            f"ATTENDEE;CN={_bare(to.name)};CUTYPE=INDIVIDUAL;EMAIL={to.attendee};PARTSTAT={partstat}:"
            f"mailto:{to.attendee}",
            to.lines["DTEND"],
            f"UID:{to.uid}",
            to.lines["DTSTART"],
            f"ORGANIZER:mailto:{to.organizer}",
            f"SUMMARY:{to.summary}",
            f"DTSTAMP:{_utc(now)}",
            f"SEQUENCE:{to.sequence}",
        ],
        "CALSCALE:GREGORIAN",
    )
    inner = shapes.multipart(
        "mixed",
        "Apple-Mail-22",
        shapes.part("text/html; charset=utf-8", f"<html><body>{word}</body></html>", "quoted-printable"),
        shapes.part(
            "text/calendar; charset=utf-8; name=iCal-20261123-101500.ics",
            calendar,
            "quoted-printable",
            "Content-Disposition: attachment; filename=iCal-20261123-101500.ics",
        ),
    )
    told = shapes.part("text/plain; charset=utf-8", f"{to.attendee} has {word} the invitation.", "quoted-printable")
    head = _head(to, f"Event {word}: {_plain(to.summary)}", now) | {
        "Message-ID": shapes.message_id("icloud.com", to.uid, partstat, now),
        "X-Mailer": "iPhone Mail (21F90)",
    }
    return Posted(
        to.attendee, to.organizer, shapes.mail(head, shapes.multipart("alternative", "Apple-Mail-21", told, inner))
    )


def _thunderbird(to: Invitation, partstat: str, now: datetime) -> Posted:
    """The calendar is the whole body, in 8 bits, with a line of its own library in it."""
    word = {"ACCEPTED": "Accepted", "TENTATIVE": "Tentative", "DECLINED": "Declined"}[partstat]
    calendar = shapes.calendar(
        "-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN",
        [
            f"CREATED:{_utc(now)}",
            f"LAST-MODIFIED:{_utc(now)}",
            f"DTSTAMP:{_utc(now)}",
            f"UID:{to.uid}",
            f"SUMMARY:{to.summary}",
            "X-LIC-ERROR;X-LIC-ERRORTYPE=VALUE-PARSE-ERROR:No value for LOCATION property. Removing entire property:",
            to.lines["ORGANIZER"],
            f"ATTENDEE;RSVP=TRUE;CN={_bare(to.name)};PARTSTAT={partstat};CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;"
            f"X-NUM-GUESTS=0:mailto:{to.attendee}",
            to.lines["DTSTART"],
            to.lines["DTEND"],
            f"SEQUENCE:{to.sequence}",
        ],
    )
    head = _head(to, f"Event Invitation Reply ({word}): {_plain(to.summary)}", now) | {
        "Message-ID": shapes.message_id("example.org", to.uid, partstat, now),
        "User-Agent": "Mozilla Thunderbird",
        "Content-class": "urn:content-classes:calendarmessage",
    }
    body = shapes.part("text/calendar; method=REPLY; charset=UTF-8", calendar, "8bit")
    return Posted(to.attendee, to.organizer, shapes.mail(head, body))


def _nextcloud(to: Invitation, partstat: str, now: datetime) -> Posted:
    """As the server of Nextcloud mails it for somebody: words first, the calendar attached."""
    word = {"ACCEPTED": "accepted", "TENTATIVE": "tentatively accepted", "DECLINED": "declined"}[partstat]
    calendar = shapes.calendar(
        "-//Sabre//Sabre VObject 4.5.6//EN",
        [
            f"UID:{to.uid}",
            f"DTSTAMP:{_utc(now)}",
            f"SEQUENCE:{to.sequence}",
            to.lines["DTSTART"],
            to.lines["DTEND"],
            f"SUMMARY:{to.summary}",
            to.lines["ORGANIZER"],
            f'ATTENDEE;PARTSTAT={partstat};CN="{to.name}":mailto:{to.attendee}',
            "REQUEST-STATUS:2.0;Success",
        ],
        "CALSCALE:GREGORIAN",
    )
    body = shapes.multipart(
        "mixed",
        "_=_nextcloud_1",
        shapes.multipart(
            "alternative",
            "_=_nextcloud_2",
            shapes.text("plain", f"{to.name} has {word} your invitation."),
            shapes.text("html", f"<p>{_bare(to.name)} has {word} your invitation.</p>"),
        ),
        shapes.part(
            "text/calendar; charset=UTF-8; method=REPLY; name=event.ics",
            calendar,
            "base64",
            "Content-Disposition: attachment; filename=event.ics",
        ),
    )
    head = _head(to, f"Re: {_plain(to.summary)}", now) | {
        "Message-ID": shapes.message_id("cloud.example.org", to.uid, partstat, now),
        "Reply-To": _named(to),
        "From": f'"{_bare(to.name)} via Nextcloud" <{to.attendee}>',
    }
    return Posted(to.attendee, to.organizer, shapes.mail(head, body))


_SHAPES: Final[dict[Client, Callable[[Invitation, str, datetime], Posted]]] = {
    Client.GMAIL: _gmail,
    Client.OUTLOOK: _outlook,
    Client.APPLE: _apple,
    Client.THUNDERBIRD: _thunderbird,
    Client.NEXTCLOUD: _nextcloud,
}


def _windows_zone(name: str) -> str:
    """Write the zone as Exchange does, with yearly rules and a name that only Windows knows."""
    if not name.startswith("W."):
        return ""
    rules = (("STANDARD", "+0200", "+0100", 10, "03"), ("DAYLIGHT", "+0100", "+0200", 3, "02"))
    parts = [
        CRLF.join(
            (
                f"BEGIN:{kind}",
                f"DTSTART:16010101T{hour}0000",
                f"TZOFFSETFROM:{before}",
                f"TZOFFSETTO:{after}",
                f"RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH={month}",
                f"END:{kind}",
            )
        )
        for kind, before, after, month, hour in rules
    ]
    return CRLF.join(("BEGIN:VTIMEZONE", f"TZID:{name}", *parts, "END:VTIMEZONE"))


def _head(to: Invitation, subject: str, now: datetime) -> dict[str, str]:
    return {
        "From": _named(to),
        "To": f"<{to.organizer}>",
        "Subject": shapes.encoded(subject),
        "Date": format_datetime(now),
    }


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _plain(escaped: str) -> str:
    return re.sub(r"\\(.)", lambda found: " " if found[1] in "nN" else found[1], escaped)


def _bare(name: str) -> str:
    return re.sub(r'[";:,<>\\]', "", name)


def _named(to: Invitation) -> str:
    return f"{shapes.encoded(_bare(to.name))} <{to.attendee}>"
