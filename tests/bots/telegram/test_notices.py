"""What a notice says in a chat: every purpose in both languages, as it was read and found good."""

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from bots.telegram.notices import Words
from bots.telegram.render import render
from service.model import ABOUT_A_CIRCLE, Purpose
from tests.bots.mail.dues import GATHERING, KEYS, due

GOLDEN = Path(__file__).parent / "golden"
BY_MAIL_ALONE = {
    Purpose.SIGN_IN,
    Purpose.VISITOR,
    Purpose.CHECK_IN,
    Purpose.ASK_LINK,
    Purpose.ASK_AGAIN,
    Purpose.CLOSED,
    Purpose.REGISTER_HERE,
    Purpose.UNSUBSCRIBED,
    Purpose.LINK_CODE,
    Purpose.LINKED,
    Purpose.ANSWER,
    Purpose.ERASED,
    Purpose.ADDRESS_ADDED,
    Purpose.ADDRESS_PRIMARY,
    Purpose.ADDRESS_REMOVED,
    Purpose.ADDRESS_WAITS,
}
TOLD = sorted(set(Purpose) - BY_MAIL_ALONE)
WORDS = Words(KEYS, base_url="https://kring.samen.example", timezone="Europe/Amsterdam")


def shown(purpose: Purpose, language: str, **changes: object) -> str:
    rendered = render(WORDS(due(purpose, language, address="7", **changes)))
    rows = ["".join(f"[{button.label}]" for button in row) for row in rendered.rows]
    return "\n\n".join([*(piece.text for piece in rendered.pieces), "\n".join(rows)]).strip() + "\n"


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("purpose", TOLD)
def test_each_purpose_says_in_a_chat_what_it_should(purpose: Purpose, language: str) -> None:
    path, text = GOLDEN / f"{purpose}.{language}.txt", shown(purpose, language)
    if os.environ.get("KRING_WRITE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("purpose", sorted(set(TOLD) - {Purpose.UNLINKED} - ABOUT_A_CIRCLE))
def test_of_a_confidential_gathering_a_chat_shows_only_the_time(purpose: Purpose, language: str) -> None:
    names = ("title_nl", "title_en", "description_nl", "description_en", "location", "circle_slug", "cancel_reason")
    secret = replace(GATHERING, confidential=True, **dict.fromkeys(names, "KANARIE"))  # type: ignore[arg-type]
    secret = replace(secret, circle_title_nl="KANARIE", circle_title_en="KANARIE", online_url="https://kanarie.example")
    facts = {**due(purpose).facts, "cancel_reason": "KANARIE", "text": "KANARIE", "author": "KANARIE"}
    text = shown(purpose, language, gathering=secret, facts=facts)
    assert re.findall("kanarie", text, re.IGNORECASE) == []
    assert render(WORDS(due(purpose, language, gathering=secret, address="7"))).protected


def test_a_notice_to_who_said_yes_leads_to_the_questions_and_of_a_confidential_gathering_past_signing_in() -> None:
    asking = replace(GATHERING, questions=1)
    text = shown(Purpose.PROMOTION, "nl", gathering=asking)
    assert re.search("hier, of kijk wat je zei:\nhttps://kring.samen.example/r/[a-z2-7]{40}#questions\n", text)
    text = shown(Purpose.PROMOTION, "en", gathering=replace(asking, confidential=True))
    assert "Answer it here, or see what you said:\nhttps://kring.samen.example/gatherings/7#questions" in text


def test_a_long_description_is_parted_and_the_buttons_hang_at_the_end() -> None:
    long = replace(GATHERING, description_nl="Een heel lang verhaal. " * 250)
    rendered = render(WORDS(due(Purpose.INVITATION, "nl", gathering=long, address="7")))
    assert all(len(piece.text) <= 4096 for piece in rendered.pieces)
    assert rendered.rows[0][0].label == "Ja, ik kom"
