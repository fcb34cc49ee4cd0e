"""What a gathering is made of: the facts that people give, cleaned and checked before anything is stored.

Knows nothing of what follows from a change; that is in `altering`.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from service.errors import Invalid
from service.formats import fields, links, zones
from service.model import Gathering, Visibility
from service.rules import reminders

LONGEST = timedelta(days=14)
MOST_SEATS = 100_000


def of(gathering: Gathering) -> dict[str, Any]:
    """Return what was given of a gathering, for `complete` to lay something over."""
    return {name: getattr(gathering, name) for name in _CHECKS}


def complete(given: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Lay what is given over what was there, and return every fact that a gathering has, cleaned, with its instants.

    Raises Invalid with the field for an unknown one, no title, an unknown zone, a local time that does not exist, an
    end before the start, and numbers or words that cannot be.
    """
    for name in given:
        if name not in _CHECKS:
            raise Invalid(name, "there is no such field")
    facts = dict(before) | {name: _CHECKS[name](name, value) for name, value in given.items()}
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


def _number(name: str, value: Any) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_SEATS:
        raise Invalid(name, f"give a whole number from 1 to {MOST_SEATS}, or nothing")
    return value


def _yes_or_no(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise Invalid(name, "say yes or no")
    return value


def _reminders(name: str, value: Any) -> list[str]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(kind, str) for kind in value):
        raise Invalid(name, "give a list such as P7D, P1D")
    return reminders.checked(list(value))


_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "title_nl": _line,
    "title_en": _line,
    "description_nl": _text,
    "description_en": _text,
    "starts_local": _local,
    "ends_local": _local,
    "timezone": _zone,
    "location": _line,
    "online_url": _link,
    "capacity": _number,
    "organisation_quota": _number,
    "approval": _yes_or_no,
    "reminders": _reminders,
    "visibility": lambda name, value: fields.choice(name, value, Visibility),
}
