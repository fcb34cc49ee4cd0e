"""Questions that most gatherings ask, ready to be asked with one press; everything else is typed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from service.model import Language, Question, QuestionChoice, QuestionKind
from service.texts.catalogue import marked, translator


@dataclass(frozen=True, slots=True)
class Ready:
    """A question as it lies ready, in English, marked for translation; `label` is what a button calls it."""

    label: str
    text: str
    choices: tuple[str, ...] = ()


READY: Final = {
    "diet": Ready(
        marked("Diet"),
        marked("What do you eat?"),
        (
            marked("Everything"),
            marked("Vegetarian"),
            marked("Vegan"),
            marked("Halal"),
            marked("I will not eat with you"),
        ),
    ),
    "allergies": Ready(
        marked("Allergies"),
        marked("Is there anything you cannot eat, such as nuts or gluten?"),
    ),
    "access": Ready(
        marked("Access"),
        marked("What do you need to take part well, such as a room without stairs or a hearing loop?"),
    ),
    "interpreter": Ready(
        marked("Interpreter"),
        marked("Do you need an interpreter?"),
        (
            marked("No interpreter"),
            marked("A sign language interpreter"),
            marked("A speech-to-text interpreter"),
            marked("An interpreter for another language"),
        ),
    ),
}
"""By the name that forms carry."""

TICKS: Final = {f"ask_{name}": name for name in READY}
"""The boxes to tick on the form of planning, each with what it asks."""


def questions(names: Iterable[str]) -> list[Question]:
    """Write ready questions in both languages, to be kept; a name that nothing goes by is passed over."""
    return [_question(READY[name]) for name in names if name in READY]


def ticked(form: Mapping[str, str]) -> list[str]:
    """Return the names of the ready questions that are ticked."""
    return [name for tick, name in TICKS.items() if form.get(tick)]


def _question(ready: Ready) -> Question:
    nl, en = (translator(language).gettext for language in (Language.DUTCH, Language.ENGLISH))
    return Question(
        id=0,
        kind=QuestionKind.CHOICE if ready.choices else QuestionKind.TEXT,
        text_nl=nl(ready.text),
        text_en=en(ready.text),
        needed=False,
        choices=tuple(QuestionChoice(0, nl(one), en(one)) for one in ready.choices),
    )
