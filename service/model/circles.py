"""Circles, the policy of their kinds, and who is in them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from service.model.languages import localised


class Visibility(StrEnum):
    """Who may see that a gathering exists."""

    PUBLIC = "public"
    MEMBERS = "members"
    CIRCLE = "circle"


class Joining(StrEnum):
    """How a person comes into a circle."""

    OPEN = "open"
    REQUEST = "request"
    INVITED = "invited"


class MembershipRole(StrEnum):
    """What a person is to a circle."""

    PARTICIPANT = "participant"
    FACILITATOR = "facilitator"


class MembershipState(StrEnum):
    """Where a membership stands."""

    REQUESTED = "requested"
    ACTIVE = "active"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class CircleKind:
    """The policy of a kind of circle: data, never a name in code."""

    name: str
    label_nl: str
    label_en: str
    visibility: str
    confidential: bool
    joining: str
    capacity: int | None
    organisation_quota: int | None
    approval: bool
    reminders: list[str]
    minimum: int | None  # fewer than these do not go on
    language: str | None  # None: the association's
    rating: bool  # those who were there are asked for one
    most_members: int | None  # the circle is one group, of no more than these
    facilitators_count: bool  # who leads is one of the group: among the minimum and the most

    def label(self, language: str) -> str:
        """Return what the kind is called."""
        return localised(self.label_nl, self.label_en, language)


@dataclass(frozen=True, slots=True)
class Circle:
    """A standing community, with the policy of its kind that decides who may see and join it."""

    id: int
    slug: str
    kind: str
    title_nl: str
    title_en: str
    description_nl: str
    description_en: str
    language: str
    programme: str
    visibility: str
    confidential: bool
    joining: str
    most_members: int | None
    facilitators_count: bool
    closed_at: datetime | None = None  # nobody joins and nothing is planned any more

    def title(self, language: str) -> str:
        """Return the title in a language."""
        return localised(self.title_nl, self.title_en, language)

    def description(self, language: str) -> str:
        """Return the description in a language."""
        return localised(self.description_nl, self.description_en, language)
