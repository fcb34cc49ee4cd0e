"""What was refused, in kind words, with what to do next. The codes are those of `service/errors.py`."""

from typing import Final

from handlers.dialogue import choices
from handlers.dialogue.turn import Turn
from service.channels import Choice, Intent, Outbound, Paragraph, Topic
from service.errors import Conflict, Expired, Invalid, KringError, NotAllowed, NotFound
from service.texts.catalogue import marked

REFUSALS: Final = (NotFound, NotAllowed, Conflict, Expired, Invalid)
"""What is answered here; anything else is for whoever runs the channel: to try again, or to look into."""

_ABOUT_CIRCLES: Final = (Topic.CIRCLE, Topic.CIRCLES, Topic.JOIN, Topic.LEAVE, Topic.STOP)

_NO_GATHERING: Final = marked(
    "I know no gathering with that number, or it is not open to you. The agenda has the numbers."
)
_NO_CIRCLE: Final = marked("I know no circle by that name, or it is not open to you. In the list you see the names.")
_NOT_YOURS: Final = marked("That is not yours to do. Do you think it should be? Ask the association.")

_NOT_ALLOWED: Final = {
    Topic.ROSTER: marked("Who comes is for those who lead the circle to see. Do you lead it? Ask the association."),
    Topic.JOIN: marked("Into this circle one is invited. Would you like to come in? Ask the association."),
    Topic.STOP: marked("You are not in this circle, so it sends you no invitations."),
}

_OTHERWISE: Final[dict[type[KringError], str]] = {
    Conflict: marked("Something has changed in the meantime. Look once more how it stands."),
    Expired: marked("That is over, and can no longer be changed."),
    Invalid: marked("I could not read that. Will you try it in other words?"),
}


def refusal(turn: Turn, error: KringError, asked: Intent) -> Outbound:
    """Make the answer to a refusal."""
    return Outbound(turn.key("refusal"), (Paragraph(turn.texts.gettext(_words(error, asked))),), _ways_on(turn, asked))


def _words(error: KringError, asked: Intent) -> str:
    if isinstance(error, NotFound):
        return _NO_CIRCLE if asked.topic in _ABOUT_CIRCLES else _NO_GATHERING
    if isinstance(error, NotAllowed):
        return _NOT_ALLOWED.get(asked.topic, _NOT_YOURS)
    return _OTHERWISE[type(error)]


def _ways_on(turn: Turn, asked: Intent) -> tuple[Choice, ...]:
    if asked.topic is Topic.LANGUAGE:
        return choices.languages(turn)
    place = choices.circles(turn) if asked.topic in _ABOUT_CIRCLES else choices.agenda(turn)
    return (place, choices.help_(turn))
