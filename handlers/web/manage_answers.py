"""What people answered to the questions of a gathering: what it adds up to, and person by person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from handlers.web import paging, questions
from handlers.web.render import page, texts
from handlers.web.routes import Access, Route
from handlers.web.site import NUMBER, actor, database, ident, now
from service.actions import questions as asking
from service.formats.answers import said
from service.model import Question, QuestionAnswer, QuestionKind, Registration, Seat
from service.rules import questions as rules
from service.rules.questions import Total
from service.texts.catalogue import Texts

MANY: Final = 60
"""Answers on one page, whatever the number of questions: as many as fit a small page."""

FEWEST: Final = 5
"""People on one page."""


@dataclass(frozen=True, slots=True)
class Sum:
    """What the answers to one question add up to: its words, and each count with what it counts."""

    words: str
    counts: Sequence[tuple[int, str]]
    typed: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One person with what they answered: pairs of a question and its answer. `waits` for a place."""

    registration: Registration
    waits: bool
    answers: list[tuple[str, str]]


async def show(request: web.Request) -> web.Response:
    """Show what everybody answered, to whoever may know."""
    found, spoken = await asking.everyones(database(request), actor(request), ident(request)), texts(request)
    size = max(FEWEST, MANY // max(1, len(found.questions)))
    people, more = paging.cut(found.people, lambda one: one.person_id, request.query.get("after", ""), size)
    until = rules.kept_until(found.gathering)
    return page(
        request,
        "answers.html",
        gathering=found.gathering,
        sums=[_sum(spoken, one) for one in found.totals],
        coming=sum(one.seat not in (Seat.WAITING, Seat.OFFERED) for one in found.people),
        rows=[_row(spoken, found.questions, one, found.answers[one.person_id]) for one in people],
        first=not request.query.get("after"),
        more=more,
        sees=questions.seen(spoken, found.gathering),
        until=spoken.day(until),
        gone=until <= now(request),
    )


def _sum(spoken: Texts, total: Total) -> Sum:
    question, words = total.question, total.question.text(spoken.language)
    if question.kind == QuestionKind.TEXT:
        return Sum(words, [(total.answered, spoken.ngettext("answer", "answers", total.answered))], typed=True)
    if question.kind == QuestionKind.YES_NO:
        return Sum(words, [(total.yes, spoken.gettext("yes")), (total.no, spoken.gettext("no"))], typed=False)
    counts = [(total.choices[one.number], one.text(spoken.language)) for one in question.choices]
    return Sum(words, counts, typed=False)


def _row(spoken: Texts, asked: Sequence[Question], one: Registration, answers: Mapping[int, QuestionAnswer]) -> Row:
    pairs = [(each.text(spoken.language), said(each, answers.get(each.id), spoken)) for each in asked]
    waits = one.seat in (Seat.WAITING, Seat.OFFERED)
    return Row(one, waits, [(words, answer) for words, answer in pairs if answer])


ROUTES: Final = [Route("GET", f"/manage/gatherings/{NUMBER}/answers", show, Access.MANAGER, private=True)]
