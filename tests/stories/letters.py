"""The mail that Kring caught, as a newcomer finds it in the folder: read with other people's readers."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from icalendar import Calendar

from tests.waiting import until


@dataclass(frozen=True)
class Letter:
    """One mail; `appointment` is the VEVENT of its calendar part, `method` that part's METHOD."""

    to: str
    subject: str
    text: str
    method: str | None
    appointment: Any

    def link(self, page: str) -> str:
        """Return the path of the one link in the text that leads to such a page: "r" to answer, "login" to sign in."""
        paths = {urlsplit(found).path for found in re.findall(rf"https?://\S+/{page}/\S+", self.text)}
        assert len(paths) == 1, (page, self.text)
        return str(paths.pop())

    @property
    def code(self) -> str:
        """Return the six digits with which somebody signs in on another device."""
        found = re.findall(r"^\s*(\d{3} ?\d{3})\s*$", self.text, re.MULTILINE)
        assert len(found) == 1, self.text
        return str(found[0])

    @property
    def uid(self) -> str | None:
        """Return by what calendars know the appointment."""
        return str(self.appointment["uid"]) if self.appointment is not None else None

    @property
    def attendees(self) -> list[Any]:
        """Return everybody that the calendar part names as invited."""
        found = self.appointment.get("attendee", [])
        return found if isinstance(found, list) else [found]

    def version(self) -> tuple[int, Any]:
        """Return what a calendar compares: SEQUENCE, and on a tie DTSTAMP (RFC 5546 section 2.1.5)."""
        return int(self.appointment["sequence"]), self.appointment.decoded("dtstamp")


@dataclass(frozen=True)
class Mailbox:
    """The folder of caught mail."""

    folder: Path
    _known: dict[str, Letter] = field(default_factory=dict)

    @property
    def letters(self) -> list[Letter]:
        """Return every mail, oldest first."""
        names = sorted(path.name for path in self.folder.glob("*.eml"))
        self._known.update((name, read((self.folder / name).read_bytes())) for name in names if name not in self._known)
        return [self._known[name] for name in names]

    def files(self, address: str) -> list[Path]:
        """Return the files of the mail that one address has had, oldest first."""
        return [path for path in sorted(self.folder.glob("*.eml")) if read(path.read_bytes()).to == address]

    def to(self, address: str) -> list[Letter]:
        """Return what one address has had, oldest first."""
        return [letter for letter in self.letters if letter.to == address]

    async def find(self, count: int, wanted: Callable[[Letter], bool]) -> list[Letter]:
        """Wait until so many mails that are wanted were caught, and return them, oldest first; one more is wrong."""

        async def they_are_there() -> bool:
            return len([letter for letter in self.letters if wanted(letter)]) >= count

        await until(they_are_there)
        found = [letter for letter in self.letters if wanted(letter)]
        assert len(found) == count, [letter.subject for letter in found]
        return found

    async def copies(self, of: Letter, count: int) -> list[Letter]:
        """Wait until somebody's calendar has been told so many times about what a letter is about."""
        return await self.find(count, lambda letter: letter.uid == of.uid)


def read(raw: bytes) -> Letter:
    """Take a mail apart as any mail program does."""
    message = message_from_bytes(raw, policy=policy.default)
    assert not message.defects
    body = message.get_body(("plain",))
    assert isinstance(body, EmailMessage)
    parts = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    calendar = Calendar.from_ical(parts[0].get_content()) if parts else None
    method = str(calendar["method"]) if calendar is not None else None
    assert method == (parts[0].get_param("method") if parts else None)  # RFC 6047 section 2.4
    return Letter(
        to=message["Delivered-To"],
        subject=message["Subject"],
        text=body.get_content(),
        method=method,
        appointment=calendar.walk("VEVENT")[0] if calendar is not None else None,
    )


def invites(letter: Letter, gathering: dict[str, Any]) -> bool:
    """Tell whether a letter asks somebody to come to a gathering."""
    if letter.appointment is None or str(letter.appointment["summary"]) not in gathering["title"].values():
        return False
    begins = letter.appointment.decoded("dtstart") == datetime.fromisoformat(gathering["starts_at_utc"])
    return begins and [str(one.params["partstat"]) for one in letter.attendees] == ["NEEDS-ACTION"]
