import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Event

from service.formats.lines import encode_uri, escape, fold, quoted, text_line, uri_line
from tests.formats.reading import parse, unfold

SAFE = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029")
TEXT = st.text(st.one_of(SAFE, st.sampled_from(list('\\;,:\n"aé€😀 '))), max_size=400)


@given(st.text(SAFE, max_size=400))
def test_a_folded_line_unfolds_to_itself(line: str) -> None:
    assert unfold(fold(line).encode()) == [line]


@given(TEXT)
def test_no_line_is_longer_than_75_octets_and_no_character_is_split(value: str) -> None:
    for piece in text_line("SUMMARY", value).encode().removesuffix(b"\r\n").split(b"\r\n"):
        assert len(piece) <= 75
        piece.decode()


@given(TEXT)
def test_no_escape_pair_is_split(value: str) -> None:
    for piece in text_line("SUMMARY", value).removesuffix("\r\n").split("\r\n"):
        assert (len(piece) - len(piece.rstrip("\\"))) % 2 == 0


@given(TEXT)
def test_icalendar_reads_a_text_as_it_was_written(value: str) -> None:
    raw = f"BEGIN:VEVENT\r\n{text_line('SUMMARY', value)}END:VEVENT\r\n".encode()
    assert str(Event.from_ical(raw)["SUMMARY"]) == value


@given(st.text(max_size=300))
def test_whatever_is_put_into_a_line_it_stays_one_line(value: str) -> None:
    line = fold("X-ANY:" + value + "\ud800\x00\r\nATTENDEE:mailto:eve@example.org")
    assert len(unfold(line.encode())) == 1
    assert len(line.replace("\r\n ", "").splitlines()) == 1


@pytest.mark.parametrize(
    ("line", "folded"),
    [
        ("A:" + "x" * 73, "A:" + "x" * 73 + "\r\n"),
        ("A:" + "x" * 74, "A:" + "x" * 73 + "\r\n x\r\n"),
        ("A:" + "x" * 72 + "é", "A:" + "x" * 72 + "\r\n é\r\n"),
        ("A:" + "x" * 72 + "\\n", "A:" + "x" * 72 + "\r\n \\n\r\n"),
        ("A:" + "x" * 71 + "\\\\n", "A:" + "x" * 71 + "\\\\\r\n n\r\n"),
        ("A:" + "x" * 70 + "😀", "A:" + "x" * 70 + "\r\n 😀\r\n"),
    ],
)
def test_a_line_is_folded_where_it_has_to_be(line: str, folded: str) -> None:
    assert fold(line) == folded


def test_the_four_signs_of_rfc_5545_are_escaped() -> None:
    assert escape("a\\b;c,d:e\nf\r\ng\rh") == "a\\\\b\\;c\\,d:e\\nf\\ng\\nh"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Zoë", '"Zoë"'),
        ('Jan "de Baas" Smit; directeur', "\"Jan 'de Baas' Smit; directeur\""),
        ("a^nb^'c", '"anb\'c"'),
        ("x\r\nATTENDEE:mailto:eve@example.org", '"x ATTENDEE:mailto:eve@example.org"'),
        ("\x00\u202e", '""'),
    ],
)
def test_a_parameter_is_always_quoted_and_holds_no_quote(name: str, written: str) -> None:
    assert quoted(name) == written


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("o'brien+kring@example.org", "o'brien+kring@example.org"),
        ("zoë@example.org", "zo%C3%AB@example.org"),
        ("a b@example.org", "a%20b@example.org"),
        ("a%b@example.org", "a%25b@example.org"),
        ('"><svg>@example.org', "%22%3E%3Csvg%3E@example.org"),
        ("a\r\nATTENDEE:b@example.org", "a%0D%0AATTENDEE:b@example.org"),
        ("a\ud800@example.org", "a@example.org"),
    ],
)
def test_an_address_is_encoded_only_where_a_uri_needs_it(address: str, written: str) -> None:
    assert encode_uri(address) == written


def test_a_uri_line_keeps_its_parameters() -> None:
    assert uri_line("SOURCE;VALUE=URI", "https://x.example/é") == "SOURCE;VALUE=URI:https://x.example/%C3%A9\r\n"


def test_the_reader_of_these_tests_refuses_an_object_in_error() -> None:
    with pytest.raises(AssertionError):
        parse(b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:today\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
