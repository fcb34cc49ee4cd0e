"""What a person prefers, in the API: the language, the channel, quiet hours, and what comes from each circle."""

import re
from datetime import time
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, PlainSerializer, StringConstraints, WithJsonSchema

from handlers.web.api.fields import NOT_GIVEN, Id, Slug
from handlers.web.api.typed import Answer, Call, Given, Operation
from service.actions import preferences
from service.errors import Invalid
from service.model import Language

_HOUR: Final = "([01][0-9]|2[0-3]):[0-5][0-9]"


def _read(value: object) -> time:
    if not isinstance(value, str) or not re.fullmatch(_HOUR, value):
        raise ValueError("Write this as 21:00")
    return time.fromisoformat(value)


def _written(value: time) -> str:
    return value.isoformat("minutes")


_SCHEMA: Final = WithJsonSchema({"type": "string", "pattern": f"^{_HOUR}$", "examples": ["21:00"]})
Hour = Annotated[time, BeforeValidator(_read), _SCHEMA]
WrittenHour = Annotated[time, PlainSerializer(_written, return_type=str), _SCHEMA]
Channel = Annotated[str, StringConstraints(pattern="^[a-z]+$", max_length=40)]


class WishChanges(Given):
    """What is to come from a circle that they are in; what is not given stays as it is."""

    circle: Slug
    mails: bool = Field(NOT_GIVEN, description="Its invitations by mail")
    reminders: bool = NOT_GIVEN


class PreferencesChanges(Given):
    """What is to change; the rest stays as it is."""

    language: Language = NOT_GIVEN
    preferred_channel: Channel = Field(NOT_GIVEN, description="One of `channels`", examples=["mail"])
    quiet_from: Hour | None = Field(None, description="null, as `quiet_until`: no quiet hours")
    quiet_until: Hour | None = Field(None, examples=["08:00"])
    circles: Annotated[list[WishChanges], Field(max_length=500)] = NOT_GIVEN


class Wish(Answer):
    """What comes from a circle that they are in."""

    circle: str
    mails: bool = Field(description="Its invitations by mail")
    reminders: bool


class Preferences(Answer):
    """What a person prefers."""

    language: Language
    preferred_channel: str = Field(description="Where reminders and messages go")
    channels: list[str] = Field(description="On which messages reach them: one of these can be preferred")
    quiet_from: WrittenHour | None = Field(description="From then on what can wait, waits; in the gathering's zone")
    quiet_until: WrittenHour | None
    circles: list[Wish] = Field(description="By slug; without confidential circles that are not yours")


async def one(call: Call, *, id_: Id) -> Preferences:
    """Read what a person prefers."""
    return _answer(await preferences.get(call.db, call.actor, id_))


async def change(call: Call, *, id_: Id, body: PreferencesChanges) -> Preferences:
    """Change what a person prefers: all that is named, or, where one thing cannot be, nothing.

    Quiet hours need both their ends. Only a key of an admin changes an admin.
    """
    given: dict[str, Any] = body.model_dump(exclude_unset=True)
    if "circles" in given:
        wishes = {one.pop("circle"): one for one in given["circles"]}
        if len(wishes) < len(given["circles"]):
            raise Invalid("circles", "Name each circle once.")
        given["circles"] = wishes
    return _answer(await preferences.change(call.db, call.actor, id_, given, now=call.now))


def _answer(found: preferences.Preferences) -> Preferences:
    return Preferences(
        language=Language(found.language),
        preferred_channel=found.preferred_channel,
        channels=found.channels,
        quiet_from=found.quiet_from,
        quiet_until=found.quiet_until,
        circles=[Wish(circle=one.slug, mails=one.mails, reminders=one.reminders) for one in found.circles.values()],
    )


OPERATIONS = (
    Operation("GET", "/people/{id}/preferences", one),
    Operation("PATCH", "/people/{id}/preferences", change),
)
