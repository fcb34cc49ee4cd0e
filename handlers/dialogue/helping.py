"""What a person can ask, in as few lines as will do."""

from handlers.dialogue import choices
from handlers.dialogue.turn import Turn
from service.channels import Facts, Heading, Outbound, Paragraph, Topic
from service.model import Language


async def overview(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """Say what can be asked, and for facilitators what only they can."""
    _ = turn.texts.gettext
    blocks = (
        Heading(_("What you can ask me")),
        Paragraph(_("Hello! Here you can see what your circles are planning and say whether you're coming.")),
        Facts(tuple(_rows(turn))),
        Paragraph(_("You can write in Dutch or English. If I'm not sure what you mean, I'll ask.")),
    )
    return (Outbound(turn.key("help"), blocks, (choices.agenda(turn), choices.mine(turn), choices.circles(turn))),)


def _rows(turn: Turn) -> list[tuple[str, str]]:
    _ = turn.texts.gettext
    other = Language.ENGLISH if turn.texts.language == Language.DUTCH else Language.DUTCH
    name = _("name")
    answers = [choices.keyword(topic, "12", turn.texts.language) for topic in choices.PARTSTATS]
    rows = [
        (_typed(turn, Topic.AGENDA), _("what is coming up")),
        ("12", _("more about gathering 12")),
        (", ".join(answers), _("say whether you're coming")),
        (_typed(turn, Topic.MINE), _("what you've signed up for")),
        (_typed(turn, Topic.POLL), _("which dates suit you, where one is looked for")),
        (_typed(turn, Topic.RATE), _("give a mark to what you were at")),
        (_typed(turn, Topic.CIRCLES), _("which circles there are")),
        (_typed(turn, Topic.JOIN, name), _("join a circle")),
        (_typed(turn, Topic.LEAVE, name), _("leave a circle")),
        (_typed(turn, Topic.STOP), _("no more invitations from a circle")),
        (_typed(turn, Topic.CALENDAR, "12"), _("gathering 12 as a calendar file")),
        (_typed(turn, Topic.FEED), _("your calendar, kept up to date")),
        (_typed(turn, Topic.LANGUAGE, other.value), _("speak Dutch with me")),
    ]
    if turn.actor.facilitates or turn.actor.staff:
        rows += _leading(turn)
    return rows


def _leading(turn: Turn) -> list[tuple[str, str]]:
    """Tell what can be asked by those who lead a circle."""
    _ = turn.texts.gettext
    return [
        (_typed(turn, Topic.ROSTER, "12"), _("who's coming to gathering 12")),
        (_typed(turn, Topic.UNANSWERED, "12"), _("who hasn't answered yet")),
        (_typed(turn, Topic.MESSAGE, "12"), _("tell its people something")),
        (_typed(turn, Topic.ATTENDANCE, "12"), _("tick who is there")),
        (f"/{_typed(turn, Topic.CARD, '12')}", _("in a group of a chat: put its card there")),
        (_typed(turn, Topic.PLAN), _("plan a gathering")),
        (_typed(turn, Topic.MOVE, "12"), _("give gathering 12 another time")),
        (_typed(turn, Topic.REPLAN, "12"), _("ask the circle for another date")),
        (_typed(turn, Topic.CANCEL, "12"), _("cancel gathering 12")),
    ]


def _typed(turn: Turn, topic: Topic, argument: str | None = None) -> str:
    return choices.keyword(topic, argument, turn.texts.language)
