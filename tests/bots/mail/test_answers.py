"""What the dialogue says, as a mail: the same words in both parts, every choice a link and a word, and the files."""

import os
import re
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from bots.mail.mime import build
from bots.mail.parse import parse
from bots.mail.recipients import Envelope, Ours
from service.channels import Choice, Document, DueNotice, Facts, Heading, Intent, Outbound, Paragraph, Topic
from service.formats.outbounds import packed
from service.formats.received import Handled
from service.formats.tokens import QUESTION, handle
from service.model import Purpose
from tests.bots.mail.dues import KEYS, NOW, due, renderer

GOLDEN = Path(__file__).parent / "golden"

YES = Choice("Ja, ik kom", Intent(Topic.ACCEPT, "12"), "ja 12", "https://kring.samen.example/r/abc?answer=accepted")
HELP = Choice("Dit kun je me vragen", Intent(Topic.HELP), "help")
CARD = Outbound(
    "gathering:12:person:5",
    (
        Heading("12 · Samen energie inkopen"),
        Facts((("Wanneer", "dinsdag 1 december 2026"), ("Meer", "https://kring.samen.example/gatherings/12"))),
        Paragraph("Nog 2 plekken vrij.\nKom je ook?"),
    ),
    (YES, HELP),
)
FILE = Outbound(
    "file:12", (Paragraph("Hier is de lijst."), Document("data-2026.csv", "text/csv", b'\xef\xbb\xbf"Ada"'))
)


def notice(*said: Outbound, language: str = "nl", **facts: Any) -> DueNotice:
    plain = due(Purpose.REMINDER, language, gathering=None, registration=None)
    given = {"outbound": [packed(one) for one in said], "in_reply_to": "<q1@mail.example>", "subject": "Vraag"}
    return replace(plain, purpose=Purpose.ANSWER, facts=given | facts, due_at=NOW)


def sent(answer: DueNotice) -> EmailMessage:
    _, mail = renderer().mail(answer)
    message = message_from_bytes(build(mail), policy=policy.default)
    assert not message.defects
    return message


def text(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert isinstance(part, EmailMessage)
    return str(part.get_content()).replace("\r\n", "\n")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_an_answer_reads_as_it_should(language: str) -> None:
    path = GOLDEN / f"answer.{language}.txt"
    shown = text(sent(notice(CARD, FILE, language=language)))
    if os.environ.get("KRING_WRITE_GOLDEN"):
        path.write_text(shown, "utf-8")
    assert shown == path.read_text("utf-8")


def test_it_stands_below_what_was_asked_and_nobodys_program_answers_it() -> None:
    message = sent(notice(CARD))
    assert message["Auto-Submitted"] == "auto-replied"
    assert (message["In-Reply-To"], message["References"]) == ("<q1@mail.example>", "<q1@mail.example>")
    assert message["Reply-To"] == "Vereniging Samen <kring@in.samen.example>"
    assert message["To"] == "Zoë de Vries <zoe@example.org>"


@pytest.mark.parametrize(
    ("asked", "subject"),
    [
        ("Vraag", "Re: Vraag"),
        ("RE: Vraag", "RE: Vraag"),
        ("", "12 · Samen energie inkopen"),
        ("x\r\nBcc: piet@example.org", "Re: x Bcc: piet@example.org"),
    ],
)
def test_the_subject_keeps_the_thread_together(asked: str, subject: str) -> None:
    message = sent(notice(CARD, subject=asked))
    assert message["Subject"] == subject
    assert message["Bcc"] is None


def test_the_same_notice_is_the_same_mail_at_every_attempt() -> None:
    first = notice(CARD, FILE)
    again = replace(first, attempts=2, retries=1)
    assert [build(renderer().mail(one)[1]) for one in (first, again)] == [build(renderer().mail(first)[1])] * 2
    later = replace(first, created_at=NOW + timedelta(seconds=1))
    assert renderer().mail(later)[1].message_id != renderer().mail(first)[1].message_id


def test_every_choice_is_a_link_and_a_word_in_both_parts() -> None:
    message = sent(notice(CARD))
    plain, html = text(message), unescape(text(message, "html"))
    assert f"{YES.label}: {YES.url}\n  of antwoord met: {YES.keyword}\n" in plain
    assert f"{HELP.label}\n  of antwoord met: {HELP.keyword}\n" in plain
    assert re.findall(r'href="([^"]+)"\s+class="o', html) == [
        YES.url,
        "mailto:kring@in.samen.example?subject=Re%3A%20Vraag&body=help",
    ]


def test_files_come_along_as_they_are() -> None:
    message = sent(notice(FILE))
    (part,) = message.iter_attachments()
    assert (part.get_filename(), part.get_content_type()) == ("data-2026.csv", "text/csv")
    assert part.get_payload(decode=True) == b'\xef\xbb\xbf"Ada"'
    assert "Bijlagen: data-2026.csv" in text(message)


def test_what_somebody_typed_is_text_and_nothing_else() -> None:
    hostile = '<script>alert(1)</script> & "x" {{ 7 * 7 }}\x00\u202e'
    outbound = Outbound("x", (Heading(hostile), Paragraph(hostile), Facts(((hostile, hostile),))), (YES,))
    html = text(sent(notice(outbound, subject=hostile)), "html")
    assert "<script" not in html
    assert "49" not in html
    assert html.count("&lt;script&gt;") >= 4
    assert "\u202e" not in html + text(sent(notice(outbound)))


@pytest.mark.parametrize("way", ["recipient", "in-reply-to", "references", "nowhere"])
def test_an_answer_to_a_question_is_known_by_where_it_goes_or_what_it_stands_below(way: str) -> None:
    message = sent(notice(replace(CARD, asks=34), asks=34))
    address = str(message["Reply-To"]).partition("<")[2].rstrip(">")
    question = handle(KEYS, QUESTION, 34)
    assert address == f"q-{question}@in.samen.example"
    assert f"mailto:{address}" in text(message, "html")
    recipient = address if way == "recipient" else "kring@in.samen.example"
    thread = {"in-reply-to": "In-Reply-To", "references": "References: <a@mail.example>"}.get(way)
    below = "" if thread is None else f"{thread}{' ' if ':' in thread else ': '}{message['Message-ID']}\r\n"
    raw = f"From: zoe@example.org\r\nMessage-ID: <x@mail.example>\r\n{below}\r\nja\r\n".encode()
    received = parse(raw, Envelope(sender="zoe@example.org", recipient=recipient), Ours("in.samen.example"))
    assert (received.handled, received.handle) == (Handled.COMMAND, None)
    assert received.question == (None if way == "nowhere" else question)
