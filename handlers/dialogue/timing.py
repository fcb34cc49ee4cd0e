"""A day and a time in somebody's own words: what was understood, what it could be, and what is missing."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from handlers.dialogue.asking import Option, Said
from handlers.dialogue.turn import Turn
from service.errors import Invalid
from service.formats import moments, zones
from service.formats.moments import Gap, Moment
from service.texts.catalogue import marked

USUAL: Final = timedelta(hours=2)
"""How long a gathering lasts where nobody says so."""

_MOST: Final = 4
_GAPS: Final = {
    Gap.UNKNOWN: marked("I don't want to get the time wrong. Could you write it like this: %(example)s?"),
    Gap.DAY: marked("Which day is that? Write day and time, like this: %(example)s"),
    Gap.TIME: marked("And at what time? Write day and time, like this: %(example)s"),
    Gap.NO_SUCH_DAY: marked("That moment is in no calendar. Could you have another look? Like this: %(example)s"),
    Gap.WEEKDAY: marked("The day of the week and the date don't match. Which one is right? Like this: %(example)s"),
    Gap.PAST: marked("That moment has passed. When is it? Like this: %(example)s"),
}


def example(turn: Turn) -> str:
    """Write a moment as it can be typed, about a month from now."""
    day = (turn.now + timedelta(days=30)).astimezone(ZoneInfo(turn.site.timezone))
    return f"{turn.texts.short_day(day)}, {turn.texts.clock(day.replace(hour=16, minute=0))}"


def understood(turn: Turn, said: Said, timezone: str) -> Moment | tuple[str, tuple[Option, ...]]:
    """Read a moment, or return what to ask: words, and the moments to choose from where it can be several."""
    now = turn.now.astimezone(zones.zone(timezone)).replace(tzinfo=None)
    reading = moments.read(said.value or said.core, now)
    if len(reading.moments) == 1:
        return _existing(turn, reading.moments[0], timezone)
    if reading.gap is not None:
        return turn.texts.gettext(_GAPS[reading.gap], example=example(turn)), ()
    options = tuple(_option(turn, one, timezone) for one in reading.moments[:_MOST])
    return turn.texts.gettext("That can be more than one moment. Which do you mean?"), options


def span(moment: Moment, usual: timedelta = USUAL) -> tuple[datetime, datetime]:
    """Return beginning and end; the end as usual where none was given."""
    return moment.starts, moment.ends or moment.starts + usual


def _existing(turn: Turn, moment: Moment, timezone: str) -> Moment | tuple[str, tuple[Option, ...]]:
    """Refuse a time that the clocks skip."""
    try:
        for local in filter(None, (moment.starts, moment.ends)):
            zones.resolve(local, timezone)
    except Invalid:
        return turn.texts.gettext(_GAPS[Gap.NO_SUCH_DAY], example=example(turn)), ()
    return moment


def _option(turn: Turn, moment: Moment, timezone: str) -> Option:
    end = f"-{moment.ends:%H:%M}" if moment.ends else ""
    typed = f"{moment.starts:%Y-%m-%d %H:%M}{end}"
    value = typed.replace(" ", "T").replace(":", ".")  # the same, in characters that any button can carry
    label = turn.texts.when(*span(moment), timezone, home=turn.site.timezone) if moment.ends else _start(turn, moment)
    return Option(value, label, typed)


def _start(turn: Turn, moment: Moment) -> str:
    return f"{turn.texts.day(moment.starts)}, {turn.texts.clock(moment.starts)}"
