"""Every mail of the corpus, and what is read in it: all fields, compared for equality."""

from dataclasses import replace
from typing import Any

import pytest

from bots.mail.parse import parse
from bots.mail.recipients import Envelope
from service.formats.received import Handled, ReceivedMail
from tests.conftest import NOW
from tests.mails.corpus import load, names
from tests.mails.expected import CALENDARS, DAEMON, FILLING, MAIL_FROM_ZOE, OURS, REPORTS, ROBOTS, WORDS, ZOE


def read(name: str, **changes: Any) -> ReceivedMail:
    """Read a mail of the corpus as it came over LMTP."""
    arrived = load(name, replace(FILLING, **changes))
    envelope = Envelope(sender=arrived.envelope_from, recipient=arrived.recipient, received_at=NOW)
    return parse(arrived.raw, envelope, OURS)


def check(name: str, expected: ReceivedMail) -> None:
    """Compare all fields but the two that every mail has of its own."""
    received = read(name)
    assert replace(received, subject="", message_id="") == expected
    assert bool(received.message_id) == (name != "text-no-mime")


@pytest.mark.parametrize("name", CALENDARS)
def test_calendar_answers_are_read_whatever_program_wrote_them(name: str) -> None:
    check(name, replace(MAIL_FROM_ZOE, **CALENDARS[name]))


@pytest.mark.parametrize("name", WORDS)
def test_words_are_read_above_quote_and_signature(name: str) -> None:
    check(name, replace(MAIL_FROM_ZOE, **{"answers_uid": FILLING.uid} | WORDS[name] | _addressed(name)))


@pytest.mark.parametrize("name", ROBOTS)
def test_what_a_program_wrote_is_known_as_such(name: str) -> None:
    check(name, replace(MAIL_FROM_ZOE, **{"answers_uid": FILLING.uid} | ROBOTS[name]))


@pytest.mark.parametrize("name", REPORTS)
def test_bounces_and_complaints_tell_how_bad_it_is(name: str) -> None:
    report, other = REPORTS[name]
    usual = {"handled": Handled.BOUNCE, "automatic": "auto-submitted", "from_address": DAEMON, "from_name": ""}
    check(name, replace(MAIL_FROM_ZOE, **usual | {"envelope_from": "", "report": report} | other))


def test_every_mail_of_the_corpus_stands_in_a_table() -> None:
    assert sorted([*CALENDARS, *WORDS, *ROBOTS, *REPORTS]) == names()


def _addressed(name: str) -> dict[str, Any]:
    return {"from_address": ZOE} if name == "text-no-mime" else {}


def test_subjects_and_names_are_decoded_after_they_are_taken_apart() -> None:
    assert read("exchange-online-accepted").subject == "Accepté : Kwaliteit in de praktijk"
    injected = b"Subject: =?utf-8?q?Ja=0D=0ABcc=3A_x?= =?utf-8?b?w6k=?=\r\n\r\n"
    assert parse(injected, Envelope(sender=ZOE, recipient=""), OURS).subject == "Ja Bcc: xé"
