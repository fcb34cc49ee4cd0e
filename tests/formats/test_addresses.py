"""Mail addresses: what is one, what is the same one, and what only looks like it."""

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from service.errors import Invalid
from service.formats.addresses import normalised


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Anna.de.Vries@Example.ORG", "anna.de.vries@example.org"),
        ("  anna@example.org\r\n", "anna@example.org"),
        ("O'Neil+news@example.org", "o'neil+news@example.org"),
        ("anna@Müller.example.org", "anna@xn--mller-kva.example.org"),
        ("anna@xn--mller-kva.example.org", "anna@xn--mller-kva.example.org"),
        ("Jürgen@Example.org", "Jürgen@example.org"),
        ("a" * 64 + "@example.org", "a" * 64 + "@example.org"),
    ],
)
def test_an_address_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert normalised(typed) == kept


@pytest.mark.parametrize(
    ("look_alike", "known"),
    [
        ("m\u0131ke@example.org", "mike@example.org"),  # dotless i, which upper-cases to I
        ("mi\u212ae@example.org", "mike@example.org"),  # the Kelvin sign, which lower-cases to k
        ("\u017fam@example.org", "sam@example.org"),  # long s
        ("jose\u0301@example.org", "jos\u00e9@example.org"),  # decomposed and composed
        ("JOS\u00c9@example.org", "jos\u00e9@example.org"),
        ("mike\u00df@example.org", "mikess@example.org"),
    ],
)
def test_a_look_alike_is_another_address(look_alike: str, known: str) -> None:
    assert normalised(look_alike) == look_alike
    assert normalised(known) == known
    assert look_alike != known


@pytest.mark.parametrize(
    "typed",
    [
        "", "anna", "anna@", "@example.org", "anna@example", "anna@example.org.", "anna@.org", "an na@example.org",
        "anna@example.org,bert@example.org", "<anna@example.org>", "Anna <anna@example.org>", '"an na"@example.org',
        "anna@[127.0.0.1]", "anna@localhost", "anna@host.local", "anna@host.test", ".anna@example.org",
        "an..na@example.org", "anna@-example.org", "anna@ab--cd.example.org", "a" * 65 + "@example.org",
        "anna@" + "a" * 64 + ".org", "anna\u202e@example.org", "anna@example.org\u2028", "an\x00na@example.org",
        "anna\ud800@example.org", "anna\r\nBcc: x@example.org",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_under_its_field(typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        normalised(typed)
    assert refusal.value.field == "email"


def test_what_is_no_text_is_refused_too() -> None:
    with pytest.raises(Invalid):
        normalised(None)


@given(st.text("aB0._+-'@ ", max_size=12).map(lambda text: text + "@x.example-1.org") | st.emails())
@example("a_b@xn--mller-kva.example.org")
@example("a@b.xn--p1ai")
@example("a@12.34")
def test_the_quick_way_and_the_library_agree(typed: str) -> None:
    try:
        checked = validate_email(typed.strip(" "), check_deliverability=False, strict=True)
    except EmailNotValidError:
        with pytest.raises(Invalid):
            normalised(typed)
    else:
        assert normalised(typed) == f"{checked.local_part.lower()}@{checked.ascii_domain}"


@given(st.text(max_size=40) | st.text("aé@.K\u212aı", max_size=12))
def test_normalising_again_changes_nothing(typed: str) -> None:
    try:
        kept = normalised(typed)
    except Invalid:
        return
    assert normalised(kept) == kept
