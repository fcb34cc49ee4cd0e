"""A gathering's card in a group: what it says, and how somebody who runs the circle puts it there.

Everybody in the group reads it, so it says what the association's agenda says, with first names and counts; nothing at
all of a confidential circle. Following what changes is in `service/actions/group_cards.py`.
"""

from datetime import datetime
from typing import Final

from handlers.dialogue import choices
from handlers.dialogue.turn import Turn, ident
from service.actions import group_cards, scheduling
from service.actions.group_cards import Card
from service.channels import Block, Choice, Heading, Intent, Outbound, Paragraph, Topic
from service.errors import Conflict, NotAllowed, NotFound
from service.model import Status
from service.texts.catalogue import Texts, translator

NAMES: Final = 30
"""First names on a card; the others are counted."""

_NAME: Final = 24
"""Characters of a first name."""


async def share(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """Put the card of a gathering into the group in which it was asked for; elsewhere say how that goes.

    The card itself is written by whoever keeps the cards up, at once. In a group the refusal is the same for every
    reason: why not is nobody else's business.
    """
    _ = turn.texts.gettext
    if not turn.group:
        if argument is not None and await _is_secret(turn, ident(argument)):
            words = _("This circle is confidential, so nothing of it goes into a group, not even a card.")
            return (Outbound(turn.key("card"), (Paragraph(words),), (choices.rosters(turn),), confidential=True),)
        typed = f"/{choices.keyword(Topic.CARD, argument or '12', turn.texts.language)}"
        words = _("A card belongs in a group: add me to the group and type there %(command)s.", command=typed)
        return (Outbound(turn.key("card"), (Paragraph(words),), (choices.rosters(turn),)),)
    key = f"card-refused:{turn.conversation}"
    if argument is None:
        words = _("Which gathering? Type the number behind it, as in %(command)s.", command=_("/card 12"))
        return (Outbound(key, (Paragraph(words),), audience="conversation"),)
    try:
        await group_cards.share(
            turn.db,
            turn.actor,
            ident(argument),
            channel=turn.channel,
            conversation=turn.conversation,
            now=turn.now,
        )
    except (NotFound, NotAllowed, Conflict):
        words = _("I can't put that one here. Who leads a circle can share what is to come, unless it is confidential.")
        return (Outbound(key, (Paragraph(words),), audience="conversation"),)
    return ()


async def _is_secret(turn: Turn, gathering_id: int) -> bool:
    """Tell whether somebody asks for the card of a confidential gathering that is theirs to see."""
    try:
        gathering = await scheduling.get(turn.db, turn.actor, gathering_id)
    except NotFound:
        return False
    return gathering.confidential


def compose(card: Card, *, base_url: str, timezone: str, now: datetime) -> Outbound:
    """Write a card as the whole group may read it, in the language of the circle."""
    texts, gathering = translator(card.language), card.gathering
    key = f"card:{card.id}"
    if gathering.confidential:
        gone = Paragraph(texts.gettext("This card is no longer kept up."))
        return Outbound(key, (gone,), audience="conversation")
    when = texts.when(gathering.starts_local, gathering.ends_local, gathering.timezone, home=timezone)
    place = gathering.location or (texts.gettext("online") if gathering.online_url else "")
    blocks: list[Block] = [
        Heading(gathering.title(card.language)),
        Paragraph("\n".join(filter(None, (gathering.circle_title(card.language), when, place)))),
    ]
    closing = _closing(texts, card, now)
    if closing:
        blocks.append(Paragraph(closing))
    blocks.append(Paragraph(_coming(texts, card, is_open=not closing)))
    offered = () if closing else _choices(texts, card, base_url)
    return Outbound(key, tuple(blocks), offered, audience="conversation")


def _closing(texts: Texts, card: Card, now: datetime) -> str:
    """Say why there is nothing to press; nothing while there is."""
    stands = card.gathering.standing(now)
    if stands is Status.CANCELLED:
        return " ".join(filter(None, (texts.gettext("It's cancelled."), card.gathering.cancel_reason)))
    if stands is Status.HELD:
        return texts.gettext("It's over.")
    return texts.gettext("There's a newer card of this further down.") if card.replaced else ""


def _coming(texts: Texts, card: Card, *, is_open: bool) -> str:
    """Say how many come and who, how many wait, and what room there is."""
    coming, waiting = card.counts.seated, card.counts.waiting
    if not coming and is_open:
        return texts.gettext("Nobody has said yes so far. Who's first?")
    counted = [texts.ngettext("One person is coming", "%(count)s people are coming", coming)] if coming else []
    if waiting:
        counted.append(_waiting(texts, card, waiting))
    lines = [" · ".join([*counted, *filter(None, (_room(texts, card) if is_open else "",))])]
    if coming:
        lines.append(_names(texts, card, coming))
    return "\n".join(filter(None, lines))


def _waiting(texts: Texts, card: Card, waiting: int) -> str:
    if card.gathering.approval:
        return texts.ngettext("one waits for the facilitator", "%(count)s wait for the facilitator", waiting)
    return texts.ngettext("one on the waiting list", "%(count)s on the waiting list", waiting)


def _room(texts: Texts, card: Card) -> str:
    if card.gathering.capacity is None:
        return ""
    left = card.gathering.capacity - card.counts.seated - card.counts.offered
    if left <= 0:
        return texts.gettext("full")
    return texts.ngettext("one place left", "%(count)s places left", left)


def _names(texts: Texts, card: Card, coming: int) -> str:
    names = ", ".join(_first_name(name) for name in card.names)
    rest = coming - len(card.names)
    if rest > 0:
        return texts.ngettext("%(names)s and one more", "%(names)s and %(count)s more", rest, names=names)
    return names


def _first_name(name: str) -> str:
    """Return what friends call somebody, cut where it would fill the card."""
    first = (name.split() or [name])[0]
    return first if len(first) <= _NAME else first[: _NAME - 1] + "…"


def _choices(texts: Texts, card: Card, base_url: str) -> tuple[Choice, ...]:
    number, page = str(card.gathering.id), f"{base_url}/gatherings/{card.gathering.id}"
    offered = [(texts.gettext("Yes, I'll be there"), Topic.ACCEPT), (texts.gettext("No"), Topic.DECLINE)]
    if card.gathering.hybrid:
        offered.insert(1, (texts.gettext("Yes, online"), Topic.ACCEPT_ONLINE))
    return tuple(
        Choice(label, Intent(topic, number), choices.keyword(topic, number, texts.language), page)
        for label, topic in offered
    )
