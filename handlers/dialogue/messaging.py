"""Tell the people of a gathering something: whom, what, how it will look, and only then is it sent.

Until it has gone out it can be called off.
"""

from typing import Final

from handlers.dialogue import asking, choices, leading, saying
from handlers.dialogue.asking import Option, Said, Step
from handlers.dialogue.turn import Turn, ident
from service.actions import broadcasting, prompting, scheduling
from service.channels import Choice, Heading, Outbound, Paragraph, Topic
from service.errors import Invalid
from service.formats.cleaning import clean_text
from service.model import Audience, Gathering
from service.store.prompts import Prompt

_GO: Final = "go"


async def start(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """Ask whom a message is for; without a number, about which gathering."""
    if argument is None:
        return await leading.which(turn, Topic.MESSAGE)
    gathering = await scheduling.get(turn.db, turn.actor, ident(argument))
    counts = await broadcasting.count(turn.db, turn.actor, gathering.id)
    options = [Option(audience, _label(turn, audience, count)) for audience, count in counts.items() if count]
    if not options:
        words = turn.texts.gettext("There is nobody to tell just now.")
        return (Outbound(turn.key("step:message"), (Paragraph(words),), (choices.rosters(turn),)),)
    question = Paragraph(turn.texts.gettext("Who is your message for?"))
    return await asking.ask(
        turn,
        Topic.MESSAGE,
        "audience",
        {"gathering": gathering.id},
        (Heading(saying.heading(turn, gathering)), question),
        options,
        page=leading.page_of(gathering.id),
        confidential=gathering.confidential,
    )


async def call_off(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """Take back what has not gone out yet, and say for how many that was in time."""
    gathering, kept = await broadcasting.call_off(turn.db, turn.actor, ident(argument), now=turn.now)
    words = (
        turn.texts.ngettext("Called off in time for one person.", "Called off in time for %(count)s people.", kept)
        if kept
        else turn.texts.gettext("It has gone out already, so there was nothing left to call off.")
    )
    return (Outbound(turn.key("step:message"), (Paragraph(words),), (_to_the_list(turn, gathering),)),)


async def _audience(turn: Turn, prompt: Prompt, said: Said) -> tuple[Outbound, ...]:
    gathering = await _gathering(turn, prompt)
    if said.value not in set(Audience):
        return await start(turn, str(gathering.id))
    audience = Audience(said.value)
    count = (await broadcasting.count(turn.db, turn.actor, gathering.id))[audience]
    if not count:
        return await start(turn, str(gathering.id))
    words = turn.texts.ngettext(
        "What would you like to tell this one person? Type it as they should read it. You'll see it before it goes.",
        "What would you like to tell these %(count)s people? Type it as they should read it. You'll see it before it "
        "goes.",
        count,
    )
    collected = prompt.collected | {"audience": audience}
    return await asking.ask(
        turn, Topic.MESSAGE, "text", collected, (Paragraph(words),), page=leading.page_of(gathering.id)
    )


async def _text(turn: Turn, prompt: Prompt, said: Said) -> tuple[Outbound, ...]:
    gathering = await _gathering(turn, prompt)
    text = clean_text(said.text, broadcasting.LONGEST + 1)
    page = leading.page_of(gathering.id)
    if not text or len(text) > broadcasting.LONGEST:
        words = turn.texts.gettext(
            "I can pass on at most %(count)s characters. Could you make it shorter?", count=broadcasting.LONGEST
        )
        return await asking.again(turn, prompt, words, page=page)
    return await _preview(turn, gathering, prompt.collected | {"text": text})


async def _preview(turn: Turn, gathering: Gathering, collected: dict[str, object]) -> tuple[Outbound, ...]:
    audience = Audience(str(collected["audience"]))
    count = (await broadcasting.count(turn.db, turn.actor, gathering.id))[audience]
    blocks = (
        Heading(saying.heading(turn, gathering)),
        Paragraph(str(collected["text"])),
        Paragraph(_goes_to(turn, audience, count)),
    )
    options = (Option(_GO, turn.texts.gettext("Send it")),)
    page = leading.page_of(gathering.id)
    return await asking.ask(
        turn, Topic.MESSAGE, _GO, collected, blocks, options, page=page, confidential=gathering.confidential
    )


async def _send(turn: Turn, prompt: Prompt, said: Said) -> tuple[Outbound, ...]:
    gathering, collected = await _gathering(turn, prompt), prompt.collected
    if said.value != _GO:
        return await _preview(turn, gathering, collected)
    if not await prompting.take(turn.db, turn.actor, prompt):
        raise Invalid("reply", "answered before")
    told = await broadcasting.send(
        turn.db,
        turn.actor,
        gathering.id,
        Audience(collected["audience"]),
        collected["text"],
        now=turn.now,
        pause=turn.site.coalesce,
        key=f"prompt:{prompt.id}",
    )
    words = turn.texts.ngettext(
        "It's on its way to one person. You have a moment to call it off.",
        "It's on its way to %(count)s people. You have a moment to call it off.",
        told.people,
    )
    off = choices.choice(
        turn,
        turn.texts.gettext("Call it off"),
        Topic.CALL_OFF,
        str(told.broadcast.id),
        page=leading.page_of(gathering.id),
    )
    return (Outbound(turn.key("step:message"), (Paragraph(words),), (off, _to_the_list(turn, gathering))),)


STEPS: Final[asking.Steps] = {
    (Topic.MESSAGE, "audience"): Step(_audience, tuple(Audience)),
    (Topic.MESSAGE, "text"): Step(_text),
    (Topic.MESSAGE, _GO): Step(_send, (_GO,)),
}


async def _gathering(turn: Turn, prompt: Prompt) -> Gathering:
    return await scheduling.get(turn.db, turn.actor, int(prompt.collected["gathering"]))


def _to_the_list(turn: Turn, gathering: Gathering) -> Choice:
    page = leading.page_of(gathering.id, "/roster")
    return choices.choice(turn, turn.texts.gettext("The list"), Topic.ROSTER, str(gathering.id), page=page)


def _label(turn: Turn, audience: Audience, count: int) -> str:
    _ = turn.texts.gettext
    names = {
        Audience.COMING: _("Who is coming"),
        Audience.WAITING: _("Who is waiting"),
        Audience.UNANSWERED: _("Who hasn't answered"),
        Audience.EVERYONE: _("Everyone except those who declined"),
        Audience.PRESENT: _("Who was there"),
        Audience.ABSENT: _("Who was not there"),
    }
    return f"{names[audience]} ({count})"


def _goes_to(turn: Turn, audience: Audience, count: int) -> str:
    said = {
        Audience.COMING: turn.texts.ngettext(
            "This goes to the one person who is coming.", "This goes to the %(count)s people who are coming.", count
        ),
        Audience.WAITING: turn.texts.ngettext(
            "This goes to the one person on the waiting list.",
            "This goes to the %(count)s people on the waiting list.",
            count,
        ),
        Audience.UNANSWERED: turn.texts.ngettext(
            "This goes to the one person who hasn't answered.",
            "This goes to the %(count)s people who haven't answered.",
            count,
        ),
        Audience.EVERYONE: turn.texts.ngettext(
            "This goes to the one person who hasn't declined.",
            "This goes to the %(count)s people who haven't declined.",
            count,
        ),
        Audience.PRESENT: turn.texts.ngettext(
            "This goes to the one person who was there.", "This goes to the %(count)s people who were there.", count
        ),
        Audience.ABSENT: turn.texts.ngettext(
            "This goes to the one person who was not there.",
            "This goes to the %(count)s people who were not there.",
            count,
        ),
    }
    return said[audience]
