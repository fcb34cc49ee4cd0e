"""Registrations: what a person answered to a gathering, and what the association answered."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Partstat(StrEnum):
    """The attendee's answer (RFC 5545 section 3.2.12)."""

    NEEDS_ACTION = "needs-action"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"


class Seat(StrEnum):
    """The organizer's answer."""

    NONE = "none"
    OFFERED = "offered"
    SEATED = "seated"
    WAITING = "waiting"


class Mode(StrEnum):
    """How somebody comes to a gathering that is both at a place and online."""

    ON_SITE = "on-site"
    ONLINE = "online"


class WaitingReason(StrEnum):
    """Why an accepted person waits."""

    FULL = "full"
    ORGANISATION = "organisation"
    APPROVAL = "approval"


class Via(StrEnum):
    """The door through which an answer came."""

    LINK = "link"
    CALENDAR = "calendar"
    MAIL = "mail"
    TELEGRAM = "telegram"
    CONSOLE = "console"
    WEB = "web"
    API = "api"


class Attendance(StrEnum):
    """Who was there, as a person set it afterwards."""

    PRESENT = "present"
    ABSENT = "absent"
    EXCUSED = "excused"


class CalendarStatus(StrEnum):
    """What the copy in a person's calendar says (RFC 5545 section 3.8.1.11)."""

    CONFIRMED = "confirmed"
    TENTATIVE = "tentative"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Registration:
    """One person at one gathering: their partstat and their seat.

    `position` is computed, 1…n, and None unless the person waits in the queue.
    """

    id: int
    gathering_id: int
    person_id: int
    person_name: str
    organisation_id: int | None
    organisation: str | None
    facilitator: bool
    partstat: str
    seat: str
    waiting_reason: str | None
    position: int | None
    offer_expires_at: datetime | None
    answered_at: datetime | None
    via: str | None
    confirmed_sequence: int | None
    attendance: str | None
    generation: int
    withdrawn_at: datetime | None
    mode: str | None = None

    @property
    def online(self) -> bool:
        """Tell whether they said that they join online."""
        return self.mode == Mode.ONLINE and self.partstat == Partstat.ACCEPTED
