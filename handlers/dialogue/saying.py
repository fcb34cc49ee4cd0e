"""What is said of a gathering and of somebody's place in it, in short warm sentences.

Chooses words; what is true was decided before. Of a confidential gathering only the time is said, under a neutral name.
"""

from handlers.dialogue.turn import Turn
from service.channels import Block, Paragraph
from service.model import Gathering, Partstat, Registration, Seat, Status, WaitingReason
from service.store.rosters import Counts


def title(turn: Turn, gathering: Gathering) -> str:
    """Say what a gathering is called in messages."""
    return turn.texts.gettext("Peer meeting") if gathering.confidential else gathering.title(turn.texts.language)


def heading(turn: Turn, gathering: Gathering) -> str:
    """Name a gathering with the number by which it is asked for."""
    return f"{gathering.id} · {title(turn, gathering)}"


def when(turn: Turn, gathering: Gathering) -> str:
    """Say the day and the hours."""
    home = turn.site.timezone
    return turn.texts.when(gathering.starts_local, gathering.ends_local, gathering.timezone, home=home)


def where(turn: Turn, gathering: Gathering) -> str:
    """Say the place; nothing of a confidential gathering."""
    if gathering.confidential:
        return ""
    return gathering.location or (turn.texts.gettext("online") if gathering.online_url else "")


def when_and_where(turn: Turn, gathering: Gathering, own: Registration | None = None) -> str:
    """Say time and place in one line; whoever joins online needs no other place."""
    joins = gathering.hybrid and own is not None and own.online
    place = turn.texts.gettext("online") if joins else where(turn, gathering)
    return " · ".join(filter(None, (when(turn, gathering), place)))


def line(turn: Turn, gathering: Gathering, more: str = "") -> str:
    """Write a gathering as a line of a list."""
    day = turn.texts.short_day(gathering.starts_local)
    start = f"{day}, {turn.texts.clock(gathering.starts_local)}"
    return " · ".join(filter(None, (str(gathering.id), start, title(turn, gathering), more)))


def closing(turn: Turn, gathering: Gathering) -> str:
    """Say why a gathering takes no answers; nothing while it does."""
    stands = gathering.standing(turn.now)
    if stands is Status.CANCELLED:
        reason = "" if gathering.confidential else gathering.cancel_reason
        return " ".join(filter(None, (turn.texts.gettext("It's cancelled."), reason)))
    if stands is Status.HELD:
        return turn.texts.gettext("It's over.")
    return turn.texts.gettext("It's still a draft.") if stands is Status.DRAFT else ""


def awaits(gathering: Gathering, own: Registration) -> bool:
    """Tell whether a person's answer is waited for: none yet, an offer, or a yes from before the gathering moved."""
    moved = own.partstat == Partstat.ACCEPTED and (own.confirmed_sequence or 0) < gathering.sequence
    return own.partstat == Partstat.NEEDS_ACTION or own.seat == Seat.OFFERED or moved


def standing(turn: Turn, gathering: Gathering, own: Registration) -> str:
    """Say where a person stands."""
    if own.seat == Seat.OFFERED:
        return _offered(turn, gathering, own)
    if own.seat == Seat.WAITING:
        return standing_in_line(turn, own)
    if own.partstat == Partstat.ACCEPTED:
        return _coming(turn, gathering, own)
    if own.partstat == Partstat.TENTATIVE:
        return turn.texts.gettext("You said maybe. We're not keeping a place for you yet.")
    if own.partstat == Partstat.DECLINED:
        return turn.texts.gettext("You're not coming.")
    return turn.texts.gettext("You haven't answered yet. Will you be there?")


def room(turn: Turn, gathering: Gathering, counts: Counts | None) -> str:
    """Say how much room there is; nothing where there is room for everyone."""
    if gathering.capacity is None:
        return ""
    left = gathering.capacity - (counts.seated + counts.offered if counts else 0)
    if left <= 0:
        return turn.texts.gettext("It's full. Sign up now and you go on the waiting list.")
    return turn.texts.ngettext("One place left.", "%(count)s places left.", left)


def _offered(turn: Turn, gathering: Gathering, own: Registration) -> str:
    assert own.offer_expires_at is not None
    until = turn.texts.moment(own.offer_expires_at, gathering.timezone, home=turn.site.timezone)
    return turn.texts.gettext(
        "A place has come free for you! It is yours if you say yes before %(until)s.", until=until
    )


def standing_in_line(turn: Turn, own: Registration) -> str:
    """Say why a person waits, and where in line."""
    if own.waiting_reason == WaitingReason.APPROVAL:
        return turn.texts.gettext("Your yes is with the facilitator. You'll hear from us.")
    if own.waiting_reason == WaitingReason.ORGANISATION:
        return turn.texts.gettext(
            "You're on the waiting list, place %(position)s: the places for your organisation are taken.",
            position=own.position,
        )
    return turn.texts.gettext("You're on the waiting list, place %(position)s.", position=own.position)


def _coming(turn: Turn, gathering: Gathering, own: Registration) -> str:
    if awaits(gathering, own):
        return turn.texts.gettext("You said yes, but the time or place has changed since. Can you still make it?")
    if own.facilitator:
        return turn.texts.gettext("You lead this one.")
    if gathering.hybrid and own.online:
        return turn.texts.gettext("You join online.")
    return turn.texts.gettext("You're coming.")


def page(turn: Turn, number: int, count: int, size: int) -> list[Block]:
    """Say which page of a list this is; nothing where all of it is on one."""
    pages = -(-count // size)
    if pages < 2:
        return []
    return [Paragraph(turn.texts.gettext("Page %(number)s of %(pages)s", number=number, pages=pages))]
