"""The languages that Kring speaks, and the choice between two texts."""

from enum import StrEnum


class Language(StrEnum):
    """A language that Kring speaks."""

    DUTCH = "nl"
    ENGLISH = "en"


def localised(nl: str, en: str, language: str) -> str:
    """Choose the text in a language, or the other one where it is empty."""
    return (nl or en) if language == Language.DUTCH else (en or nl)
