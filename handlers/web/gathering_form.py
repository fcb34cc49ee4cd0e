"""The form in which a gathering is planned and changed: what was typed, made into facts, and facts into what is typed.

Reads and writes fields only; what a gathering may be is checked by the actions.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from multidict import MultiMapping

from service.errors import Invalid
from service.model import Visibility
from service.texts.catalogue import Texts, marked

TEXTS: Final = ("title_nl", "title_en", "description_nl", "description_en", "location", "online_url")
NUMBERS: Final = ("capacity", "organisation_quota")
DAY, STARTS, ENDS = "day", "starts", "ends"

FAULTS: Final = {
    "title": marked("Give it a title."),
    DAY: marked("Choose a day."),
    STARTS: marked("Fill in when it begins, like 16:00."),
    ENDS: marked("Fill in when it ends, like 17:30."),
    "starts_at": marked("This moment has passed, or the clocks skip it that night."),
    "ends_at": marked("It cannot end before it begins, or last longer than two weeks."),
    "online_url": marked("Give a web address that starts with https://."),
    "capacity": marked("Give a whole number, or leave it empty: then there is room for everyone."),
    "organisation_quota": marked("Give a whole number, or leave it empty."),
    "reminders": marked("Choose at most five reminders."),
    "timezone": marked("We do not know this time zone. Write it like Europe/Amsterdam."),
}
"""What to do about each field that was refused."""

VISIBILITIES: Final = (
    (Visibility.PUBLIC, marked("Everyone: it stands in the public agenda")),
    (Visibility.MEMBERS, marked("Members of the association")),
    (Visibility.CIRCLE, marked("Only the circle and who is invited")),
)

REMINDERS: Final = (
    ("P14D", marked("two weeks before")),
    ("P7D", marked("a week before")),
    ("P1D", marked("the day before")),
    ("PT2H", marked("two hours before")),
)

Typed = dict[str, Any]
"""What stands in the fields: text, but for `approval` (whether) and `reminders` (which)."""


def typed(given: Mapping[str, Any]) -> Typed:
    """Return what the fields show for facts."""
    return {
        **{name: given[name] for name in TEXTS},
        **{name: "" if given[name] is None else str(given[name]) for name in NUMBERS},
        DAY: given["starts_local"].date().isoformat(),
        STARTS: f"{given['starts_local']:%H:%M}",
        ENDS: f"{given['ends_local']:%H:%M}",
        "days": str((given["ends_local"].date() - given["starts_local"].date()).days),
        "timezone": given["timezone"],
        "approval": given["approval"],
        "visibility": given["visibility"],
        "reminders": list(given["reminders"]),
    }


def retyped(form: MultiMapping[Any]) -> Typed:
    """Return what was typed, to show it once more."""
    return {
        **{name: _text(form, name) for name in (*TEXTS, *NUMBERS, DAY, STARTS, ENDS, "days", "timezone", "visibility")},
        "approval": bool(_text(form, "approval")),
        "reminders": [one for one in form.getall("reminders", []) if isinstance(one, str)],
    }


def facts(found: Typed) -> dict[str, Any]:
    """Make facts of what was typed; raises Invalid with the field."""
    day = _day(found[DAY])
    starts, ends = datetime.combine(day, clock(found[STARTS], STARTS)), datetime.combine(day, clock(found[ENDS], ENDS))
    # What ends before it begins goes on past midnight, and longer only where it did so before.
    nights = int(found["days"]) if found["days"].isdecimal() and len(found["days"]) < 3 else 0
    ends += timedelta(days=max(nights, 0) if ends > starts or nights else 1)
    return {
        **{name: found[name] for name in TEXTS},
        **{name: _number(found[name], name) for name in NUMBERS},
        "starts_local": starts,
        "ends_local": ends,
        "timezone": found["timezone"],
        "approval": found["approval"],
        "visibility": found["visibility"],
        "reminders": found["reminders"],
    }


def clock(value: str, field: str) -> time:
    """Read a time of day as a browser or a person writes it; raises Invalid for the field."""
    try:
        read = time.fromisoformat(value.strip().replace(".", ":").zfill(5))
    except ValueError:
        raise Invalid(field, "Write a time, like 16:00.") from None
    return read.replace(second=0, microsecond=0, tzinfo=None)


def reminders(texts: Texts, chosen: Iterable[str]) -> list[tuple[str, str]]:
    """List the reminders to choose from, each with its words; those chosen otherwise as they are written."""
    known = [(kind, texts.gettext(words)) for kind, words in REMINDERS]
    return known + [(kind, kind) for kind in chosen if kind not in dict(REMINDERS)]


def _text(form: MultiMapping[Any], name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value.strip())
    except ValueError:
        raise Invalid(DAY, "Choose a day.") from None


def _number(value: str, name: str) -> int | None:
    value = value.strip()
    if not value:
        return None
    if not value.isdecimal() or len(value) > 6:
        raise Invalid(name, "Give a whole number.")
    return int(value)
