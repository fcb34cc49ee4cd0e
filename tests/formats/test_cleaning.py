import time
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.formats.cleaning import clean_line, clean_text, header_text

HOSTILE = (
    "ab é\u0301\u0323\u0344\u200d\u200c\ufe0f\u2028\u2029\x85\r\n\t\x00\x1b\u202e\u212a\u037e\u2000"
    '=?"\u05d0\u05bc👩💻\xa0\ud800\udfff'
)
ANY = st.text(st.one_of(st.characters(), st.sampled_from(HOSTILE)), max_size=60)
LIMIT = st.integers(min_value=1, max_value=50)
CLEANERS = [clean_line, clean_text, header_text]


@pytest.mark.parametrize("clean", CLEANERS)
@given(value=ANY, limit=LIMIT)
def test_clean_text_is_short_normal_encodable_and_stays_as_it_is(
    clean: Callable[[str, int], str], value: str, limit: int
) -> None:
    cleaned = clean(value, limit)
    assert len(cleaned) <= limit
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned.encode().decode() == cleaned
    assert {unicodedata.category(character) for character in cleaned.replace("\n", "")} & {
        "Cc",
        "Cs",
        "Zl",
        "Zp",
    } == set()
    assert clean(cleaned, limit) == cleaned


@given(ANY, LIMIT)
def test_a_line_is_one_line_with_single_spaces(value: str, limit: int) -> None:
    cleaned = clean_line(value, limit)
    assert len(cleaned.splitlines()) <= 1
    assert " ".join(cleaned.split()) == cleaned


@given(ANY, LIMIT)
def test_no_header_text_can_open_an_encoded_word(value: str, limit: int) -> None:
    assert "=?" not in header_text(value, limit)


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("  Jan   de\tVries \r\n", "Jan de Vries"),
        ("Zoe\u0308", "Zoë"),
        ("x\rATTENDEE:mailto:eve@example.org", "x ATTENDEE:mailto:eve@example.org"),
        ("x\u2028y\u2029z\x85w", "x y z w"),
        ("\u202eneleg\u202c", "neleg"),
        ("a\x00b\x1b[31mc\ud800", "ab[31mc"),
        ("p\u200bay\u2060p\ufeffal", "paypal"),
        ("a\u200db", "ab"),
        ("👩\u200d💻 en 🏳\ufe0f\u200d🌈", "👩\u200d💻 en 🏳\ufe0f\u200d🌈"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("می\u200c\u200c\u200dخواهم", "می\u200cخواهم"),
        ("g" + "\u0323" * 99, "g" + "\u0323" * 4),
        ("Łódź – “Ångström”… 5 € • ŝ", "Łódź – “Ångström”… 5 € • ŝ"),
        ("日本語", "日本語"),
        ('"><svg onload=alert(1)>', '"><svg onload=alert(1)>'),
        ("\u3164\u200b \x7f", ""),
    ],
)
def test_what_people_type_becomes_one_honest_line(typed: str, line: str) -> None:
    assert clean_line(typed, 200) == line


def test_text_keeps_its_paragraphs_and_its_indentation() -> None:
    typed = "\n Eerst  dit \r\n  - a\u2028\u2029\x0b\n\n\nDan\tdat\r\r"
    assert clean_text(typed, 200) == "Eerst  dit\n  - a\n\nDan dat"


def test_what_is_cut_off_says_so() -> None:
    assert clean_line("een twee drie", 13) == "een twee drie"
    assert clean_line("een twee drie", 10) == "een twee…"
    assert clean_text("een\ntwee", 5) == "een…"


def test_an_encoded_word_is_broken_open() -> None:
    assert header_text("=?utf-8?q?=0d=0abcc:eve?= ==?") == "= ?utf-8?q?=0d=0abcc:eve?= == ?"


@pytest.mark.parametrize(
    "value", ["א" + "\u05bc\u05b0" * 20_000, "e" + "\u0323\u0301" * 20_000, "\u200d" * 40_000, " \x00" * 20_000]
)
@pytest.mark.parametrize("clean", CLEANERS)
def test_no_text_takes_long_to_clean(clean: Callable[[str, int], str], value: str) -> None:
    started = time.process_time()
    clean(value, 100_000)
    assert time.process_time() - started < 0.5
