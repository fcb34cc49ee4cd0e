"""Ask the circle for another date: the moments that are suggested and how many will hear of it are shown before.

Other moments than these are proposed on the page.
"""

from datetime import datetime
from typing import Final

from handlers.dialogue import asking, choices, leading, saying
from handlers.dialogue.asking import Option, Said, Step
from handlers.dialogue.turn import Turn, ident
from service.actions import polls, prompting
from service.actions.polls import Standings
from service.channels import Block, Facts, Heading, Outbound, Paragraph, Topic
from service.errors import Conflict, Invalid
from service.model import Status
from service.store.prompts import Prompt

_GO: Final = "go"
_POLL: Final = "/poll"


async def start(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """Suggest moments; without a number, ask for which gathering."""
    if argument is None:
        return await leading.which(turn, Topic.REPLAN, _POLL)
    return await _look(turn, ident(argument))


async def _look(turn: Turn, gathering_id: int) -> tuple[Outbound, ...]:
    stands = await polls.standings(turn.db, turn.actor, gathering_id, now=turn.now)
    gathering = stands.gathering
    if gathering.status != Status.PUBLISHED or gathering.starts_at <= turn.now or stands.open:
        raise Conflict
    shown = await polls.suggested(turn.db, turn.actor, gathering_id, now=turn.now)
    return await asking.ask(
        turn,
        Topic.REPLAN,
        _GO,
        {"gathering": gathering_id, "moments": [one.starts_local.isoformat() for one in shown.moments]},
        _blocks(turn, shown),
        (Option(_GO, turn.texts.gettext("Yes, ask them")),),
        page=leading.page_of(gathering_id, _POLL),
        confidential=gathering.confidential,
    )


async def _ask(turn: Turn, prompt: Prompt, said: Said) -> tuple[Outbound, ...]:
    gathering_id = int(prompt.collected["gathering"])
    if said.value != _GO:
        return await _look(turn, gathering_id)
    if not await prompting.take(turn.db, turn.actor, prompt):
        raise Invalid("reply", "answered before")
    starts = [datetime.fromisoformat(one) for one in prompt.collected["moments"]]
    found = (await polls.start(turn.db, turn.actor, gathering_id, starts, now=turn.now)).gathering
    words = turn.texts.gettext(
        "They are asked. You see the votes and pick a date on this page: %(page)s",
        page=turn.link(leading.page_of(gathering_id, _POLL)),
    )
    blocks = (Heading(saying.heading(turn, found)), Paragraph(words))
    ways = (choices.rosters(turn), choices.help_(turn))
    return (Outbound(turn.key(f"replan:{gathering_id}"), blocks, ways, confidential=found.confidential),)


def _blocks(turn: Turn, shown: Standings) -> tuple[Block, ...]:
    """Say what stands now, what would be asked and of how many, and where other moments can be proposed."""
    _, found, home = turn.texts.gettext, shown.gathering, turn.site.timezone
    rows = tuple(
        (str(place), turn.texts.when(one.starts_local, one.ends_local, found.timezone, home=home))
        for place, one in enumerate(shown.moments, start=1)
    )
    asked = turn.texts.ngettext(
        "Shall I ask which of these suits? One person will be asked.",
        "Shall I ask which of these suits? %(count)s people will be asked.",
        shown.asked,
    )
    page = turn.link(leading.page_of(found.id, _POLL))
    return (
        Heading(saying.heading(turn, found)),
        Paragraph(_("It stays planned for %(when)s until you pick another date.", when=saying.when(turn, found))),
        Facts(rows),
        Paragraph(asked),
        Paragraph(_("Would other moments be better? Propose them here: %(page)s", page=page)),
    )


STEPS: Final[asking.Steps] = {(Topic.REPLAN, _GO): Step(_ask, (_GO,))}
