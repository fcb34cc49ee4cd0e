"""What the dialogue says to somebody, as one mail: every choice a button and words to answer with, files attached.

Pure: the same notice is the same mail.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from jinja2 import FileSystemLoader

from bots.mail.mime import Attachment
from bots.mail.names import called
from bots.mail.writing import Letterhead
from service.channels import Block, Choice, Document, DueNotice, Facts, Heading, Outbound
from service.formats.cleaning import clean_line, clean_text
from service.formats.outbounds import unpacked
from service.model import Language
from service.texts.catalogue import FOLDER, Texts, translator
from service.texts.templates import environment

_LINE: Final = 1000
_TEXT: Final = 20_000
_SUBJECT: Final = 200
_ANSWERED: Final = "re:"


@dataclass(frozen=True, slots=True)
class Answer:
    """The parts of a mail that answers a message."""

    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...]


class Answers:
    """Writes the answers of one association."""

    def __init__(self, head: Letterhead) -> None:
        self._head = head
        loader = FileSystemLoader(FOLDER / "mail")
        self._templates = {language.value: environment(language, loader) for language in Language}

    def written(self, due: DueNotice, reply_to: str) -> Answer:
        """Write all that is said in a notice as one mail; `reply_to` is where an answer to it goes."""
        said = [unpacked(one) for one in due.facts["outbound"]]
        texts = translator(due.language)
        subject = self._subject(due, said)
        shown: dict[str, Any] = {
            "subject": subject,
            "greeting": texts.gettext("Dear %(name)s,", name=called(due.name)),
            "messages": [self._message(one, reply_to, subject, texts) for one in said],
            "preview": next((text for one in said for text in map(_first, one.blocks) if text), ""),
            "regards": texts.gettext("Kind regards,"),
            "sender": self._head.association,
            "why": texts.gettext("You receive this mail because a message came to us from your address."),
            "stop": texts.gettext("Your preferences:"),
            "own_page": f"{self._head.base_url}/me",
        }
        forms = [self._templates[due.language].get_template(f"answer.{kind}.j2") for kind in ("txt", "html")]
        text, html = (form.render(shown) for form in forms)
        return Answer(subject, text, html, tuple(_attachments(said)))

    def _subject(self, due: DueNotice, said: Sequence[Outbound]) -> str:
        """Keep the subject, by which mails stay together; where there is none, take the first heading."""
        asked = clean_line(str(due.facts.get("subject", "")), _SUBJECT)
        if asked:
            return asked if asked.casefold().startswith(_ANSWERED) else f"Re: {asked}"
        headings = [block.text for one in said for block in one.blocks if isinstance(block, Heading)]
        return clean_line(headings[0], _SUBJECT) if headings else self._head.association

    def _message(self, outbound: Outbound, reply_to: str, subject: str, texts: Texts) -> dict[str, Any]:
        shown = [block for block in map(self._block, outbound.blocks) if block]
        names = [block.name for block in outbound.blocks if isinstance(block, Document)]
        if names:
            words = texts.gettext("Attached: %(names)s", names=", ".join(names))
            shown.append({"kind": "paragraph", "text": words})
        return {"blocks": shown, "choices": [_choice(choice, reply_to, subject) for choice in outbound.choices]}

    def _block(self, block: Block) -> dict[str, Any] | None:
        if isinstance(block, Facts):
            rows = [(clean_line(label, _LINE), clean_line(value, _LINE)) for label, value in block.rows]
            return {"kind": "facts", "rows": rows} if rows else None
        if isinstance(block, Document):
            return None
        if isinstance(block, Heading):
            return {"kind": "heading", "text": clean_line(block.text, _LINE)}
        return {"kind": "paragraph", "text": clean_text(block.text, _TEXT)}


def _choice(choice: Choice, reply_to: str, subject: str) -> dict[str, Any]:
    """Offer a page, or where there is none a mail that is written already (RFC 6068 section 2)."""
    mail = f"mailto:{reply_to}?subject={quote(subject, safe='')}&body={quote(choice.keyword, safe='')}"
    return {
        "label": clean_line(choice.label, _LINE),
        "keyword": clean_line(choice.keyword, _LINE),
        "url": choice.url or mail,
        "page": choice.url is not None,
    }


def _attachments(said: Sequence[Outbound]) -> list[Attachment]:
    files = [block for one in said for block in one.blocks if isinstance(block, Document)]
    return [Attachment(filename=one.name, media_type=one.media_type, content=one.content) for one in files]


def _first(block: Block) -> str:
    return clean_line(block.text, _SUBJECT) if not isinstance(block, Facts | Document | Heading) else ""
