from zoneinfo import ZoneInfo

import pytest

from service.formats.ical import block
from service.formats.itip import cancel, request
from service.model import CalendarStatus, Partstat
from tests.formats.reading import parse, plain, unfold, vevents
from tests.formats.samples import ENTRIES, at, invitee

LINES = block(ENTRIES["nl"])

# As Google writes them; ours follow TRANSP.
ORDER = [
    "DTSTART",
    "DTEND",
    "DTSTAMP",
    "ORGANIZER",
    "UID",
    "ATTENDEE",
    "CREATED",
    "DESCRIPTION",
    "LAST-MODIFIED",
    "LOCATION",
    "SEQUENCE",
    "STATUS",
    "SUMMARY",
    "TRANSP",
    "URL",
    "X-MICROSOFT-CDO-BUSYSTATUS",
    "X-MICROSOFT-CDO-INTENDEDSTATUS",
    "X-MICROSOFT-DISALLOW-COUNTER",
]


def test_icalendar_reads_back_every_property_of_an_invitation() -> None:
    entry = ENTRIES["nl"]
    there = ZoneInfo(entry.timezone)
    raw = request(LINES, invitee())
    calendar = parse(raw)
    assert dict(calendar) == {
        "PRODID": "-//Kring//Kring 0.1//NL",
        "VERSION": "2.0",
        "CALSCALE": "GREGORIAN",
        "METHOD": "REQUEST",
    }
    (event,) = vevents(raw)
    assert plain(event) == {
        "DTSTART": entry.starts_at.astimezone(there),
        "DTEND": entry.ends_at.astimezone(there),
        "DTSTAMP": at("2026-11-23T10:00:01"),
        "ORGANIZER": "mailto:r-mfrggzdfmztwq2lknnwg23tp@in.kring.example.org",
        "UID": "mfrggzdfmztwq2lknnwg23tp@kring.example.org",
        "ATTENDEE": "mailto:zoe@partner.example.org",
        "CREATED": entry.created,
        "DESCRIPTION": f"{entry.description}\n\n{entry.online_url}\n{entry.url}",
        "LAST-MODIFIED": at("2026-11-23T10:00:01"),
        "LOCATION": entry.location,
        "SEQUENCE": 0,
        "STATUS": "CONFIRMED",
        "SUMMARY": entry.summary,
        "TRANSP": "OPAQUE",
        "URL": entry.url,
        "X-MICROSOFT-CDO-BUSYSTATUS": "TENTATIVE",
        "X-MICROSOFT-CDO-INTENDEDSTATUS": "BUSY",
        "X-MICROSOFT-DISALLOW-COUNTER": "TRUE",
    }
    assert event["ORGANIZER"].params == {"CN": "Lobbycafé"}
    assert event["ATTENDEE"].params == {
        "CUTYPE": "INDIVIDUAL",
        "ROLE": "REQ-PARTICIPANT",
        "PARTSTAT": "NEEDS-ACTION",
        "RSVP": "TRUE",
        "CN": "Zoë de Boer",
        "X-NUM-GUESTS": "0",
    }


@pytest.mark.parametrize("write", [request, cancel])
def test_the_properties_stand_in_googles_order(write: object) -> None:
    assert callable(write)
    lines = unfold(write(LINES, invitee()))
    begin, end = lines.index("BEGIN:VEVENT"), lines.index("END:VEVENT")
    assert [line.partition(":")[0].partition(";")[0] for line in lines[begin + 1 : end]] == ORDER


def test_the_time_zone_stands_once_and_before_the_event() -> None:
    parts = [part.name for part in parse(request(LINES, invitee())).subcomponents]
    assert parts == ["VTIMEZONE", "VEVENT"]


def test_an_answer_known_from_elsewhere_is_repeated_and_not_asked_again() -> None:
    (event,) = vevents(request(LINES, invitee(partstat=Partstat.ACCEPTED, rsvp=False)))
    assert (event["ATTENDEE"].params["PARTSTAT"], event["ATTENDEE"].params["RSVP"]) == ("ACCEPTED", "FALSE")
    assert event["X-MICROSOFT-CDO-BUSYSTATUS"] == "BUSY"


def test_a_cancellation_repeats_what_it_cancels() -> None:
    person = invitee(sequence=3, partstat=Partstat.ACCEPTED)
    raw = cancel(LINES, person)
    (asked,), (ended,) = vevents(request(LINES, person)), vevents(raw)
    assert parse(raw)["METHOD"] == "CANCEL"
    changed = {name: str(ended[name]) for name in ended if ended[name] != asked[name]}
    assert changed == {
        "STATUS": "CANCELLED",
        "TRANSP": "TRANSPARENT",
        "X-MICROSOFT-CDO-BUSYSTATUS": "FREE",
        "X-MICROSOFT-CDO-INTENDEDSTATUS": "FREE",
    }
    assert [*ended] == [*asked]


def test_a_person_who_waits_keeps_the_time_free() -> None:
    waiting = invitee(
        sequence=1,
        partstat=Partstat.TENTATIVE,
        rsvp=False,
        status=CalendarStatus.TENTATIVE,
        prefix="Wachtlijst: ",
        transparent=True,
    )
    (event,) = vevents(request(LINES, waiting))
    assert [str(event[name]) for name in ("STATUS", "TRANSP", "SUMMARY", "X-MICROSOFT-CDO-BUSYSTATUS")] == [
        "TENTATIVE",
        "TRANSPARENT",
        "Wachtlijst: Lobbycafé: wat doet de begroting?",
        "FREE",
    ]


@pytest.mark.parametrize("name", ["", " ", "\x00\u202e", "^"])
def test_a_person_or_circle_without_a_name_shows_its_address(name: str) -> None:
    (event,) = vevents(request(LINES, invitee(attendee_name=name, organizer_name=name)))
    assert event["ATTENDEE"].params["CN"] == "zoe@partner.example.org"
    assert event["ORGANIZER"].params["CN"] == "r-mfrggzdfmztwq2lknnwg23tp@in.kring.example.org"


def test_the_same_copy_gives_the_same_bytes() -> None:
    assert request(block(ENTRIES["nl"]), invitee()) == request(LINES, invitee())
