"""What is said to a whole group: only what anybody may see, and numbers in place of names.

Everything else that is asked in a group is answered to whoever asked, in private.
"""

from typing import Final

from handlers.dialogue import choices, saying
from handlers.dialogue.turn import Turn, ident
from service.actions import circles, scheduling
from service.channels import Block, Facts, Heading, Intent, Outbound, Paragraph, Topic
from service.errors import NotFound
from service.model import Gathering
from service.rules.access import ANONYMOUS
from service.store.rosters import Counts

_NEXT: Final = 8
_MANY: Final = 20


async def answer(turn: Turn, asked: Intent) -> tuple[Outbound, ...] | None:
    """Answer a group; None where it is not for everybody to read."""
    if asked.topic is Topic.AGENDA and asked.argument is None:
        return await _agenda(turn)
    if asked.topic is Topic.GATHERING:
        return await _gathering(turn, asked.argument)
    if asked.topic is Topic.CIRCLES and asked.argument is None:
        return await _circles(turn)
    return None


async def _agenda(turn: Turn) -> tuple[Outbound, ...] | None:
    found = await scheduling.upcoming(turn.db, ANONYMOUS, since=turn.now, limit=_NEXT)
    if not found:
        return None
    lines = "\n".join(saying.line(turn, one) for one in found)
    words = turn.texts.gettext("Send /show and a number to see more.")
    return (_said("agenda", Heading(turn.texts.gettext("Agenda")), Paragraph(lines), Paragraph(words)),)


async def _gathering(turn: Turn, argument: str | None) -> tuple[Outbound, ...] | None:
    try:
        gathering = await scheduling.get(turn.db, ANONYMOUS, ident(argument))
    except NotFound:
        return None
    counts = (await scheduling.counts(turn.db, [gathering.id])).get(gathering.id, Counts())
    over = saying.closing(turn, gathering)
    said = _said(
        f"gathering:{gathering.id}",
        Heading(saying.heading(turn, gathering)),
        Paragraph("\n".join((gathering.circle_title(turn.texts.language), saying.when_and_where(turn, gathering)))),
        Facts(_counted(turn, gathering, counts)),
        *((Paragraph(over),) if over else ()),
    )
    if over:
        return (said,)
    ways = choices.answers(turn, gathering, None)
    return (Outbound(said.view_key, said.blocks, ways, audience="conversation"),)


async def _circles(turn: Turn) -> tuple[Outbound, ...] | None:
    found = await circles.visible(turn.db, ANONYMOUS, limit=_MANY)
    if not found:
        return None
    rows = tuple((one.title(turn.texts.language), turn.link(f"/circles/{one.slug}")) for one in found)
    return (_said("circles", Heading(turn.texts.gettext("Circles")), Facts(rows)),)


def _counted(turn: Turn, gathering: Gathering, counts: Counts) -> tuple[tuple[str, str], ...]:
    _ = turn.texts.gettext
    rows = [(_("Coming"), counts.seated), (_("Waiting list"), counts.waiting), (_("Maybe"), counts.tentative)]
    told = [(name, str(count)) for name, count in rows if count]
    told += [(_("Room"), saying.room(turn, gathering, counts)), (_("More"), turn.link(f"/gatherings/{gathering.id}"))]
    return tuple((name, value) for name, value in told if value)


def _said(view: str, *blocks: Block) -> Outbound:
    return Outbound(f"{view}:group", blocks, audience="conversation")
