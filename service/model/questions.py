"""What people are asked: the questions of a gathering, and the moments that are proposed for one."""

from dataclasses import dataclass
from enum import StrEnum

from service.model.languages import localised


class QuestionKind(StrEnum):
    """How a question of a gathering is answered."""

    TEXT = "text"  # in a few words
    CHOICE = "choice"  # with one of several choices
    YES_NO = "yes-no"


@dataclass(frozen=True, slots=True)
class QuestionChoice:
    """One of the choices of a question; its number stays the same whatever becomes of its words."""

    number: int
    text_nl: str
    text_en: str

    def text(self, language: str) -> str:
        """Return its words in a language."""
        return localised(self.text_nl, self.text_en, language)


@dataclass(frozen=True, slots=True)
class Question:
    """What whoever runs a gathering asks those who come; one that is still to be kept has the id 0."""

    id: int
    kind: str
    text_nl: str
    text_en: str
    needed: bool
    choices: tuple[QuestionChoice, ...] = ()

    def text(self, language: str) -> str:
        """Return its words in a language."""
        return localised(self.text_nl, self.text_en, language)


@dataclass(frozen=True, slots=True)
class QuestionAnswer:
    """What somebody answered to a question: as its kind is, a text, the number of a choice, or yes and no."""

    question_id: int
    text: str | None = None
    choice: int | None = None
    yes: bool | None = None


class Vote(StrEnum):
    """What somebody says to a moment that is proposed."""

    YES = "yes"
    IF_NEED_BE = "if-need-be"
    NO = "no"
