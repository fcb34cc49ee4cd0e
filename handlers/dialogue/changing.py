"""Move a gathering, cancel it, or invite to it: what changes, and how many will hear of it, is shown before."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from handlers.dialogue import asking, choices, leading, saying, timing
from handlers.dialogue.asking import Option, Said, Step
from handlers.dialogue.turn import Turn, ident
from service.actions import cancelling, previewing, prompting, scheduling
from service.channels import Block, Facts, Heading, Outbound, Paragraph, Topic
from service.errors import Conflict, Invalid
from service.model import Gathering, Status
from service.rules import access
from service.rules.access import Verb
from service.store.prompts import Prompt

_GO: Final = "go"
_SKIP: Final = "skip"


async def move(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """Ask to which time; without a number, which gathering."""
    if argument is None:
        return await leading.which(turn, Topic.MOVE, drafts=True)
    gathering = await _led(turn, ident(argument))
    if gathering.standing(turn.now) in (Status.CANCELLED, Status.HELD):
        raise Conflict
    words = turn.texts.gettext(
        "It's planned for %(when)s. Which day and time shall it be? Like this: %(example)s",
        when=saying.when(turn, gathering),
        example=timing.example(turn),
    )
    return await _ask(turn, Topic.MOVE, "when", gathering, {}, (Paragraph(words),))


async def _when(turn: Turn, prompt: Prompt, said: Said) -> tuple[Outbound, ...]:
    gathering = await _led(turn, int(prompt.collected["gathering"]))
    page = leading.page_of(gathering.id)
    understood = timing.understood(turn, said, gathering.timezone)
    if isinstance(understood, tuple):
        return await asking.again(turn, prompt, *understood, page=page)
    starts, ends = timing.span(understood, gathering.ends_local - gathering.starts_local)
    if (starts, ends) == (gathering.starts_local, gathering.ends_local):
        words = turn.texts.gettext("That is when it is already. Which day and time shall it be?")
        return await asking.again(turn, prompt, words, page=page)
    return await _look_at_move(turn, gathering, {"starts": starts.isoformat(), "ends": ends.isoformat()})


async def _look_at_move(turn: Turn, gathering: Gathering, collected: dict[str, Any]) -> tuple[Outbound, ...]:
    """Show the time before and after, and how many people will hear of it."""
    given, language = _times(collected), turn.texts.language
    (seen,) = await previewing.change(turn.db, turn.actor, gathering.id, given, language=language, now=turn.now)
    _ = turn.texts.gettext
    rows = ((_("Was"), saying.when(turn, gathering)), (_("Becomes"), saying.when(turn, seen.gathering)))
    question = _("Shall I move it?")
    blocks = (Facts(rows), Paragraph(f"{question} {_heard(turn, seen.told)}"))
    return await _ask(turn, Topic.MOVE, _GO, gathering, collected, blocks, (Option(_GO, _("Yes, move it")),))


async def _move(turn: Turn, prompt: Prompt, said: Said) -> tuple[Outbound, ...]:
    if said.value != _GO:  # another time instead: what was shown before is no longer what a yes would mean
        asked_anew = replace(prompt, asked="when", collected={"gathering": prompt.collected["gathering"]})
        return await _when(turn, asked_anew, said)
    gathering = await _led(turn, int(prompt.collected["gathering"]))
    await _taken(turn, prompt)
    moved = await scheduling.change(
        turn.db, turn.actor, gathering.id, _times(prompt.collected), now=turn.now, coalesce=turn.site.coalesce
    )
    words = turn.texts.gettext("Moved! Everyone who has it in a calendar hears of it in a moment.")
    if moved.status == Status.DRAFT:
        words = turn.texts.gettext("Moved! It's still a draft, so nobody needs to hear of it.")
    return (_done(turn, moved, words),)


async def cancel(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """Ask why; without a number, which gathering."""
    if argument is None:
        return await leading.which(turn, Topic.CANCEL, "/cancel", drafts=True)
    gathering = await _led(turn, ident(argument))
    if gathering.standing(turn.now) in (Status.CANCELLED, Status.HELD):
        raise Conflict
    if gathering.confidential:
        return await _look_at_cancel(turn, gathering, {"reason": ""})
    words = turn.texts.gettext("You want to cancel this. Why? People will read it as you write it.")
    options = (Option(_SKIP, turn.texts.gettext("Give no reason")),)
    return await _ask(turn, Topic.CANCEL, "reason", gathering, {}, (Paragraph(words),), options)


async def _reason(turn: Turn, prompt: Prompt, said: Said) -> tuple[Outbound, ...]:
    gathering = await _led(turn, int(prompt.collected["gathering"]))
    reason = "" if said.value == _SKIP else cancelling.cleaned(said.core)
    return await _look_at_cancel(turn, gathering, {"reason": reason})


async def _look_at_cancel(turn: Turn, gathering: Gathering, collected: dict[str, Any]) -> tuple[Outbound, ...]:
    """Show what will not take place, and how many people will hear of it."""
    reason = collected["reason"]
    (seen,) = await previewing.cancel(
        turn.db, turn.actor, gathering.id, reason, language=turn.texts.language, now=turn.now
    )
    _ = turn.texts.gettext
    blocks: list[Block] = [Paragraph(saying.when_and_where(turn, gathering))]
    if reason:
        blocks.append(Facts(((_("Reason"), reason),)))
    question = _("Shall I cancel it?")
    blocks.append(Paragraph(f"{question} {_heard(turn, seen.told)}"))
    options = (Option(_GO, _("Yes, cancel it")),)
    return await _ask(turn, Topic.CANCEL, _GO, gathering, collected, blocks, options)


async def _cancel(turn: Turn, prompt: Prompt, said: Said) -> tuple[Outbound, ...]:
    gathering = await _led(turn, int(prompt.collected["gathering"]))
    if said.value != _GO:
        return await _look_at_cancel(turn, gathering, prompt.collected)
    await _taken(turn, prompt)
    gone = await scheduling.cancel(turn.db, turn.actor, gathering.id, prompt.collected["reason"], now=turn.now)
    return (_done(turn, gone, turn.texts.gettext("It's cancelled, and everyone who had it in a calendar is told.")),)


async def publish(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """Show how many would be invited; without a number, ask to which gathering."""
    if argument is None:
        return await leading.which(turn, Topic.PUBLISH, "/publish", drafts=True)
    return await _look_at_publish(turn, await _led(turn, ident(argument)))


async def _look_at_publish(turn: Turn, gathering: Gathering) -> tuple[Outbound, ...]:
    if gathering.starts_at <= turn.now:
        raise Conflict
    seen = await previewing.publish(turn.db, turn.actor, gathering.id, language=turn.texts.language, now=turn.now)
    words = turn.texts.ngettext(
        "Shall I invite people? That is one person.", "Shall I invite people? Those are %(count)s.", seen.told
    )
    if not seen.told:
        words = turn.texts.gettext("Shall I publish it? There is nobody to invite just now.")
    options = (Option(_GO, turn.texts.gettext("Yes, go ahead")),)
    blocks = (Paragraph(saying.when_and_where(turn, gathering)), Paragraph(words))
    return await _ask(turn, Topic.PUBLISH, _GO, gathering, {}, blocks, options)


async def _publish(turn: Turn, prompt: Prompt, said: Said) -> tuple[Outbound, ...]:
    gathering = await _led(turn, int(prompt.collected["gathering"]))
    if said.value != _GO:
        return await _look_at_publish(turn, gathering)
    await _taken(turn, prompt)
    opened = await scheduling.publish(turn.db, turn.actor, gathering.id, now=turn.now)
    return (_done(turn, opened, turn.texts.gettext("It's published, and the invitations are on their way.")),)


STEPS: Final[asking.Steps] = {
    (Topic.MOVE, "when"): Step(_when),
    (Topic.MOVE, _GO): Step(_move, (_GO,)),
    (Topic.CANCEL, "reason"): Step(_reason, (_SKIP,)),
    (Topic.CANCEL, _GO): Step(_cancel, (_GO,)),
    (Topic.PUBLISH, _GO): Step(_publish, (_GO,)),
}


async def _ask(
    turn: Turn,
    topic: Topic,
    asked: str,
    gathering: Gathering,
    collected: dict[str, Any],
    blocks: Sequence[Block],
    options: Sequence[Option] = (),
) -> tuple[Outbound, ...]:
    return await asking.ask(
        turn,
        topic,
        asked,
        collected | {"gathering": gathering.id},
        (Heading(saying.heading(turn, gathering)), *blocks),
        options,
        page=leading.page_of(gathering.id),
        confidential=gathering.confidential,
    )


async def _led(turn: Turn, gathering_id: int) -> Gathering:
    """Read a gathering that the person may change; raises NotFound, NotAllowed."""
    gathering = await scheduling.get(turn.db, turn.actor, gathering_id)
    access.require(turn.actor, Verb.EDIT_GATHERING, scheduling.scope(gathering))
    return gathering


async def _taken(turn: Turn, prompt: Prompt) -> None:
    """Take the question away, so that it is acted upon once."""
    if not await prompting.take(turn.db, turn.actor, prompt):
        raise Invalid("reply", "answered before")


def _times(collected: dict[str, Any]) -> dict[str, datetime]:
    return {f"{name}_local": datetime.fromisoformat(collected[name]) for name in ("starts", "ends")}


def _heard(turn: Turn, count: int) -> str:
    if not count:
        return turn.texts.gettext("Nobody needs to be told.")
    return turn.texts.ngettext("One person will hear of it.", "%(count)s people will hear of it.", count)


def _done(turn: Turn, gathering: Gathering, words: str) -> Outbound:
    blocks = (Heading(saying.heading(turn, gathering)), Paragraph(words), Paragraph(saying.when(turn, gathering)))
    ways = (choices.rosters(turn), choices.help_(turn))
    return Outbound(turn.key(f"planned:{gathering.id}"), blocks, ways, confidential=gathering.confidential)
