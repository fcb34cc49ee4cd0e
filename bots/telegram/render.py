"""A message as Telegram shows it: text with marked stretches, rows of buttons, files.

Pure. Formatting is told beside the text (entities), never inside it, so that nothing in a name or title can be taken
for markup. Lengths are counted as Telegram counts them, in UTF-16 units.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from bots.telegram.codes import code
from service.channels import Block, Capabilities, Choice, Document, Facts, Heading, Outbound, Paragraph
from service.formats.cleaning import clean_text

CAPABILITIES: Final = Capabilities(buttons=True, files=True, max_text=4096)

TOAST: Final = 200
"""Units that are shown in passing."""

_ROW: Final = 30
"""Characters of labels in one row of buttons."""

_ROW_BUTTONS: Final = 5
_BUTTONS: Final = 100
_LABEL: Final = 60
_PLENTY: Final = 100_000


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press: it carries a code, or opens a page."""

    label: str
    code: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A text that fits one message, with the stretches (offset and length) that stand out."""

    text: str
    bold: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message ready to send: mostly one piece; the buttons hang at the last one."""

    pieces: tuple[Piece, ...]
    rows: tuple[tuple[Button, ...], ...] = ()
    files: tuple[Document, ...] = ()
    protected: bool = False

    @property
    def digest(self) -> bytes:
        """Return what differs when the message would look different."""
        shown = [
            [[piece.text, piece.bold] for piece in self.pieces],
            [[[button.label, button.code, button.url] for button in row] for row in self.rows],
        ]
        return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).digest()


def render(outbound: Outbound, capabilities: Capabilities = CAPABILITIES) -> Rendered:
    """Write a message; what no button can carry is said as words to type."""
    buttons, words = [], []
    for choice in outbound.choices[:_BUTTONS]:
        button = _button(choice) if capabilities.buttons else None
        if button is None:
            words.append(f"{choice.label}: {choice.keyword}")
        else:
            buttons.append(button)
    parts = [part for part in map(_block, outbound.blocks) if part]
    if words:
        parts.append([("\n".join(words), False)])
    return Rendered(
        pieces=_pieces(parts, capabilities.max_text),
        rows=_rows(buttons),
        files=tuple(block for block in outbound.blocks if isinstance(block, Document)) if capabilities.files else (),
        protected=outbound.confidential,
    )


def brief(outbound: Outbound) -> str:
    """Say a message in one sentence or two, without its title: what is shown in passing where a button was pressed."""
    said = [block.text for block in outbound.blocks if isinstance(block, Paragraph)]
    return cut(_clean(said[0]), TOAST) if said else ""


def units(text: str) -> int:
    """Count a text as Telegram does."""
    return len(text.encode("utf-16-le")) // 2


def cut(text: str, limit: int) -> str:
    """Cut a text to so many units, with an ellipsis where something is missing."""
    if units(text) <= limit:
        return text
    kept = text.encode("utf-16-le")[: (limit - 1) * 2].decode("utf-16-le", "ignore")
    return kept.rstrip() + "…"


_Part = list[tuple[str, bool]]
"""Stretches of text, each with whether it stands out."""


def _block(block: Block) -> _Part:
    if isinstance(block, Document):
        return []
    if isinstance(block, Facts):
        found: _Part = []
        for label, value in block.rows:
            found += [("\n" if found else "", False), (f"{_clean(label)}:", True), (f" {_clean(value)}", False)]
        return found
    text = _clean(block.text)
    return [(text, isinstance(block, Heading))] if text else []


def _clean(text: str) -> str:
    return clean_text(text, _PLENTY)


def _pieces(parts: Sequence[_Part], limit: int) -> tuple[Piece, ...]:
    """Put the parts under each other, with an empty line between them, into as few texts as hold them."""
    pieces: list[list[tuple[str, bool]]] = []
    room = 0
    for part in parts:
        for text, bold in [*([("\n\n", False)] if pieces and room > 2 else []), *part]:
            rest = text
            while rest:
                if room <= 0 or not pieces:
                    pieces.append([])
                    room, rest = limit, rest.lstrip("\n")
                head, rest = _split(rest, room)
                if head:
                    pieces[-1].append((head, bold))
                room = room - units(head) if not rest else 0
    return tuple(_piece(stretches) for stretches in pieces if any(text.strip() for text, _ in stretches))


def _split(text: str, room: int) -> tuple[str, str]:
    """Part a text where it no longer fits: after a line, else after a word, else where it must."""
    if units(text) <= room:
        return text, ""
    head = text.encode("utf-16-le")[: room * 2].decode("utf-16-le", "ignore")
    for mark in ("\n", " "):
        at = head.rfind(mark)
        if at > len(head) // 2:
            return head[:at], text[at + 1 :]
    return head, text[len(head) :]


def _piece(stretches: Sequence[tuple[str, bool]]) -> Piece:
    whole = "".join(text for text, _ in stretches)
    text = whole.rstrip()
    bold, at, end = [], 0, units(text)
    for stretch, marked in stretches:
        length = units(stretch)
        if marked and at < end:
            bold.append((at, min(length, end - at)))
        at += length
    return Piece(text, tuple(bold))


def _button(choice: Choice) -> Button | None:
    label = cut(" ".join(_clean(choice.label).split()), _LABEL)
    carried = code(choice.intent)
    if carried is not None:
        return Button(label, carried)
    return Button(label, url=choice.url) if choice.url and _public(choice.url) else None


def _public(url: str) -> bool:
    """Tell whether Telegram opens an address: it takes no names of the reader's own machine or network."""
    host = urlsplit(url).hostname or ""
    return "." in host and not host.startswith("127.")


def _rows(buttons: Sequence[Button]) -> tuple[tuple[Button, ...], ...]:
    """Set short buttons beside each other and long ones under each other."""
    rows: list[list[Button]] = []
    for button in buttons:
        row = rows[-1] if rows else None
        if row and len(row) < _ROW_BUTTONS and sum(len(one.label) for one in (*row, button)) <= _ROW:
            row.append(button)
        else:
            rows.append([button])
    return tuple(tuple(row) for row in rows)
