import re
from dataclasses import replace
from datetime import date, timedelta

from service.formats.feeds import FeedHead, etag, feed, item
from service.formats.ical import block
from tests.formats.reading import parse, unfold, vevents
from tests.formats.samples import DAY, ENTRIES, HEADS, copy


def test_icalendar_reads_back_every_property_of_a_feed() -> None:
    calendar = parse(feed(HEADS["nl"], [], []))
    refresh = calendar.pop("REFRESH-INTERVAL")
    assert (refresh.dt, refresh.params) == (timedelta(hours=1), {"VALUE": "DURATION"})
    assert dict(calendar) == {
        "VERSION": "2.0",
        "PRODID": "-//Kring//Kring 0.1//NL",
        "CALSCALE": "GREGORIAN",
        "METHOD": "PUBLISH",
        "NAME": "Mijn bijeenkomsten",
        "X-WR-CALNAME": "Mijn bijeenkomsten",
        "X-WR-CALDESC": "Waar je voor bent uitgenodigd\\, van alle kringen.",  # icalendar leaves X- properties escaped
        "X-WR-TIMEZONE": "Europe/Amsterdam",
        "X-PUBLISHED-TTL": "PT1H",
        "COLOR": "teal",
        "SOURCE": "https://kring.example.org/feeds/k3yq7wz5m2.ics",
    }


def test_an_empty_feed_is_a_valid_calendar() -> None:
    raw = feed(FeedHead(name="Kring", timezone="Europe/Amsterdam"), [], [])
    assert vevents(raw) == []
    assert unfold(raw)[-1] == "END:VCALENDAR"


def test_a_feed_holds_each_time_zone_once_and_no_people() -> None:
    here = block(ENTRIES["nl"])
    there = block(replace(ENTRIES["nl"], timezone="Europe/London"))
    nowhere = block(replace(ENTRIES["nl"], timezone="UTC"))
    blocks = [there, here, nowhere, here]
    items = [item(lines, copy(uid=f"{number}@kring.example.org")) for number, lines in enumerate(blocks)]
    raw = feed(HEADS["nl"], items, [lines.timezone for lines in blocks])
    assert [part["TZID"] for part in parse(raw).walk("VTIMEZONE")] == ["Europe/Amsterdam", "Europe/London"]
    assert [event["UID"] for event in vevents(raw)] == [f"{number}@kring.example.org" for number in range(4)]
    assert re.search(rb"^(ORGANIZER|ATTENDEE|BEGIN:VALARM)", raw, re.MULTILINE) is None


def test_the_tag_of_a_feed_changes_with_all_that_changes_its_text() -> None:
    tags = {
        etag("public", 1, DAY, "nl"),
        etag("public", 2, DAY, "nl"),
        etag("public", 1, date(2026, 11, 24), "nl"),
        etag("public", 1, DAY, "en"),
        etag("person-7", 1, DAY, "nl"),
    }
    assert len(tags) == 5
    assert etag("public", 1, DAY, "nl") == etag("public", 1, DAY, "nl")
    assert all(re.fullmatch(r'"[0-9a-f]{32}"', tag) for tag in tags)
