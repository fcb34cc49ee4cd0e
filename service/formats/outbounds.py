"""Messages of the dialogue as plain values that JSON can hold, and back: what waits in the outbox to be handed over.

Loses nothing: what comes back is equal to what went in.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from service.channels import Block, Choice, Document, Facts, Heading, Intent, Outbound, Paragraph, Topic


def packed(outbound: Outbound) -> dict[str, Any]:
    """Turn a message into plain values."""
    return {
        "view": outbound.view_key,
        "blocks": [_packed_block(block) for block in outbound.blocks],
        "choices": [
            [choice.label, choice.intent.topic, choice.intent.argument, choice.keyword, choice.url]
            for choice in outbound.choices
        ],
        "audience": outbound.audience,
        "confidential": outbound.confidential,
        "asks": outbound.asks,
    }


def unpacked(values: Mapping[str, Any]) -> Outbound:
    """Turn plain values into the message that they were made of."""
    return Outbound(
        view_key=values["view"],
        blocks=tuple(_unpacked_block(*block) for block in values["blocks"]),
        choices=tuple(
            Choice(label, Intent(Topic(topic), argument), keyword, url)
            for label, topic, argument, keyword, url in values["choices"]
        ),
        audience=values["audience"],
        confidential=values["confidential"],
        asks=values.get("asks"),
    )


def _packed_block(block: Block) -> list[Any]:
    match block:
        case Heading(text):
            return ["heading", text]
        case Paragraph(text):
            return ["paragraph", text]
        case Facts(rows):
            return ["facts", [list(row) for row in rows]]
        case Document(name, media_type, content):
            return ["document", name, media_type, b64encode(content).decode()]


def _unpacked_block(kind: str, *values: Any) -> Block:
    match kind:
        case "heading":
            return Heading(values[0])
        case "paragraph":
            return Paragraph(values[0])
        case "facts":
            return Facts(tuple((label, value) for label, value in values[0]))
        case _:
            name, media_type, content = values
            return Document(name, media_type, b64decode(content))
