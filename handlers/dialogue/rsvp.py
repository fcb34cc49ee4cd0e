"""Yes, no and maybe: give the answer, and say what came of it.

A bare answer counts only where it can be about one gathering and no other; else the person is asked which.
"""

from typing import Final

from handlers.dialogue import agenda, choices, saying
from handlers.dialogue.turn import Topical, Turn, ident
from service.actions import registration
from service.actions.answering import Outcome
from service.channels import Block, Choice, Facts, Heading, Outbound, Paragraph, Topic
from service.errors import Conflict
from service.model import Gathering, Partstat, Registration, Seat, Status, WaitingReason

_CHOICES: Final = 8


def answering(topic: Topic) -> Topical:
    """Return what answers with this topic."""

    async def respond(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
        if argument is not None:
            return (await _respond(turn, topic, ident(argument)),)
        about = await subjects(turn, topic)
        if len(about) == 1:
            return (await _respond(turn, topic, about[0].gathering.id),)
        return (which(turn, topic, about) if about else _nothing(turn, topic),)

    return respond


async def subjects(turn: Turn, topic: Topic) -> list[registration.Ticket]:
    """List what a bare answer can be about: a yes or a maybe open invitations, a no also what was agreed to."""
    tickets = await agenda.mine_to_come(turn)
    still = [ticket for ticket in tickets if ticket.gathering.standing(turn.now) is Status.PUBLISHED]
    if topic is Topic.DECLINE:
        return [ticket for ticket in still if ticket.registration.partstat != Partstat.DECLINED]
    return [ticket for ticket in still if saying.awaits(ticket.gathering, ticket.registration)]


def which(turn: Turn, topic: Topic, about: list[registration.Ticket]) -> Outbound:
    """Ask which gathering an answer is about."""
    offered = [
        choices.answer(turn, saying.line(turn, one.gathering), topic, one.gathering, one.registration) for one in about
    ]
    hidden = any(ticket.gathering.confidential for ticket in about)
    words = Paragraph(turn.texts.gettext("Which one do you mean?"))
    return Outbound(turn.key("which"), (words,), tuple(offered[:_CHOICES]), confidential=hidden)


async def _respond(turn: Turn, topic: Topic, gathering_id: int) -> Outbound:
    wanted = choices.PARTSTATS[topic]
    try:
        outcome = await registration.respond(
            turn.db,
            turn.actor,
            gathering_id,
            turn.person.id,
            wanted,
            via=turn.via,
            now=turn.now,
            clicked_at=min(turn.at, turn.now),
            mode=choices.MODES.get(topic),
        )
    except Conflict:  # cancelled, over, a draft: the gathering itself says so
        return await agenda.described(turn, gathering_id)
    return told(turn, outcome, wanted)


def told(turn: Turn, outcome: Outcome, wanted: Partstat) -> Outbound:
    """Say what came of an answer."""
    gathering, own = outcome.gathering, outcome.registration
    words = _outcome(turn, outcome, wanted)
    blocks: list[Block] = [Heading(saying.heading(turn, gathering)), Paragraph(words)]
    if own.partstat != Partstat.DECLINED:
        blocks.append(Paragraph(saying.when_and_where(turn, gathering, own)))
    if own.online and own.seat != Seat.WAITING and _both(gathering):
        blocks.append(Facts(((turn.texts.gettext("Online"), gathering.online_url),)))
    if gathering.questions and own.partstat == Partstat.ACCEPTED:
        blocks.append(Paragraph(_asks(turn, gathering, own)))
    return Outbound(
        turn.key(f"gathering:{gathering.id}"),
        tuple(blocks),
        (*_way_back(turn, outcome), choices.mine(turn)),
        confidential=gathering.confidential,
    )


def _asks(turn: Turn, gathering: Gathering, own: Registration) -> str:
    """Say where the questions of the gathering are answered: not in a chat, where others may read along."""
    words = turn.texts.ngettext(
        "One more question for you; answer it here:",
        "%(count)s more questions for you; answer them here:",
        gathering.questions,
    )
    return f"{words}\n{turn.link(choices.questions(turn, gathering, own))}"


def _outcome(turn: Turn, outcome: Outcome, wanted: Partstat) -> str:
    _, own = turn.texts.gettext, outcome.registration
    if own.partstat != wanted:
        stands = saying.standing(turn, outcome.gathering, own)
        return _("You've given another answer since, and that one stands.") + f" {stands}"
    if own.seat == Seat.WAITING:
        more = " " + _("Online there's room at once: just say “online”.") if _both(outcome.gathering) else ""
        return _waiting(turn, own, changed=outcome.changed) + more
    if outcome.gathering.hybrid and own.online:
        return _joins_online(turn, outcome.gathering)
    if own.partstat == Partstat.ACCEPTED:
        return _accepted(turn, own, changed=outcome.changed)
    if own.partstat == Partstat.TENTATIVE:
        return _("Noted: maybe. We're not keeping a place for you yet, so say yes as soon as you know.")
    if outcome.changed:
        return _("That's a pity, but thank you for letting us know. You're not on the list.")
    return _("You'd already told us that you're not coming.")


def _both(gathering: Gathering) -> bool:
    """Tell whether somebody can say in a message that they come here, or join from elsewhere."""
    return gathering.hybrid and not gathering.confidential


def _joins_online(turn: Turn, gathering: Gathering) -> str:
    if gathering.confidential:
        return turn.texts.gettext("Lovely, you join online. You'll find the link on the page of the gathering.")
    return turn.texts.gettext("Lovely, you join online.")


def _accepted(turn: Turn, own: Registration, *, changed: bool) -> str:
    if own.facilitator:
        return turn.texts.gettext("Lovely, see you there! You lead this one, so you don't take up a place.")
    if changed:
        return turn.texts.gettext("Lovely, you're on the list!")
    return turn.texts.gettext("You were already on the list.")


def _waiting(turn: Turn, own: Registration, *, changed: bool) -> str:
    if not changed or own.position is None:
        if own.waiting_reason == WaitingReason.APPROVAL and changed:
            return turn.texts.gettext(
                "Thank you! The facilitator looks at every sign-up for this one. You'll hear from us."
            )
        return saying.standing_in_line(turn, own)
    if own.waiting_reason == WaitingReason.ORGANISATION:
        return turn.texts.gettext(
            "The places for your organisation are taken, so you're on the waiting list, place %(position)s. "
            "If a colleague can't come, you move up.",
            position=own.position,
        )
    return turn.texts.gettext(
        "It's full, so you're on the waiting list, place %(position)s. We'll tell you as soon as a place comes free.",
        position=own.position,
    )


def _way_back(turn: Turn, outcome: Outcome) -> tuple[Choice, ...]:
    """Offer the answer that undoes this one, and the other way to be there; after a maybe both."""
    gathering, own, _ = outcome.gathering, outcome.registration, turn.texts.gettext
    both = _both(gathering)
    if own.seat == Seat.WAITING and both:
        return choices.answers(turn, gathering, own)
    yes = [(_("I'll be there after all"), Topic.ACCEPT), *([(_("Yes, online"), Topic.ACCEPT_ONLINE)] if both else [])]
    other = (_("Rather in person"), Topic.ACCEPT) if own.online else (_("Rather online"), Topic.ACCEPT_ONLINE)
    no = [*([other] if both else []), (_("Sorry, I can't come after all"), Topic.DECLINE)]
    offered = {Partstat.ACCEPTED: no, Partstat.DECLINED: yes}.get(Partstat(own.partstat))
    if offered is None:
        return choices.answers(turn, gathering, own)
    return tuple(choices.answer(turn, label, topic, gathering, own) for label, topic in offered)


def _nothing(turn: Turn, topic: Topic) -> Outbound:
    words = (
        turn.texts.gettext("You're not on any list just now, so there's nothing to decline.")
        if topic is Topic.DECLINE
        else turn.texts.gettext("No invitation is waiting for your answer just now.")
    )
    return Outbound(turn.key("which"), (Paragraph(words),), (choices.agenda(turn), choices.mine(turn)))
