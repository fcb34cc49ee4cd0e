"""Messages as plain text for a terminal: choices are words to type, or a button's word or a link where it has those.

Pure: text in, text out. What somebody put into a title cannot steer the terminal, for only visible characters pass.
"""

import textwrap
from collections.abc import Sequence
from typing import Final

from service.channels import Block, Capabilities, Choice, Document, Facts, Heading, Outbound
from service.formats.cleaning import clean_text

CAPABILITIES: Final = Capabilities(files=True, links=False)
"""A terminal shows files by name; the words to type make links superfluous."""

WIDTH: Final = 80
_NARROWEST: Final = 24
_INDENT: Final = "  "


def render(outbound: Outbound, *, width: int = WIDTH, capabilities: Capabilities = CAPABILITIES) -> str:
    """Write a message in lines of at most `width` characters, longer words excepted; no line break at the end."""
    width = max(width, _NARROWEST)
    parts = [_block(block, width, capabilities) for block in outbound.blocks]
    parts.append(_choices(outbound.choices, width, capabilities))
    text = "\n\n".join(part for part in parts if part)
    return text if len(text) <= capabilities.max_text else text[: capabilities.max_text - 1] + "…"


def _block(block: Block, width: int, capabilities: Capabilities) -> str:
    if isinstance(block, Facts):
        return _columns([(clean_text(label, width), value) for label, value in block.rows], width)
    if isinstance(block, Document):
        return f"[{clean_text(block.name, width)}]" if capabilities.files else ""
    lines = _wrapped(block.text, width)
    if isinstance(block, Heading):
        return "\n".join((*lines, "─" * max(map(len, lines), default=0)))
    return "\n".join(lines)


def _choices(choices: Sequence[Choice], width: int, capabilities: Capabilities) -> str:
    rows = [(f"› {clean_text(choice.keyword, width)}", _label(choice, capabilities)) for choice in choices]
    return _columns(rows, width)


def _label(choice: Choice, capabilities: Capabilities) -> str:
    return f"{choice.label}  {choice.url}" if capabilities.links and choice.url else choice.label


def _columns(rows: Sequence[tuple[str, str]], width: int) -> str:
    """Set pairs in two columns; under each other where the first would leave the second too little room."""
    if not rows:
        return ""
    first = max(len(left) for left, _ in rows) + len(_INDENT)
    if first > width * 3 // 5:
        return "\n".join(line for left, right in rows for line in (left, *_wrapped(right, width, _INDENT)))
    hanging = " " * first
    return "\n".join(
        line for left, right in rows for line in _wrapped(right, width, hanging, opening=left.ljust(first)) or [left]
    )


def _wrapped(text: str, width: int, hanging: str = "", *, opening: str | None = None) -> list[str]:
    """Break text into lines that begin with `hanging`, the first with `opening`; links and long words stay whole."""
    lines: list[str] = []
    for paragraph in clean_text(text, 1_000_000).splitlines():
        start = opening if opening is not None and not lines else hanging
        lines += textwrap.wrap(
            paragraph,
            width,
            initial_indent=start,
            subsequent_indent=hanging,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    return lines
