"""What a person can ask, in as few lines as will do."""

from handlers.dialogue import choices
from handlers.dialogue.turn import Turn
from service.channels import Facts, Heading, Outbound, Paragraph, Topic
from service.model import Language


async def overview(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """Say what can be asked, and for facilitators what only they can."""
    said = turn.texts.gettext
    blocks = (
        Heading(said("What you can ask me")),
        Paragraph(said("Hello! Here you see what your circles are planning, and tell whether you come.")),
        Facts(tuple(_rows(turn))),
        Paragraph(said("Dutch and English both work, and a short sentence does too. If I am not sure, I ask.")),
    )
    return (Outbound(turn.key("help"), blocks, (choices.agenda(turn), choices.mine(turn), choices.circles(turn))),)


def _rows(turn: Turn) -> list[tuple[str, str]]:
    said = turn.texts.gettext
    other = Language.ENGLISH if turn.texts.language == Language.DUTCH else Language.DUTCH
    name = said("name")
    answers = [choices.keyword(topic, "12", turn.texts.language) for topic in choices.PARTSTATS]
    rows = [
        (_typed(turn, Topic.AGENDA), said("what is coming up")),
        ("12", said("more about gathering 12")),
        (", ".join(answers), said("whether you come to it")),
        (_typed(turn, Topic.MINE), said("what you are signed up for")),
        (_typed(turn, Topic.CIRCLES), said("which circles there are")),
        (_typed(turn, Topic.JOIN, name), said("join a circle")),
        (_typed(turn, Topic.LEAVE, name), said("leave a circle")),
        (_typed(turn, Topic.STOP), said("no more invitations of a circle")),
        (_typed(turn, Topic.LANGUAGE, other.value), said("speak Dutch with me")),
    ]
    if turn.actor.facilitates or turn.actor.staff:
        rows.append((_typed(turn, Topic.ROSTER, "12"), said("who comes to gathering 12")))
    return rows


def _typed(turn: Turn, topic: Topic, argument: str | None = None) -> str:
    return choices.keyword(topic, argument, turn.texts.language)
