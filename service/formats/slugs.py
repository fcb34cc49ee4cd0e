"""Names for addresses, made from titles: small letters and digits of ASCII, joined by one character."""

import re
import unicodedata
from typing import Final

_LENGTH: Final = 80


def slug(title: str) -> str:
    """Make a circle's name in addresses from its title; empty where nothing of it can stand in one."""
    return _joined(title, "[a-z0-9]+", "-")


def kind_name(label: str) -> str:
    """Make the name of a kind from what it is called; empty where nothing of it can stand in one."""
    return _joined(label, "[a-z]+", "_")


def _joined(text: str, words: str, by: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return by.join(re.findall(words, plain))[:_LENGTH].rstrip(by)
