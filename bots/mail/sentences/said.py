"""What differs from letter to letter about a gathering, and the sentences that several of them share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bots.mail.letters import News

REASON: Final = 1000
"""How much is told of why somebody decided something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What differs from purpose to purpose. `prefix` goes before the title in the subject.

    `body` is for the description of the gathering, `message` for what somebody wrote for this mail alone. `dated`: the
    subject names the day.
    """

    opening: tuple[str, ...]
    prefix: str = ""
    ask: str = "change"
    question: str = ""
    closing: tuple[str, ...] = ()
    body: bool = False
    message: str = ""
    dated: bool = True


Sentences = Callable[[News], Said]
"""Chooses the sentences for what there is to tell."""


def give_way(news: News) -> str:
    """Ask somebody with a seat to tell in time that they do not come."""
    return news.texts.gettext(
        "Has something come up? Let us know in good time, so that someone else can have your seat."
    )


def calendar_knows(news: News) -> str:
    """Say that the calendar needs no hand."""
    return news.texts.gettext("Your calendar will be updated too; there is nothing you need to do.")
