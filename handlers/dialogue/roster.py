"""Who comes to a gathering, who waits, who has not answered: a page at a time, and all of it as a file.

Of a confidential gathering only the numbers are told here; the names are on the page, after signing in.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from handlers.dialogue import choices, leading, saying
from handlers.dialogue.turn import Turn, paging, parts
from service.actions import registration
from service.channels import Block, Choice, Document, Facts, Heading, Outbound, Paragraph, Topic
from service.errors import NotAllowed
from service.formats import rosters
from service.model import Gathering, Partstat, Registration, Seat, Status
from service.rules import attendance

PAGE: Final = 30
"""Names in one message."""

LETTER: Final = 100
"""Names in a message of a channel where asking for the next page takes a while; all of them are in the file."""

CSV: Final = "csv"
XLSX: Final = "xlsx"

Group = tuple[str, list[Registration]]


async def roster(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """Show who comes to a gathering, or hand over the file; without a number, ask to which."""
    if argument is None:
        return await leading.which(turn, Topic.ROSTER, "/roster")
    ident, _, rest = argument.partition("-")
    gathering, registrations = await registration.roster(turn.db, turn.actor, parts(ident, 1)[0])
    if rest in (CSV, XLSX):
        return (await _handed_over(turn, gathering, registrations, rest),)
    page = parts(argument, 2)[1] if rest else 1
    return (await _page(turn, Topic.ROSTER, gathering, registrations, page),)


async def unanswered(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """Show who has not answered; without a number, ask for which gathering."""
    if argument is None:
        return await leading.which(turn, Topic.UNANSWERED, "/roster")
    numbers = parts(argument, 2 if "-" in argument else 1)
    gathering, registrations = await registration.roster(turn.db, turn.actor, numbers[0])
    silent = [one for one in registrations if _group(one) == "silent"]
    return (await _page(turn, Topic.UNANSWERED, gathering, silent, numbers[1] if len(numbers) > 1 else 1),)


async def _page(
    turn: Turn, topic: Topic, gathering: Gathering, registrations: Sequence[Registration], number: int
) -> Outbound:
    """Show one page of a list; the last one where it has no such page."""
    groups = [(name, found) for name, found in _groups(turn, gathering, registrations) if found]
    blocks: list[Block] = [Heading(saying.heading(turn, gathering)), Paragraph(saying.when(turn, gathering))]
    size = LETTER if turn.unhurried else PAGE
    number = paging(number, len(registrations), size)
    if number == 1:
        blocks.append(_counts(turn, topic, groups))
    blocks += saying.page(turn, number, len(registrations), size) if not gathering.confidential else []
    if gathering.confidential:
        words = turn.texts.gettext("This circle is confidential: you'll see the names after signing in.")
        blocks.append(Paragraph(words))
    else:
        blocks += [Paragraph(text) for text in _names(groups, (number - 1) * size, size)]
    blocks.append(Facts(((turn.texts.gettext("More"), turn.link(_path(gathering))),)))
    if turn.unhurried and topic is Topic.ROSTER and not gathering.confidential:
        blocks += [await _file(turn, gathering, registrations, form) for form in (CSV, XLSX)]
    more = not gathering.confidential and number * size < len(registrations)
    ways = (*(_turn_page(turn, topic, gathering, number + 1) if more else ()), *_ways(turn, topic, gathering))
    return Outbound(turn.key(f"{topic}:{gathering.id}"), tuple(blocks), ways, confidential=gathering.confidential)


def _counts(turn: Turn, topic: Topic, groups: Sequence[Group]) -> Block:
    if topic is Topic.UNANSWERED and not groups:
        return Paragraph(turn.texts.gettext("Everybody has answered."))
    if not groups:
        return Paragraph(turn.texts.gettext("Nobody has been invited yet."))
    return Facts(tuple((name, str(len(found))) for name, found in groups))


def _names(groups: Sequence[Group], start: int, size: int) -> list[str]:
    """Write the names of one page, under the name of the group in which each stands."""
    texts, seen = [], 0
    for name, found in groups:
        shown = found[max(0, start - seen) : max(0, start + size - seen)]
        seen += len(found)
        lines = [", ".join(filter(None, (one.person_name, one.organisation))) for one in shown]
        if lines:
            texts.append("\n".join((f"{name} ({len(found)})", *lines)))
    return texts


def _turn_page(turn: Turn, topic: Topic, gathering: Gathering, number: int) -> tuple[Choice, ...]:
    label = turn.texts.gettext("Next page")
    return (choices.choice(turn, label, topic, f"{gathering.id}-{number}", page=_path(gathering)),)


def _ways(turn: Turn, topic: Topic, gathering: Gathering) -> tuple[Choice, ...]:
    """Offer what somebody who looks at the list may want next."""
    _, path, ident = turn.texts.gettext, _path(gathering), str(gathering.id)
    ways = []
    if topic is Topic.ROSTER and not gathering.confidential and not turn.unhurried:
        ways += [
            choices.choice(turn, _("As a file for Excel"), Topic.ROSTER, f"{ident}-{XLSX}", page=path),
            choices.choice(turn, _("As a CSV file"), Topic.ROSTER, f"{ident}-{CSV}", page=path),
        ]
    if topic is Topic.ROSTER and gathering.standing(turn.now) is Status.PUBLISHED:
        ways.append(choices.choice(turn, _("Who hasn't answered"), Topic.UNANSWERED, ident, page=path))
    if topic is Topic.UNANSWERED:
        ways.append(choices.choice(turn, _("The whole list"), Topic.ROSTER, ident, page=path))
    if not gathering.confidential and attendance.may_be_marked(gathering, turn.now):
        ways.append(choices.choice(turn, _("Tick who is there"), Topic.ATTENDANCE, ident, page=path))
    if gathering.status != Status.DRAFT:
        at = leading.page_of(gathering.id)
        ways.append(choices.choice(turn, _("Send a message"), Topic.MESSAGE, ident, page=at))
    return tuple(ways)


async def _handed_over(turn: Turn, gathering: Gathering, registrations: Sequence[Registration], form: str) -> Outbound:
    """Hand over the list as a file; raises NotAllowed of a confidential gathering: names are for after signing in."""
    if gathering.confidential:
        raise NotAllowed
    words = turn.texts.ngettext(
        "Here is the list, with one name.", "Here is the list, with %(count)s names.", len(registrations)
    )
    blocks = (
        Heading(saying.heading(turn, gathering)),
        Paragraph(words),
        await _file(turn, gathering, registrations, form),
    )
    back = choices.choice(
        turn, turn.texts.gettext("The list here"), Topic.ROSTER, str(gathering.id), page=_path(gathering)
    )
    return Outbound(turn.key(f"file:{gathering.id}:{form}"), blocks, (back,))


async def _file(turn: Turn, gathering: Gathering, registrations: Sequence[Registration], form: str) -> Document:
    name = rosters.file_name(gathering, form)
    if form == CSV:
        return Document(name, rosters.CSV_TYPE, rosters.csv(gathering, registrations, turn.texts))
    # a sheet of thousands takes a moment: others are answered meanwhile
    content = await asyncio.to_thread(rosters.xlsx, gathering, registrations, turn.texts, now=turn.now)
    return Document(name, rosters.XLSX_TYPE, content)


def _path(gathering: Gathering) -> str:
    return leading.page_of(gathering.id, "/roster")


def _groups(turn: Turn, gathering: Gathering, registrations: Sequence[Registration]) -> list[Group]:
    """Part a roster by where people stand, facilitators apart; each group with its name."""
    _, over = turn.texts.gettext, gathering.ends_at <= turn.now
    names = {
        "coming": _("Said yes") if over else _("Coming"),
        "offered": _("Offered a place"),
        "waiting": _("Waiting list"),
        "maybe": _("Maybe"),
        "silent": _("Did not answer") if over else _("No answer yet"),
        "declined": _("Said no") if over else _("Can't come"),
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
