"""What a gathering may ask those who come, what is an answer to it, until when, and what all answers add up to.

Pure: the words were cleaned before, and who may ask or see is decided in `access`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from service.errors import Conflict, Invalid
from service.model import Gathering, Partstat, Question, QuestionAnswer, QuestionChoice, QuestionKind, Status

MOST: Final = 10
"""Questions of one gathering: who is asked more does not answer."""

FEWEST_CHOICES: Final = 2
MOST_CHOICES: Final = 8

LONGEST: Final = 200
"""Characters of a question, a choice or an answer."""

Given = str | int | bool | None
"""What somebody answers: as the kind is, a text, the number of a choice, or yes and no; None takes an answer back."""


@dataclass(frozen=True, slots=True)
class Total:
    """What the answers of those who come add up to; `choices` by number, `yes` and `no` of that kind of question."""

    question: Question
    answered: int
    choices: Mapping[int, int]
    yes: int
    no: int


def settled(before: Sequence[Question], wanted: Sequence[Question]) -> list[Question]:
    """Return the questions as they are to be kept, every choice with a number; raises Invalid with the field.

    What has been asked keeps its kind, and its choices their numbers, so that what people answered stays what it was.
    """
    if len(wanted) > MOST:
        raise Invalid("questions", f"ask at most {MOST} questions")
    known = {one.id: one for one in before}
    kept = [one.id for one in wanted if one.id]
    if len(set(kept)) < len(kept) or not set(kept) <= known.keys():
        raise Invalid("id", "name each question of this gathering once, and leave the id out of a new one")
    return [_settled(known.get(one.id), one) for one in wanted]


def _settled(before: Question | None, wanted: Question) -> Question:
    if not (wanted.text_nl or wanted.text_en):
        raise Invalid("text", "ask something")
    if before is not None and before.kind != wanted.kind:
        raise Invalid("kind", "a question keeps its kind; remove it and ask another one")
    if wanted.kind != QuestionKind.CHOICE:
        if wanted.choices:
            raise Invalid("choices", "only a question of the kind choice has choices")
        return wanted
    if not FEWEST_CHOICES <= len(wanted.choices) <= MOST_CHOICES:
        raise Invalid("choices", f"give from {FEWEST_CHOICES} to {MOST_CHOICES} choices")
    return replace(wanted, choices=_numbered(before, wanted.choices))


def _numbered(before: Question | None, wanted: Sequence[QuestionChoice]) -> tuple[QuestionChoice, ...]:
    """Give the new choices numbers that no choice of this question has, nor any that it had until now."""
    known = {one.number for one in before.choices} if before else set()
    given = [one.number for one in wanted if one.number]
    if len(set(given)) < len(given) or not set(given) <= known:
        raise Invalid("choices", "name each choice once by its number, and leave the number out of a new one")
    if not all(one.text_nl or one.text_en for one in wanted):
        raise Invalid("choices", "give every choice a text")
    free = iter(number for number in range(1, 2 * MOST_CHOICES + 1) if number not in known)
    return tuple(one if one.number else replace(one, number=next(free)) for one in wanted)


def require_open(gathering: Gathering, partstat: str, now: datetime) -> None:
    """Refuse an answer to a question before the gathering is published, once it has begun, and without a yes."""
    if gathering.status != Status.PUBLISHED:
        raise Conflict("this gathering asks nothing now")
    if gathering.starts_at <= now:
        raise Conflict("this gathering has begun")
    if partstat != Partstat.ACCEPTED:
        raise Conflict("only who comes is asked")


def is_open(gathering: Gathering, partstat: str, now: datetime) -> bool:
    """Tell whether somebody may answer its questions now."""
    return (
        gathering.questions > 0
        and gathering.status == Status.PUBLISHED
        and gathering.starts_at > now
        and partstat == Partstat.ACCEPTED
    )


def field(question_id: int) -> str:
    """Return the name under which an answer is refused."""
    return f"q{question_id}"


def checked(
    questions: Sequence[Question], given: Mapping[int, Given], before: Sequence[QuestionAnswer] = ()
) -> list[QuestionAnswer]:
    """Return all the answers of one person; raises Invalid with the field of the first that cannot be.

    An answer of `before` stays where nothing is given.
    """
    unknown = given.keys() - {one.id for one in questions}
    if unknown:
        raise Invalid(field(min(unknown)), "this gathering has no such question")
    kept = {one.question_id: one for one in before if given.get(one.question_id) in (None, "")}
    found = [kept.get(one.id) or _checked(one, given.get(one.id)) for one in questions]
    return [one for one in found if one is not None]


def _checked(question: Question, given: Given) -> QuestionAnswer | None:
    name = field(question.id)
    if given is None or given == "":
        if question.needed:
            raise Invalid(name, "this is needed")
        return None
    if question.kind == QuestionKind.YES_NO and isinstance(given, bool):
        return QuestionAnswer(question.id, yes=given)
    if question.kind == QuestionKind.CHOICE and isinstance(given, int) and not isinstance(given, bool):
        if given not in {one.number for one in question.choices}:
            raise Invalid(name, "choose one of the choices")
        return QuestionAnswer(question.id, choice=given)
    if question.kind == QuestionKind.TEXT and isinstance(given, str):
        return QuestionAnswer(question.id, text=given)
    raise Invalid(name, f"answer this as its kind asks: {question.kind}")


def totals(questions: Sequence[Question], answers: Iterable[QuestionAnswer]) -> list[Total]:
    """Add the answers up, question by question; a choice that nobody made counts 0."""
    of: dict[int, list[QuestionAnswer]] = {one.id: [] for one in questions}
    for answer in answers:
        of[answer.question_id].append(answer)
    return [_total(one, of[one.id]) for one in questions]


def _total(question: Question, answers: Sequence[QuestionAnswer]) -> Total:
    made = Counter(one.choice for one in answers)
    said = Counter(one.yes for one in answers)
    choices = {one.number: made[one.number] for one in question.choices}
    return Total(question, len(answers), choices, yes=said[True], no=said[False])


def kept_until(gathering: Gathering) -> datetime:
    """Return when the answers are deleted, in the gathering's zone; those of a cancelled one go at once."""
    days = timedelta(days=gathering.answers_days or 0)
    return (gathering.ends_at + days).astimezone(ZoneInfo(gathering.timezone))
