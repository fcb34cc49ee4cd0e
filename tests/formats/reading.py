"""Calendar objects read back: by a few lines of our own, and by icalendar as the second reader."""

from collections import Counter

from icalendar import Calendar, Event
from icalendar.cal.component import Component


def unfold(raw: bytes) -> list[str]:
    assert raw.endswith(b"\r\n")
    return raw.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]


def names(raw: bytes) -> Counter[str]:
    """Count the property names, BEGIN and END among them."""
    return Counter(line.partition(":")[0].partition(";")[0] for line in unfold(raw))


def parse(raw: bytes) -> Calendar:
    """Read with icalendar; nothing in it may be in error."""
    calendar = Calendar.from_ical(raw)
    assert isinstance(calendar, Calendar)
    assert [fault for part in calendar.walk() for fault in part.errors] == []
    return calendar


def vevents(raw: bytes) -> list[Event]:
    return [part for part in parse(raw).walk("VEVENT") if isinstance(part, Event)]


def plain(component: Component) -> dict[str, object]:
    """Give the properties of a component as Python values or text."""
    return {name: getattr(value, "dt", None) or value for name, value in component.items()}
