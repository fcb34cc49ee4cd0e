"""What is said to words that were not understood: never a guess, always a way on."""

from typing import Final

from handlers.dialogue import choices, rsvp, saying
from handlers.dialogue.turn import Turn
from handlers.dialogue.words import ANSWERS, Puzzle, Unclear
from service.actions.registration import Ticket
from service.channels import Choice, Outbound, Paragraph, Topic
from service.texts.catalogue import marked

_CHOICES: Final = 3

_WORDS: Final = {
    Puzzle.NOTHING: marked("That message came in empty. What can I do for you?"),
    Puzzle.THANKS: marked("You're welcome!"),
    Puzzle.COMPANY: marked(
        "How nice that you want to come together! A place is for one person, so everyone signs up for themselves. "
        "Will you be there yourself? Then just say yes."
    ),
    Puzzle.RESERVATION: marked(
        "I read an answer with something more to it, and I don't want to get it wrong. "
        "Could you answer with just yes, no or maybe?"
    ),
    Puzzle.SEVERAL: marked("That's more than one thing at once. Could you send them one by one?"),
    Puzzle.LONG: marked("That's more than I can read in one go. Could you put it in one line?"),
    Puzzle.UNKNOWN: marked("Sorry, I didn't get that. Here's what I can do:"),
}

_ARGUMENTS: Final = {
    Topic.GATHERING: marked("Which gathering? Send me its number."),
    Topic.AGENDA: marked("Which gathering? Send me its number."),
    Topic.ROSTER: marked("Which gathering? Add its number, like this: %(keyword)s"),
    Topic.CIRCLE: marked("Which circle? The list of circles has their short names."),
    Topic.CIRCLES: marked("Which circle? The list of circles has their short names."),
    Topic.JOIN: marked("Which circle? The list of circles has their short names."),
    Topic.LEAVE: marked("Which circle? The list of circles has their short names."),
    Topic.STOP: marked("Which circle? The list of circles has their short names."),
    Topic.LANGUAGE: marked("I speak Dutch and English. Which would you like?"),
}


async def answer(turn: Turn, unclear: Unclear) -> tuple[Outbound, ...]:
    """Say what was not clear, and offer what may have been meant."""
    if unclear.why is Puzzle.ARGUMENT and unclear.topic is not None:
        return (_asked_back(turn, unclear.topic),)
    if unclear.why is Puzzle.RESERVATION and unclear.topic is not None and unclear.topic not in ANSWERS:
        return (_checked(turn, unclear.topic, unclear.argument),)
    words = Paragraph(turn.texts.gettext(_WORDS[unclear.why]))
    tickets = await _meant(turn, unclear)
    offered = [choice for ticket in tickets[:_CHOICES] for choice in _answers(turn, ticket, only=len(tickets) == 1)]
    hidden = any(ticket.gathering.confidential for ticket in tickets)
    return (
        Outbound(turn.key("unclear"), (words,), tuple(offered) or _ways_on(turn, unclear.why), confidential=hidden),
    )


def _asked_back(turn: Turn, topic: Topic) -> Outbound:
    example = choices.keyword(topic, "12", turn.texts.language)
    words = turn.texts.gettext(_ARGUMENTS[topic], keyword=example)
    if topic is Topic.LANGUAGE:
        ways = choices.languages(turn)
    elif topic is Topic.ROSTER:
        ways = (choices.rosters(turn),)
    elif topic in (Topic.GATHERING, Topic.AGENDA):
        ways = (choices.agenda(turn), choices.mine(turn))
    else:
        ways = (choices.circles(turn),)
    return Outbound(turn.key("unclear"), (Paragraph(words),), ways)


def _checked(turn: Turn, topic: Topic, argument: str | None) -> Outbound:
    """Ask whether a command that was put as a question is meant."""
    typed = choices.keyword(topic, argument, turn.texts.language)
    meant = choices.choice(turn, typed, topic, argument)
    words = Paragraph(turn.texts.gettext("Just to be sure: is this what you mean?"))
    return Outbound(turn.key("unclear"), (words,), (meant, choices.help_(turn)))


async def _meant(turn: Turn, unclear: Unclear) -> list[Ticket]:
    """List the gatherings that a doubtful answer may be about."""
    if unclear.topic not in ANSWERS:
        return []
    about = await rsvp.subjects(turn, unclear.topic)
    if unclear.argument is None:
        return about
    return [ticket for ticket in about if str(ticket.gathering.id) == unclear.argument]


def _answers(turn: Turn, ticket: Ticket, *, only: bool) -> tuple[Choice, ...]:
    """Offer yes and no; by name where there is more than one gathering to choose from."""
    if only:
        return choices.answers(turn, ticket.gathering, ticket.registration)
    return choices.named_answers(turn, saying.heading(turn, ticket.gathering), ticket)


def _ways_on(turn: Turn, why: Puzzle) -> tuple[Choice, ...]:
    if why is Puzzle.THANKS:
        return ()
    return (choices.agenda(turn), choices.mine(turn), choices.help_(turn))
