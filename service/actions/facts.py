"""What a gathering is made of: the facts that people give, cleaned and checked before anything is stored.

Knows nothing of what follows from a change; that is in `altering`.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from service.errors import Invalid
from service.formats import fields, links, zones
from service.formats.fields import Check
from service.model import Gathering, Visibility
from service.rules import reminders

LONGEST = timedelta(days=14)


def of(gathering: Gathering) -> dict[str, Any]:
    """Return what was given of a gathering, for `complete` to lay something over."""
    return {name: getattr(gathering, name) for name in _CHECKS}


def complete(given: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Lay what is given over what was there, and return every fact that a gathering has, cleaned, with its instants.

    Raises Invalid with the field for an unknown one, no title, an unknown zone, a local time that does not exist, an
    end before the start, and numbers or words that cannot be.
    """
    facts = dict(before) | fields.checked(given, _CHECKS)
    if not (facts["title_nl"] or facts["title_en"]):
        raise Invalid("title", "give a title")
    for needed in ("starts_local", "ends_local"):
        if facts.get(needed) is None:
            raise Invalid(_shown(needed), "give a local date and time")
    facts["starts_at"] = zones.resolve(facts["starts_local"], facts["timezone"], "starts_at")
    facts["ends_at"] = zones.resolve(facts["ends_local"], facts["timezone"], "ends_at")
    if facts["ends_at"] <= facts["starts_at"]:
        raise Invalid("ends_at", "the end must come after the start")
    if facts["ends_at"] - facts["starts_at"] > LONGEST:
        raise Invalid("ends_at", f"a gathering lasts at most {LONGEST.days} days")
    return facts


def _shown(name: str) -> str:
    """Return the name under which people give a field."""
    return {"starts_local": "starts_at", "ends_local": "ends_at"}.get(name, name)


def _line(name: str, value: Any) -> str:
    return fields.line(name, "" if value is None else value)


def _text(name: str, value: Any) -> str:
    return fields.text(name, "" if value is None else value)


def _local(name: str, value: Any) -> datetime:
    if not isinstance(value, datetime):
        raise Invalid(_shown(name), "give a local date and time, such as 2026-12-01T16:00")
    return value.replace(microsecond=0)


def _zone(name: str, value: Any) -> str:
    return zones.zone(fields.needed(name, value), name).key


def _link(name: str, value: Any) -> str:
    return links.checked(name, _text(name, value))


_CHECKS: Final[Mapping[str, Check]] = {
    "title_nl": _line,
    "title_en": _line,
    "description_nl": _text,
    "description_en": _text,
    "starts_local": _local,
    "ends_local": _local,
    "timezone": _zone,
    "location": _line,
    "online_url": _link,
    "capacity": fields.number,
    "organisation_quota": fields.number,
    "approval": fields.flag,
    "reminders": reminders.checked,
    "visibility": lambda name, value: fields.choice(name, value, Visibility),
}
