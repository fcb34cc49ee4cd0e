"""No name, title or id can add a header or a recipient, whoever reads the mail."""

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import getaddresses

import pytest

from bots.mail.headers import check_block
from bots.mail.mime import Attachment, Mail, build
from service.errors import DeliveryFailed
from tests.bots.mail.reading import names, new, old
from tests.bots.mail.samples import letter, mail

BCC = "Bcc: evil@example.net"
PAYLOADS = [
    # line breaks of every kind, some of which only one reader takes for a break
    *(f"A{end}{BCC}" for end in ("\r\n", "\n", "\r", "\n\r", "\r\r\n", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85")),
    *(
        f"A{end}{BCC}"
        for end in ("\u2028", "\u2029", "\u240d\u240a", "\u560d\u560a", "\u010d\u010a", "\x00", "\x00\r\n\x00")
    ),
    # folded, and folded badly
    *(f"A{fold}{BCC}" for fold in ("\r\n ", "\r\n\t", "\r\n \r\n", "\n \n", "\r\n\r\n", "\n\n<script>", "\r\n.\r\n")),
    # encoded words that hold a break, in every spelling
    "=?utf-8?q?A=0D=0ABcc:_evil@example.net?=",
    "=?utf-8?q?A=0ABcc:_evil@example.net?=",
    "=?UTF-8?Q?A=0DBcc=3A_evil=40example.net?=",
    "=?utf-8?b?QQ0KQmNjOiBldmlsQGV4YW1wbGUubmV0?=",
    "=?us-ascii?q?A=0D=0A?= =?us-ascii?q?Bcc:_evil@example.net?=",
    "=?utf-7?q?A+AA0ACg-Bcc:_evil@example.net?=",
    "=?utf-16?b?//5BAA0ACgBCAGMAYwA6AA==?=",
    "=?utf-8*nl?q?A=0D=0ABcc:_evil@example.net?=",
    "=\u200e?utf-8?q?A=0D=0ABcc:_evil@example.net?=",
    "=\x00?utf-8?q?A=0D=0ABcc:_evil@example.net?=",
    "==??utf-8?q?A=0D=0ABcc:_evil@example.net?=",
    "\uff1d?utf-8?q?A=0D=0ABcc:_evil@example.net?=",
    "=?unknown-charset?q?=0D=0A?=",
    "=?utf-8?q?" + "=0D=0A" * 50 + "?=",
    # a second mailbox, a group, a comment, a route
    '" <evil@example.net>, "',
    "Zoë <evil@example.net>,",
    "evil@example.net, Zoë",
    'x" <evil@example.net>, y <z@example.net> "',
    '\\" <evil@example.net>, \\"',
    "\\",
    "Zoë\\",
    "undisclosed: evil@example.net;",
    "(comment) <evil@example.net> (",
    "<@a,@b:evil@example.net>",
    "alice@example.org)evil@example.net",
    "'; evil@example.net; '",
    "((((" * 50,
    "<<<<" * 50,
    '"' * 199,
    # what could hide or stall
    "\u202eteN.elpmaxe@live\u202c",
    "\ud800\udfff\udc80",
    "\udc0d\udc0aBcc: evil@example.net",
    "Zo\u0308e\u0301" + "\u0301" * 300,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 40,
    "x" * 5000,
    "x " * 2500,
    "é" * 5000,
    "A" * 190 + "\r\n" + BCC,
    "\t\t\t",
    "   ",
    "",
    "%0d%0aBcc: evil@example.net",
    "\\r\\nBcc: evil@example.net",
    "&#13;&#10;Bcc: evil@example.net",
    "Content-Type: text/html\r\n\r\n<svg onload=alert(1)>",
    "--=_a\r\nContent-Type: text/calendar",
    "To: evil@example.net",
    "\r\nTo: evil@example.net",
    "\r\nRCPT TO:<evil@example.net>\r\nDATA",
]
EACH = pytest.mark.parametrize("payload", [pytest.param(text, id=str(n)) for n, text in enumerate(PAYLOADS)])
TEXTS = ["to_name", "from_name", "subject", "list_name"]
STRICT = ["to_address", "from_address", "reply_to", "message_id", "list_id"]
FOREIGN = ["in_reply_to", "references"]
LISTED = {"list_id": "cop.kring.example", "list_unsubscribe": ("https://kring.example/u/x",)}
KEPT = names(build(mail(**LISTED)))


def sound(raw: bytes, expected: list[str]) -> None:
    """The headers are those expected and the recipient is Zoë alone, for every reader."""
    assert names(raw) == expected
    head = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    message, modern = old(head), new(head)
    assert [address for _, address in getaddresses(message.get_all("To"))] == ["zoe@example.org"]
    assert [address.addr_spec for address in modern["To"].addresses] == ["zoe@example.org"]
    for name, value in modern.items():
        assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in str(value)), name
    # and whoever reads it and writes it anew, as gateways and lists do, still has the same headers
    assert names(modern.as_bytes(policy=SMTP)) == expected


def test_there_are_enough_payloads() -> None:
    assert len(PAYLOADS) == len(set(PAYLOADS)) >= 60


@EACH
@pytest.mark.parametrize("where", TEXTS)
def test_a_text_is_cleaned_and_never_refused(where: str, payload: str) -> None:
    sound(build(mail(**LISTED, **{where: payload})), KEPT)


@EACH
def test_a_payload_everywhere_at_once_stays_text(payload: str) -> None:
    raw = build(mail(**LISTED, **dict.fromkeys(TEXTS, payload), text=payload, html=payload))
    sound(raw, KEPT)
    assert [part.get_content_type() for part in old(raw).walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]


@EACH
@pytest.mark.parametrize("where", STRICT)
def test_an_address_or_id_of_ours_is_right_or_refused(where: str, payload: str) -> None:
    good = str(getattr(mail(**LISTED), where))
    for value in (payload, good + payload, payload + good, good.replace("@", payload + "@")):
        if value == good or (where == "list_id" and value.isalnum()):
            continue
        if where in ("reply_to", "list_id") and not value:
            continue  # not given
        with pytest.raises(DeliveryFailed):
            build(mail(**LISTED | {where: value}))


@EACH
def test_links_are_right_or_refused(payload: str) -> None:
    for value in (payload, "https://kring.example/u/" + payload):
        links = ("https://kring.example/u/x", value)
        try:
            raw = build(mail(**LISTED | {"list_unsubscribe": links}))
        except DeliveryFailed:
            continue
        assert value.isascii() and value.isprintable() and not set(value) & set(' <>"(),')
        sound(raw, KEPT)


@EACH
def test_foreign_ids_are_right_or_left_out(payload: str) -> None:
    for value in (payload, f"<{payload}@example.org>", f"<a@example.org>{payload}"):
        if value in ("<a@example.org>",) or (value.isascii() and value.isalnum()):
            continue
        raw = build(mail(**LISTED, in_reply_to=value, references=("<a@example.org>", value)))
        extra = [name for name in names(raw) if name not in KEPT]
        assert extra in (["References"], ["In-Reply-To", "References"])
        assert str(old(raw)["References"]).split()[0] == "<a@example.org>"
        if extra == ["References"]:
            assert old(raw)["References"] == "<a@example.org>"


@EACH
def test_a_file_name_stays_in_its_place(payload: str) -> None:
    raw = build(letter(attachments=(Attachment(filename=payload, media_type="text/csv", content=b"a"),)))
    *_, file = old(raw).walk()
    assert list(file) == ["Content-Type", "Content-Transfer-Encoding", "Content-Disposition"]
    assert file.get_payload(decode=True) == b"a"


def test_the_standard_library_alone_would_let_a_name_add_a_recipient() -> None:
    """The control: this corpus has teeth. A Python that mends the flaw refuses to write such a header instead."""
    message = EmailMessage()
    message["To"] = "zoe@example.org"
    message["Subject"] = "=?utf-8?q?A=0D=0ABcc:_evil@example.net?="
    message.set_content("x")
    try:
        written = message.as_bytes()
    except ValueError:  # HeaderWriteError, where it exists
        return
    assert "bcc" in [name.lower() for name in old(written)]


def naive(one: Mail) -> bytes:
    return f"To: {one.to_name} <{one.to_address}>\r\nSubject: {one.subject}\r\n\r\n".encode("utf-8", "replace")


def test_the_last_look_refuses_what_naive_writing_would_let_through() -> None:
    refused = 0
    for payload in PAYLOADS:
        block = naive(mail(subject=payload, to_name="Zoe")).partition(b"\r\n\r\n")[0] + b"\r\n"
        try:
            check_block(block, ["To", "Subject"], "zoe@example.org")
        except DeliveryFailed:
            refused += 1
        else:
            assert names(block + b"\r\n") == ["To", "Subject"]
    assert refused > 15


GOOD = b'Date: x\r\nTo: "Zoe, \\"Z\\"" <zoe@example.org>\r\nSubject: a\r\n b\r\n'
NAMES = ["Date", "To", "Subject"]


def test_the_last_look_lets_a_sound_block_pass() -> None:
    check_block(GOOD, NAMES, "zoe@example.org")
    check_block(GOOD.replace(b'"Zoe, \\"Z\\"" ', b""), NAMES, "zoe@example.org")
    check_block(GOOD.replace(b'"Zoe, \\"Z\\"" ', b"=?utf-8?q?Z?=\r\n =?utf-8?q?o?=\r\n "), NAMES, "zoe@example.org")


@pytest.mark.parametrize(
    "block",
    [
        GOOD + b"Bcc: evil@example.net\r\n",
        GOOD + b"\r\nBcc: evil@example.net\r\n",
        GOOD + b"To: zoe@example.org\r\n",
        GOOD + b"rest",
        GOOD[:-2],
        b"",
        GOOD.replace(b"Date: x\r\n", b""),
        GOOD.replace(b"\r\nTo", b"\nTo"),
        GOOD.replace(b"Date: x", b"Date: x\ny"),
        GOOD.replace(b"Date: x", b"Date: x\ry"),
        GOOD.replace(b"Date: x", b"Date: x\0y"),
        GOOD.replace(b"Date: x", b"Date: x\x85y\x1fz"),
        GOOD.replace(b"\r\n b", b"\r\n \r\n b"),
        GOOD.replace(b"\r\n b", b"\r\n\r\n b"),
        GOOD.replace(b"Date: x", b"Date: " + b"x" * 1000),
        GOOD.replace(b"<zoe@example.org>", b"<zoe@example.org>, <evil@example.net>"),
        GOOD.replace(b"<zoe@example.org>", b"<zoe@example.org>\r\n , <evil@example.net>"),
        GOOD.replace(b'\\"Z\\""', b'" <evil@example.net>, "x"'),
        GOOD.replace(b"zoe@", b"evil@"),
        GOOD.replace(b"<zoe@example.org>", b"zoe@example.org"),
        GOOD.replace(b'"Zoe, \\"Z\\""', b"Zoe"),
    ],
)
def test_the_last_look_refuses_any_other_block(block: bytes) -> None:
    with pytest.raises(DeliveryFailed) as caught:
        check_block(block, NAMES, "zoe@example.org")
    assert (caught.value.permanent, caught.value.address_at_fault) == (True, False)


def test_the_last_look_refuses_the_same_field_twice_even_if_it_was_expected_twice() -> None:
    with pytest.raises(DeliveryFailed):
        check_block(GOOD + b"date: y\r\n", [*NAMES, "date"], "zoe@example.org")
