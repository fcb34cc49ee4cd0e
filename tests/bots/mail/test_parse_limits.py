"""Mails beyond the limits, mails made to be slow and mails that somebody mutilated: each is read or refused."""

import random
import time

import pytest

from bots.mail.parse import parse
from bots.mail.parts import DEPTH, FIELDS, HEADERS, MAIL, PARTS
from bots.mail.recipients import Envelope
from service.formats.received import Handled, ReceivedMail
from tests.conftest import NOW
from tests.mails.corpus import load, names
from tests.mails.expected import FILLING, OURS, ZOE


def read_raw(
    raw: bytes, *, sender: str = ZOE, recipient: str = f"r-{FILLING.handle}@in.kring.example.org"
) -> ReceivedMail:
    """Read some bytes as a mail to the handle."""
    return parse(raw, Envelope(sender=sender, recipient=recipient, received_at=NOW), OURS)


LIMITS: dict[str, tuple[bytes, str]] = {
    "size": (b"Subject: x\r\n\r\n" + b"x" * MAIL, "too large"),
    "header block": (b"X: " + b"x" * (HEADERS + 10) + b"\r\n\r\n", "headers too large"),
    "header block of a part": (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nX: " + b"x" * (HEADERS + 10) + b"\r\n\r\n\r\n--b--",
        "headers too large",
    ),
    "headers": (b"X: 1\r\n" * (FIELDS + 1) + b"\r\n", "too many headers"),
    "parts": (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * PARTS + b"--b--",
        "too many parts",
    ),
    "depth": (
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(1000)),
        "too deep",
    ),
    "calendar": (
        b"Content-Type: text/calendar; method=REPLY\r\n\r\nBEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + b"X:x\r\n" * 80_000,
        "calendar too large",
    ),
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_mail_beyond_a_limit_is_refused_and_only_its_envelope_told(name: str) -> None:
    raw, reason = LIMITS[name]
    assert read_raw(raw) == ReceivedMail(
        handled=Handled.ANSWER,
        handle=FILLING.handle,
        envelope_from=ZOE,
        received_at=NOW,
        refused=reason,
    )


def test_a_mail_at_the_limits_is_read() -> None:
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(DEPTH))
    assert read_raw(deep + b"\r\nJa\r\n").lines == ("Ja",)
    many = b"--b\r\nX: 1\r\n\r\n\r\n" * (PARTS - 2) + b"--b\r\n\r\nJa\r\n--b--"
    assert read_raw(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + many).lines == ("Ja",)
    assert read_raw(b"X: 1\r\n" * FIELDS + b"\r\nJa").lines == ("Ja",)


HOSTILE: dict[str, bytes] = {
    "parameters": b"Content-Type: text/plain" + b"; a*0*=b" * 7_000 + b"\r\n\r\nJa",
    "addresses": b"To: " + b"a@b.example.org, " * 3_800 + b"\r\n\r\nJa",
    "comments": b"From: " + b"(" * 60_000 + b"\r\n\r\nJa",
    "quotes": b'From: "' + b'\\"' * 30_000 + b"\r\n\r\nJa",
    "encoded words": b"Subject: " + b"=?utf-8?q?" * 6_000 + b"\r\n\r\nJa",
    "message id": b"Message-ID: <[x]>\r\nFrom: <>\r\n\r\nJa",
    "boundaries": b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--aa\r\n" * 800_000,
    "empty tags": b"Content-Type: text/html\r\n\r\n" + b"<" * 4_000_000,
    "comments in HTML": b"Content-Type: text/html\r\n\r\n" + b"<!--" * 1_000_000,
    "styles": b"Content-Type: text/html\r\n\r\n" + b"<style>" * 500_000,
    "entities": b"Content-Type: text/html\r\n\r\n" + b"&#9" * 1_000_000,
    "blank lines": b"\r\n" + b"\n" * 5_000_000,
    "openings": b"\r\n" + b"Op 1 \n" * 800_000,
    "dashes": b"\r\n" + (b"-" * 900 + b"x" + b"-" * 90 + b"y\n") * 5_000,
    "marks": "a\u0300".encode() * 30 + b"\r\n\r\n" + ("a" + "\u0300\u0301" * 30_000).encode(),
    "results": b"Authentication-Results: mx.kring.example.org;" + b"dmarc=" * 10_000 + b"\r\n\r\nJa",
    "base64": b"Content-Transfer-Encoding: base64\r\n\r\n" + b"=" * 5_000_000,
    "calendar": b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nATTENDEE;A=" + b'";:' * 80_000,
    "attendees": b"Content-Type: text/calendar\r\n\r\nBEGIN:VEVENT\r\n"
    + b"ATTENDEE:mailto:a@b.example.org\r\n" * 8_000,
    "properties": b"Content-Type: text/calendar\r\n\r\nBEGIN:VEVENT\r\n" + b"X-A:1\r\n" * 2_300 + b"END:VEVENT\r\n",
    "zones": b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:A\r\nBEGIN:STANDARD\r\n"
    b"DTSTART:19700101T000000\r\nRRULE:FREQ=SECONDLY\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\n"
    b"END:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=A:20260101T000000\r\nRRULE:FREQ=SECONDLY\r\nEND:VEVENT\r\n"
    b"END:VCALENDAR\r\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_mail_takes_long(name: str) -> None:
    began = time.process_time()
    assert read_raw(HOSTILE[name]).refused is None
    assert time.process_time() - began < 2


def test_whoever_mutilates_a_mail_gets_no_exception_out_of_it() -> None:
    chance, mails, tried = random.Random(3), [load(name, FILLING).raw for name in names()], 0
    until = time.monotonic() + 20
    while tried < 10_000 and time.monotonic() < until:
        read_raw(
            _mutated(chance, mails), sender=chance.choice((ZOE, "")), recipient=chance.choice(("", f"b-{'a' * 40}@x"))
        )
        tried += 1
    assert tried > 1_000


def _mutated(chance: random.Random, mails: list[bytes]) -> bytes:
    """Cut, double, swap, splice and overwrite pieces of a mail."""
    raw = bytearray(chance.choice(mails))
    for _ in range(chance.randint(1, 6)):
        start = chance.randrange(len(raw) + 1)
        end = min(len(raw), start + chance.choice((1, 2, 7, 40, 300)))
        match chance.randrange(6):
            case 0:
                del raw[start:end]
            case 1:
                raw[start:start] = raw[start:end] * chance.choice((1, 2, 50))
            case 2:
                raw[start:end] = chance.randbytes(end - start)
            case 3:
                other = chance.choice(mails)
                raw[start:end] = other[chance.randrange(len(other)) :][:500]
            case 4:
                raw[start:end] = bytes(reversed(raw[start:end]))
            case _:
                raw[start:start] = chance.choice(
                    (b'"', b"(", b"\x00", b"=?", b"\r", b"\n", b"\r\n\r\n", b"--", b"\xff\xfe", b"%")
                )
    return bytes(raw)
