"""The values of which the sample association is made.

They mirror the nouns of Kring without depending on them: people are named by their first address, organisations and
circles by their slug, so that a loader resolves each reference once.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Language = Literal["nl", "en"]
Role = Literal["member", "staff", "admin"]
Partstat = Literal["accepted", "declined", "tentative"]
Via = Literal["link", "calendar", "mail", "web"]
Presence = Literal["present", "absent", "excused"]
Visibility = Literal["public", "members", "circle"]
GatheringStatus = Literal["draft", "published", "cancelled"]

TIMEZONE = "Europe/Amsterdam"


@dataclass(frozen=True, slots=True)
class Text:
    """Hold one text in both languages."""

    nl: str
    en: str


@dataclass(frozen=True, slots=True)
class Organisation:
    """Describe a member organisation, or with `member=False` the association itself or a guest."""

    slug: str
    name: str
    domain: str
    member: bool


@dataclass(frozen=True, slots=True)
class Affiliation:
    """Say for which organisation (by slug) a person works, and as what."""

    organisation: str
    title: str


@dataclass(frozen=True, slots=True)
class Person:
    """Describe an invented person; the first address and the first affiliation are the primary ones."""

    name: str
    language: Language
    addresses: tuple[str, ...]
    affiliations: tuple[Affiliation, ...]
    role: Role = "member"

    @property
    def email(self) -> str:
        """Return the primary address, by which everything else refers to this person."""
        return self.addresses[0]

    @property
    def organisation(self) -> str | None:
        """Return the slug of the primary organisation."""
        return self.affiliations[0].organisation if self.affiliations else None


@dataclass(frozen=True, slots=True)
class PlanLine:
    """Hold one line of the annual plan, in the columns of its file; `months` are calendar months."""

    programme: str
    title: str
    kind: str
    output: Literal["gathering", "group", "mailing"]
    min_count: int
    max_count: int | None
    period: Literal["year", "half-year", "quarter", "month", "week"]
    months: tuple[int, ...]
    language: Language
    audience: str
    source: str
    circle: str | None


@dataclass(frozen=True, slots=True)
class Circle:
    """Describe a circle that carries one line of the plan."""

    slug: str
    kind: str
    title: Text
    description: Text
    language: Language
    programme: str


@dataclass(frozen=True, slots=True)
class Membership:
    """Put a person (by first address) in a circle (by slug)."""

    circle: str
    person: str
    facilitator: bool


@dataclass(frozen=True, slots=True)
class Series:
    """Name the gatherings that a circle holds for one line of the plan in one plan year."""

    key: str
    circle: str
    title: Text


@dataclass(frozen=True, slots=True)
class Answer:
    """Record what a person answered; `at` is aware, in UTC, and lies before the start of today."""

    person: str
    partstat: Partstat
    via: Via
    at: datetime


@dataclass(frozen=True, slots=True)
class Attendance:
    """Record whether someone was there, as the facilitator marked it."""

    person: str
    presence: Presence


@dataclass(frozen=True, slots=True)
class Gathering:
    """Describe one gathering.

    `starts_at` and `ends_at` are naive wall time in `timezone`; `published_at` is aware, in UTC. A capacity, quota or
    visibility of None leaves it to the kind of circle; `series` is None for what was held before the plan year. Answers
    stand in the order in which they were given, each person at most once. Attendance is filled for what is held.
    """

    key: str
    series: str | None
    circle: str
    title: Text
    description: Text
    starts_at: datetime
    ends_at: datetime
    timezone: str
    location: str | None
    online_url: str | None
    capacity: int | None
    organisation_quota: int | None
    visibility: Visibility | None
    status: GatheringStatus
    published_at: datetime | None
    cancel_reason: str | None
    answers: tuple[Answer, ...] = ()
    attendance: tuple[Attendance, ...] = ()


@dataclass(frozen=True, slots=True)
class Association:
    """Hold the whole sample association for the plan year from `plan_start` up to `plan_end` (excluded)."""

    name: str
    plan_start: date
    plan_end: date
    organisations: tuple[Organisation, ...]
    people: tuple[Person, ...]
    plan: tuple[PlanLine, ...]
    circles: tuple[Circle, ...]
    memberships: tuple[Membership, ...]
    series: tuple[Series, ...]
    gatherings: tuple[Gathering, ...]
