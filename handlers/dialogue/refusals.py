"""What was refused, in kind words, with what to do next. The codes are those of `service/errors.py`."""

from typing import Final

from handlers.dialogue import choices
from handlers.dialogue.turn import Turn
from service.channels import Choice, Outbound, Paragraph, Topic
from service.errors import Conflict, Expired, Invalid, KringError, NotAllowed, NotFound
from service.texts.catalogue import marked

REFUSALS: Final = (NotFound, NotAllowed, Conflict, Expired, Invalid)
"""What is answered here; anything else is for whoever runs the channel: to try again, or to look into."""

_ABOUT_CIRCLES: Final = (Topic.CIRCLE, Topic.CIRCLES, Topic.JOIN, Topic.LEAVE, Topic.STOP)

LEADING: Final = (
    Topic.ROSTER,
    Topic.UNANSWERED,
    Topic.ATTENDANCE,
    Topic.ATTENDEE,
    Topic.PRESENT,
    Topic.ABSENT,
    Topic.EXCUSED,
    Topic.UNMARK,
    Topic.MESSAGE,
    Topic.CALL_OFF,
    Topic.PLAN,
    Topic.PUBLISH,
    Topic.MOVE,
    Topic.REPLAN,
    Topic.CANCEL,
)
"""What is for those who lead a circle."""

_NO_GATHERING: Final = marked(
    "I can't find a gathering with that number, or it isn't open to you. The agenda has the numbers."
)
_NO_CIRCLE: Final = marked("I can't find that circle, or it isn't open to you. The list of circles has the names.")
_NOT_YOURS: Final = marked("I can't do that for you. If you think I should, ask the association.")

_NOT_THEIRS: Final = marked("Only those who lead the circle can do that. Do you lead it? Ask the association.")
_NOT_ALLOWED: Final = {
    **dict.fromkeys(LEADING, _NOT_THEIRS),
    Topic.CANCEL: marked(
        "Only those who lead the circle can cancel a gathering. Can't you come yourself? Then send me no and its "
        "number."
    ),
    Topic.ROSTER: marked("Only those who lead the circle see who's coming. Do you lead it? Ask the association."),
    Topic.JOIN: marked("This circle is by invitation. Would you like to join? Ask the association."),
    Topic.STOP: marked("You're not in this circle, so you get no invitations from it."),
}

_OTHERWISE: Final[dict[type[KringError], str]] = {
    Conflict: marked("Something has changed in the meantime. Have another look."),
    Expired: marked("That's over and can't be changed any more."),
    Invalid: marked("I couldn't read that. Could you put it another way?"),
}

_CONFLICT: Final = {
    Topic.RATE: marked("Only who was there can give a mark, from the end of a gathering until thirty days later."),
    **dict.fromkeys(
        (Topic.ATTENDANCE, Topic.ATTENDEE, Topic.PRESENT, Topic.ABSENT, Topic.EXCUSED, Topic.UNMARK),
        marked("You can tick who is there from an hour before the start, and not for what is cancelled."),
    ),
    Topic.JOIN: marked("This circle takes nobody just now: it is complete, or it has closed."),
    Topic.PUBLISH: marked("That one has begun or is over, so nobody can be invited to it any more."),
    **dict.fromkeys(
        (Topic.MOVE, Topic.CANCEL), marked("That one is over or cancelled already, so there is nothing to change.")
    ),
    Topic.REPLAN: marked("No other date can be asked for there: people are voting already, or it has begun or is off."),
    Topic.MESSAGE: marked("That's still a draft: nobody has been invited yet, so there is nobody to tell."),
}

_INVALID: Final = {Topic.RATE: marked("A mark is a whole number from 1 to 10.")}


def refusal(turn: Turn, error: KringError, topic: Topic | None) -> Outbound:
    """Make the answer to a refusal of what was asked; of nothing in particular where that is not known."""
    words = Paragraph(turn.texts.gettext(_words(error, topic)))
    return Outbound(turn.key("refusal"), (words,), _ways_on(turn, topic))


def _words(error: KringError, topic: Topic | None) -> str:
    if isinstance(error, NotFound):
        return _NO_CIRCLE if topic in _ABOUT_CIRCLES else _NO_GATHERING
    if isinstance(error, NotAllowed):
        return _NOT_YOURS if topic is None else _NOT_ALLOWED.get(topic, _NOT_YOURS)
    about = {Conflict: _CONFLICT, Invalid: _INVALID}.get(type(error), {})
    return _OTHERWISE[type(error)] if topic is None else about.get(topic, _OTHERWISE[type(error)])


def _ways_on(turn: Turn, topic: Topic | None) -> tuple[Choice, ...]:
    if topic is Topic.LANGUAGE:
        return choices.languages(turn)
    place = choices.circles(turn) if topic in _ABOUT_CIRCLES else choices.agenda(turn)
    return (place, choices.help_(turn))
