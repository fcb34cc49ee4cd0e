"""For who leads a circle: who comes, who waits, who has not answered, as text and as a file.

Of a confidential gathering only the numbers are told here; the names are on the page, after signing in.
"""

from collections.abc import Sequence
from typing import Final

from handlers.dialogue import choices, saying
from handlers.dialogue.turn import Turn, ident
from service.actions import registration, scheduling
from service.channels import Block, Document, Facts, Heading, Outbound, Paragraph, Topic
from service.errors import NotAllowed
from service.formats import rosters
from service.model import Gathering, Partstat, Registration, Seat
from service.rules import access
from service.rules.access import Verb

_NAMES: Final = 40
"""Of one group in a message; all of them are in the file."""

_LOOKED_AT: Final = 200
_CHOICES: Final = 8


async def roster(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """Show who comes to a gathering; without a number, ask to which."""
    if argument is None:
        return (await _ask_which(turn),)
    gathering, registrations = await registration.roster(turn.db, turn.actor, ident(argument), now=turn.now)
    groups = _groups(turn, registrations)
    counts = Facts(tuple((name, str(len(found))) for name, found in groups if found))
    page = Facts(((turn.texts.gettext("More"), turn.link(f"/manage/gatherings/{gathering.id}/roster")),))
    blocks: list[Block] = [Heading(saying.heading(turn, gathering)), Paragraph(saying.when(turn, gathering)), counts]
    if gathering.confidential:
        words = turn.texts.gettext("This circle is confidential: you'll see the names after signing in.")
        blocks += [Paragraph(words), page]
    else:
        blocks += [_named(turn, name, found) for name, found in groups if found]
        blocks += [page, _file(turn, gathering, registrations)]
    return (Outbound(turn.key(f"roster:{gathering.id}"), tuple(blocks), confidential=gathering.confidential),)


async def _ask_which(turn: Turn) -> Outbound:
    found = await scheduling.upcoming(turn.db, turn.actor, since=turn.now, limit=_LOOKED_AT)
    led = [one for one in found if _leads(turn, one)]
    if not led and not turn.actor.facilitates and not turn.actor.staff:
        raise NotAllowed
    words = turn.texts.gettext("Which gathering?") if led else turn.texts.gettext("Nothing of yours is coming up.")
    offered = [
        choices.choice(
            turn, saying.line(turn, one), Topic.ROSTER, str(one.id), page=f"/manage/gatherings/{one.id}/roster"
        )
        for one in led[:_CHOICES]
    ]
    hidden = any(one.confidential for one in led)
    ways = tuple(offered) or (choices.agenda(turn),)
    return Outbound(turn.key("rosters"), (Paragraph(words),), ways, confidential=hidden)


def _leads(turn: Turn, gathering: Gathering) -> bool:
    target = scheduling.scope(gathering)
    return all(access.can(turn.actor, verb, target) for verb in (Verb.EDIT_GATHERING, Verb.SEE_ROSTER))


def _groups(turn: Turn, registrations: Sequence[Registration]) -> list[tuple[str, list[Registration]]]:
    """Part a roster by where people stand, facilitators apart; each group with its name."""
    _ = turn.texts.gettext
    names = {
        "coming": _("Coming"),
        "offered": _("Offered a place"),
        "waiting": _("Waiting list"),
        "maybe": _("Maybe"),
        "silent": _("No answer yet"),
        "declined": _("Can't come"),
        "leading": _("Leading"),
    }
    groups: dict[str, list[Registration]] = {name: [] for name in names}
    for one in registrations:
        groups[_group(one)].append(one)
    return [(names[group], found) for group, found in groups.items()]


def _group(one: Registration) -> str:
    if one.facilitator:
        return "leading"
    if one.seat in (Seat.OFFERED, Seat.WAITING):
        return str(one.seat)
    names = {Partstat.ACCEPTED: "coming", Partstat.TENTATIVE: "maybe", Partstat.DECLINED: "declined"}
    return names.get(Partstat(one.partstat), "silent")


def _named(turn: Turn, name: str, found: Sequence[Registration]) -> Paragraph:
    lines = [", ".join(filter(None, (one.person_name, one.organisation))) for one in found[:_NAMES]]
    rest = len(found) - len(lines)
    if rest:
        lines.append(turn.texts.ngettext("and one more, in the file", "and %(count)s more, in the file", rest))
    return Paragraph("\n".join((f"{name} ({len(found)})", *lines)))


def _file(turn: Turn, gathering: Gathering, registrations: Sequence[Registration]) -> Document:
    name = rosters.file_name(gathering, "csv")
    return Document(name, rosters.CSV_TYPE, rosters.csv(gathering, registrations, turn.texts))
