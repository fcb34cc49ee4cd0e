"""Gatherings, how many come, and what was thought of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from service.model.languages import localised
from service.model.registrations import Mode


def ways_of(location: str, online_url: str) -> frozenset[Mode]:
    """Tell how one can take part in a gathering; without a place or a link there is a place, not known yet."""
    online = {Mode.ONLINE} if online_url else set()
    return frozenset(online | ({Mode.ON_SITE} if location or not online_url else set()))


class Status(StrEnum):
    """Where a gathering stands; *held* is published and past its end."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Gathering:
    """One dated meeting of a circle; `starts_local` is wall time in `timezone`, `starts_at` the moment in UTC."""

    id: int
    uid: str
    circle_id: int
    circle_slug: str
    circle_title_nl: str
    circle_title_en: str
    programme: str
    confidential: bool
    series_id: int | None
    status: str
    title_nl: str
    title_en: str
    description_nl: str
    description_en: str
    starts_local: datetime
    ends_local: datetime
    timezone: str
    starts_at: datetime
    ends_at: datetime
    location: str
    online_url: str
    capacity: int | None
    organisation_quota: int | None
    approval: bool
    reminders: list[str]
    visibility: str
    sequence: int
    revision: int
    cancel_reason: str
    created_at: datetime
    changed_at: datetime
    minimum: int | None = None  # as its kind says today: with fewer it does not go on
    facilitators_count: bool = False  # among them
    questions: int = 0  # how many those who come are asked
    answers_days: int | None = None  # after its end the answers to them are kept so long
    published_at: datetime | None = None  # the last time

    def title(self, language: str) -> str:
        """Return the title in a language; of a confidential gathering only for those who may read it."""
        return localised(self.title_nl, self.title_en, language)

    def description(self, language: str) -> str:
        """Return the description in a language."""
        return localised(self.description_nl, self.description_en, language)

    def circle_title(self, language: str) -> str:
        """Return the title of its circle in a language."""
        return localised(self.circle_title_nl, self.circle_title_en, language)

    @property
    def ways(self) -> frozenset[Mode]:
        """Return how one can take part."""
        return ways_of(self.location, self.online_url)

    @property
    def hybrid(self) -> bool:
        """Tell whether people choose between coming to the place and joining online."""
        return len(self.ways) > 1

    @property
    def published(self) -> bool:
        """Tell whether it has been shown to people; a draft that is cancelled never was."""
        return self.status != Status.DRAFT and (self.status != Status.CANCELLED or self.published_at is not None)

    def standing(self, now: datetime) -> Status:
        """Tell where it stands at a moment, with *held* derived."""
        held = self.status == Status.PUBLISHED and self.ends_at <= now
        return Status.HELD if held else Status(self.status)


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many of a group come, and how many still could: all who have not said no to the time as it stands.

    Facilitators are among them where the kind says so. `asking`: the group is asked for another date.
    """

    coming: int
    possible: int
    asking: bool = False


@dataclass(frozen=True, slots=True)
class Rating:
    """What somebody who was there thought of a gathering, from 1 to 10, in words as far as they gave any."""

    score: int
    comment: str
