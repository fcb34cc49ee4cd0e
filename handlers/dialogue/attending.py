"""Tick who is there, person by person, at the door or afterwards; each mark can be taken back.

Not for confidential gatherings: who is in one is told after signing in.
"""

from collections.abc import Sequence
from typing import Final

from handlers.dialogue import choices, leading, saying
from handlers.dialogue.turn import Topical, Turn, paging, parts
from service.actions import attendance as marking
from service.actions import registration, scheduling
from service.channels import Block, Choice, Facts, Heading, Outbound, Paragraph, Topic
from service.errors import Conflict, NotFound
from service.model import Attendance, Gathering, Partstat, Registration, Seat
from service.rules import access, attendance
from service.rules.access import Verb
from service.texts.catalogue import marked

PAGE: Final = 8
"""People in one message: each has buttons."""

_MARKS: Final[dict[Topic, Attendance | None]] = {
    Topic.PRESENT: Attendance.PRESENT,
    Topic.ABSENT: Attendance.ABSENT,
    Topic.EXCUSED: Attendance.EXCUSED,
    Topic.UNMARK: None,
}
_WORDS: Final = {
    Attendance.PRESENT: marked("present"),
    Attendance.ABSENT: marked("absent"),
    Attendance.EXCUSED: marked("excused"),
}
_LABELS: Final = {
    Topic.PRESENT: marked("Present"),
    Topic.ABSENT: marked("Absent"),
    Topic.EXCUSED: marked("Excused"),
    Topic.UNMARK: marked("Take the tick back"),
}


async def overview(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """Show whom to tick, those who are expected first; without a number, ask at which gathering."""
    if argument is None:
        return await leading.which(turn, Topic.ATTENDANCE, "/roster")
    numbers = parts(argument, 2 if "-" in argument else 1)
    gathering, registrations = await _opened(turn, numbers[0])
    if gathering.confidential:
        return (_elsewhere(turn, gathering),)
    return (_list(turn, gathering, registrations, numbers[1] if len(numbers) > 1 else 1),)


async def attendee(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """Show one person, with every mark that can be set."""
    gathering_id, person_id = parts(argument, 2)
    gathering, registrations = await _opened(turn, gathering_id)
    if gathering.confidential:
        return (_elsewhere(turn, gathering),)
    one = _one(registrations, person_id)
    return (_card(turn, gathering, one, registrations.index(one)),)


def marks(topic: Topic) -> Topical:
    """Return what sets the mark of a topic."""

    async def mark(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
        gathering_id, person_id = parts(argument, 2)
        gathering, registrations = await _opened(turn, gathering_id)
        if gathering.confidential:
            return (_elsewhere(turn, gathering),)
        place = registrations.index(_one(registrations, person_id))
        found = await marking.mark(turn.db, turn.actor, gathering_id, {person_id: _MARKS[topic]}, now=turn.now)
        return (_card(turn, gathering, _one(found, person_id), place, found),)

    return mark


async def _opened(turn: Turn, gathering_id: int) -> tuple[Gathering, list[Registration]]:
    """Read a list that may be ticked; raises NotAllowed, and Conflict before its time."""
    gathering, registrations = await registration.roster(turn.db, turn.actor, gathering_id)
    access.require(turn.actor, Verb.MARK_ATTENDANCE, scheduling.scope(gathering))
    if not attendance.may_be_marked(gathering, turn.now):
        raise Conflict
    return gathering, sorted(registrations, key=_order)


def _elsewhere(turn: Turn, gathering: Gathering) -> Outbound:
    """Say where people of a confidential circle are ticked: their names are for no message."""
    words = turn.texts.gettext("This circle is confidential: you tick who is there on its page, after signing in.")
    page = Facts(((turn.texts.gettext("More"), turn.link(_path(gathering))),))
    blocks = (Heading(saying.heading(turn, gathering)), Paragraph(words), page)
    return Outbound(turn.key(f"attendance:{gathering.id}"), blocks, (choices.rosters(turn),), confidential=True)


def _order(one: Registration) -> tuple[int, str, int]:
    expected = one.facilitator or (one.partstat == Partstat.ACCEPTED and one.seat == Seat.SEATED)
    return 0 if expected else 1, one.person_name.casefold(), one.id


def _one(registrations: Sequence[Registration], person_id: int) -> Registration:
    found = next((one for one in registrations if one.person_id == person_id), None)
    if found is None:
        raise NotFound
    return found


def _list(turn: Turn, gathering: Gathering, registrations: Sequence[Registration], number: int) -> Outbound:
    """Show one page of people, each with a button; the last one where there is no such page."""
    number = paging(number, len(registrations), PAGE)
    shown = registrations[(number - 1) * PAGE : number * PAGE]
    blocks: list[Block] = [Heading(saying.heading(turn, gathering)), Facts(_counted(turn, registrations))]
    blocks += saying.page(turn, number, len(registrations), PAGE)
    blocks.append(Paragraph("\n".join(_line(turn, one) for one in shown)))
    offered = [choice for one in shown for choice in _buttons(turn, gathering, one)]
    if number * PAGE < len(registrations):
        offered.append(_other_page(turn, gathering, turn.texts.gettext("Next page"), number + 1))
    if number > 1:
        offered.append(_other_page(turn, gathering, turn.texts.gettext("Previous page"), number - 1))
    return Outbound(turn.key(f"attendance:{gathering.id}"), tuple(blocks), tuple(offered))


def _other_page(turn: Turn, gathering: Gathering, label: str, number: int) -> Choice:
    return choices.choice(turn, label, Topic.ATTENDANCE, f"{gathering.id}-{number}", page=_path(gathering))


def _card(
    turn: Turn, gathering: Gathering, one: Registration, place: int, registrations: Sequence[Registration] | None = None
) -> Outbound:
    """Show one person, and after a mark how many are ticked; the way back leads to their `place` in the list."""
    blocks: list[Block] = [Heading(saying.heading(turn, gathering)), Paragraph(_line(turn, one))]
    if registrations is not None:
        blocks.append(Facts(_counted(turn, registrations)))
    offered = [
        _mark(turn, gathering, one, topic, turn.texts.gettext(_LABELS[topic]))
        for topic, there in _MARKS.items()
        if there != one.attendance
    ]
    number = place // PAGE + 1
    there = str(gathering.id) if number == 1 else f"{gathering.id}-{number}"
    back = choices.choice(turn, turn.texts.gettext("Back to the list"), Topic.ATTENDANCE, there, page=_path(gathering))
    return Outbound(turn.key(f"attendance:{gathering.id}"), tuple(blocks), (*offered, back))


def _buttons(turn: Turn, gathering: Gathering, one: Registration) -> list[Choice]:
    """Offer to tick somebody who is not ticked yet; whoever is, can be looked at and changed."""
    more = choices.choice(
        turn,
        turn.texts.gettext("%(name)s: something else", name=one.person_name),
        Topic.ATTENDEE,
        f"{gathering.id}-{one.person_id}",
        page=_path(gathering),
    )
    if one.attendance is not None:
        return [more]
    return [
        _mark(turn, gathering, one, Topic.PRESENT, turn.texts.gettext("%(name)s is here", name=one.person_name)),
        more,
    ]


def _mark(turn: Turn, gathering: Gathering, one: Registration, topic: Topic, label: str) -> Choice:
    return choices.choice(turn, label, topic, f"{gathering.id}-{one.person_id}", page=_path(gathering))


def _line(turn: Turn, one: Registration) -> str:
    there = turn.texts.gettext(_WORDS[Attendance(one.attendance)]) if one.attendance else "–"
    return f"{', '.join(filter(None, (one.person_name, one.organisation)))}: {there}"


def _counted(turn: Turn, registrations: Sequence[Registration]) -> tuple[tuple[str, str], ...]:
    _ = turn.texts.gettext
    names = {Attendance.PRESENT: _("Present"), Attendance.ABSENT: _("Absent"), Attendance.EXCUSED: _("Excused")}
    rows = [(name, sum(one.attendance == mark for one in registrations)) for mark, name in names.items()]
    rows.append((_("Not ticked"), sum(one.attendance is None for one in registrations)))
    return tuple((name, str(count)) for name, count in rows if count)


def _path(gathering: Gathering) -> str:
    return leading.page_of(gathering.id, "/roster")
