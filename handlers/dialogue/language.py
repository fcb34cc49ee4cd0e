"""The language in which Kring speaks to a person."""

from dataclasses import replace

from handlers.dialogue import choices
from handlers.dialogue.turn import Turn
from service.actions import preferences
from service.channels import Outbound, Paragraph
from service.texts.catalogue import translator


async def choose(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """Change the language, and answer in the new one; without one, ask which."""
    if argument is None:
        words = turn.texts.gettext("I speak Dutch and English. Which would you like?")
        return (Outbound(turn.key("language"), (Paragraph(words),), choices.languages(turn)),)
    await preferences.change(turn.db, turn.actor, turn.person.id, {"language": argument}, now=turn.now)
    spoken = replace(turn, texts=translator(argument))
    words = spoken.texts.gettext("From now on I'll write to you in English, in mails too.")
    return (Outbound(turn.key("language"), (Paragraph(words),), (choices.agenda(spoken), choices.help_(spoken))),)
