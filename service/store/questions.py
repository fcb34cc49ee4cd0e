"""Questions of gatherings to those who come, and what they answered, for as long as that is kept."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from service.model import Gathering, Question, QuestionAnswer, QuestionChoice
from service.store import gatherings, rows

if TYPE_CHECKING:
    from service.database import Connection

SELECT_QUESTIONS = """
    select q.id, q.kind, q.text_nl, q.text_en, q.needed, coalesce((
            select jsonb_agg(jsonb_build_object('number', c.number, 'text_nl', c.text_nl, 'text_en', c.text_en)
                             order by c.number)
            from question_choice c where c.question_id = q.id), '[]') as choices
    from question q where q.gathering_id = $1 order by q.place
"""


async def select_questions(conn: "Connection", gathering_id: int) -> list[Question]:
    """List what a gathering asks, in its order."""
    return [_question(row) for row in await conn.fetch(SELECT_QUESTIONS, gathering_id)]


def _question(row: Any) -> Question:
    values = dict(row)
    return Question(**{**values, "choices": tuple(QuestionChoice(**one) for one in values["choices"])})


# One statement: the questions that are gone take their answers along, and so do choices. The revision is that of texts:
# a mail says whether something is asked. People were told for how long answers are kept, so it never becomes longer.
SAVE_QUESTIONS = """
    with wanted as (
        select * from jsonb_to_recordset($2)
            as w (id bigint, place integer, kind text, text_nl text, text_en text, needed boolean, choices jsonb)
    ), gone as (
        delete from question where gathering_id = $1 and id not in (select id from wanted)
    ), kept as (
        update question q set place = w.place, text_nl = w.text_nl, text_en = w.text_en, needed = w.needed
        from wanted w where q.id = w.id and q.gathering_id = $1 returning q.id, q.place
    ), added as (
        insert into question (gathering_id, place, kind, text_nl, text_en, needed)
        select $1, place, kind, text_nl, text_en, needed from wanted where id = 0 returning id, place
    ), chosen as (
        select n.id, c.number, c.text_nl, c.text_en
        from (select * from kept union all select * from added) n join wanted w on w.place = n.place
        cross join jsonb_to_recordset(w.choices) as c (number integer, text_nl text, text_en text)
    ), dropped as (
        delete from question_choice c
        where c.question_id in (select id from kept)
          and (c.question_id, c.number) not in (select id, number from chosen)
    ), choices as (
        insert into question_choice (question_id, number, text_nl, text_en)
        select id, number, text_nl, text_en from chosen
        on conflict (question_id, number) do update set text_nl = excluded.text_nl, text_en = excluded.text_en
    )
    update gathering set questions = (select count(*) from wanted), revision = revision + 1,
        answers_days = least($3, answers_days)
    where id = $1
"""


async def save_questions(conn: "Connection", gathering_id: int, questions: Sequence[Question], days: int) -> None:
    """Keep what a gathering asks, in the place of what it asked before; an id of 0 is a new question."""
    written = [asdict(one) | {"place": place} for place, one in enumerate(questions)]
    await conn.execute(SAVE_QUESTIONS, gathering_id, written, days)


COPY_QUESTIONS = """
    with source as (
        select q.* from question q where q.gathering_id = $1
    ), added as (
        insert into question (gathering_id, place, kind, text_nl, text_en, needed)
        select t.id, s.place, s.kind, s.text_nl, s.text_en, s.needed
        from source s cross join unnest($2::bigint[]) as t (id)
        returning id, place
    ), choices as (
        insert into question_choice (question_id, number, text_nl, text_en)
        select a.id, c.number, c.text_nl, c.text_en
        from added a join source s on s.place = a.place join question_choice c on c.question_id = s.id
    )
    update gathering g set questions = o.questions, answers_days = o.answers_days, revision = g.revision + 1
    from gathering o where o.id = $1 and g.id = any($2)
"""


async def copy_questions(conn: "Connection", gathering_id: int, to: Sequence[int]) -> None:
    """Let other gatherings, which ask nothing yet, ask what this one asks."""
    await conn.execute(COPY_QUESTIONS, gathering_id, list(to))


# Nobody answers for this gathering, and nobody changes what it asks, while somebody writes what they answer to it.
HOLD_GATHERING = f"select {gatherings.COLUMNS} from {gatherings.SOURCE} where g.id = $1 for share of g"


async def hold_gathering(conn: "Connection", gathering_id: int) -> Gathering | None:
    """Read a gathering, and keep its questions and the partstats of its people as they are."""
    return rows.one(Gathering, await conn.fetchrow(HOLD_GATHERING, gathering_id))


SELECT_OWN = """
    select question_id, text, choice, yes from question_answer where registration_id = $1 order by question_id
"""


async def select_own(conn: "Connection", registration_id: int) -> list[QuestionAnswer]:
    """Read what somebody answered."""
    return rows.many(QuestionAnswer, await conn.fetch(SELECT_OWN, registration_id))


SAVE_ANSWERS = """
    with wanted as (
        select * from jsonb_to_recordset($2) as w (question_id bigint, text text, choice integer, yes boolean)
    ), gone as (
        delete from question_answer
        where registration_id = $1 and question_id not in (select question_id from wanted)
    )
    insert into question_answer (registration_id, question_id, text, choice, yes)
    select $1, question_id, text, choice, yes from wanted
    on conflict (registration_id, question_id)
        do update set text = excluded.text, choice = excluded.choice, yes = excluded.yes
"""


async def save_answers(conn: "Connection", registration_id: int, answers: Sequence[QuestionAnswer]) -> None:
    """Keep what somebody answers, in the place of what they answered before."""
    await conn.execute(SAVE_ANSWERS, registration_id, [asdict(one) for one in answers])


FORGET_ANSWERS = "delete from question_answer where registration_id = $1"


async def forget_answers(conn: "Connection", registration_id: int) -> None:
    """Delete what somebody answered."""
    await conn.execute(FORGET_ANSWERS, registration_id)


@dataclass(frozen=True, slots=True)
class PersonAnswer:
    """What somebody on the list of a gathering answered to one of its questions."""

    person_id: int
    question_id: int
    text: str | None
    choice: int | None
    yes: bool | None

    @property
    def answer(self) -> QuestionAnswer:
        """Return the answer without whose it is."""
        return QuestionAnswer(self.question_id, self.text, self.choice, self.yes)


SELECT_ANSWERS = """
    select r.person_id, a.question_id, a.text, a.choice, a.yes
    from question q join question_answer a on a.question_id = q.id join registration r on r.id = a.registration_id
    where q.gathering_id = $1 and r.withdrawn_at is null
    order by r.person_id, q.place
"""


async def select_answers(conn: "Connection", gathering_id: int) -> list[PersonAnswer]:
    """List what everybody on the list of a gathering answered."""
    return rows.many(PersonAnswer, await conn.fetch(SELECT_ANSWERS, gathering_id))


SELECT_NUMBERS = """
    select q.id, count(a.question_id)::integer as answers
    from question q left join question_answer a on a.question_id = q.id where q.gathering_id = $1 group by q.id
"""


async def select_numbers(conn: "Connection", gathering_id: int) -> dict[int, int]:
    """Count how many people answered each question of a gathering."""
    return {row["id"]: row["answers"] for row in await conn.fetch(SELECT_NUMBERS, gathering_id)}


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many answers were deleted, of how many gatherings."""

    answers: int
    gatherings: int


FORGET_OLD = """
    with gone as (
        delete from question_answer a using registration r, gathering g
        where r.id = a.registration_id and g.id = r.gathering_id
          and (g.ends_at + make_interval(days => g.answers_days) <= $1 or g.status = 'cancelled'
               or r.withdrawn_at is not null)
        returning g.id
    )
    select count(*)::integer as answers, count(distinct id)::integer as gatherings from gone
"""


async def forget_old(conn: "Connection", now: datetime) -> Forgotten:
    """Delete the answers whose time is over, those for a cancelled gathering, and of whoever is off the list."""
    found = rows.one(Forgotten, await conn.fetchrow(FORGET_OLD, now))
    assert found is not None
    return found
