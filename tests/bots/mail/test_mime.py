import re
from base64 import b64encode
from datetime import UTC, datetime, timedelta, timezone
from email.message import Message
from pathlib import Path
from quopri import decodestring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.mail.mime import Attachment, Mail, build
from service.errors import DeliveryFailed
from tests.bots.mail.reading import decoded, names, new, old
from tests.bots.mail.samples import CALENDAR, INVITATION, letter, mail

SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def shape(part: Message) -> object:
    """The tree of content types."""
    if not part.is_multipart():
        return part.get_content_type()
    return (part.get_content_type(), *(shape(child) for child in part.get_payload()))  # type: ignore[arg-type]


def test_an_invitation_is_byte_for_byte_the_one_we_looked_at() -> None:
    assert build(INVITATION) == (Path(__file__).parent / "invitation.eml").read_bytes()


def test_an_invitation_has_the_structure_that_calendar_programs_know() -> None:
    for read in (old, new):
        message = read(build(INVITATION))
        assert shape(message) == (
            "multipart/mixed",
            ("multipart/alternative", "text/plain", "text/html", "text/calendar"),
            "application/ics",
        )
        _, _, text, html, calendar, file = message.walk()
        assert text.get_payload(decode=True).decode() == INVITATION.text.replace("\n", "\r\n").rstrip()
        assert html.get_payload(decode=True).decode() == INVITATION.html.replace("\n", "\r\n").rstrip()
        assert calendar.get_payload(decode=True) == file.get_payload(decode=True) == CALENDAR
        assert [part["Content-Transfer-Encoding"] for part in (text, html, calendar, file)] == [
            "quoted-printable",
            "quoted-printable",
            "base64",
            "base64",
        ]
        assert (calendar["Content-Disposition"], calendar.get_filename()) == (None, None)
        assert file["Content-Disposition"] == 'attachment; filename="invite.ics"'


def test_the_method_is_written_unquoted_and_in_capitals() -> None:
    assert build(INVITATION).count(b"\r\nContent-Type: text/calendar; charset=UTF-8; method=REQUEST\r\n") == 1


def test_both_copies_of_the_calendar_are_the_same_bytes() -> None:
    encoded = b64encode(CALENDAR)
    wrapped = b"\r\n".join(encoded[start : start + 76] for start in range(0, len(encoded), 76))
    assert build(INVITATION).count(b"\r\n\r\n" + wrapped + b"\r\n--=_") == 2


def test_without_a_calendar_there_are_two_alternatives_and_nothing_else() -> None:
    assert shape(new(build(letter()))) == ("multipart/alternative", "text/plain", "text/html")


def test_files_come_along_where_there_is_no_calendar() -> None:
    roster = Attachment(filename='Lijst "Énergie";\r\n=?x?=.xlsx', media_type=SPREADSHEET, content=bytes(range(256)))
    for read in (old, new):
        message = read(build(letter(attachments=(roster,))))
        assert shape(message) == ("multipart/mixed", ("multipart/alternative", "text/plain", "text/html"), SPREADSHEET)
        *_, file = message.walk()
        assert file.get_payload(decode=True) == roster.content
        assert file.get_content_disposition() == "attachment"
        assert [str(name) for name in file] == ["Content-Type", "Content-Transfer-Encoding", "Content-Disposition"]
        assert file.get_filename() == roster.filename


def test_the_headers_of_an_invitation() -> None:
    raw = build(
        mail(
            in_reply_to="<i1.0.abc@kring.example>",
            references=("<i1.0.abc@kring.example>", "<no good>", "<[x]>", "<i1.1.abc@kring.example>"),
            list_unsubscribe=("https://kring.example/u/abc", "mailto:u-abc@in.kring.example"),
            list_id="cop-energie.kring.example",
            list_name="CoP Énergie",
        )
    )
    assert names(raw) == [
        "Date",
        "Message-ID",
        "From",
        "To",
        "Subject",
        "Reply-To",
        "In-Reply-To",
        "References",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "List-Id",
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
        "MIME-Version",
        "Content-Type",
    ]
    assert decoded(raw, "Date") == "Mon, 23 Nov 2026 17:00:00 +0000"
    assert decoded(raw, "Message-ID") == "<i1.1.abc@kring.example>"
    assert decoded(raw, "From") == "CoP Énergie <kring@kring.example>"
    assert decoded(raw, "To") == "Zoë de Vries <zoe@example.org>"
    assert decoded(raw, "Reply-To") == "CoP Énergie <r-abcdefghij@in.kring.example>"
    assert decoded(raw, "Subject") == INVITATION.subject
    assert decoded(raw, "In-Reply-To") == "<i1.0.abc@kring.example>"
    assert decoded(raw, "References") == "<i1.0.abc@kring.example> <i1.1.abc@kring.example>"
    assert decoded(raw, "Auto-Submitted") == "auto-generated"
    assert decoded(raw, "X-Auto-Response-Suppress") == "OOF, AutoReply, DR, RN, NRN"
    assert decoded(raw, "List-Id") == "CoP Énergie <cop-energie.kring.example>"
    assert decoded(raw, "List-Unsubscribe") == "<https://kring.example/u/abc>, <mailto:u-abc@in.kring.example>"
    assert decoded(raw, "List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"


def test_what_is_not_given_is_not_there() -> None:
    raw = build(letter(reply_to=None, auto_replied=True))
    assert names(raw) == [
        "Date",
        "Message-ID",
        "From",
        "To",
        "Subject",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "MIME-Version",
        "Content-Type",
    ]
    assert decoded(raw, "Auto-Submitted") == "auto-replied"


def test_unsubscribing_by_mail_alone_promises_no_one_click() -> None:
    assert "List-Unsubscribe-Post" not in names(build(letter(list_unsubscribe=("mailto:u-abc@in.kring.example",))))


def test_the_same_mail_is_the_same_bytes_and_another_message_has_other_boundaries() -> None:
    assert build(mail()) == build(mail())
    boundaries = [re.findall(rb'boundary="(.+)"', build(mail(message_id=f"<{n}@kring.example>"))) for n in range(2)]
    assert len({mark for marks in boundaries for mark in marks}) == 4


def test_the_date_is_utc_in_english_from_any_zone() -> None:
    moment = datetime(2026, 3, 1, 0, 30, 5, 999_999, tzinfo=timezone(timedelta(hours=2)))
    assert decoded(build(letter(date=moment)), "Date") == "Sat, 28 Feb 2026 22:30:05 +0000"


def test_a_body_that_imitates_a_boundary_stays_a_body() -> None:
    raw = build(INVITATION)
    boundary = re.findall(rb'boundary="(.+)"', raw)[1].decode()
    forged = build(mail(text=f"a\n--{boundary}\nContent-Type: text/html\n\n<script>\n--{boundary}--\n"))
    assert shape(new(forged)) == shape(new(raw))


@given(st.text(max_size=400), st.text(max_size=400))
def test_any_text_survives_and_every_line_is_short_and_plain(text: str, html: str) -> None:
    raw = build(mail(text=text, html=html))
    assert raw.isascii()
    assert all(len(line) <= 76 and b"\r" not in line and b"\n" not in line for line in raw.split(b"\r\n"))
    _, _, plain, rich, *_ = old(raw).walk()
    for part, given_text in ((plain, text), (rich, html)):
        expected = given_text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").replace("\n", "\r\n")
        payload = part.get_payload(decode=True)
        assert payload == expected.encode() == decodestring(part.get_payload().encode())


def test_a_lone_surrogate_in_a_text_does_not_stop_the_mail() -> None:
    _, plain, _ = old(build(letter(text="a\udcffb"))).walk()
    assert plain.get_payload(decode=True) == b"a?b"


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=300))
def test_any_name_and_subject_give_short_lines_and_the_same_fields(to: str, sender: str, subject: str) -> None:
    raw = build(letter(to_name=to, from_name=sender, subject=subject))
    assert names(raw) == names(build(letter()))
    assert all(len(line) <= 76 for line in raw.split(b"\r\n"))
    assert [address.addr_spec for address in new(raw)["To"].addresses] == ["zoe@example.org"]
    for word in re.findall(rb"=\?utf-8\?q\?[^?]*\?=", raw):
        assert len(word) <= 75


@pytest.mark.parametrize(
    "wrong",
    [
        {"date": datetime(2026, 11, 23)},
        {"method": "CANCEL"},
        {"method": "request"},
        {"method": None},
        {"calendar": None},
        {"attachments": (Attachment(filename="a", media_type="text/plain", content=b""),)},
    ],
)
def test_mistakes_of_the_caller_are_told_at_once(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        mail(**wrong)


def test_an_odd_media_type_is_refused() -> None:
    with pytest.raises(ValueError):
        Attachment(filename="a", media_type="text/html\r\nX: y", content=b"")


@pytest.mark.parametrize(
    ("change", "at_fault"),
    [
        ({"to_address": "zoe"}, True),
        ({"to_address": "zoe@example.org, eve@example.org"}, True),
        ({"from_address": "kring"}, False),
        ({"reply_to": "r-x@"}, False),
        ({"message_id": "i1@kring.example"}, False),
        ({"list_id": "cop energie"}, False),
        ({"list_unsubscribe": ("javascript:alert(1)",)}, False),
    ],
)
def test_a_malformed_address_or_id_fails_for_good(change: dict[str, object], at_fault: bool) -> None:
    with pytest.raises(DeliveryFailed) as caught:
        build(mail(**change))
    assert (caught.value.permanent, caught.value.address_at_fault) == (True, at_fault)


def test_an_address_beyond_ascii_stands_in_its_header_as_it_is() -> None:
    raw = build(letter(to_address="zoë@bücher.example"))
    assert " <zoë@xn--bcher-kva.example>\r\n".encode() in raw


def test_a_mail_is_a_value() -> None:
    assert hash(INVITATION) == hash(mail())
    assert isinstance(INVITATION, Mail)
    assert INVITATION.date.tzinfo is UTC
