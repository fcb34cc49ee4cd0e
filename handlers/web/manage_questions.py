"""What a gathering asks those who come, as whoever runs it sets that up: ready questions, and their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from aiohttp import web

from handlers.web import filling, questions, ready_questions
from handlers.web.filling import Faults
from handlers.web.render import go, page, texts
from handlers.web.routes import Access, Route
from handlers.web.site import NUMBER, actor, database, ident, now, site
from service.actions import questions as asking
from service.actions import scheduling
from service.actions.questions import Asked, Change
from service.errors import Conflict, Invalid, NotFound
from service.model import Question, QuestionChoice, QuestionKind
from service.rules import access
from service.rules import questions as rules
from service.rules.access import Verb
from service.texts.catalogue import Texts, marked

SAVED: Final = "saved"
_SAVED: Final = {
    "asked": marked("Saved."),
    "removed": marked("Removed."),
    "copied": marked("The dates that follow ask the same now. Those that asked something already stay as they were."),
}
_FAULTS: Final = {
    "text": marked("Type the question, in Dutch, in English or in both."),
    "kind": marked("Choose how it is answered."),
    "choices": marked("Give from two to eight choices."),
    "questions": marked("Ten questions is enough. Remove one first."),
    "conflict": marked("This gathering is cancelled, so it asks nothing."),
}
KINDS: Final = (
    (QuestionKind.TEXT, marked("In a few words"), ""),
    (QuestionKind.CHOICE, marked("One of several choices"), marked("You type them below.")),
    (QuestionKind.YES_NO, marked("Yes or no"), ""),
)
_KINDS: Final = {str(kind): words for kind, words, _ in KINDS}


@dataclass(frozen=True, slots=True)
class Row:
    """A question as the list shows it; `answers` is how many people answered it."""

    id: int
    words: str
    kind: str
    choices: str
    needed: bool
    answers: int


async def show(request: web.Request) -> web.Response:
    """Show what is asked, with what can be asked besides."""
    return await _show(request)


async def act(request: web.Request) -> web.Response:
    """Ask a ready question, move one up, remove one, or ask the same at the dates that follow."""
    form = await filling.typed(request)
    try:
        if "copy" in form:
            await asking.copy_following(database(request), actor(request), ident(request), now=now(request))
            return _saved(request, "copied")
        if "remove" in form:
            gone = filling.whole(form["remove"])
            await _change(request, lambda asked: [one for one in asked if one.id != gone])
            return _saved(request, "removed")
        if "up" in form:
            await _change(request, _moved_up(filling.whole(form["up"])))
        else:
            more = ready_questions.questions([form.get("ready", "")])
            await _change(request, lambda asked: [*asked, *more])
    except (Invalid, Conflict) as error:
        return await _show(request, faults=filling.faults(error, _FAULTS))
    return _saved(request, "asked")


async def ask_new(request: web.Request) -> web.Response:
    """Show the form for a question of one's own."""
    found = await asking.asked(database(request), actor(request), ident(request))
    return _form(request, found, {"kind": QuestionKind.TEXT})


async def new(request: web.Request) -> web.Response:
    """Ask a question of one's own."""
    form = await filling.typed(request)
    found = await asking.asked(database(request), actor(request), ident(request))
    made = _question(form, Question(0, form.get("kind", ""), "", "", needed=False))
    return await _saved_or_not(request, found, form, lambda asked: [*asked, made])


async def ask_edit(request: web.Request) -> web.Response:
    """Show a question to be changed."""
    found = await asking.asked(database(request), actor(request), ident(request))
    question = _one(request, found)
    return _form(request, found, _typed(question), question)


async def edit(request: web.Request) -> web.Response:
    """Change a question; what people answered stays with it, but not with a choice that goes."""
    form = await filling.typed(request)
    found = await asking.asked(database(request), actor(request), ident(request))
    question = _one(request, found)
    made = _question(form, question)
    return await _saved_or_not(
        request, found, form, lambda asked: [made if one.id == made.id else one for one in asked], question
    )


async def _change(request: web.Request, to: Change) -> None:
    await asking.change(database(request), actor(request), ident(request), to, days=site(request).answers_days)


async def _saved_or_not(
    request: web.Request, found: Asked, form: Mapping[str, str], to: Change, question: Question | None = None
) -> web.Response:
    try:
        await _change(request, to)
    except (Invalid, Conflict) as error:
        return _form(request, found, form, question, faults=filling.faults(error, _FAULTS))
    return _saved(request, "asked")


async def _show(request: web.Request, *, faults: Faults | None = None) -> web.Response:
    found = await asking.asked(database(request), actor(request), ident(request))
    gathering, spoken = found.gathering, texts(request)
    return page(
        request,
        "questions.html",
        gathering=gathering,
        rows=[_row(spoken, one, found.numbers.get(one.id, 0)) for one in found.questions],
        ready=_ready(spoken, found.questions) if len(found.questions) < rules.MOST else [],
        more=len(found.questions) < rules.MOST,
        faults=faults,
        saved=_SAVED.get(request.query.get(SAVED, ""), ""),
        sees=questions.seen(spoken, gathering),
        days=gathering.answers_days or site(request).answers_days,
        begun=gathering.starts_at <= now(request),
        over=gathering.ends_at <= now(request),
        answers=access.can(actor(request), Verb.SEE_ANSWERS, scheduling.scope(gathering)),
        tells=access.can(actor(request), Verb.MESSAGE_PARTICIPANTS, scheduling.scope(gathering)),
        place=_place(gathering.id),
    )


def _form(
    request: web.Request,
    found: Asked,
    typed: Mapping[str, str],
    question: Question | None = None,
    *,
    faults: Faults | None = None,
) -> web.Response:
    spoken = texts(request)
    return page(
        request,
        "question.html",
        gathering=found.gathering,
        question=question,
        kinds=[
            (kind, spoken.gettext(words), spoken.gettext(meaning) if meaning else "") for kind, words, meaning in KINDS
        ],
        typed={"text_nl": "", "text_en": "", "kind": "", "needed": "", **typed},
        slots=_slots(question),
        faults=faults,
        place=_place(found.gathering.id),
    )


def _row(spoken: Texts, one: Question, answers: int) -> Row:
    choices = ", ".join(choice.text(spoken.language) for choice in one.choices)
    return Row(one.id, one.text(spoken.language), spoken.gettext(_KINDS[one.kind]), choices, one.needed, answers)


def _ready(spoken: Texts, asked: Sequence[Question]) -> list[tuple[str, str]]:
    """List the ready questions that are not asked yet."""
    there = {one.text_nl for one in asked}
    return [
        (name, spoken.gettext(ready.label))
        for name, ready in ready_questions.READY.items()
        if not {one.text_nl for one in ready_questions.questions([name])} & there
    ]


def _moved_up(ident: int | None) -> Change:
    def moved(asked: list[Question]) -> list[Question]:
        at = next((number for number, one in enumerate(asked) if one.id == ident), 0)
        if at:
            asked[at - 1 : at + 1] = [asked[at], asked[at - 1]]
        return asked

    return moved


def _question(form: Mapping[str, str], before: Question) -> Question:
    """Read the question from its form: the number of a choice is that of its field."""
    known = {one.number for one in before.choices}
    choices = [
        QuestionChoice(number if number in known else 0, form.get(f"nl{number}", ""), form.get(f"en{number}", ""))
        for number in _slots(before)
        if form.get(f"nl{number}", "").strip() or form.get(f"en{number}", "").strip()
    ]
    return replace(
        before,
        text_nl=form.get("text_nl", ""),
        text_en=form.get("text_en", ""),
        needed=form.get("needed") == "yes",
        choices=tuple(choices) if before.kind == QuestionKind.CHOICE else (),
    )


def _slots(question: Question | None) -> list[int]:
    """List the numbers of the fields for choices: those that are there, and free ones up to as many as there may be."""
    known = [one.number for one in question.choices] if question else []
    free = [number for number in range(1, 2 * rules.MOST_CHOICES + 1) if number not in known]
    return sorted([*known, *free[: rules.MOST_CHOICES - len(known)]])


def _typed(question: Question) -> dict[str, str]:
    typed = {"text_nl": question.text_nl, "text_en": question.text_en, "needed": "yes" if question.needed else ""}
    for one in question.choices:
        typed |= {f"nl{one.number}": one.text_nl, f"en{one.number}": one.text_en}
    return typed


def _one(request: web.Request, found: Asked) -> Question:
    wanted = ident(request, "question")
    question = next((one for one in found.questions if one.id == wanted), None)
    if question is None:
        raise NotFound
    return question


def _saved(request: web.Request, what: str) -> web.Response:
    return go(f"{_place(ident(request))}?{SAVED}={what}")


def _place(gathering_id: int) -> str:
    return f"/manage/gatherings/{gathering_id}/questions"


_PLACE: Final = f"/manage/gatherings/{NUMBER}/questions"
_QUESTION: Final = r"{question:\d{1,18}}"

ROUTES: Final = [
    Route("GET", _PLACE, show, Access.MANAGER, private=True),
    Route("POST", _PLACE, act, Access.MANAGER, private=True),
    Route("GET", f"{_PLACE}/new", ask_new, Access.MANAGER, private=True),
    Route("POST", f"{_PLACE}/new", new, Access.MANAGER, private=True),
    Route("GET", f"{_PLACE}/{_QUESTION}", ask_edit, Access.MANAGER, private=True),
    Route("POST", f"{_PLACE}/{_QUESTION}", edit, Access.MANAGER, private=True),
]
