"""Calendar answers, property by property: what counts, what is tolerated, and when two readings disagree."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from service.formats.itip_reply import read
from service.formats.received import CalendarMessage, Method

JAN = "ATTENDEE;CN=Jan;PARTSTAT=ACCEPTED:mailto:jan@example.org"
CLICKED = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


def calendar(*lines: str, method: str = "METHOD:REPLY") -> bytes:
    """Return an answer with these lines in its event."""
    inside = ("BEGIN:VEVENT", "UID:1@kring", "DTSTAMP:20261123T083000Z", *lines, "END:VEVENT")
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", method, *inside, "END:VCALENDAR", ""]).encode()


def message(**other: Any) -> CalendarMessage:
    """Return Jan's plain acceptance, but for what is given."""
    plain = {"uid": "1@kring", "dtstamp": CLICKED, "attendees": (("jan@example.org", "accepted"),)}
    return CalendarMessage(**{"method": Method.REPLY} | plain | other)


ATTENDEES: dict[str, tuple[tuple[str, str | None], ...]] = {
    JAN: (("jan@example.org", "accepted"),),
    "attendee;partstat=Declined:MAILTO:Jan@Example.org": (("jan@example.org", "declined"),),
    "ATTENDEE;PARTSTAT=ACCEPTED:jan@example.org": (("jan@example.org", "accepted"),),
    "ATTENDEE;PARTSTAT=ACCEPTED:mailto: <jan@example.org>": (("jan@example.org", "accepted"),),
    "ATTENDEE;PARTSTAT=ACCEPTED:mailto:jan@example.org?subject=x": (("jan@example.org", "accepted"),),
    "ATTENDEE;PARTSTAT=ACCEPTED:mailto:jan%40example.org": (("jan@example.org", "accepted"),),
    "ATTENDEE;PARTSTAT=ACCEPTED:mailto:j%C3%A4n@example.org": (("jän@example.org", "accepted"),),
    "ATTENDEE;PARTSTAT=ACCEPTED:mailto:jan@bücher.example.org": (("jan@xn--bcher-kva.example.org", "accepted"),),
    'ATTENDEE;CN="Jan; de: Vries";PARTSTAT=TENTATIVE:mailto:jan@example.org': (("jan@example.org", "tentative"),),
    "ATTENDEE;CN=mailto:jan@example.org;PARTSTAT=ACCEPTED:mailto:jan@example.org": (("jan@example.org", "accepted"),),
    'ATTENDEE;CN="Jan;PARTSTAT=ACCEPTED:mailto:jan@example.org': (("jan@example.org", "accepted"),),
    'ATTENDEE;EMAIL="jan@example.org";PARTSTAT=ACCEPTED:/1/principal/': (("jan@example.org", "accepted"),),
    "ATTENDEE;PARTSTAT=ACCEPTED:invalid:nomail": (("", "accepted"),),
    "ATTENDEE;PARTSTAT=ACCEPTED:mailto:nobody": (("", "accepted"),),
    "ATTENDEE;ROLE=REQ_PARTICIPANT:mailto:jan@example.org": (("jan@example.org", None),),
    f"{JAN}\r\n{JAN}": (("jan@example.org", "accepted"),),
    f"{JAN}\r\nATTENDEE:mailto:piet@example.org": (("jan@example.org", "accepted"), ("piet@example.org", None)),
    "ATTENDEE;CN=Jan;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=\r\nACCEPTED:mailto:jan@example.org": (
        ("jan@example.org", "accepted"),
    ),
    "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED:mailto:jan@exam\r\nple.org": (
        ("jan@example.org", "accepted"),
    ),
    f"{JAN}\r\nX-MOZ-GENERATION\r\nJUNK": (("jan@example.org", "accepted"),),
    f"{JAN}\r\n\r\n\r\nX-A:1": (("jan@example.org", "accepted"),),
}


@pytest.mark.parametrize("lines", ATTENDEES)
def test_who_answered_is_read_however_it_is_written(lines: str) -> None:
    assert read(calendar(lines)) == message(attendees=ATTENDEES[lines])


DAMAGED = {
    "two answers of one attendee": calendar(JAN, JAN.replace("ACCEPTED", "DECLINED")),
    "two UIDs": calendar("UID:2@kring", JAN),
    "two events": calendar(JAN, "END:VEVENT", "BEGIN:VEVENT", "UID:1@kring", JAN.replace("ACCEPTED", "DECLINED")),
    "two methods": calendar(JAN, method="METHOD:REPLY\r\nMETHOD:REQUEST"),
    "another address to icalendar": calendar(
        "ATTENDEE;CN=a:mailto:piet@example.org;PARTSTAT=ACCEPTED:mailto:jan@example.org"
    ),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_what_can_be_read_in_two_ways_is_damaged(name: str) -> None:
    found = read(DAMAGED[name])
    assert found is not None
    assert found.damaged == (name != "another address to icalendar")


def test_icalendar_finding_another_answer_makes_it_damaged() -> None:
    twice = calendar("ATTENDEE;PARTSTAT=ACCEPTED;PARTSTAT=DECLINED:mailto:jan@example.org")
    assert read(twice) == message(damaged=True)
    assert read(twice, checked=False) == message()


METHODS = {
    ("METHOD:REPLY", ""): (Method.REPLY, False),
    ("", "reply"): (Method.REPLY, False),
    ("method:reply", "REPLY"): (Method.REPLY, False),
    ("METHOD:COUNTER", "COUNTER"): (Method.COUNTER, False),
    ("METHOD:REFRESH", ""): (Method.REFRESH, False),
    ("METHOD:PUBLISH", "PUBLISH"): (Method.OTHER, False),
    ("", ""): (Method.OTHER, False),
    ("METHOD:REQUEST", "REPLY"): (Method.REPLY, True),
    ("METHOD:REPLY", "REQUEST"): (Method.REPLY, True),
}


@pytest.mark.parametrize(("inner", "outer"), METHODS)
def test_the_method_stands_inside_or_around_and_must_not_differ(inner: str, outer: str) -> None:
    method, damaged = METHODS[inner, outer]
    assert read(calendar(JAN, method=inner), method=outer) == message(method=method, damaged=damaged)


@pytest.mark.parametrize(
    ("line", "other"),
    [
        ("SEQUENCE:7", {"sequence": 7}),
        ("SEQUENCE:1407317367304", {"sequence": 2**31 - 1}),
        ("SEQUENCE:" + "9" * 5000, {"sequence": 2**31 - 1}),
        ("SEQUENCE:0000000000000007", {"sequence": 7}),
        ("SEQUENCE:-1", {}),
        ("SEQUENCE:many", {}),
        ("ORGANIZER;CN=Kring:MAILTO:R-ABC@in.localhost", {"organizer": "r-abc@in.localhost"}),
        ("ORGANIZER:invalid:nomail", {}),
        ("COMMENT;LANGUAGE=nl:Tot dan\\, leuk\\nJan", {"comment": "Tot dan, leuk\nJan"}),
        ("COMMENT:\\n", {}),
        ("COMMENT:" + "x" * 5000, {"comment": "x" * 1999 + "…"}),
        ("COMMENT:a\x00b\u202e", {"comment": "ab"}),
        ("X-YAHOO-USER-STATUS:FREE", {}),
        ("X-MS-OLK-ORIGINALSTART:20261123T083000Z", {"method": Method.COUNTER}),
        ("BEGIN:VALARM\r\nUID:2\r\nATTENDEE:mailto:piet@example.org\r\nEND:VALARM", {}),
        ("BEGIN:VALARM\r\nUID:2", {}),
    ],
)
def test_the_other_properties_are_read_within_bounds(line: str, other: dict[str, Any]) -> None:
    assert read(calendar(JAN, line)) == message(**other)


@pytest.mark.parametrize(
    ("stamp", "moment"),
    [
        ("DTSTAMP:20261123T083000", CLICKED),
        ("DTSTAMP:2026-11-23T08:30:00Z", CLICKED),
        ("DTSTAMP:20261123T083000.123Z", CLICKED),
        ("DTSTAMP;TZID=UTC:20261123T083000", CLICKED),
        ("DTSTAMP;TZID=Europe/Amsterdam:20261123T093000", None),
        ("DTSTAMP:20261123", None),
        ("DTSTAMP:20269999T999999Z", None),
        ("DTSTAMP:", None),
        ("X-A:1", None),
    ],
)
def test_the_click_is_when_dtstamp_says_if_it_says_it_well(stamp: str, moment: datetime | None) -> None:
    assert read(calendar(JAN).replace(b"DTSTAMP:20261123T083000Z", stamp.encode())) == message(dtstamp=moment)


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r", "\r\r\n", "\n\n"])
def test_any_encoding_and_any_line_break_will_do(codec: str, newline: str) -> None:
    text = calendar(JAN.replace("CN=Jan", "CN=Jän")).decode().replace("\r\n", newline)
    assert read(text.encode(codec)) == message()


def test_the_declared_charset_counts_where_the_text_is_not_utf_8() -> None:
    cyrillic = calendar(JAN, "COMMENT:Да").decode().encode("koi8-r")
    assert read(cyrillic, charset="koi8-r") == message(comment="Да")
    assert read(calendar(JAN, "COMMENT:né").decode().encode("latin-1"), charset="punycode") == message(comment="né")


@pytest.mark.parametrize(
    "data", [b"", b"\x00", b"BEGIN:VCALENDAR", b"\xff\xfe", b"Ja, ik kom", b"BEGIN:VTODO\r\nUID:1"]
)
def test_without_an_event_there_is_no_answer(data: bytes) -> None:
    assert read(data) is None


def test_a_calendar_that_is_not_closed_or_not_opened_is_read() -> None:
    whole = calendar(JAN)
    assert read(whole.partition(b"END:VEVENT")[0]) == message()
    assert read(b"Hello\r\n\r\n" + whole + whole) == message()
    assert read(whole.partition(b"BEGIN:VEVENT")[1] + whole.partition(b"BEGIN:VEVENT")[2], method="REPLY") == message()


def test_thousands_are_read_in_a_second() -> None:
    usual = calendar(JAN, "SUMMARY:Kwaliteit in de praktijk", "DESCRIPTION:" + "x" * 600, "LOCATION:Utrecht")
    began = time.process_time()
    for _ in range(1000):
        read(usual, checked=False)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "piece",
    ['ATTENDEE;";:', "\n x", "BEGIN:VEVENT\n", "BEGIN:VALARM\n", "ATTENDEE:mailto:", '"', "UID:x\n", "END:VCALENDAR\n"],
)
def test_no_calendar_takes_long(piece: str) -> None:
    began = time.process_time()
    read(b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + piece.encode() * (250_000 // len(piece)))
    assert time.process_time() - began < 2
