"""What is said to words that were not understood: never a guess, always a way on."""

from typing import Final

from handlers.dialogue import choices, refusals, rsvp, saying
from handlers.dialogue.turn import Turn, ident
from handlers.dialogue.words import ANSWERS, Puzzle, Unclear
from service.actions import registration, scheduling
from service.channels import Choice, Outbound, Paragraph, Topic
from service.errors import NotFound
from service.model import Gathering, Registration
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
    **dict.fromkeys(
        (Topic.ATTENDEE, Topic.PRESENT, Topic.ABSENT, Topic.EXCUSED, Topic.UNMARK),
        marked("Who? Ask for the list to tick first; each person has a number there, like this: %(keyword)s"),
    ),
    **dict.fromkeys(
        (
            Topic.CALENDAR,
            Topic.ROSTER,
            Topic.UNANSWERED,
            Topic.ATTENDANCE,
            Topic.MESSAGE,
            Topic.PUBLISH,
            Topic.MOVE,
            Topic.REPLAN,
            Topic.CANCEL,
        ),
        marked("Which gathering? Add its number, like this: %(keyword)s"),
    ),
    Topic.PLAN: marked("Which circle? The list of circles has their short names."),
    Topic.CALL_OFF: marked("Which message? Its number is on the button below it."),
    Topic.POLL: marked("Which gathering, and which moment of it? Like this: %(keyword)s"),
    Topic.RATE: marked("Which mark, from 1 to 10? Like this: %(keyword)s"),
    Topic.CIRCLE: marked("Which circle? The list of circles has their short names."),
    Topic.CIRCLES: marked("Which circle? The list of circles has their short names."),
    Topic.JOIN: marked("Which circle? The list of circles has their short names."),
    Topic.LEAVE: marked("Which circle? The list of circles has their short names."),
    Topic.STOP: marked("Which circle? The list of circles has their short names."),
    Topic.LANGUAGE: marked("I speak Dutch and English. Which would you like?"),
}


_EXAMPLES: Final = {
    Topic.POLL: "12-2",
    Topic.RATE: "8",
    **dict.fromkeys((Topic.ATTENDEE, Topic.PRESENT, Topic.ABSENT, Topic.EXCUSED, Topic.UNMARK), "12-345"),
}
"""What may stand behind a command; behind the others the number of a gathering."""


_VIEW: Final = "unclear"


def puzzled(said: Outbound) -> bool:
    """Tell whether a message is one of these."""
    return said.view_key.partition(":")[0] == _VIEW


async def answer(turn: Turn, unclear: Unclear) -> tuple[Outbound, ...]:
    """Say what was not clear, and offer what may have been meant."""
    if unclear.why is Puzzle.ARGUMENT and unclear.topic is not None:
        return (_asked_back(turn, unclear.topic),)
    if unclear.why is Puzzle.RESERVATION and unclear.topic not in ANSWERS:
        return (_asked_again(turn),)
    meant = await _meant(turn, unclear)
    words = Paragraph(turn.texts.gettext(_WORDS[unclear.why]))
    offered = [
        choice
        for one, own in meant[:_CHOICES]
        for choice in choices.named_answers(turn, saying.heading(turn, one), one, own)
    ]
    ways = tuple(offered) or _ways_on(turn, unclear.why)
    hidden = any(gathering.confidential for gathering, _ in meant)
    return (Outbound(turn.key(_VIEW), (words,), ways, confidential=hidden),)


def _asked_back(turn: Turn, topic: Topic) -> Outbound:
    example = choices.keyword(topic, _EXAMPLES.get(topic, "12"), turn.texts.language)
    words = turn.texts.gettext(_ARGUMENTS[topic], keyword=example)
    if topic is Topic.LANGUAGE:
        ways = choices.languages(turn)
    elif topic in refusals.LEADING and topic is not Topic.PLAN:
        ways = (choices.rosters(turn),)
    elif topic in (Topic.RATE, Topic.POLL):
        ways = (choices.mine(turn), choices.help_(turn))
    elif topic in (Topic.GATHERING, Topic.AGENDA, Topic.CALENDAR):
        ways = (choices.agenda(turn), choices.mine(turn))
    else:
        ways = (choices.circles(turn),)
    return Outbound(turn.key(_VIEW), (Paragraph(words),), ways)


def _asked_again(turn: Turn) -> Outbound:
    """Answer a command that was put as a question; names no circle, for that may be a confidential one."""
    words = turn.texts.gettext("Just to be sure: send it once more without a question mark, and I'll do it.")
    return Outbound(turn.key(_VIEW), (Paragraph(words),), (choices.help_(turn),))


async def _meant(turn: Turn, unclear: Unclear) -> list[tuple[Gathering, Registration | None]]:
    """List the gatherings that a doubtful answer may be about: the one it names, else those that wait for one."""
    if unclear.topic not in ANSWERS:
        return []
    if unclear.argument is None:
        return [(ticket.gathering, ticket.registration) for ticket in await rsvp.subjects(turn, unclear.topic)]
    try:
        gathering = await scheduling.get(turn.db, turn.actor, ident(unclear.argument))
    except NotFound:
        return []
    own = await registration.own(turn.db, turn.actor, gathering.id)
    return [] if saying.closing(turn, gathering) else [(gathering, own)]


def _ways_on(turn: Turn, why: Puzzle) -> tuple[Choice, ...]:
    if why is Puzzle.THANKS:
        return ()
    return (choices.agenda(turn), choices.mine(turn), choices.help_(turn))
