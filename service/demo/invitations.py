"""Read an invitation as mail and calendar programs do: what they keep of it to answer it (`calendar_clients`)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from service.demo.mail_shapes import CRLF


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a program keeps of the invitation that it answers; `lines` are properties as they stood, by name."""

    uid: str
    organizer: str
    attendee: str
    name: str
    summary: str
    sequence: str
    starts: datetime
    ends: datetime
    zone: str
    lines: dict[str, str]


def read(calendar: bytes) -> Invitation:
    """Read an invitation that Kring wrote; raises ValueError for anything but one that asks for an answer."""
    text = re.sub(r"\r?\n[ \t]", "", calendar.decode(errors="replace"))
    event = text.partition("BEGIN:VEVENT")[2].partition("END:VEVENT")[0]
    lines = {re.split("[;:]", line, maxsplit=1)[0]: line for line in event.split(CRLF) if line}
    if "\r\nMETHOD:REQUEST" not in text or not {"UID", "ORGANIZER", "ATTENDEE", "DTSTART", "DTEND"} <= lines.keys():
        raise ValueError("no invitation")
    zone = re.search(r"TZID=([^:;]+)", lines["DTSTART"])
    named = re.search(r'CN="([^"]*)"', lines["ATTENDEE"])
    attendee = lines["ATTENDEE"].rpartition("mailto:")[2]
    return Invitation(
        uid=lines["UID"].partition(":")[2],
        organizer=lines["ORGANIZER"].rpartition("mailto:")[2],
        attendee=attendee,
        name=named[1] if named else attendee,
        summary=lines.get("SUMMARY", "SUMMARY:").partition(":")[2],
        sequence=lines.get("SEQUENCE", "SEQUENCE:0").partition(":")[2],
        starts=_moment(lines["DTSTART"], zone),
        ends=_moment(lines["DTEND"], zone),
        zone=zone[1] if zone else "UTC",
        lines=lines,
    )


def _moment(line: str, zone: re.Match[str] | None) -> datetime:
    value = line.rpartition(":")[2]
    home = ZoneInfo(zone[1]) if zone else UTC
    return datetime.strptime(value.rstrip("Z"), "%Y%m%dT%H%M%S").replace(tzinfo=home)
