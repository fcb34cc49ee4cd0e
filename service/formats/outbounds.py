"""Outbound messages as JSON, for as long as they lie in the outbox: written once, read by the channel that sends them.

What was written by an older version can still be read: a field that is missing has its default.
"""

import base64
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from service.channels import Block, Choice, Document, Facts, Heading, Intent, Outbound, Paragraph, Topic

_BLOCKS: Final[Mapping[str, type[Block]]] = {
    "heading": Heading,
    "paragraph": Paragraph,
    "facts": Facts,
    "document": Document,
}
_NAMES: Final = {kind: name for name, kind in _BLOCKS.items()}


def dump(outbound: Outbound) -> dict[str, Any]:
    """Write a message as JSON can hold it."""
    return {
        "view_key": outbound.view_key,
        "blocks": [_dump_block(block) for block in outbound.blocks],
        "choices": [_dump_choice(choice) for choice in outbound.choices],
        "audience": outbound.audience,
        "confidential": outbound.confidential,
    }


def load(written: Mapping[str, Any]) -> Outbound:
    """Read a message that `dump` wrote."""
    return Outbound(
        view_key=written["view_key"],
        blocks=tuple(_load_block(block) for block in written["blocks"]),
        choices=tuple(_load_choice(choice) for choice in written.get("choices", ())),
        audience=written.get("audience", "person"),
        confidential=written.get("confidential", False),
    )


def _dump_block(block: Block) -> dict[str, Any]:
    content = {field.name: getattr(block, field.name) for field in fields(block)}
    if isinstance(block, Document):
        content["content"] = base64.b64encode(block.content).decode()
    return {"kind": _NAMES[type(block)], **content}


def _load_block(written: Mapping[str, Any]) -> Block:
    content = {name: value for name, value in written.items() if name != "kind"}
    kind = _BLOCKS[written["kind"]]
    if kind is Facts:
        return Facts(tuple((label, value) for label, value in content["rows"]))
    if kind is Document:
        content["content"] = base64.b64decode(content["content"])
    return kind(**content)


def _dump_choice(choice: Choice) -> dict[str, Any]:
    return {
        "label": choice.label,
        "topic": str(choice.intent.topic),
        "argument": choice.intent.argument,
        "keyword": choice.keyword,
        "url": choice.url,
    }


def _load_choice(written: Mapping[str, Any]) -> Choice:
    intent = Intent(Topic(written["topic"]), written.get("argument"))
    return Choice(written["label"], intent, written["keyword"], written.get("url"))
