"""Read the day in a text: those that can be meant, and what is left of the text."""

from datetime import date, datetime, timedelta

from service.formats.moments import words as said
from service.formats.moments.gaps import Gap, Unread


def days(text: str, now: datetime) -> tuple[list[date], str]:
    """Take the day out of a text: those that can be meant, and what is left."""
    dates, text = _dates(text, now.date())
    week, text = said.taken(said.NEXT_WEEK, text)
    relative, text = _relative(text, now.date())
    weekday, text = _weekday(text)
    if weekday is None:
        if week or bool(dates) + len(relative) > 1:
            raise Unread(Gap.DAY)
        return [*dates, *relative], text
    number, modifier = weekday
    if dates and not relative and not week and modifier is None:
        if dates[0].weekday() != number:
            raise Unread(Gap.WEEKDAY)
        return dates, text
    if dates or relative or (week and modifier):
        raise Unread(Gap.DAY)
    return _by_weekday(number, modifier, now.date(), week=bool(week)), text


def _dates(text: str, today: date) -> tuple[list[date], str]:
    """Take one date out of a text; 3/4 can be meant either way round, so that both are told."""
    for pattern in (said.ISO, said.DAY_MONTH_YEAR, said.DAY_OF_MONTH, said.MONTH_AND_DAY, said.SLASHED):
        if found := pattern.search(text):
            parts = found.groupdict()
            pairs = [(parts["day"], parts["month"])]
            if pattern is said.SLASHED and parts["day"] != parts["month"]:
                pairs.append((parts["month"], parts["day"]))
            meant = [day for pair in pairs if (day := _date(*pair, parts["year"], today)) is not None]
            if not meant:
                raise Unread(Gap.NO_SUCH_DAY)
            return meant, said.without(text, found)
    return [], text


def _date(day: str, month: str, year: str | None, today: date) -> date | None:
    """Make a date, without a year the next there is; None for one that is in no calendar."""
    numbers = int(day), said.MONTHS.get(month) or int(month)
    years = [int(year)] if year else range(today.year, today.year + 9)  # 29 February is eight years away at most
    for one in years:
        try:
            found = date(one, numbers[1], numbers[0])
        except ValueError:
            continue
        if year or found >= today:
            return found
    return None


def _relative(text: str, today: date) -> tuple[list[date], str]:
    meant = []
    for pattern, ahead in said.RELATIVE:
        found, text = said.taken(pattern, text)
        meant += [today + timedelta(days=ahead)] * bool(found)
    if said.THIS_DAY.search(text):  # which also names a part of the day, and so stays
        meant.append(today)
    if ahead_of := said.AHEAD.search(text):
        meant.append(today + timedelta(days=said.number(ahead_of["count"]) * (7 if ahead_of["unit"][0] == "w" else 1)))
        text = said.without(text, ahead_of)
    return meant, text


def _weekday(text: str) -> tuple[tuple[int, str | None] | None, str]:
    """Take the name of a weekday out of a text, with "next" or "this" before it."""
    found = said.WEEKDAY.search(text)
    if found is None:
        return None, text
    number = next(at for at, names in enumerate(said.WEEKDAYS) if found["name"] in names)
    return (number, found["which"]), said.without(text, found)


def _by_weekday(number: int, modifier: str | None, today: date, *, week: bool) -> list[date]:
    """Return the days that the name of a weekday can mean.

    "Next Tuesday" is the coming one, or the one of next week: where those are two, both. The name of today is today or
    a week from now.
    """
    coming = today + timedelta(days=(number - today.weekday() - 1) % 7 + 1)
    of_next_week = today + timedelta(days=7 - today.weekday() + number)
    if week:
        return [of_next_week]
    if modifier in said.NEXT:
        return list(dict.fromkeys((coming, of_next_week)))
    return [today, coming] if number == today.weekday() else [coming]
