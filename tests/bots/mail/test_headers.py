from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.mail.headers import encoded_words, envelope_address, field, known_ids, mailbox_field, message_id, text_field
from service.errors import DeliveryFailed
from service.formats.cleaning import header_text
from tests.bots.mail.reading import decoded, new, unfolded


@given(st.text(max_size=300))
def test_any_text_comes_back_as_it_was_cleaned(value: str) -> None:
    line = text_field("Subject", value).encode() + b"\r\n"
    assert decoded(line, "Subject") == str(new(line)["Subject"]) == header_text(value)


@given(st.text(max_size=300))
def test_any_name_comes_back_as_it_was_cleaned(name: str) -> None:
    raw = mailbox_field("To", name, "zoe@example.org").encode() + b"\r\n"
    [mailbox] = new(raw)["To"].addresses
    # the newer parser wrongly puts a space between two encoded words (RFC 2047 section 6.2), the older does not
    assert mailbox.display_name.replace(" ", "") == header_text(name).replace(" ", "")
    assert mailbox.addr_spec == "zoe@example.org"
    display = parseaddr(unfolded(raw, "To"))[0]
    assert str(make_header(decode_header(display))) == header_text(name)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("", "To: <zoe@example.org>\r\n"),
        ("Zoe de Vries", 'To: "Zoe de Vries" <zoe@example.org>\r\n'),
        ('Zoe "Z" de\\Vries', 'To: "Zoe \\"Z\\" de\\\\Vries" <zoe@example.org>\r\n'),
        ("Zoë", "To: =?utf-8?q?Zo=C3=AB?= <zoe@example.org>\r\n"),
        ("Vries, Zoë de", "To: =?utf-8?q?Vries=2C_Zo=C3=AB_de?= <zoe@example.org>\r\n"),
        (
            "Łukasz Żółć-Brzęczyszczykiewicz",
            "To: =?utf-8?q?=C5=81ukasz_=C5=BB=C3=B3=C5=82=C4=87-Brz=C4=99czyszczy?=\r\n"
            " =?utf-8?q?kiewicz?= <zoe@example.org>\r\n",
        ),
    ],
)
def test_how_a_name_is_written(name: str, line: str) -> None:
    assert mailbox_field("To", name, "zoe@example.org") == line


def test_a_plain_subject_stays_plain_and_is_folded_at_spaces() -> None:
    subject = "Uitnodiging: " + "samen werken aan de wijk " * 5
    assert text_field("Subject", subject) == (
        "Subject: Uitnodiging: samen werken aan de wijk samen werken aan de wijk\r\n"
        " samen werken aan de wijk samen werken aan de wijk samen werken aan de wijk\r\n"
    )


def test_a_long_first_token_follows_the_name_on_its_line() -> None:
    assert field("List-Unsubscribe", ["<" + "x" * 90 + ">,", "<y>"]) == (
        "List-Unsubscribe: <" + "x" * 90 + ">,\r\n <y>\r\n"
    )


@given(st.text(max_size=200))
def test_no_encoded_word_is_too_long_or_splits_a_character(value: str) -> None:
    words = encoded_words(value.encode(errors="replace").decode())
    assert all(len(word) <= 75 for word in words)
    for word in words:
        raw = bytes.fromhex("".join(f"{ord(c):02x}" for c in word[10:-2].replace("_", " ")))
        assert raw.isascii() and word.startswith("=?utf-8?q?") and word.endswith("?=")
        pieces = word[10:-2].split("=")
        octets = pieces[0].encode() + b"".join(bytes.fromhex(p[:2]) + p[2:].encode() for p in pieces[1:])
        octets.decode()


@pytest.mark.parametrize(
    ("address", "stored"),
    [
        ("zoe@example.org", None),
        ("Zoe.De-Vries+kring@Example.ORG", None),
        ("o'brien!#$%&*/^?=_`{|}~@example.org", None),
        ("kring@localhost", None),
        ("r-abcdefghijklmnopqrstuvwxyz234567abcdefgh@in.kring.example", None),
        ("a@" + "x" * 63 + ".nl", None),
        ("x" * 64 + "@example.org", None),
        ("zoë@example.org", None),
        ("अजय@example.org", None),
        ("zoe@bücher.example", "zoe@xn--bcher-kva.example"),
        ("zoe@straße.example", "zoe@xn--strae-oqa.example"),
        ("zoe@xn--bcher-kva.example", None),
    ],
)
def test_addresses_that_may_stand_in_an_envelope(address: str, stored: str | None) -> None:
    assert envelope_address(address) == (stored or address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "@",
        "zoe",
        "zoe@",
        "@example.org",
        ".zoe@example.org",
        "zoe.@example.org",
        "zo..e@example.org",
        "zoe @example.org",
        "zoe@example..org",
        "zoe@-example.org",
        "zoe@example-.org",
        "zoe@example.org.",
        "zoe@[127.0.0.1]",
        '"zoe de vries"@example.org',
        "zoe(comment)@example.org",
        "<zoe@example.org>",
        "zoe@example.org,eve@example.org",
        "zoe@evil@example.org",
        "zoe\u200b@example.org",
        "zoe\u202e@example.org",
        "zoe\ud800@example.org",
        "zoe\x85@example.org",
        "zoe@exam\u212aple.org",  # the Kelvin sign looks like a K and is none
        "zoe@exam\uff0eple.org",
        "zoe@ex ample.org",
        "zoe@example.org\n",
        "zoe\n@example.org",
        "x" * 65 + "@example.org",
        "é" * 33 + "@example.org",
        "zoe@" + "x" * 64 + ".nl",
        "zoe@" + ".".join(["x" * 60] * 5),
        "=?utf-8?q?zoe?=@example.org",
    ],
)
def test_addresses_that_may_not(address: str) -> None:
    with pytest.raises(DeliveryFailed) as caught:
        envelope_address(address)
    assert (caught.value.permanent, caught.value.address_at_fault) == (True, True)
    with pytest.raises(DeliveryFailed) as ours:
        envelope_address(address, ours=True)
    assert (ours.value.permanent, ours.value.address_at_fault) == (True, False)


def test_of_a_long_thread_the_root_and_the_last_nine_stay() -> None:
    ids = [f"<{n}@kring.example>" for n in range(30)]
    assert known_ids([*ids, "nonsense", ids[0]]) == [ids[0], *ids[-9:]]
    assert known_ids(ids[:10]) == ids[:10]


@pytest.mark.parametrize("value", ["", "a@b", "<a>", "<a@b@c>", "<a b@c>", "<[x]>", "<>", "<a@b>\r\n", "<a@b> <c@d>"])
def test_what_is_no_message_id(value: str) -> None:
    with pytest.raises(DeliveryFailed):
        message_id(value)
