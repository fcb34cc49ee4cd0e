"""Every kind of mail as whole bytes, in both languages: what a relay is handed, down to the last line end.

`KRING_WRITE_GOLDEN=1` writes them anew; whoever changed a mail reads the difference. What a mail says is easier to read
beside this, in `golden`.
"""

import os
from pathlib import Path

import pytest

from bots.mail.mime import build
from service.model import Purpose
from tests.bots.mail.dues import due, renderer
from tests.bots.mail.test_answers import CARD, FILE
from tests.bots.mail.test_answers import notice as answer

GOLDEN = Path(__file__).parents[2] / "mails" / "golden"
LANGUAGES = ("nl", "en")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("purpose", Purpose)
def test_every_mail_is_the_golden_one_byte_for_byte(purpose: Purpose, language: str) -> None:
    notice = answer(CARD, FILE, language=language) if purpose is Purpose.ANSWER else due(purpose, language)
    _, mail = renderer().mail(notice)
    path, raw = GOLDEN / f"{purpose}.{language}.eml", build(mail)
    if os.environ.get("KRING_WRITE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(raw)
    assert raw == path.read_bytes()


def test_every_golden_mail_has_its_maker_and_lines_as_they_are_sent() -> None:
    made = {f"{purpose}.{language}.eml" for purpose in Purpose for language in LANGUAGES}
    assert {path.name for path in GOLDEN.iterdir()} == made
    for path in GOLDEN.iterdir():
        lines = path.read_bytes().split(b"\r\n")
        # RFC 5322 sections 2.1.1 and 2.3: seven bits, CR and LF only together, at most 998 octets in a line
        assert all(line.isascii() and not {*b"\r\n"} & {*line} and len(line) <= 998 for line in lines), path
