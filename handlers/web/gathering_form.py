"""The form in which a gathering is planned and changed: what was typed, made into facts, and facts into what is typed.

Reads and writes fields only; what a gathering may be is checked by the actions.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from handlers.web import filling
from service.errors import Invalid
from service.model import Visibility
from service.texts.catalogue import Texts, marked

TEXTS: Final = ("title_nl", "title_en", "description_nl", "description_en", "location", "online_url")
NUMBERS: Final = ("capacity", "organisation_quota")
FIELDS: Final = (*TEXTS, *NUMBERS, "day", "starts", "ends", "nights", "timezone", "visibility", "approval")

FAULTS: Final = {
    **filling.FAULTS,
    "day": marked("Choose a day."),
    "starts": marked("Fill in when it begins, like 16:00."),
    "ends": marked("Fill in when it ends, like 17:30. It must end after it begins, within two weeks."),
    "starts_at": marked("This moment has passed, or the clocks skip it that night. Choose another."),
    "ends_at": marked("Fill in when it ends, like 17:30. It must end after it begins, within two weeks."),
    "online_url": marked(
        "Fill in a web address that starts with https://, at most 2,000 characters long and without a password."
    ),
    "reminders": marked("Choose at most five reminders."),
    "timezone": marked("We do not know this time zone. Write it like Europe/Amsterdam."),
    "visibility": marked("Choose who may see it."),
    "every": marked("Fill in a number from 1 to 12."),
    "times": marked("Fill in how many times, from 1 to 60, or until which day."),
    "until": marked("Choose a day after the first one, at most three years later."),
    "unit": marked("Choose how it repeats."),
    "dates": marked("Choose from 1 to 60 dates, each of them once."),
}
"""What to do about each field that was refused."""

NIGHT: Final = timedelta(hours=12)
"""How long something lasts at most that ends before it begins: longer than a night out is a slip."""

DATES: Final = {"": FAULTS["dates"]}
PLACES: Final = {"starts_at": "starts", "ends_at": "ends"}
"""Where a fact that was refused is typed."""

VISIBILITIES: Final = (
    (Visibility.PUBLIC, marked("Everyone"), marked("It stands in the public agenda.")),
    (Visibility.MEMBERS, marked("Members of the association"), marked("They see it after signing in.")),
    (Visibility.CIRCLE, marked("Only the circle"), marked("And who is invited besides.")),
)

REMINDERS: Final = (
    ("P14D", marked("Two weeks before")),
    ("P7D", marked("A week before")),
    ("P1D", marked("The day before")),
    ("PT2H", marked("Two hours before")),
)

Typed = dict[str, str]


def typed(given: Mapping[str, Any]) -> Typed:
    """Return what the fields show for facts; the reminders stand beside them."""
    starts, ends = given["starts_local"], given["ends_local"]
    return {
        **{name: given[name] for name in TEXTS},
        **{name: "" if given[name] is None else str(given[name]) for name in NUMBERS},
        "day": starts.date().isoformat(),
        "starts": f"{starts:%H:%M}",
        "ends": f"{ends:%H:%M}",
        "nights": "" if ends - starts <= NIGHT else str((ends.date() - starts.date()).days or ""),
        "timezone": given["timezone"],
        "visibility": given["visibility"],
        "approval": "yes" if given["approval"] else "",
    }


def retyped(form: Mapping[str, str]) -> Typed:
    """Return what was typed, to show it once more: every field of the form, empty where it was not there."""
    return {name: form.get(name, "") for name in FIELDS}


def facts(form: Mapping[str, str], chosen: Sequence[str]) -> dict[str, Any]:
    """Make facts of what was typed and of the reminders chosen; raises Invalid with the field."""
    found = retyped(form)
    starts, ends = times(found)
    return {
        **{name: found[name] for name in TEXTS},
        **{name: filling.whole(found[name]) for name in NUMBERS},
        "starts_local": starts,
        "ends_local": ends,
        "timezone": found["timezone"],
        "approval": bool(found["approval"]),
        "visibility": found["visibility"],
        "reminders": list(chosen),
    }


def times(found: Mapping[str, str]) -> tuple[datetime, datetime]:
    """Read day, begin and end; what ends before it begins goes on past midnight, for a night at most."""
    when = day(found.get("day", ""), "day")
    starts = datetime.combine(when, clock(found.get("starts", ""), "starts"))
    ends = datetime.combine(when, clock(found.get("ends", ""), "ends"))
    nights = filling.whole(found.get("nights", "")) or 0
    if not 0 <= nights <= 14:
        raise Invalid("ends", "at most two weeks")
    if nights or ends > starts:
        return starts, ends + timedelta(days=nights)
    past_midnight = ends + timedelta(days=1)
    if past_midnight - starts > NIGHT:
        raise Invalid("ends", "it ends before it begins")
    return starts, past_midnight


def day(value: str, field: str) -> date:
    """Read a day as a browser writes it; raises Invalid for the field."""
    try:
        found = date.fromisoformat(value.strip())
    except ValueError:
        raise Invalid(field, "Choose a day.") from None
    if not 2000 <= found.year <= 2100:
        raise Invalid(field, "Choose a day.")
    return found


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


def choices(spoken: Texts, chosen: list[str]) -> dict[str, Any]:
    """Give the template of the form what there is to choose from, and which reminders are chosen."""
    return {
        "visibilities": [
            (value, spoken.gettext(words), spoken.gettext(meaning)) for value, words, meaning in VISIBILITIES
        ],
        "reminders": reminders(spoken, chosen),
        "chosen": chosen,
    }


def faults(error: Invalid) -> filling.Faults:
    """Say what is wrong with the form, at the fields where it was typed."""
    found = filling.faults(error, FAULTS)
    return {PLACES.get(name, name): words for name, words in found.items()}
