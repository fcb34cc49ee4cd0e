"""What a button carries: an intent as a short text with the version of its shape in front.

Old messages keep their buttons for years and anybody can send any text: what comes back is read strictly, and proves
nothing. A shape is never changed; a new one gets a new version.
"""

import re
from typing import Final

from service.channels import Intent, Topic

LIMIT: Final = 64
"""Bytes that a button can carry."""

VERSION: Final = "k1"

_SHAPE: Final = re.compile(rf"{VERSION}:([a-z][a-z-]*)(?::([A-Za-z0-9@._+-]+))?")


def code(intent: Intent) -> str | None:
    """Write an intent as what a button carries; None where it does not fit."""
    text = f"{VERSION}:{intent.topic}" + (f":{intent.argument}" if intent.argument is not None else "")
    return text if len(text.encode()) <= LIMIT and _SHAPE.fullmatch(text) else None


def intent(text: str) -> Intent | None:
    """Read what a button carried; None for anything that this version would not have written."""
    found = _SHAPE.fullmatch(text)
    if found is None or len(text.encode()) > LIMIT or found[1] not in _TOPICS:
        return None
    return Intent(Topic(found[1]), found[2])


_TOPICS: Final = frozenset(topic.value for topic in Topic)
