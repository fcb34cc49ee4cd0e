from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from dateutil.rrule import rrulestr
from icalendar import Calendar, Timezone

from service.errors import Invalid
from service.formats.zones import FIRST_YEAR, LAST_YEAR, resolve, vtimezone, zone

START = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
END = datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)
NAMES = sorted(available_timezones() - {"Factory", "localtime"})


def read(text: str) -> Timezone:
    calendar = Calendar.from_ical(f"BEGIN:VCALENDAR\r\n{text}END:VCALENDAR\r\n".encode())
    (component,) = calendar.walk("VTIMEZONE")
    assert isinstance(component, Timezone)
    return component


def offsets(component: Timezone) -> tuple[list[datetime], Callable[[datetime], timedelta]]:
    """Read a VTIMEZONE as RFC 5545 section 3.6.5 says, by its rules alone."""
    onsets: list[tuple[datetime, timedelta]] = []
    for part in component.subcomponents:
        first, before, after = part["DTSTART"].dt, part["TZOFFSETFROM"].td, part["TZOFFSETTO"].td
        rule = part.get("RRULE")
        days = [first]
        if rule is not None:
            days = rrulestr(rule.to_ical().decode(), dtstart=first).between(
                START.replace(year=FIRST_YEAR - 1, tzinfo=None), END.replace(tzinfo=None)
            )
        onsets += [((day - before).replace(tzinfo=UTC), after) for day in days]
    onsets.sort()
    instants = [instant for instant, _ in onsets]
    return instants, lambda at: onsets[bisect_right(instants, at) - 1][1]


def test_every_zone_that_is_written_equals_tzdata() -> None:
    written = 0
    for name in NAMES:
        text = vtimezone(name)
        if text is None:
            continue
        written += 1
        there = ZoneInfo(name)
        onsets, offset = offsets(read(text))
        moments = [START + timedelta(days=day) for day in range(0, (END - START).days, 5)]
        moments += [
            onset + step for onset in onsets if START < onset < END for step in (timedelta(seconds=-1), timedelta())
        ]
        wrong = [at for at in moments if offset(at) != at.astimezone(there).utcoffset()]
        assert (name, wrong) == (name, [])
    assert written > 0.8 * len(NAMES)


@pytest.mark.parametrize(
    "name",
    [
        "Europe/Amsterdam",
        "Europe/Brussels",
        "Europe/London",
        "Europe/Dublin",
        "Europe/Lisbon",
        "Europe/Kyiv",
        "Atlantic/Azores",
        "America/New_York",
        "America/Paramaribo",
        "America/Curacao",
        "Australia/Sydney",
        "Australia/Lord_Howe",
        "Africa/Nairobi",
        "Africa/Kampala",
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "Asia/Jakarta",
        "America/Bogota",
    ],
)
def test_the_zones_of_a_dutch_association_are_written(name: str) -> None:
    text = vtimezone(name)
    assert text is not None
    assert read(text)["TZID"] == name


@pytest.mark.parametrize(
    "name", ["Africa/Cairo", "Asia/Jerusalem", "Africa/Casablanca", "America/Nuuk", "UTC", "Etc/UTC"]
)
def test_a_zone_that_no_pair_of_rules_expresses_is_not_written(name: str) -> None:
    assert vtimezone(name) is None


def test_daylight_is_the_larger_offset_even_where_tzdata_calls_winter_the_exception() -> None:
    text = vtimezone("Europe/Dublin")
    assert text is not None
    assert [(part.name, part["TZNAME"]) for part in read(text).subcomponents] == [
        ("DAYLIGHT", "IST"),
        ("STANDARD", "GMT"),
    ]


@pytest.mark.parametrize(
    ("local", "name", "instant"),
    [
        ("2026-12-01T16:00", "Europe/Amsterdam", "2026-12-01T15:00+00:00"),
        ("2026-07-01T16:00", "Europe/Amsterdam", "2026-07-01T14:00+00:00"),
        ("2027-03-28T01:59", "Europe/Amsterdam", "2027-03-28T00:59+00:00"),
        ("2027-03-28T03:00", "Europe/Amsterdam", "2027-03-28T01:00+00:00"),
        ("2026-10-25T02:30", "Europe/Amsterdam", "2026-10-25T00:30+00:00"),
        ("2026-12-01T16:00", "UTC", "2026-12-01T16:00+00:00"),
    ],
)
def test_a_local_time_becomes_an_instant_and_of_two_the_first(local: str, name: str, instant: str) -> None:
    assert resolve(datetime.fromisoformat(local), name) == datetime.fromisoformat(instant)
    assert resolve(datetime.fromisoformat(local).replace(fold=1), name) == datetime.fromisoformat(instant)


@pytest.mark.parametrize(
    ("local", "name", "field"),
    [
        ("2027-03-28T02:00", "Europe/Amsterdam", "ends_at"),
        ("2027-03-28T02:59:59", "Europe/Amsterdam", "ends_at"),
        ("2026-12-01T16:00+00:00", "Europe/Amsterdam", "ends_at"),
        ("0001-01-01T00:00", "Europe/Amsterdam", "ends_at"),
        ("9999-12-31T23:59:59", "America/New_York", "ends_at"),
        ("2026-12-01T16:00", "Europe/Utrecht", "timezone"),
    ],
)
def test_a_time_that_cannot_be_is_an_error_of_its_field(local: str, name: str, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        resolve(datetime.fromisoformat(local), name, "ends_at")
    assert refusal.value.field == field


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "Europe",
        "Europe/",
        "europe/amsterdam ",
        "/etc/passwd",
        "../../etc/passwd",
        "Europe/../UTC",
        "localtime",
        "Factory",
        "right/UTC",
        "posix/Europe/Amsterdam",
        "a\x00b",
        "\ud800",
        "tzdata.zi",
        "zone.tab",
        "W. Europe Standard Time",
        "x" * 5000,
    ],
)
def test_a_name_that_is_no_zone_is_an_error_of_its_field(name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        zone(name)
    assert refusal.value.field == "timezone"
    with pytest.raises(Invalid):
        vtimezone(name)
