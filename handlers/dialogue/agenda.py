"""What is coming up, one gathering at a time or one's own, with the answers to choose from.

Reads only; answering is in `rsvp`.
"""

from collections.abc import Sequence
from typing import Final

from handlers.dialogue import choices, saying
from handlers.dialogue.turn import Turn, ident
from service.actions import registration, scheduling
from service.actions.registration import Ticket
from service.channels import Block, Choice, Facts, Heading, Outbound, Paragraph, Topic
from service.model import Gathering, Partstat, Registration, Seat, Status
from service.store.rosters import Counts

PAGE: Final = 6
"""Gatherings at once: each is a message of its own, with its own buttons."""

_LINES: Final = 15
_ASKED: Final = 3
_DESCRIPTION: Final = 1200


async def upcoming(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """Show what comes next, after the gathering of a number where one is given."""
    after = None
    if argument is not None:
        last = await scheduling.get(turn.db, turn.actor, ident(argument))
        after = (last.starts_at, last.id)
    found = await scheduling.upcoming(turn.db, turn.actor, since=turn.now, after=after, limit=PAGE + 1)
    shown = found[:PAGE]
    counts = await scheduling.counts(turn.db, [one.id for one in shown])
    own = {ticket.gathering.id: ticket.registration for ticket in await mine_to_come(turn)}
    cards = [_card(turn, one, own.get(one.id), counts.get(one.id)) for one in shown]
    return (_opening(turn, shown), *cards, *_further(turn, found))


async def show(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """Show one gathering in full."""
    return (await described(turn, ident(argument)),)


async def described(turn: Turn, gathering_id: int) -> Outbound:
    """Describe a gathering as far as messages may, and how the person stands; raises NotFound."""
    gathering = await scheduling.get(turn.db, turn.actor, gathering_id)
    own = await registration.own(turn.db, turn.actor, gathering_id)
    counts = await scheduling.counts(turn.db, [gathering_id])
    over = saying.closing(turn, gathering)
    stands = saying.standing(turn, gathering, own) if own else ""
    blocks: list[Block] = [Heading(saying.heading(turn, gathering))]
    blocks += [Paragraph(sentence) for sentence in (over or stands,) if sentence]
    blocks.append(_facts(turn, gathering, own, counts.get(gathering_id)))
    blocks += _about(turn, gathering)
    return Outbound(
        turn.key(f"gathering:{gathering_id}"),
        tuple(blocks),
        () if over else (*choices.next_answers(turn, gathering, own), *_file(turn, gathering, own)),
        confidential=gathering.confidential,
    )


def _file(turn: Turn, gathering: Gathering, own: Registration | None) -> tuple[Choice, ...]:
    """Offer the calendar file to whoever comes, and may have no calendar that takes invitations."""
    comes = own is not None and own.partstat in (Partstat.ACCEPTED, Partstat.TENTATIVE)
    return (choices.calendar(turn, gathering),) if comes else ()


async def mine(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """Show what the person is invited to and signed up for."""
    tickets = await mine_to_come(turn)
    heading = Heading(turn.texts.gettext("Your gatherings"))
    if not tickets:
        nothing = Paragraph(turn.texts.gettext("There's nothing on your list just now."))
        return (Outbound(turn.key("mine"), (heading, nothing), (choices.agenda(turn), choices.circles(turn))),)
    blocks = [Paragraph("\n".join((name, *lines))) for name, lines in _grouped(turn, tickets)]
    hint = Paragraph(turn.texts.gettext("Send me a number to see more."))
    waiting = [t for t in tickets if _is_open(turn, t) and saying.awaits(t.gathering, t.registration)]
    offered = [
        choice
        for ticket in waiting[:_ASKED]
        for choice in choices.named_answers(
            turn, saying.heading(turn, ticket.gathering), ticket.gathering, ticket.registration
        )
    ]
    hidden = any(ticket.gathering.confidential for ticket in tickets)
    return (Outbound(turn.key("mine"), (heading, *blocks, hint), tuple(offered), confidential=hidden),)


async def mine_to_come(turn: Turn) -> list[Ticket]:
    """List the person's own registrations that are not over, in order of time."""
    tickets = await registration.mine(turn.db, turn.actor, now=turn.now)
    return [ticket for ticket in tickets if ticket.gathering.ends_at > turn.now]


def _opening(turn: Turn, shown: Sequence[Gathering]) -> Outbound:
    words = (
        turn.texts.gettext("Answer with yes or no and the number. Just the number shows you more.")
        if shown
        else turn.texts.gettext("Nothing is planned just now.")
    )
    return Outbound(turn.key("agenda"), (Heading(turn.texts.gettext("Agenda")), Paragraph(words)))


def _card(turn: Turn, gathering: Gathering, own: Registration | None, counts: Counts | None) -> Outbound:
    over = saying.closing(turn, gathering)
    circle = "" if gathering.confidential else gathering.circle_title(turn.texts.language)
    stands = saying.standing(turn, gathering, own) if own else saying.room(turn, gathering, counts)
    place = "\n".join(filter(None, (circle, saying.when_and_where(turn, gathering))))
    sentences = (place, over or stands)
    return Outbound(
        turn.key(f"gathering:{gathering.id}"),
        (Heading(saying.heading(turn, gathering)), *(Paragraph(text) for text in sentences if text)),
        () if over else choices.answers(turn, gathering, own),
        confidential=gathering.confidential,
    )


def _further(turn: Turn, found: Sequence[Gathering]) -> tuple[Outbound, ...]:
    """Offer the rest of the agenda where there is one."""
    if len(found) <= PAGE:
        return ()
    last = str(found[PAGE - 1].id)
    more = choices.choice(turn, turn.texts.gettext("Show me more"), Topic.AGENDA, last, page="/")
    return (Outbound(turn.key("agenda:more"), (Paragraph(turn.texts.gettext("There's more to come.")),), (more,)),)


def _facts(turn: Turn, gathering: Gathering, own: Registration | None, counts: Counts | None) -> Facts:
    _ = turn.texts.gettext
    rows = [(_("When"), saying.when(turn, gathering))]
    if not gathering.confidential:
        coming = own is not None and own.partstat == Partstat.ACCEPTED and own.seat != Seat.WAITING
        rows += [
            (_("Where"), saying.where(turn, gathering)),
            (_("Circle"), gathering.circle_title(turn.texts.language)),
            (_("Room"), saying.room(turn, gathering, counts)),
            (_("Online"), gathering.online_url if coming else ""),
        ]
    rows.append((_("More"), turn.link(f"/gatherings/{gathering.id}")))
    return Facts(tuple((label, value) for label, value in rows if value))


def _about(turn: Turn, gathering: Gathering) -> list[Block]:
    if gathering.confidential:
        words = turn.texts.gettext("This circle is confidential: you'll see what and where after signing in.")
        return [Paragraph(words)]
    text = gathering.description(turn.texts.language)
    cut = text if len(text) <= _DESCRIPTION else text[: _DESCRIPTION - 1].rstrip() + "…"
    return [Paragraph(cut)] if cut else []


def _is_open(turn: Turn, ticket: Ticket) -> bool:
    return ticket.gathering.standing(turn.now) is Status.PUBLISHED


def _grouped(turn: Turn, tickets: Sequence[Ticket]) -> list[tuple[str, list[str]]]:
    """Part registrations by where the person stands; each group with its name."""
    _ = turn.texts.gettext
    names = {
        "open": _("Waiting for your answer"),
        "coming": _("You're coming"),
        "waiting": _("On the waiting list"),
        "maybe": _("Maybe"),
        "declined": _("You're not coming"),
        "cancelled": _("Cancelled"),
    }
    groups: dict[str, list[str]] = {name: [] for name in names}
    for ticket in tickets[: _LINES * len(names)]:
        group, more = _place(turn, ticket)
        groups[group].append(saying.line(turn, ticket.gathering, more))
    return [(names[group], lines[:_LINES]) for group, lines in groups.items() if lines]


def _place(turn: Turn, ticket: Ticket) -> tuple[str, str]:
    """Return the group of a registration, and what to add to its line."""
    own = ticket.registration
    if not _is_open(turn, ticket):
        return "cancelled", ""
    if own.seat == Seat.WAITING:
        place = own.position and turn.texts.gettext("place %(position)s", position=own.position)
        return "waiting", place or turn.texts.gettext("the facilitator decides")
    if saying.awaits(ticket.gathering, own):
        return "open", turn.texts.gettext("a place is free for you") if own.seat == Seat.OFFERED else ""
    return {Partstat.ACCEPTED: "coming", Partstat.TENTATIVE: "maybe"}.get(Partstat(own.partstat), "declined"), ""
