"""What may be asked, what is an answer to it, and what answers add up to."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import Invalid
from service.model import Question, QuestionAnswer, QuestionChoice
from service.rules import questions
from service.rules.questions import Given

DIET = Question(
    1,
    "choice",
    "Wat eet je?",
    "",
    needed=False,
    choices=(QuestionChoice(1, "Alles", ""), QuestionChoice(2, "Vegetarisch", ""), QuestionChoice(4, "Halal", "")),
)
NUTS = Question(2, "text", "Waar kun je niet tegen?", "", needed=False)
LUNCH = Question(3, "yes-no", "", "Do you stay for lunch?", needed=True)
ASKED = [DIET, NUTS, LUNCH]


def choice(number: int, words: str) -> QuestionChoice:
    return QuestionChoice(number, words, "")


def fault(before: Sequence[Question], wanted: Sequence[Question]) -> str:
    with pytest.raises(Invalid) as refusal:
        questions.settled(before, wanted)
    return refusal.value.field


def test_a_new_choice_gets_a_number_that_none_has_or_had() -> None:
    wanted = replace(DIET, choices=(choice(4, "Halal"), choice(0, "Vegan"), choice(0, "Kosher"), choice(2, "Veg")))
    (settled,) = questions.settled(ASKED, [wanted])
    assert [one.number for one in settled.choices] == [4, 3, 5, 2]  # 1 went, and nobody who chose it chose the new one


def test_a_new_question_numbers_its_choices_in_their_order() -> None:
    wanted = Question(0, "choice", "Hoe?", "", needed=False, choices=(choice(0, "Zo"), choice(0, "Anders")))
    assert [one.number for one in questions.settled([], [wanted])[0].choices] == [1, 2]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Question(0, "text", "", "", needed=False), "text"),
        (replace(NUTS, kind="yes-no"), "kind"),
        (replace(NUTS, choices=(choice(0, "a"), choice(0, "b"))), "choices"),
        (replace(DIET, choices=()), "choices"),
        (replace(DIET, choices=(choice(1, "Alles"),)), "choices"),
        (replace(DIET, choices=tuple(choice(0, str(number)) for number in range(9))), "choices"),
        (replace(DIET, choices=(choice(1, "a"), choice(1, "b"))), "choices"),
        (replace(DIET, choices=(choice(1, "a"), choice(9, "b"))), "choices"),
        (replace(DIET, choices=(choice(1, "a"), choice(2, ""))), "choices"),
        (replace(NUTS, id=9), "id"),
    ],
)
def test_what_cannot_be_asked_is_refused_under_its_field(wanted: Question, field: str) -> None:
    assert fault(ASKED, [wanted]) == field


def test_every_question_once_and_no_more_than_ten() -> None:
    assert fault(ASKED, [NUTS, NUTS]) == "id"
    assert fault([], [replace(NUTS, id=0)] * 11) == "questions"
    assert len(questions.settled([], [replace(NUTS, id=0)] * 10)) == 10


@pytest.mark.parametrize(
    ("given", "answers"),
    [
        ({3: True}, [QuestionAnswer(3, yes=True)]),
        ({3: False, 2: "Noten"}, [QuestionAnswer(2, text="Noten"), QuestionAnswer(3, yes=False)]),
        ({1: 4, 2: "", 3: True}, [QuestionAnswer(1, choice=4), QuestionAnswer(3, yes=True)]),
        ({1: None, 3: True}, [QuestionAnswer(3, yes=True)]),
    ],
)
def test_answers_as_the_kinds_ask(given: dict[int, Given], answers: list[QuestionAnswer]) -> None:
    assert questions.checked(ASKED, given) == answers


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "q3"),  # needed
        ({3: None}, "q3"),
        ({3: 1}, "q3"),
        ({3: "yes"}, "q3"),
        ({3: True, 1: 3}, "q1"),  # no such choice
        ({3: True, 1: True}, "q1"),
        ({3: True, 1: "2"}, "q1"),
        ({3: True, 2: 5}, "q2"),
        ({3: True, 7: "x"}, "q7"),
    ],
)
def test_what_is_no_answer_is_refused_under_its_question(given: dict[int, Given], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        questions.checked(ASKED, given)
    assert refusal.value.field == field


@given(st.lists(st.tuples(st.sampled_from([1, 2, 4, None]), st.booleans(), st.booleans())))
def test_totals_add_up(people: list[tuple[int | None, bool, bool]]) -> None:
    said = [QuestionAnswer(1, choice=chosen) for chosen, _, _ in people if chosen]
    said += [QuestionAnswer(2, text="x") for _, typed, _ in people if typed]
    said += [QuestionAnswer(3, yes=yes) for _, _, yes in people]
    diet, nuts, lunch = questions.totals(ASKED, said)
    assert sum(diet.choices.values()) == diet.answered == sum(chosen is not None for chosen, _, _ in people)
    assert list(diet.choices) == [1, 2, 4]
    assert nuts.answered == sum(typed for _, typed, _ in people)
    assert lunch.yes + lunch.no == lunch.answered == len(people)
