import csv
import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from service.formats import rosters
from service.model import Gathering, Registration
from service.texts.catalogue import translator

NOW = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)
EN = translator("en")
NL = translator("nl")
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

GATHERING = Gathering(
    id=7,
    uid="g7@kring",
    circle_id=1,
    circle_slug="datakring",
    circle_title_nl="Datakring",
    circle_title_en="Data circle",
    programme="",
    confidential=False,
    series_id=None,
    status="published",
    title_nl="Aftrap & 'meer'",
    title_en="",
    description_nl="",
    description_en="",
    starts_local=datetime.fromisoformat("2026-12-01T16:00"),
    ends_local=datetime.fromisoformat("2026-12-01T17:30"),
    timezone="Europe/Amsterdam",
    starts_at=datetime(2026, 12, 1, 15, 0, tzinfo=UTC),
    ends_at=datetime(2026, 12, 1, 16, 30, tzinfo=UTC),
    location="",
    online_url="",
    capacity=None,
    organisation_quota=None,
    approval=False,
    reminders=[],
    visibility="public",
    sequence=0,
    revision=1,
    cancel_reason="",
    created_at=NOW,
    changed_at=NOW,
)
ADA = Registration(
    id=1,
    gathering_id=7,
    person_id=1,
    person_name="Ada de Wit",
    organisation_id=1,
    organisation="Acme Zorg",
    facilitator=False,
    partstat="accepted",
    seat="seated",
    waiting_reason=None,
    position=None,
    offer_expires_at=None,
    answered_at=datetime(2026, 11, 30, 23, 30, tzinfo=UTC),
    via="mail",
    confirmed_sequence=0,
    attendance="present",
    generation=0,
    withdrawn_at=None,
)
BEN = replace(
    ADA,
    id=2,
    person_name="Ben",
    organisation=None,
    seat="waiting",
    position=2,
    via="link",
    answered_at=NOW,
    attendance=None,
)
FAY = replace(
    ADA, id=3, person_name="Fay", facilitator=True, partstat="needs-action", seat="none", via=None, answered_at=None
)


def test_a_list_as_csv_in_english() -> None:
    content = rosters.csv(GATHERING, [ADA, BEN, FAY], EN)
    assert content.startswith(b"\xef\xbb\xbf")
    assert read(content) == [
        ["Name", "Organisation", "Answer", "Seat", "Place in the queue", "Answered via", "Answered at", "Attendance"],
        ["Ada de Wit", "Acme Zorg", "accepted", "seated", "", "mail", "2026-12-01 00:30", "present"],
        ["Ben", "", "accepted", "waiting", "2", "link", "2026-12-02 10:00", ""],
        ["Fay", "Acme Zorg", "no answer", "facilitator", "", "", "", "present"],
    ]


def test_who_joins_online_needs_no_seat_and_the_list_says_so() -> None:
    online = replace(ADA, seat="none", mode="online")
    declined = replace(online, partstat="declined")
    for texts, words in ((EN, "joins online"), (NL, "doet online mee")):
        _, one, other = read(rosters.csv(GATHERING, [online, declined], texts))
        assert (one[3], other[3]) == (words, "")


def test_a_list_as_csv_in_dutch() -> None:
    assert read(rosters.csv(GATHERING, [ADA, BEN, FAY], NL)) == [
        [
            "Naam",
            "Organisatie",
            "Antwoord",
            "Plek",
            "Plek op de wachtlijst",
            "Geantwoord via",
            "Geantwoord op",
            "Aanwezigheid",
        ],
        ["Ada de Wit", "Acme Zorg", "komt", "heeft een plek", "", "mail", "2026-12-01 00:30", "aanwezig"],
        ["Ben", "", "komt", "op de wachtlijst", "2", "link", "2026-12-02 10:00", ""],
        ["Fay", "Acme Zorg", "geen antwoord", "begeleider", "", "", "", "aanwezig"],
    ]


def test_an_empty_list_has_its_headings() -> None:
    assert len(read(rosters.csv(GATHERING, [], EN))) == 1
    assert [row for row, _ in cells(rosters.xlsx(GATHERING, [], EN, now=NOW))] == ["A1", *(f"{c}2" for c in "ABCDEFGH")]


@pytest.mark.parametrize("start", [*"=+-@", "\t=", "\r=", "\n=", " =", "＝", "＋", "－", "＠", "\u3000="])
def test_no_cell_of_a_csv_is_a_formula(start: str) -> None:
    hostile = f"{start}cmd|'/c calc'!A1"
    [_, [name, organisation, *_]] = read(
        rosters.csv(GATHERING, [replace(ADA, person_name=hostile, organisation=hostile)], EN)
    )
    assert (name, organisation) == (f"'{hostile}", f"'{hostile}")


@pytest.mark.parametrize("name", ["O'Brien", "a=b", "Jan-Piet", "x@y", 'the "boss"', "naam, met komma"])
def test_an_ordinary_cell_stays_as_it_is(name: str) -> None:
    [_, [first, *_]] = read(rosters.csv(GATHERING, [replace(ADA, person_name=name)], EN))
    assert first == name


def test_every_cell_of_a_csv_is_quoted() -> None:
    for line in rosters.csv(GATHERING, [ADA, BEN], EN).decode("utf-8-sig").splitlines():
        assert line.startswith('"') and line.endswith('"') and line.count('"') == 16


def test_a_spreadsheet_holds_text_only_save_the_place_in_the_queue() -> None:
    hostile = [replace(ADA, person_name=text) for text in ("=1+1", "http://x.example", "007", "{=SUM(A1)}", "@x")]
    found = cells(rosters.xlsx(GATHERING, [*hostile, BEN], NL, now=NOW))
    assert [(place, cell.get("t")) for place, cell in found if cell.get("t") != "s"] == [("E8", None)]
    assert not [place for place, cell in found if cell.find(f"{SHEET}f") is not None]


def test_a_spreadsheet_says_what_it_is_a_list_of() -> None:
    [title, *headings] = strings(rosters.xlsx(GATHERING, [], NL, now=NOW))
    assert title == "Aftrap & 'meer' · dinsdag 1 december 2026, 16.00–17.30 uur"
    assert headings[:2] == ["Naam", "Organisatie"]


def test_a_spreadsheet_is_the_same_each_time() -> None:
    assert rosters.xlsx(GATHERING, [ADA], EN, now=NOW) == rosters.xlsx(GATHERING, [ADA], EN, now=NOW)


def test_a_file_is_named_after_circle_and_day() -> None:
    assert rosters.file_name(GATHERING, "csv") == "datakring-2026-12-01.csv"


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def cells(content: bytes) -> list[tuple[str, ElementTree.Element]]:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    return [(cell.attrib["r"], cell) for cell in sheet.iter(f"{SHEET}c")]


def strings(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        table = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
    return ["".join(part.itertext()) for part in table.iter(f"{SHEET}si")]
