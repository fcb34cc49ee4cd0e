"""What a gathering asks those who come, and what they answer, in the API."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints

from handlers.web.api.fields import GivenTexts, Id, Items, Texts, texts, whole
from handlers.web.api.typed import Answer, Call, Given, Operation
from service import model
from service.actions import questions
from service.errors import Invalid
from service.model import QuestionAnswer, QuestionKind
from service.rules import questions as rules
from service.rules.questions import LONGEST, MOST, MOST_CHOICES

ChoiceNumber = Annotated[int, Field(ge=1, le=2 * MOST_CHOICES), BeforeValidator(whole)]


class GivenChoice(Given):
    """One of the choices of a question."""

    number: ChoiceNumber | None = Field(None, description="Of a choice that is there; left out for a new one")
    text: GivenTexts = Field(examples=[{"nl": "Vegetarisch", "en": "Vegetarian"}])


class GivenQuestion(Given):
    """Something to ask those who come."""

    id: Id | None = Field(None, description="Of a question that is there, which keeps its kind; left out for a new one")
    kind: QuestionKind = Field(examples=[QuestionKind.CHOICE])
    text: GivenTexts = Field(examples=[{"nl": "Wat eet je?", "en": "What do you eat?"}])
    needed: bool = False
    choices: Annotated[list[GivenChoice], Field(max_length=MOST_CHOICES)] = Field(
        [], description="From two on, with the kind `choice` alone"
    )


class GivenQuestions(Given):
    """All that a gathering asks, in its order; what is not named goes, and its answers with it."""

    items: Annotated[list[GivenQuestion], Field(max_length=MOST)]


class QuestionChoice(Answer):
    """One of the choices of a question; its number stays the same."""

    number: int
    text: Texts


class Question(Answer):
    """Something that those who come are asked."""

    id: int
    kind: QuestionKind
    text: Texts
    needed: bool = Field(description="To save answers; a yes counts without")
    choices: list[QuestionChoice]


class GivenAnswered(Given):
    """What somebody answers to one question: as its kind asks, one of the three."""

    question_id: Id
    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)] | None = None
    choice: ChoiceNumber | None = Field(None, description="The number of one of the choices")
    yes: bool | None = None


class GivenAnswers(Given):
    """All that somebody answers; what is not named has no answer."""

    items: Annotated[list[GivenAnswered], Field(max_length=MOST)]


class Answered(Answer):
    """What somebody answered to one question."""

    question_id: int
    text: str | None
    choice: int | None
    yes: bool | None


class Count(Answer):
    """How many of those who come made a choice."""

    number: int
    count: int


class Total(Answer):
    """What the answers of those who come add up to; `choices`, `yes` and `no` as the question's kind is."""

    question_id: int
    answered: int
    choices: list[Count]
    yes: int
    no: int


class Copied(Answer):
    """Where the questions of a gathering are asked now too."""

    gatherings: int = Field(description="How many that come after it asked nothing yet")


async def every(call: Call, *, id_: Id) -> Items[Question]:
    """List what a gathering asks those who come."""
    return _questions(await questions.listed(call.db, call.actor, id_))


async def ask(call: Call, *, id_: Id, body: GivenQuestions) -> Items[Question]:
    """Say what a gathering asks those who come; nobody is told."""
    wanted = [_wanted(one) for one in body.items]
    found = await questions.change(call.db, call.actor, id_, lambda _: wanted, days=call.site.answers_days)
    return _questions(found)


async def copy(call: Call, *, id_: Id) -> Copied:
    """Ask the same at the gatherings that come after this one in its series and ask nothing yet."""
    return Copied(gatherings=await questions.copy_following(call.db, call.actor, id_, now=call.now))


async def totals(call: Call, *, id_: Id) -> Items[Total]:
    """Add up what those answered who come; who waits for a place is left out."""
    found = await questions.everyones(call.db, call.actor, id_)
    return Items[Total](
        items=[
            Total(
                question_id=one.question.id,
                answered=one.answered,
                choices=[Count(number=number, count=count) for number, count in one.choices.items()],
                yes=one.yes,
                no=one.no,
            )
            for one in found.totals
        ]
    )


async def own(call: Call, *, id_: Id, person_id: Id) -> Items[Answered]:
    """Read what somebody answered."""
    return _answers(await questions.own(call.db, call.actor, id_, person_id))


async def answer(call: Call, *, id_: Id, person_id: Id, body: GivenAnswers) -> Items[Answered]:
    """Answer for somebody who said yes, until the gathering begins."""
    given = {one.question_id: _given(one) for one in body.items}
    if len(given) < len(body.items):
        raise Invalid("items", "answer every question once")
    return _answers(await questions.answer(call.db, call.actor, id_, person_id, given, now=call.now))


def _given(body: GivenAnswered) -> rules.Given:
    said = [one for one in (body.text, body.choice, body.yes) if one is not None]
    if len(said) != 1:
        raise Invalid("items", "give one of text, choice and yes")
    return said[0]


def _wanted(body: GivenQuestion) -> model.Question:
    return model.Question(
        id=body.id or 0,
        kind=body.kind,
        text_nl=body.text.nl or "",
        text_en=body.text.en or "",
        needed=body.needed,
        choices=tuple(
            model.QuestionChoice(one.number or 0, one.text.nl or "", one.text.en or "") for one in body.choices
        ),
    )


def _questions(found: Sequence[model.Question]) -> Items[Question]:
    return Items[Question](
        items=[
            Question(
                id=one.id,
                kind=QuestionKind(one.kind),
                text=texts(one.text_nl, one.text_en),
                needed=one.needed,
                choices=[
                    QuestionChoice(number=each.number, text=texts(each.text_nl, each.text_en)) for each in one.choices
                ],
            )
            for one in found
        ]
    )


def _answers(found: questions.Answered) -> Items[Answered]:
    given = [found.answers[one.id] for one in found.questions if one.id in found.answers]
    return Items[Answered](items=[_answered(one) for one in given])


def _answered(one: QuestionAnswer) -> Answered:
    return Answered(question_id=one.question_id, text=one.text, choice=one.choice, yes=one.yes)


OPERATIONS = (
    Operation("GET", "/gatherings/{id}/questions", every),
    Operation("PUT", "/gatherings/{id}/questions", ask),
    Operation("POST", "/gatherings/{id}/following/questions", copy),
    Operation("GET", "/gatherings/{id}/answers", totals),
    Operation("GET", "/gatherings/{id}/registrations/{person_id}/answers", own),
    Operation("PUT", "/gatherings/{id}/registrations/{person_id}/answers", answer),
)
