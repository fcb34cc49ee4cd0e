"""The words that answer a question of a dialogue of several steps, Dutch and English side by side.

Which of them a question takes is known to whoever asks it.
"""

from collections.abc import Collection, Mapping
from typing import Final

from handlers.dialogue.phrases import line, phrases

REPLIES: Final[Mapping[str, str]] = {
    "go": """
        ja | ja graag | ja doe maar | doe maar | akkoord | klopt | verstuur | verzenden | stuur maar | bevestig
        oke | ok | prima | yes | yes please | go ahead | confirm | send | send it | do it | correct | okay
    """,
    "draft": "concept | als concept | bewaar | bewaar als concept | draft | as a draft | save | save as a draft",
    "skip": "geen | niets | overslaan | sla over | weet ik nog niet | none | nothing | skip | not yet known",
    "coming": "wie komt | wie komen | wie er komt | deelnemers | who is coming | whos coming | coming | participants",
    "waiting": "wie wacht | wachtlijst | de wachtlijst | who is waiting | waiting | waiting list | the waiting list",
    "unanswered": """
        wie nog niet antwoordde | wie nog niet heeft geantwoord | wie nog niet | zonder antwoord
        who has not answered | who hasnt answered | not answered
    """,
    "present": "wie er was | wie er waren | aanwezigen | who was there | who came",
    "absent": "wie er niet was | wie er niet waren | afwezigen | who was not there | who wasnt there",
    "everyone": "iedereen | allemaal | everyone | everybody | all",
}
"""Answers to the questions of a dialogue of several steps; what counts depends on the question."""

REPLY_KEYWORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "go": {"nl": "ja", "en": "yes"},
    "draft": {"nl": "concept", "en": "draft"},
    "skip": {"nl": "geen", "en": "none"},
    "coming": {"nl": "wie komt", "en": "who is coming"},
    "waiting": {"nl": "wie wacht", "en": "who is waiting"},
    "unanswered": {"nl": "wie nog niet", "en": "not answered"},
    "present": {"nl": "wie er was", "en": "who was there"},
    "absent": {"nl": "wie er niet was", "en": "who was not there"},
    "everyone": {"nl": "iedereen", "en": "everyone"},
}
"""What to type for each of them."""

_BY_PHRASE: Final = {value: frozenset(phrases(text)) for value, text in REPLIES.items()}


def chosen(text: str, values: Collection[str]) -> str | None:
    """Return which of some answers a text gives, as a whole; None where it gives none of them."""
    rows = text.strip().splitlines()
    if len(rows) != 1:
        return None
    tokens = line(rows[0]).tokens
    return next((value for value in values if tokens in _BY_PHRASE[value]), None)
