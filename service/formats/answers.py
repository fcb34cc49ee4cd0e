"""What somebody answered to a question of a gathering, in words."""

from collections.abc import Mapping, Sequence

from service.formats.rosters import Column
from service.model import Question, QuestionAnswer, QuestionKind
from service.texts.catalogue import Texts


def said(question: Question, answer: QuestionAnswer | None, texts: Texts) -> str:
    """Say an answer in a language; nothing where there is none."""
    if answer is None:
        return ""
    if question.kind == QuestionKind.YES_NO:
        return texts.gettext("yes") if answer.yes else texts.gettext("no")
    if question.kind == QuestionKind.CHOICE:
        made = next((one for one in question.choices if one.number == answer.choice), None)
        return made.text(texts.language) if made else ""
    return answer.text or ""


def columns(
    questions: Sequence[Question], answers: Mapping[int, Mapping[int, QuestionAnswer]], texts: Texts
) -> list[Column]:
    """Make a column of the attendance list for each question; `answers` are by person, then by question."""
    return [
        Column(
            one.text(texts.language),
            30,
            {person: said(one, of.get(one.id), texts) for person, of in answers.items()},
        )
        for one in questions
    ]
