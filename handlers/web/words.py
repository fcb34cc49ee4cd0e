"""What a page says about a gathering and about somebody's place in it, in whole sentences.

Chooses words; what is true was decided before, in `service/rules/seating.py` above all.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from service.model import Attendance, Gathering, Partstat, Registration, Seat, Status, WaitingReason
from service.store.rosters import Counts
from service.texts.catalogue import Texts

FEW: Final = 5
"""So few places left that it is worth saying in the agenda."""


class Tone(StrEnum):
    """How a standing looks; a word says the same, for whoever sees no colours."""

    YES = "yes"
    WAIT = "wait"
    MAYBE = "maybe"
    NO = "no"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands: `brief` for a list, `headline` and `detail` for a page of its own."""

    tone: Tone
    brief: str
    headline: str
    detail: str = ""


def standing(texts: Texts, gathering: Gathering, registration: Registration, *, home: str) -> Standing:
    """Say where a person stands in a gathering that is still to come."""
    partstat = registration.partstat
    if registration.seat == Seat.OFFERED:
        return _offered(texts, gathering, registration, home)
    if registration.seat == Seat.WAITING:
        return _waiting(texts, gathering, registration)
    if partstat == Partstat.ACCEPTED:
        return _coming(texts, gathering, registration)
    if partstat == Partstat.TENTATIVE:
        return Standing(
            Tone.MAYBE,
            texts.gettext("Maybe"),
            texts.gettext("Perhaps you will come."),
            texts.gettext("No place is kept for you until you say yes."),
        )
    if partstat == Partstat.DECLINED:
        return Standing(
            Tone.NO,
            texts.gettext("Not coming"),
            texts.gettext("You are not coming."),
            texts.gettext("Changed your mind? You can still say yes."),
        )
    return Standing(
        Tone.OPEN,
        texts.gettext("Not answered yet"),
        texts.gettext("Will you be there?"),
        texts.gettext("You have not answered yet."),
    )


def closing(texts: Texts, gathering: Gathering, registration: Registration | None, now: datetime) -> Standing | None:
    """Say why a gathering takes no answers any more; None while it does."""
    standing = gathering.standing(now)
    if standing is Status.CANCELLED:
        headline = texts.gettext("This gathering has been cancelled.")
        return Standing(Tone.NO, texts.gettext("Cancelled"), headline, gathering.cancel_reason)
    if standing is Status.HELD:
        there = registration is not None and registration.attendance == Attendance.PRESENT
        detail = texts.gettext("You were there.") if there else ""
        return Standing(Tone.OPEN, texts.gettext("Past"), texts.gettext("This gathering has taken place."), detail)
    return None


def outcome(texts: Texts, registration: Registration) -> str:
    """Confirm an answer that was just given."""
    if registration.seat == Seat.WAITING and registration.position is not None:
        return texts.gettext("Thank you. It is full, but you are on the waiting list.")
    if registration.partstat == Partstat.ACCEPTED:
        return texts.gettext("Thank you, we have noted your answer: yes.")
    if registration.partstat == Partstat.TENTATIVE:
        return texts.gettext("Thank you, we have noted your answer: maybe.")
    return texts.gettext("Thank you for telling us. We have noted your answer: no.")


def comes(registration: Registration | None) -> bool:
    """Tell whether a person may have what those who come are told, such as the address of the online room."""
    return registration is not None and registration.partstat == Partstat.ACCEPTED and registration.seat != Seat.WAITING


def places(texts: Texts, gathering: Gathering, counts: Counts | None) -> str:
    """Say in one sentence how much room there is."""
    if gathering.capacity is None:
        return texts.gettext("There is room for everyone.")
    left = _left(gathering, counts)
    if left <= 0:
        taken = texts.ngettext(
            "The only place is taken. Anyone who signs up now goes on the waiting list.",
            "All %(count)s places are taken. Anyone who signs up now goes on the waiting list.",
            gathering.capacity,
        )
        return f"{taken} {texts.gettext('Online there is room at once.')}" if gathering.hybrid else taken
    return texts.ngettext(
        "One of %(capacity)s places is free.",
        "%(count)s of %(capacity)s places are free.",
        left,
        capacity=gathering.capacity,
    )


def hint(texts: Texts, gathering: Gathering, counts: Counts | None) -> tuple[Tone, str] | None:
    """Say in a word or two what somebody who looks at the agenda should know."""
    if gathering.status == Status.CANCELLED:
        return Tone.NO, texts.gettext("Cancelled")
    if gathering.status == Status.DRAFT:
        return Tone.OPEN, texts.gettext("Draft")
    if gathering.capacity is None:
        return None
    left = _left(gathering, counts)
    if left <= 0:
        return Tone.WAIT, texts.gettext("Full – waiting list")
    if left <= FEW:
        return Tone.MAYBE, texts.ngettext("One place left", "%(count)s places left", left)
    return None


def _left(gathering: Gathering, counts: Counts | None) -> int:
    taken = counts.seated + counts.offered if counts else 0
    return (gathering.capacity or 0) - taken


def _coming(texts: Texts, gathering: Gathering, registration: Registration) -> Standing:
    if gathering.hybrid and registration.online:
        return Standing(
            Tone.YES,
            texts.gettext("You join online"),
            texts.gettext("You join online."),
            _moved(texts, gathering, registration),
        )
    if registration.facilitator:
        detail = texts.gettext("You lead this gathering and take no place.")
    elif moved := _moved(texts, gathering, registration):
        detail = moved
    elif registration.seat == Seat.SEATED:
        detail = texts.gettext("There is a place for you.")
    else:
        detail = ""
    return Standing(Tone.YES, texts.gettext("You are coming"), texts.gettext("You are coming."), detail)


def _moved(texts: Texts, gathering: Gathering, registration: Registration) -> str:
    """Ask once more where time or place are not what somebody said yes to."""
    if (registration.confirmed_sequence or 0) >= gathering.sequence:
        return ""
    return texts.gettext("The time or place has changed since you said yes. Can you still come?")


def _waiting(texts: Texts, gathering: Gathering, registration: Registration) -> Standing:
    if registration.waiting_reason == WaitingReason.APPROVAL:
        return Standing(
            Tone.WAIT,
            texts.gettext("Waits for approval"),
            texts.gettext("Your answer is with the facilitator."),
            texts.gettext("You hear as soon as they have looked at it."),
        )
    headline = texts.gettext("You are on the waiting list, place %(position)s.", position=registration.position)
    if registration.waiting_reason == WaitingReason.ORGANISATION:
        detail = texts.gettext("The places for your organisation are taken. You move up when a colleague cannot come.")
    else:
        detail = texts.gettext("You hear as soon as a place comes free.")
    if gathering.hybrid:
        detail += " " + texts.gettext("Online there is room at once.")
    return Standing(
        Tone.WAIT, texts.gettext("Waiting list, place %(position)s", position=registration.position), headline, detail
    )


def _offered(texts: Texts, gathering: Gathering, registration: Registration, home: str) -> Standing:
    assert registration.offer_expires_at is not None
    until = texts.moment(registration.offer_expires_at, gathering.timezone, home=home)
    return Standing(
        Tone.OPEN,
        texts.gettext("A place is kept for you"),
        texts.gettext("A place has come free for you."),
        texts.gettext("It is yours if you say yes before %(until)s.", until=until),
    )
