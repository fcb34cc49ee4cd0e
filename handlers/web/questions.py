"""The questions of a gathering, as whoever said yes answers them: fields of a form, and what was filled in.

The form stands on the answer page and on the page of the gathering, which take what comes back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from handlers.web import filling
from handlers.web.render import texts
from service.actions.questions import Answered
from service.errors import Invalid
from service.model import Gathering, Question, QuestionAnswer, QuestionKind
from service.rules import questions as rules
from service.rules.questions import Given
from service.texts.catalogue import Texts, marked

ANSWERED: Final = "answered"
"""In the address after answers were saved."""

YES, NO = "yes", "no"

_NEEDED: Final = marked("Please fill this in.")
_WRONG: Final = marked("Please check this once more.")


@dataclass(frozen=True, slots=True)
class Field:
    """A question as a field: `choices` are values with their words, none where something is typed.

    `withheld`: it is answered, and the answer is shown only to whoever signs in.
    """

    name: str
    words: str
    needed: bool
    choices: tuple[tuple[str, str, str], ...]
    value: str
    fault: str
    withheld: bool


@dataclass(frozen=True, slots=True)
class Form:
    """All that is asked, who sees the answers, and the day on which they are deleted."""

    fields: list[Field]
    sees: str
    deleted: str
    answered: bool
    withheld: bool
    saved: bool
    status: int = 200


def form(request: web.Request, found: Answered, *, reader: str | None = None) -> Form:
    """Show the questions with what was answered so far."""
    return _form(request, found, {}, None, reader)


def refused(
    request: web.Request, found: Answered, typed: Mapping[str, str], error: Invalid, *, reader: str | None = None
) -> Form:
    """Show the questions as they were filled in, with what is wrong."""
    return _form(request, found, typed, error, reader)


async def given(request: web.Request, asked: Sequence[Question]) -> tuple[Mapping[int, Given], Mapping[str, str]]:
    """Read what was filled in, as answers and as it was typed."""
    typed = await filling.without(request)
    return {one.id: _given(one, typed.get(rules.field(one.id), "")) for one in asked}, typed


def _given(question: Question, text: str) -> Given:
    if not text.strip():
        return None
    if question.kind == QuestionKind.CHOICE:
        return filling.whole(text)
    return {YES: True, NO: False}.get(text) if question.kind == QuestionKind.YES_NO else text


def _form(
    request: web.Request, found: Answered, typed: Mapping[str, str], error: Invalid | None, reader: str | None
) -> Form:
    spoken = texts(request, reader)
    fields = [_field(spoken, one, found, typed, error) for one in found.questions]
    return Form(
        fields,
        sees(spoken, found.gathering),
        spoken.day(rules.kept_until(found.gathering)),
        answered=bool(found.answers or found.withheld),
        withheld=bool(found.withheld),
        saved=error is None and ANSWERED in request.query,
        status=400 if error else 200,
    )


def _field(
    spoken: Texts, question: Question, found: Answered, typed: Mapping[str, str], error: Invalid | None
) -> Field:
    name = rules.field(question.id)
    wrong = error is not None and error.field == name
    empty = not typed.get(name, "").strip()
    return Field(
        name,
        question.text(spoken.language),
        question.needed and question.id not in found.withheld,
        _choices(spoken, question, withheld=question.id in found.withheld),
        typed.get(name, "") if error is not None else _value(found.answers.get(question.id)),
        spoken.gettext(_NEEDED if empty else _WRONG) if wrong else "",
        question.id in found.withheld,
    )


def _choices(spoken: Texts, question: Question, *, withheld: bool) -> tuple[tuple[str, str, str], ...]:
    if question.kind == QuestionKind.TEXT:
        return ()
    made = [(YES, spoken.gettext("Yes")), (NO, spoken.gettext("No"))]
    if question.kind == QuestionKind.CHOICE:
        made = [(str(one.number), one.text(spoken.language)) for one in question.choices]
    if withheld:
        made.append(("", spoken.gettext("As it is")))
    elif not question.needed:
        made.append(("", spoken.gettext("No answer")))
    return tuple((value, words, "") for value, words in made)


def _value(answer: QuestionAnswer | None) -> str:
    if answer is None:
        return ""
    if answer.yes is not None:
        return YES if answer.yes else NO
    return answer.text or str(answer.choice)


def sees(spoken: Texts, gathering: Gathering) -> str:
    """Say who sees what people answer."""
    if gathering.confidential:
        return spoken.gettext("Only those who lead the circle see what you fill in, nobody else.")
    return spoken.gettext("Only those who lead the gathering and the office see what you fill in, nobody else.")


def seen(spoken: Texts, gathering: Gathering) -> str:
    """Say the same to those who see it."""
    if gathering.confidential:
        return spoken.gettext("Only those who lead the circle see the answers.")
    return spoken.gettext("Only those who lead the gathering and the office see the answers.")
