"""Who must now hear what: from a changed registration or gathering to the notices that tell it.

Decides; never sends. A notice's facts hold what must stay the same between two attempts to deliver it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.model import Gathering, Mode, Partstat, Purpose, Seat, Via
from service.rules.revisions import Change, Copy, Told

REQUEST, CANCEL = "REQUEST", "CANCEL"  # RFC 5546 section 3.2

WITHOUT_CALENDAR = frozenset({Purpose.DECLINED})
"""Answers after which the calendar is left alone: what somebody declined there is already gone."""

_CONVERSATIONS = frozenset({Via.TELEGRAM})
"""Doors that answer in a conversation, on a channel that also takes notices."""


@dataclass(frozen=True, slots=True)
class NewNotice:
    """A notice to be written once, whatever happens: by its dedupe key. `channel` None: as the person likes.

    With a `conversation` of that channel it goes there, and `person_id` may be None.
    """

    dedupe_key: str
    purpose: Purpose
    person_id: int | None
    due_at: datetime
    gathering_id: int | None = None
    registration_id: int | None = None
    channel: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    expires_at: datetime | None = None
    conversation: str | None = None


def for_answer(partstat: Partstat, seat: Seat) -> Purpose:
    """Choose what to tell a person who has answered: one message per resulting state."""
    if partstat is Partstat.ACCEPTED:
        return Purpose.WAITING if seat is Seat.WAITING else Purpose.CONFIRMATION
    return Purpose.TENTATIVE if partstat is Partstat.TENTATIVE else Purpose.DECLINED


def heard_on(via: Via, *, for_another: bool) -> str | None:
    """Tell on which channel a person has been answered on the spot, and so need not be told the same again."""
    return via if via in _CONVERSATIONS and not for_another else None


def for_move(seat: Seat) -> Purpose:
    """Choose what to tell somebody whose seat changed without their doing."""
    return {Seat.SEATED: Purpose.PROMOTION, Seat.OFFERED: Purpose.OFFER}.get(seat, Purpose.OFFER_EXPIRED)


def calendar_facts(method: str, copy: Copy, partstat: Partstat, **more: Any) -> dict[str, Any]:
    """Freeze a calendar message: a second attempt is the same message (RFC 5546 section 2.1.5).

    A person who waits has accepted, but their copy says tentative: it keeps the time without a promise.
    """
    tentative = copy.status == "tentative"
    shown = Partstat.TENTATIVE if tentative and partstat is Partstat.ACCEPTED else partstat
    assert copy.dtstamp is not None and copy.status is not None
    return {
        "method": method,
        "sequence": copy.sequence,
        "dtstamp": copy.dtstamp.isoformat(),
        "status": str(copy.status),
        "partstat": str(shown),
        "rsvp": method == REQUEST and shown is Partstat.NEEDS_ACTION,
        **{name: value for name, value in more.items() if value is not None},
    }


def told_partstat(partstat: Partstat, change: Change, *, confirmed: bool) -> Partstat:
    """Choose the PARTSTAT of an update: after a move asked anew of whoever has not answered since; else as it was."""
    return Partstat.NEEDS_ACTION if change.jeopardises and not confirmed else partstat


def hears_of_update(partstat: Partstat, change: Change, *, confirmed: bool) -> bool:
    """Tell whether an edit is told to a person: who declined hears only of a time they have not declined yet."""
    return partstat is not Partstat.DECLINED or (change.moved and not confirmed)


def hears_of_cancellation(partstat: Partstat) -> bool:
    """Tell whether a cancellation is told to a person: to all but those who declined."""
    return partstat is not Partstat.DECLINED


def news(change: Change, known: Told) -> dict[str, Any]:
    """Return what an update says of the change to those who `known` is what they were told last."""
    previous = {
        "starts_local": known.starts_local.isoformat(),
        "ends_local": known.ends_local.isoformat(),
        "location": known.location,
    }
    return {
        "moved": change.moved or None,
        "relocated": change.relocated or None,
        "edited": change.edited or None,
        "opened": change.opened,
        "ended": change.ended,
        "previous": previous if change.jeopardises else None,
    }


def said(mode: str | None, gathering: Gathering) -> dict[str, Any]:
    """Return what an update says to somebody of their wish to join online, where that is no choice any more."""
    return {"said": mode} if mode == Mode.ONLINE and not gathering.hybrid else {}
