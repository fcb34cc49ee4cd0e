"""What those who lead a circle may do with a gathering: which are theirs, and which one is meant."""

from collections.abc import Sequence
from typing import Final

from handlers.dialogue import choices, saying
from handlers.dialogue.turn import Turn
from service.actions import scheduling
from service.channels import Choice, Outbound, Paragraph, Topic
from service.errors import NotAllowed
from service.model import Gathering
from service.rules import access
from service.rules.access import Verb

_LOOKED_AT: Final = 200
_CHOICES: Final = 8


def page_of(gathering_id: int, place: str = "") -> str:
    """Return the path of the page on which a gathering is managed, or of a page below it."""
    return f"/manage/gatherings/{gathering_id}{place}"


def leads(turn: Turn, gathering: Gathering) -> bool:
    """Tell whether the person may change a gathering and see who comes."""
    target = scheduling.scope(gathering)
    return all(access.can(turn.actor, verb, target) for verb in (Verb.EDIT_GATHERING, Verb.SEE_ROSTER))


async def which(turn: Turn, topic: Topic, place: str = "", *, drafts: bool = False) -> tuple[Outbound, ...]:
    """Ask which gathering of theirs something is about; raises NotAllowed for whoever leads none.

    Those that have begun come first, for whoever stands at the door.
    """
    if not turn.actor.facilitates and not turn.actor.staff:
        raise NotAllowed
    found = await scheduling.upcoming(turn.db, turn.actor, since=turn.now, limit=_LOOKED_AT)
    led = [one for one in found if leads(turn, one) and (drafts or one.standing(turn.now) != "draft")]
    if not led:
        words = turn.texts.gettext("Nothing of yours is coming up.")
        return (Outbound(turn.key("leading"), (Paragraph(words),), (choices.agenda(turn),)),)
    words = turn.texts.gettext("Which gathering?")
    hidden = any(one.confidential for one in led)
    offered = _offered(turn, topic, led[:_CHOICES], place)
    return (Outbound(turn.key("leading"), (Paragraph(words),), offered, confidential=hidden),)


def _offered(turn: Turn, topic: Topic, led: Sequence[Gathering], place: str) -> tuple[Choice, ...]:
    return tuple(
        choices.choice(turn, saying.line(turn, one), topic, str(one.id), page=page_of(one.id, place)) for one in led
    )
