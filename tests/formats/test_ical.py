from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import chain
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import Invalid
from service.formats.cleaning import clean_line
from service.formats.feeds import download, feed
from service.formats.ical import CalendarEntry, block, stamp
from service.formats.itip import Invitee, cancel, request
from service.model import CalendarStatus
from tests.formats.reading import names, parse, plain, unfold, vevents
from tests.formats.samples import CONFIDENTIAL, ENTRIES, GOLDEN, HEADS, SAMPLES, at, copy, invitee

CANARIES = [
    "\rATTENDEE:mailto:eve@example.org",
    "\r\nATTENDEE:mailto:eve@example.org",
    "\nEND:VEVENT\nBEGIN:VEVENT",
    "\x0b\x0c\x85METHOD:CANCEL",
    "a\u2028ATTENDEE:mailto:eve@example.org\u2029b",
    "lone \ud800 surrogate \udfff",
    "nul\x00 escape\x1b[31m bell\x07",
    'CN="x":mailto:eve@example.org',
    "quote\" semicolon; colon: comma, \\ ^' ^n",
    '"><svg onload=alert(1)>',
    "[x](javascript:alert(1))",
    "\u202egnp.exe\u202c",
    "\\",
    "\\n\\\\" * 40,
    "=?utf-8?q?=0d=0aATTENDEE=3Aeve?=",
    "é" * 300,
]
ENTRY_TEXTS = ["summary", "description", "location", "online_url", "url"]
COPY_TEXTS = ["uid", "prefix"]
INVITEE_TEXTS = [*COPY_TEXTS, "organizer_address", "organizer_name", "attendee_address", "attendee_name"]


@pytest.mark.parametrize("language", ENTRIES)
@pytest.mark.parametrize("name", SAMPLES)
def test_every_object_is_the_golden_one_byte_for_byte(name: str, language: str) -> None:
    assert SAMPLES[name](language) == (GOLDEN / f"{name}.{language}.ics").read_bytes()


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.ics")), ids=lambda path: path.name)
def test_every_golden_object_is_read_by_icalendar_and_has_only_complete_lines(path: object) -> None:
    raw = (GOLDEN / str(path)).read_bytes()
    assert parse(raw)["VERSION"] == "2.0"
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert [line for line in raw.split(b"\r\n") if len(line) > 75] == []
    assert "VALARM" not in raw.decode()


def test_every_golden_object_has_its_maker() -> None:
    assert {path.name for path in GOLDEN.glob("*.ics")} == {
        f"{name}.{lang}.ics" for name in SAMPLES for lang in ENTRIES
    }


def test_icalendar_reads_back_every_property_of_a_download() -> None:
    entry = ENTRIES["nl"]
    (event,) = vevents(download(block(entry), copy()))
    there = ZoneInfo(entry.timezone)
    assert plain(event) == {
        "DTSTART": entry.starts_at.astimezone(there),
        "DTEND": entry.ends_at.astimezone(there),
        "DTSTAMP": entry.last_modified,
        "UID": "gathering-12@kring.example.org",
        "CREATED": entry.created,
        "DESCRIPTION": f"{entry.description}\n\n{entry.online_url}\n{entry.url}",
        "LAST-MODIFIED": entry.last_modified,
        "LOCATION": entry.location,
        "SEQUENCE": 1,
        "STATUS": "CONFIRMED",
        "SUMMARY": entry.summary,
        "TRANSP": "OPAQUE",
        "URL": entry.url,
    }
    assert event["DTSTART"].params == {"TZID": "Europe/Amsterdam"}


def shown_name(name: str) -> str:
    return clean_line(name, 200).replace('"', "'").replace("^", "") or "zoe@partner.example.org"


TYPED = st.text(st.one_of(st.characters(), st.sampled_from('\\;,:"\n\ré')), max_size=200)


@given(summary=TYPED, description=TYPED, location=TYPED, name=TYPED)
def test_typed_text_comes_back_from_icalendar_as_it_was_cleaned(
    summary: str, description: str, location: str, name: str
) -> None:
    entry = replace(ENTRIES["nl"], summary=summary, description=description, location=location)
    (event,) = vevents(request(block(entry), invitee(attendee_name=name)))
    again = replace(entry, summary=str(event["SUMMARY"]), location=str(event["LOCATION"]))
    assert block(again).summary == block(entry).summary == str(event["SUMMARY"])
    assert block(again).place == block(entry).place
    assert str(event["DESCRIPTION"]).endswith(entry.url)
    assert len(event["DESCRIPTION"]) <= 1000
    assert str(event["ATTENDEE"]) == "mailto:zoe@partner.example.org"
    assert invitee(attendee_name=event["ATTENDEE"].params["CN"]) == invitee(attendee_name=shown_name(name))


def with_canary(canary: str) -> list[tuple[bytes, bytes]]:
    """Put the canary into each text of each kind of object; return what it became and what it must look like."""
    entry, person, head = ENTRIES["nl"], invitee(), HEADS["nl"]
    harmless = (request(block(entry), person), cancel(block(entry), person), download(block(entry), copy(prefix="p")))
    entries = [replace(entry, **{name: canary}) for name in ENTRY_TEXTS]
    people = [replace(person, **{name: canary}) for name in INVITEE_TEXTS]
    heads = [replace(head, **{name: canary}) for name in ["name", "description", "color", "source", "timezone"]]
    return [
        *((request(block(hostile), person), harmless[0]) for hostile in entries),
        *((request(block(entry), hostile), harmless[0]) for hostile in people),
        *((cancel(block(entry), hostile), harmless[1]) for hostile in people),
        *((download(block(entry), replace(copy(), **{name: canary})), harmless[2]) for name in COPY_TEXTS),
        *((feed(hostile, [], []), feed(head, [], [])) for hostile in heads),
    ]


@pytest.mark.parametrize("canary", CANARIES)
def test_no_hostile_text_in_any_field_adds_or_takes_a_property(canary: str) -> None:
    for raw, harmless in with_canary(canary):
        assert names(raw) == names(harmless)
        assert len(raw.decode().splitlines()) == raw.count(b"\r\n")
        assert len(parse(raw).walk()) == len(parse(harmless).walk())
        for event in vevents(raw):
            assert isinstance(event.get("ATTENDEE", ""), str)


def test_every_text_of_an_entry_and_of_an_invitee_is_tried_with_hostile_text() -> None:
    texts = {
        field.name
        for field in chain(fields(CalendarEntry), fields(Invitee))
        if field.type == "str" or field.type is str
    }
    assert texts == {*ENTRY_TEXTS, *INVITEE_TEXTS, "timezone"}


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(Invalid):
        block(replace(ENTRIES["nl"], timezone="Europe/Utrecht\r\nX:"))


@pytest.mark.parametrize(
    ("starts_at", "name", "written"),
    [
        ("2026-12-01T15:00", "Europe/Amsterdam", "DTSTART;TZID=Europe/Amsterdam:20261201T160000"),
        ("2026-10-25T00:30", "Europe/Amsterdam", "DTSTART;TZID=Europe/Amsterdam:20261025T023000"),
        ("2026-10-25T01:30", "Europe/Amsterdam", "DTSTART:20261025T013000Z"),
        ("2026-10-25T00:30", "Africa/Cairo", "DTSTART:20261025T003000Z"),
        ("2026-10-25T00:30", "UTC", "DTSTART:20261025T003000Z"),
        ("2025-12-31T22:59", "Europe/Amsterdam", "DTSTART:20251231T225900Z"),
        ("2036-12-31T23:00", "Europe/Amsterdam", "DTSTART:20361231T230000Z"),
    ],
)
def test_times_are_local_where_every_calendar_can_read_them_and_else_utc(
    starts_at: str, name: str, written: str
) -> None:
    instant = at(starts_at)
    entry = replace(ENTRIES["nl"], starts_at=instant, ends_at=instant + timedelta(minutes=15), timezone=name)
    raw = download(block(entry), copy())
    assert [line for line in unfold(raw) if line.startswith("DTSTART") and "1970" not in line] == [written]
    assert ("BEGIN:VTIMEZONE" in unfold(raw)) == ("TZID" in written)
    (event,) = vevents(raw)
    assert event["DTSTART"].dt.astimezone(UTC) == instant


def test_a_long_description_is_cut_and_keeps_its_links() -> None:
    (event,) = vevents(download(block(replace(ENTRIES["nl"], description="woord " * 500)), copy()))
    text = str(event["DESCRIPTION"])
    assert len(text) <= 1000
    assert text.endswith("…\n\nhttps://meet.example.org/lobby\nhttps://kring.example.org/gatherings/12")


def test_a_call_without_a_room_is_the_place() -> None:
    (event,) = vevents(download(block(replace(ENTRIES["nl"], location="", description="", url="")), copy()))
    assert (event["LOCATION"], event.get("DESCRIPTION"), event.get("URL")) == (
        "https://meet.example.org/lobby",
        None,
        None,
    )


def test_a_confidential_gathering_says_no_more_than_it_was_given() -> None:
    (event,) = vevents(download(block(CONFIDENTIAL["nl"]), copy()))
    assert [*event] == [
        "DTSTART",
        "DTEND",
        "DTSTAMP",
        "UID",
        "CLASS",
        "CREATED",
        "LAST-MODIFIED",
        "SEQUENCE",
        "STATUS",
        "SUMMARY",
        "TRANSP",
    ]
    assert (event["CLASS"], event["SUMMARY"]) == ("PRIVATE", "Intervisie")


def test_last_modified_is_the_later_of_gathering_and_copy() -> None:
    lines = block(replace(ENTRIES["nl"], last_modified=at("2026-11-20T09:30")))
    for dtstamp, modified in [("2026-11-19T00:00", "2026-11-20T09:30"), ("2026-11-21T00:00", "2026-11-21T00:00")]:
        (mailed,) = vevents(request(lines, invitee(dtstamp=at(dtstamp))))
        (listed,) = vevents(download(lines, copy(dtstamp=at(dtstamp))))
        assert (mailed["DTSTAMP"].dt, mailed["LAST-MODIFIED"].dt) == (at(dtstamp), at(modified))
        assert (listed["DTSTAMP"].dt, listed["LAST-MODIFIED"].dt) == (at(modified), at(modified))


def test_a_stamp_is_in_utc_and_whole_seconds() -> None:
    assert stamp(datetime(2026, 12, 1, 16, 0, 9, 999_999, tzinfo=timezone(timedelta(hours=1)))) == "20261201T150009Z"
    with pytest.raises(ValueError, match="naive"):
        stamp(datetime(2026, 12, 1, tzinfo=UTC).replace(tzinfo=None))


def test_a_prefix_and_a_status_are_the_copys_own() -> None:
    waiting = copy(status=CalendarStatus.TENTATIVE, prefix="Wachtlijst: ", transparent=True)
    (event,) = vevents(download(block(ENTRIES["nl"]), waiting))
    assert (event["SUMMARY"], event["STATUS"], event["TRANSP"]) == (
        "Wachtlijst: Lobbycafé: wat doet de begroting?",
        "TENTATIVE",
        "TRANSPARENT",
    )
