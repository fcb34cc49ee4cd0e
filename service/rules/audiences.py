"""Whom of a gathering a message is for: decided person by person, from how they stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from service.model import Attendance, Audience, Partstat, Seat

_MARKS: Final[Mapping[Audience, Attendance]] = {
    Audience.PRESENT: Attendance.PRESENT,
    Audience.ABSENT: Attendance.ABSENT,
}


@dataclass(frozen=True, slots=True)
class Listener:
    """Somebody invited to a gathering, as far as it matters for what they are told.

    `mails` False: they want no invitations from the circle.
    """

    registration_id: int
    person_id: int
    partstat: str
    seat: str
    facilitator: bool
    mails: bool
    attendance: str | None = None


def hears(audience: Audience, one: Listener) -> bool:
    """Tell whether a message for an audience is for this person.

    Who facilitates hears what the people who come are told. Who wants no invitations is left alone until they answer.
    Who was there, or was not, is a matter of marks alone.
    """
    if audience in _MARKS:
        return one.attendance == _MARKS[audience]
    group = _group(one)
    return group is not None and audience in (group, Audience.EVERYONE)


def _group(one: Listener) -> Audience | None:
    """Return where somebody belongs; None: they declined, or want to be left alone."""
    if one.partstat == Partstat.DECLINED:
        return None
    if one.facilitator:
        return Audience.COMING
    if one.partstat == Partstat.NEEDS_ACTION:
        return Audience.UNANSWERED if one.mails else None
    if one.seat in (Seat.WAITING, Seat.OFFERED):
        return Audience.WAITING
    return Audience.COMING if one.partstat == Partstat.ACCEPTED else Audience.EVERYONE
