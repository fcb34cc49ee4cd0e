"""What a gathering asks those who come: diet, access, an interpreter, anything; and what they answer.

A yes counts whether or not its questions are answered. Whatever is answered is treated as if it were about somebody's
health: whoever leads the circle sees it, and the team where the circle is not confidential; nothing of it stands in a
mail, a feed, a log or the history; it is deleted with a no, and soon after the gathering.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from service.actions.registration import held_by
from service.actions.scheduling import lock, read, scope
from service.database import Database
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.formats import fields
from service.formats.cleaning import clean_line
from service.formats.tokens import Keys
from service.model import (
    Gathering,
    Partstat,
    Question,
    QuestionAnswer,
    QuestionChoice,
    QuestionKind,
    Registration,
    Seat,
    Status,
)
from service.rules import access, questions
from service.rules.access import Actor, Verb
from service.rules.questions import Given, Total
from service.store import gatherings, rosters, series
from service.store import questions as rows

if TYPE_CHECKING:
    from service.database import Connection

log = structlog.get_logger()

Change = Callable[[list[Question]], Sequence[Question]]
"""From what is asked to what is to be asked."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a gathering asks, with how many people answered each question, by its id."""

    gathering: Gathering
    questions: list[Question]
    numbers: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Answered:
    """What a gathering asks of one person, and what they answered, by the question's id.

    `withheld`: the questions of which only that is told that they are answered.
    """

    gathering: Gathering
    questions: list[Question]
    answers: Mapping[int, QuestionAnswer]
    withheld: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Answers:
    """What everybody answered: the questions, the people who said yes in the order of the roster, and what adds up.

    `answers` are by person, then by question. `totals` are of those who come, not of those who wait.
    """

    gathering: Gathering
    questions: list[Question]
    people: list[Registration]
    answers: Mapping[int, Mapping[int, QuestionAnswer]]
    totals: list[Total]


async def asked(db: Database, actor: Actor, gathering_id: int) -> Asked:
    """Read what a gathering asks, for somebody who runs it."""
    async with db.reading() as conn:
        gathering = await read(conn, actor, gathering_id, Verb.ASK_QUESTIONS)
        found = await rows.select_questions(conn, gathering_id)
        return Asked(gathering, found, await rows.select_numbers(conn, gathering_id))


async def listed(db: Database, actor: Actor, gathering_id: int) -> list[Question]:
    """List what a gathering asks, for whoever may read what it is about."""
    async with db.reading() as conn:
        await read(conn, actor, gathering_id, Verb.READ_CONTENT)
        return await rows.select_questions(conn, gathering_id)


async def change(db: Database, actor: Actor, gathering_id: int, to: Change, *, days: int) -> list[Question]:
    """Change what a gathering asks; `days` is how long after its end answers are kept, never longer than was said.

    Of a question or a choice that goes, the answers go with it. Raises Invalid with the field, and Conflict for a
    cancelled gathering.
    """
    async with db.transaction() as conn:
        gathering = await lock(conn, actor, gathering_id, Verb.ASK_QUESTIONS)
        if gathering.status == Status.CANCELLED:
            raise Conflict("this gathering is cancelled")
        before = await rows.select_questions(conn, gathering_id)
        wanted = questions.settled(before, [_cleaned(one) for one in to(before)])
        await rows.save_questions(conn, gathering_id, wanted, days)
        return await rows.select_questions(conn, gathering_id)


async def copy_following(db: Database, actor: Actor, gathering_id: int, *, now: datetime) -> int:
    """Ask the same at the gatherings that come after this one in its series and ask nothing yet; return how many."""
    async with db.transaction() as conn:
        gathering = await read(conn, actor, gathering_id, Verb.ASK_QUESTIONS)
        if gathering.series_id is None:
            raise Conflict("this gathering belongs to no series")
        every = await series.lock_series(conn, gathering.series_id)
        to = [
            one.id
            for one in every
            if one.starts_at > max(gathering.starts_at, now) and one.status != Status.CANCELLED and not one.questions
        ]
        await rows.copy_questions(conn, gathering_id, to)
        return len(to)


async def own(db: Database, actor: Actor, gathering_id: int, person_id: int) -> Answered:
    """Read what is asked of somebody, and what they answered: for themselves, or for whoever may see answers."""
    async with db.reading() as conn:
        gathering = await gatherings.select_gathering(conn, gathering_id)
        if gathering is None:
            raise NotFound
        registration = await rosters.select_registration(conn, gathering_id, person_id)
        _require(actor, Verb.SEE_ANSWERS, gathering, registration)
        return await _answered(conn, gathering, registration)


async def by_handle(db: Database, handle: str, *, keys: Keys, now: datetime) -> Answered:
    """Read what is asked as the holder of a registration's handle, and which of it is answered.

    Never the answers: a mail with its link is forwarded. Of a confidential gathering a handle opens nothing.
    """
    async with db.reading() as conn:
        gathering, registration = await held_by(conn, handle, keys=keys, now=now)
        if gathering.confidential:
            raise NotAllowed
        return _withheld(await _answered(conn, gathering, registration))


async def answer(
    db: Database, actor: Actor, gathering_id: int, person_id: int, given: Mapping[int, Given], *, now: datetime
) -> Answered:
    """Answer all the questions of a gathering anew, for oneself or for somebody else; what is not named has no answer.

    Raises Invalid with `q` and the question's id as the field, and Conflict for whoever did not say yes and once the
    gathering has begun.
    """
    async with db.transaction() as conn:
        gathering = await rows.hold_gathering(conn, gathering_id)
        if gathering is None:
            raise NotFound
        registration = await rosters.select_registration(conn, gathering_id, person_id)
        _require(actor, Verb.ANSWER_FOR, gathering, registration)
        return await _answer(conn, gathering, registration, given, now)


async def answer_by_handle(
    db: Database, handle: str, given: Mapping[int, Given], *, keys: Keys, now: datetime
) -> Answered:
    """Answer as the holder of a registration's handle; what is not named keeps the answer that it has."""
    async with db.transaction() as conn:
        known, holder = await held_by(conn, handle, keys=keys, now=now)
        if known.confidential:
            raise NotAllowed
        gathering = await rows.hold_gathering(conn, known.id)
        registration = await rosters.select_by_id(conn, holder.id)
        assert gathering is not None
        return _withheld(await _answer(conn, gathering, registration, given, now, keeps=True))


async def everyones(db: Database, actor: Actor, gathering_id: int) -> Answers:
    """Read what everybody answered who said yes, and what it adds up to."""
    async with db.reading() as conn:
        gathering = await read(conn, actor, gathering_id, Verb.SEE_ANSWERS)
        asked = await rows.select_questions(conn, gathering_id)
        roster = await rosters.select_roster(conn, gathering_id)
        found = await rows.select_answers(conn, gathering_id)
    people = [one for one in roster if one.partstat == Partstat.ACCEPTED]
    coming = {one.person_id for one in people if one.seat not in (Seat.WAITING, Seat.OFFERED)}
    by_person: dict[int, dict[int, QuestionAnswer]] = {one.person_id: {} for one in people}
    for one in found:
        if one.person_id in by_person:
            by_person[one.person_id][one.question_id] = one.answer
    said = [answer for person in coming for answer in by_person[person].values()]
    return Answers(gathering, asked, people, by_person, questions.totals(asked, said))


async def for_roster(db: Database, actor: Actor, gathering: Gathering) -> Answers | None:
    """Read the same for the list of a gathering; None where it asks nothing, or the actor may not see answers."""
    if not gathering.questions or not access.can(actor, Verb.SEE_ANSWERS, scope(gathering)):
        return None
    return await everyones(db, actor, gathering.id)


async def forget_old(db: Database, *, now: datetime) -> None:
    """Delete the answers whose time is over, those for cancelled gatherings, and of whoever is off the list."""
    async with db.transaction() as conn:
        found = await rows.forget_old(conn, now)
    if found.answers:
        log.info("answers_forgotten", answers=found.answers, gatherings=found.gatherings)


async def _answer(
    conn: "Connection",
    gathering: Gathering,
    registration: Registration | None,
    given: Mapping[int, Given],
    now: datetime,
    *,
    keeps: bool = False,
) -> Answered:
    if registration is None or registration.withdrawn_at is not None:
        raise NotFound
    questions.require_open(gathering, registration.partstat, now)
    asked = await rows.select_questions(conn, gathering.id)
    before = await rows.select_own(conn, registration.id) if keeps else []
    answers = questions.checked(asked, {ident: _tidy(ident, one) for ident, one in given.items()}, before)
    await rows.save_answers(conn, registration.id, answers)
    return Answered(gathering, asked, {one.question_id: one for one in answers})


def _withheld(found: Answered) -> Answered:
    return replace(found, answers={}, withheld=frozenset(found.answers))


async def _answered(conn: "Connection", gathering: Gathering, registration: Registration | None) -> Answered:
    if registration is None or registration.withdrawn_at is not None:
        raise NotFound
    found = await rows.select_own(conn, registration.id)
    asked = await rows.select_questions(conn, gathering.id)
    return Answered(gathering, asked, {one.question_id: one for one in found})


def _require(actor: Actor, verb: Verb, gathering: Gathering, registration: Registration | None) -> None:
    """Let somebody do for themselves what the verb lets others do for them."""
    target = scope(gathering)
    if registration is not None and access.can(
        actor, Verb.ANSWER, replace(target, person_id=registration.person_id, registration_id=registration.id)
    ):
        return
    access.require(actor, verb, target)


def _cleaned(question: Question) -> Question:
    fields.choice("kind", question.kind, QuestionKind)
    return replace(
        question,
        text_nl=fields.line("text", question.text_nl),
        text_en=fields.line("text", question.text_en),
        choices=tuple(
            QuestionChoice(one.number, fields.line("choices", one.text_nl), fields.line("choices", one.text_en))
            for one in question.choices
        ),
    )


def _tidy(question_id: int, given: Given) -> Given:
    if not isinstance(given, str):
        return given
    said = clean_line(given, questions.LONGEST + 1)
    if len(said) > questions.LONGEST:
        raise Invalid(questions.field(question_id), f"at most {questions.LONGEST} characters fit")
    return said
