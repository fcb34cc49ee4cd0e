"""The part of the form that repeats a gathering: a rule, the dates it leads to, and what somebody makes of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from handlers.web import filling, gathering_form, ready_questions
from service.errors import Invalid
from service.formats import zones
from service.rules import recurrence
from service.rules.holidays import Holiday, holiday
from service.rules.recurrence import Rule, Unit
from service.texts.catalogue import Texts, marked

ONCE: Final = ""
RULE: Final = ("unit", "every", "times", "until", "skip")
UNITS: Final = (
    (ONCE, marked("Once")),
    (Unit.WEEK, marked("Every so many weeks, on the same weekday")),
    (Unit.MONTH_WEEKDAY, marked("Every so many months, on the same weekday (such as the first Tuesday)")),
    (Unit.MONTH_LAST_WEEKDAY, marked("Every so many months, on the last such weekday")),
    (Unit.MONTH_DAY, marked("Every so many months, on the same date")),
)
HOLIDAYS: Final = {
    Holiday.NEW_YEARS_DAY: marked("New Year's Day"),
    Holiday.GOOD_FRIDAY: marked("Good Friday"),
    Holiday.EASTER_SUNDAY: marked("Easter Sunday"),
    Holiday.EASTER_MONDAY: marked("Easter Monday"),
    Holiday.KINGS_DAY: marked("King's Day"),
    Holiday.LIBERATION_DAY: marked("Liberation Day"),
    Holiday.ASCENSION_DAY: marked("Ascension Day"),
    Holiday.WHIT_SUNDAY: marked("Whit Sunday"),
    Holiday.WHIT_MONDAY: marked("Whit Monday"),
    Holiday.CHRISTMAS_DAY: marked("Christmas Day"),
    Holiday.BOXING_DAY: marked("Boxing Day"),
}
MOST: Final = recurrence.MOST
MOST_ROWS: Final = 2 * MOST


@dataclass(frozen=True, slots=True)
class Row:
    """A date before it is made: its number in the form, whether it is wanted, and what is typed for it."""

    number: int
    wanted: bool
    day: str
    starts: str
    words: str
    note: str
    fault: str = ""


def repeats(form: Mapping[str, str]) -> bool:
    """Tell whether a rule was chosen."""
    return form.get("unit", ONCE) != ONCE


def rule(form: Mapping[str, str]) -> Rule:
    """Read the rule; raises Invalid with the field."""
    unit = form.get("unit", "")
    if unit not in tuple(Unit):
        raise Invalid("unit", "Choose how it repeats.")
    until = form.get("until", "").strip()
    return Rule(
        unit=Unit(unit),
        every=filling.whole(form.get("every", "")) or 1,
        times=None if until else filling.whole(form.get("times", "")) or 0,
        until=gathering_form.day(until, "until") if until else None,
        skip_holidays=bool(form.get("skip")),
    )


def rows(texts: Texts, form: Mapping[str, str], starts: datetime) -> list[Row]:
    """Write the dates that the rule leads to, for somebody to leave some out and change others."""
    found = recurrence.days(rule(form), starts.date())
    return [
        _row(texts, number, not one.left_out, one.day.isoformat(), f"{starts:%H:%M}")
        for number, one in enumerate(found)
    ]


def retyped(texts: Texts, form: Mapping[str, str], faults: Mapping[int, str]) -> list[Row]:
    """Write the dates as they were typed, each with what is wrong with it."""
    return [
        _row(texts, number, f"on{number}" in form, form[f"day{number}"], form.get(f"at{number}", ""), fault)
        for number, fault in ((number, faults.get(number, "")) for number in _numbers(form))
    ]


def chosen(form: Mapping[str, str], timezone: str) -> tuple[list[datetime], dict[int, str]]:
    """Read the starts of the dates that are wanted; beside them a sentence for each that cannot be."""
    found: list[datetime] = []
    faults: dict[int, str] = {}
    for number in _numbers(form):
        if f"on{number}" not in form:
            continue
        try:
            when = gathering_form.day(form[f"day{number}"], "day")
            start = datetime.combine(when, gathering_form.clock(form.get(f"at{number}", ""), "starts"))
            zones.resolve(start, timezone)
        except Invalid as error:
            faults[number] = SKIPPED if error.field == "starts_at" else gathering_form.FAULTS[error.field]
            continue
        if start in found:
            faults[number] = DOUBLE
        found.append(start)
    return found, faults


DOUBLE: Final = marked("This date is there twice. Change it, or leave it out.")
SKIPPED: Final = marked("The clocks skip this time that night. Choose another.")


def hidden(form: Mapping[str, str], reminders: Sequence[str]) -> Iterable[tuple[str, str]]:
    """List what the page with the dates carries along unseen."""
    names = (*gathering_form.FIELDS, *RULE, *ready_questions.TICKS)
    yield from ((name, form[name]) for name in names if form.get(name))
    yield from (("reminders", one) for one in reminders)


def _numbers(form: Mapping[str, str]) -> Iterable[int]:
    return (number for number in range(MOST_ROWS) if f"day{number}" in form)


def _row(texts: Texts, number: int, wanted: bool, day: str, starts: str, fault: str = "") -> Row:
    try:
        read = gathering_form.day(day, "day")
    except Invalid:
        return Row(number, wanted, day, starts, day, "", fault)
    name = holiday(read)
    return Row(number, wanted, day, starts, texts.day(read), texts.gettext(HOLIDAYS[name]) if name else "", fault)
