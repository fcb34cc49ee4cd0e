"""Whether a notice is still worth sending at the moment it would go out.

Decides; the worker asks at the last step, for what was true when a notice was written may be over by now.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from service.channels import DueNotice, DueRegistration
from service.model import Attendance, Gathering, Partstat, Purpose, Seat, Status
from service.rules.minimum import too_few

JUST = timedelta(hours=12)
"""So long after an invitation or a confirmation a reminder would only repeat it."""

_ABOUT_THE_END = frozenset({Purpose.CANCELLATION, Purpose.WITHDRAWAL})
"""What is said of a gathering or an invitation that is over."""

_AT_ANY_TIME = frozenset({Purpose.CLOSED, Purpose.UNSUBSCRIBED})
"""What answers a mail about a gathering that may long be over."""

_AFTERWARDS = frozenset({Purpose.RATING})
"""What is only asked once a gathering is over."""

_BEFORE_THE_START = frozenset(
    {
        Purpose.INVITATION,
        Purpose.WAITING,
        Purpose.PROMOTION,
        Purpose.OFFER,
        Purpose.OFFER_EXPIRED,
        Purpose.DEMOTION,
        Purpose.REMINDER,
        Purpose.SEAT_FREED,
        Purpose.TOO_FEW,
        Purpose.VISITOR,
        Purpose.ASK_LINK,
        Purpose.ASK_AGAIN,
        Purpose.REGISTER_HERE,
    }
)
"""What nobody can use any more once the gathering has begun."""

_STILL_TRUE: dict[Purpose, Callable[[DueRegistration], bool]] = {
    Purpose.INVITATION: lambda r: r.partstat == Partstat.NEEDS_ACTION,
    Purpose.CONFIRMATION: lambda r: r.partstat == Partstat.ACCEPTED and r.seat != Seat.WAITING,
    Purpose.WAITING: lambda r: r.seat == Seat.WAITING,
    Purpose.PROMOTION: lambda r: r.seat == Seat.SEATED,
    Purpose.OFFER: lambda r: r.seat == Seat.OFFERED,
    Purpose.OFFER_EXPIRED: lambda r: r.seat == Seat.WAITING,
    Purpose.DEMOTION: lambda r: r.seat == Seat.WAITING,
    Purpose.TENTATIVE: lambda r: r.partstat == Partstat.TENTATIVE,
    Purpose.DECLINED: lambda r: r.partstat == Partstat.DECLINED,
    Purpose.REMINDER: lambda r: r.partstat != Partstat.DECLINED,
    Purpose.RATING: lambda r: r.attendance == Attendance.PRESENT,
    Purpose.VISITOR: lambda r: not r.invited,
    Purpose.REGISTER_HERE: lambda r: not r.invited,
}
"""What must still hold of a registration for a notice to tell the truth; a later change has a notice of its own."""

_TO_THE_SILENT = frozenset({Purpose.REMINDER, Purpose.BROADCAST})
"""What also goes to people who have not answered."""


_TO_THE_ERASED = _ABOUT_THE_END | {
    Purpose.ERASED,
    Purpose.SIGN_IN,
    Purpose.VISITOR,
    Purpose.REGISTER_HERE,
    Purpose.CHECK_IN,
    Purpose.ANSWER,
}
"""What still goes to the address of somebody who was erased."""


def reason_against(due: DueNotice, now: datetime) -> str | None:
    """Return why a notice is of no use any more, in words for the facilitator's ledger; None where it is."""
    if due.expires_at is not None and due.expires_at <= now:
        return "too late to be of use"
    purpose = Purpose(due.purpose)
    if purpose in _AT_ANY_TIME:
        return None
    # what somebody writes to the people may be just that it is cancelled, or a word of thanks afterwards
    dated = due.gathering if purpose is not Purpose.BROADCAST else None
    return (
        (dated and _against_gathering(purpose, dated, now))
        or (due.registration and _against_registration(purpose, due.registration))
        or _against_numbers(due)
        or _against_repeating(due)
        or _against_list_mail(due)
    )


def is_list_mail(due: DueNotice) -> bool:
    """Tell whether a notice invites somebody who has not answered yet: that they may stop with one click (RFC 8058)."""
    registration = due.registration
    if registration is None:
        return False
    unanswered = registration.partstat == Partstat.NEEDS_ACTION and not registration.answered
    return due.purpose == Purpose.INVITATION or (due.purpose in _TO_THE_SILENT and unanswered)


def is_suppressed(due: DueNotice, reason: str) -> bool:
    """Tell whether a notice is held back because of what is known of its address: that it is dead, or unwelcome.

    Whoever was erased gets the last mails, and what they themselves have just asked for, until they are known again.
    """
    if reason == "erased":
        return due.purpose not in _TO_THE_ERASED
    return reason == "bounced" or is_list_mail(due)


def _against_gathering(purpose: Purpose, gathering: Gathering, now: datetime) -> str | None:
    if gathering.status == Status.CANCELLED and purpose not in _ABOUT_THE_END:
        return "the gathering is cancelled"
    if purpose is Purpose.POLL:  # about other days than the gathering's own; when it expires is its own affair
        return None
    if gathering.status == Status.PUBLISHED and purpose is Purpose.CANCELLATION:
        return "the gathering takes place after all"
    if purpose in _AFTERWARDS:
        return None
    if gathering.starts_at <= now and purpose in _BEFORE_THE_START:
        return "the gathering has begun"
    return "the gathering is over" if gathering.ends_at <= now else None


def _against_registration(purpose: Purpose, registration: DueRegistration) -> str | None:
    if registration.withdrawn and purpose not in _ABOUT_THE_END:
        return "no longer invited"
    # not where somebody merely typed the address of who has left: that alone puts nothing back into their calendar
    if registration.invited and not registration.withdrawn and purpose is Purpose.WITHDRAWAL:
        return "invited again"
    still_true = _STILL_TRUE.get(purpose)
    return None if still_true is None or still_true(registration) else "overtaken by a later answer or seat"


def _against_numbers(due: DueNotice) -> str | None:
    """Say nothing of too few once enough come, or another date is looked for already."""
    if due.numbers is None or due.gathering is None:
        return None
    if not too_few(due.gathering.minimum, due.numbers):
        return "enough people come"
    return "another date is being looked for" if due.numbers.asking else None


def _against_repeating(due: DueNotice) -> str | None:
    """A reminder says nothing new to whoever was invited, or answered and had that confirmed, a moment ago."""
    registration = due.registration
    if due.purpose != Purpose.REMINDER or registration is None or registration.heard_at is None:
        return None
    heard = due.due_at - JUST <= registration.heard_at <= due.due_at
    return "said a moment ago in another message" if heard and registration.seat != Seat.OFFERED else None


def _against_list_mail(due: DueNotice) -> str | None:
    if due.purpose == Purpose.REMINDER and not due.reminders:
        return "wants no reminders of this circle"
    return "unsubscribed from the invitations of this circle" if is_list_mail(due) and not due.mails else None
