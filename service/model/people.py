"""People, and the organisations they work for."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a person is to the association."""

    MEMBER = "member"
    STAFF = "staff"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Organisation:
    """A member of the association, or a guest organisation."""

    id: int
    name: str
    domains: list[str]


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with addresses; `email` is the primary mail address, `organisation` the primary current affiliation."""

    id: int
    name: str
    language: str
    role: str
    preferred_channel: str
    provisional_until: datetime | None
    email: str | None
    organisation_id: int | None
    organisation: str | None
    title: str | None
