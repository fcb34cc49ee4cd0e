"""A dialogue of several steps: a question is kept, the answer goes to the step that waits for it.

A button answers by the number of its question, so that one of an older question answers nothing; typed words are an
answer unless they are a command, which drops the question.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from handlers.dialogue import choices, replies
from handlers.dialogue.phrases import line
from handlers.dialogue.turn import Turn
from handlers.dialogue.words import ANSWERS, Unclear, letter
from service.actions import prompting
from service.channels import Block, Choice, Inbound, Intent, Outbound, Paragraph, Topic
from service.store.prompts import Prompt

_LONGEST: Final = 4000
"""Characters of a typed answer; more than any question takes."""

_DROPPING: Final = frozenset((Topic.DROP, Topic.STOP, Topic.CANCEL))
"""What, said without anything behind it, takes back what was begun."""

_UNLIKELY: Final = ANSWERS | {Topic.GATHERING, Topic.LANGUAGE}
"""What a plain answer to a question may look like, and is then no command."""


GO: Final = "go"
"""The yes that has effect. By mail, whatever answers a question that offers it must be below the question."""

_HELP: Final = frozenset(("help", "hulp"))


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: one of those that were offered, or else what was typed; `core` is without what only greets."""

    value: str | None
    text: str = ""
    core: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What waits for the answer to one question; `values` are the words that answer it, beside what it may read."""

    take: Callable[[Turn, Prompt, Said], Awaitable[tuple[Outbound, ...]]]
    values: tuple[str, ...] = ()


Steps = Mapping[tuple[str, str], Step]
"""By what it is all for, and which question it is."""


@dataclass(frozen=True, slots=True)
class Option:
    """An answer that is offered: what it stands for, how it is called, and what to type where that is not its word."""

    value: str
    label: str
    keyword: str | None = None


async def ask(
    turn: Turn,
    topic: Topic,
    asked: str,
    collected: Mapping[str, Any],
    blocks: Sequence[Block],
    options: Sequence[Option] = (),
    *,
    page: str,
    confidential: bool = False,
) -> tuple[Outbound, ...]:
    """Ask a question and keep it; `page` is where the same can be done."""
    prompt = await prompting.ask(
        turn.db,
        turn.actor,
        turn.channel,
        turn.private,
        topic=topic,
        asked=asked,
        collected=collected,
        lasts=prompting.BY_MAIL if turn.unhurried else prompting.LASTS,
        now=turn.now,
    )
    offered = [_choice(turn, prompt, option, page) for option in options]
    ways = (*offered, choices.choice(turn, turn.texts.gettext("Never mind"), Topic.DROP, page=page))
    asks = prompt.id if turn.unhurried else None
    outbound = Outbound(turn.key(f"step:{topic}"), tuple(blocks), ways, confidential=confidential, asks=asks)
    if turn.unhurried and any(option.value == GO for option in options):
        await prompting.keep_shown(turn.db, prompt, outbound)
    return (outbound,)


async def again(
    turn: Turn, prompt: Prompt, words: str, options: Sequence[Option] = (), *, page: str
) -> tuple[Outbound, ...]:
    """Ask the same question once more, in other words."""
    return await ask(turn, Topic(prompt.topic), prompt.asked, prompt.collected, (Paragraph(words),), options, page=page)


async def answer(turn: Turn, inbound: Inbound, asked: Intent | Unclear, steps: Steps) -> tuple[Outbound, ...] | None:
    """Take a message as the answer to the question that waits; None where it is none, and the question is gone."""
    prompt = turn.prompt
    step = steps.get((prompt.topic, prompt.asked)) if prompt else None
    said = _said(turn, prompt, step, inbound, asked) if prompt and step else None
    if said is not None and prompt and _belongs_elsewhere(turn, prompt, step, inbound, said):
        return await _put_again(turn, prompt)
    if said is not None and prompt and step:
        return await (_too_long(turn, prompt) if inbound.cut else step.take(turn, prompt, said))
    if prompt is not None:
        await prompting.take(turn.db, turn.actor, prompt)
    return _dropped(turn) if prompt and isinstance(asked, Intent) and _drops(asked, step) else None


def _belongs_elsewhere(turn: Turn, prompt: Prompt, step: Step | None, inbound: Inbound, said: Said) -> bool:
    """Tell whether a last word came in a letter that is not below the question: it may have been said to anything."""
    last = step is not None and GO in step.values and said.value is not None
    return turn.unhurried and last and inbound.answers != prompt.id


async def _put_again(turn: Turn, prompt: Prompt) -> tuple[Outbound, ...]:
    words = turn.texts.gettext(
        "That was not below the question that is still open here, so nothing has changed. Is it about this? Then answer"
        " this mail."
    )
    shown = await prompting.shown(turn.db, prompt)
    if shown is None:
        await prompting.take(turn.db, turn.actor, prompt)
        return await outdated(turn, None)
    return (replace(shown, blocks=(Paragraph(words), *shown.blocks)),)


async def _too_long(turn: Turn, prompt: Prompt) -> tuple[Outbound, ...]:
    words = turn.texts.gettext("That's more than I can read in one go. Could you make it shorter?")
    return await again(turn, prompt, words, page="/manage")


async def outdated(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """Answer a button of a question that is no longer open."""
    return _left(turn, turn.texts.gettext("That question is no longer open. Nothing has changed."))


async def nothing_open(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """Answer somebody who takes back what was not begun."""
    return _left(turn, turn.texts.gettext("There was nothing open, so nothing has changed."))


def _said(turn: Turn, prompt: Prompt, step: Step, inbound: Inbound, asked: Intent | Unclear) -> Said | None:
    """Return the answer in a message; None where it is a command."""
    if inbound.intent is not None:
        number, _, value = (inbound.intent.argument or "").partition("-")
        fits = inbound.intent.topic is Topic.REPLY and number == str(prompt.id)
        return Said(value) if fits and value else None
    text = (inbound.text or "")[:_LONGEST].strip()
    text, core = letter(text) if turn.unhurried else (text, text)
    chosen = replies.chosen(core, step.values)
    if chosen is not None:
        return Said(chosen, text, core)
    return None if _commands(core, asked, step) else Said(None, text, core)


def _commands(text: str, asked: Intent | Unclear, step: Step) -> bool:
    """Tell whether typed words are a command and no answer; a text of several lines is none."""
    if not isinstance(asked, Intent) or "\n" in text:
        return False
    if text.startswith("/") or _drops(asked, step):
        return True
    if asked.topic is Topic.HELP:  # which is what a greeting alone asks for; here it may be how a text begins
        return not _HELP.isdisjoint(line(text).tokens)
    return asked.topic not in _UNLIKELY or (asked.topic in ANSWERS and asked.argument is not None)


def _drops(asked: Intent, step: Step | None) -> bool:
    """Tell whether words take back what was begun: "stop", or a no where a yes was asked for."""
    refuses = asked.topic is Topic.DECLINE and step is not None and GO in step.values
    return asked.argument is None and (asked.topic in _DROPPING or refuses)


def _choice(turn: Turn, prompt: Prompt, option: Option, page: str) -> Choice:
    typed = option.keyword or replies.REPLY_KEYWORDS[option.value][turn.texts.language]
    intent = Intent(Topic.REPLY, f"{prompt.id}-{option.value}")
    return Choice(option.label, intent, typed, turn.link(page))


def _dropped(turn: Turn) -> tuple[Outbound, ...]:
    return _left(turn, turn.texts.gettext("All right, I've left it. Nothing has changed."))


def _left(turn: Turn, words: str) -> tuple[Outbound, ...]:
    return (Outbound(turn.key("left"), (Paragraph(words),), (choices.help_(turn),)),)
