"""Numbers of a gathering and what its people were told, in words for those who run it.

Chooses words; the numbers come from the actions. What people read about themselves is in `words`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from handlers.web.words import Tone
from service.model import (
    Gathering,
    Ledgered,
    NoticeState,
    Partstat,
    Purpose,
    Registration,
    Seat,
    WaitingReason,
)
from service.store.rosters import Counts
from service.texts.catalogue import Texts, marked

PURPOSES: Final[dict[str, str]] = {
    Purpose.INVITATION: marked("Invitation"),
    Purpose.CONFIRMATION: marked("Confirmation of a place"),
    Purpose.WAITING: marked("On the waiting list"),
    Purpose.PROMOTION: marked("Moved up from the waiting list"),
    Purpose.OFFER: marked("Place offered"),
    Purpose.OFFER_EXPIRED: marked("Offer has ended"),
    Purpose.DEMOTION: marked("Seat taken back"),
    Purpose.TENTATIVE: marked("Answer: maybe"),
    Purpose.DECLINED: marked("Answer: no"),
    Purpose.UPDATE: marked("Change of the gathering"),
    Purpose.CANCELLATION: marked("Does not take place"),
    Purpose.WITHDRAWAL: marked("No longer invited"),
    Purpose.REMINDER: marked("Reminder"),
    Purpose.CHECK_IN: marked("Link to check in"),
    Purpose.RATING: marked("Question how it was"),
    Purpose.POLL: marked("Which date?"),
    Purpose.SEAT_FREED: marked("A place has come free"),
    Purpose.TOO_FEW: marked("Too few to go on"),
    Purpose.VISITOR: marked("Link for a visitor"),
    Purpose.SIGN_IN: marked("Sign-in link"),
    Purpose.ASK_LINK: marked("Link, after a mail"),
    Purpose.ASK_AGAIN: marked("Asked again, after a mail"),
    Purpose.CLOSED: marked("Mail came too late"),
    Purpose.REGISTER_HERE: marked("Link for whoever got it forwarded"),
    Purpose.UNSUBSCRIBED: marked("Invitations stopped"),
    Purpose.JOIN_REQUESTED: marked("Somebody asks to join"),
    Purpose.JOINED: marked("Let into a circle"),
    Purpose.JOIN_REFUSED: marked("Not let into a circle"),
    Purpose.CIRCLE_CLOSED: marked("A circle has closed"),
    Purpose.MEMBERS_CHANGED: marked("Members changed by the team"),
    Purpose.LINK_CODE: marked("Code to connect a chat"),
    Purpose.LINKED: marked("Chat connected"),
    Purpose.UNLINKED: marked("Chat disconnected"),
    Purpose.ANSWER: marked("Answer in a conversation"),
    Purpose.ADDRESS_ADDED: marked("An address was added"),
    Purpose.ADDRESS_PRIMARY: marked("Mail goes to another address"),
    Purpose.ADDRESS_REMOVED: marked("An address was removed"),
    Purpose.ADDRESS_WAITS: marked("An address is not theirs for sure yet"),
    Purpose.ERASED: marked("Data erased"),
}
"""What each notice is called, in the order in which they mostly come."""

STATES: Final[dict[str, tuple[Tone, str]]] = {
    NoticeState.PLANNED: (Tone.MAYBE, marked("planned")),
    NoticeState.CLAIMED: (Tone.MAYBE, marked("on its way")),
    NoticeState.SENT: (Tone.YES, marked("sent")),
    NoticeState.FAILED: (Tone.NO, marked("not delivered")),
    NoticeState.CANCELLED: (Tone.OPEN, marked("no longer needed")),
    NoticeState.EXPIRED: (Tone.OPEN, marked("no longer of use")),
    NoticeState.UNKNOWN: (Tone.WAIT, marked("perhaps delivered")),
}

_TO_COME: Final = (NoticeState.PLANNED, NoticeState.CLAIMED)
_LOST: Final = (NoticeState.FAILED, NoticeState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that stands large on a page, with what it counts."""

    count: int
    label: str


@dataclass(frozen=True, slots=True)
class Told:
    """How far the telling of one thing has come: numbers of people."""

    purpose: str
    label: str
    sent: int
    to_come: int
    lost: int


def sentence(texts: Texts, counts: Counts, *, over: bool = False) -> str:
    """Say in one line how many come, wait and have not answered: 17 are coming · 3 wait · 12 without an answer."""
    if over:
        return _afterwards(texts, counts)
    parts = [
        texts.ngettext("%(count)s is coming", "%(count)s are coming", attending(counts)),
        counts.online and texts.ngettext("%(count)s of them online", "%(count)s of them online", counts.online),
        counts.offered and texts.ngettext("%(count)s has an offer", "%(count)s have an offer", counts.offered),
        counts.waiting and texts.ngettext("%(count)s waits", "%(count)s wait", counts.waiting),
        counts.tentative and texts.ngettext("%(count)s maybe", "%(count)s maybe", counts.tentative),
        counts.needs_action
        and texts.ngettext("%(count)s without an answer", "%(count)s without an answer", counts.needs_action),
    ]
    return " · ".join(part for part in parts if part)


def figures(texts: Texts, gathering: Gathering, counts: Counts, *, over: bool) -> list[Figure]:
    """List the numbers of a gathering that was published, those that matter most first."""
    found = [
        Figure(counts.present, texts.gettext("were there")) if over or counts.present else None,
        Figure(attending(counts), texts.pgettext("figure", "said yes") if over else texts.gettext("are coming")),
        Figure(counts.online, texts.gettext("of them online")) if gathering.hybrid else None,
        Figure(counts.offered, texts.gettext("have an offer")) if counts.offered else None,
        Figure(counts.waiting, texts.gettext("on the waiting list")) if counts.waiting or _queues(gathering) else None,
        Figure(counts.tentative, texts.gettext("maybe")),
        Figure(
            counts.needs_action,
            texts.pgettext("figure", "did not answer") if over else texts.gettext("have not answered"),
        ),
        Figure(counts.declined, texts.pgettext("figure", "said no") if over else texts.gettext("are not coming")),
        Figure(counts.facilitators, texts.ngettext("leads it", "lead it", counts.facilitators))
        if counts.facilitators
        else None,
    ]
    return [one for one in found if one is not None]


def attending(counts: Counts) -> int:
    """Count who said yes and neither waits nor still has to take up an offer; who leads it is not among them."""
    return counts.accepted - counts.waiting - counts.offered


def place(texts: Texts, registration: Registration, *, over: bool = False) -> tuple[Tone, str]:
    """Say in a word or two how somebody else stands, or when it is `over`, stood."""
    if registration.seat == Seat.OFFERED and not over:
        return Tone.OPEN, texts.gettext("has an offer")
    if registration.seat == Seat.WAITING:
        if registration.waiting_reason == WaitingReason.APPROVAL:
            return Tone.WAIT, texts.gettext("waits for approval")
        if over:
            return Tone.WAIT, texts.gettext("stayed on the waiting list")
        return Tone.WAIT, texts.gettext("waiting, place %(position)s", position=registration.position)
    if registration.online and registration.seat == Seat.NONE:
        return Tone.YES, texts.gettext("said yes, online") if over else texts.gettext("joins online")
    tone, word = (_SAID if over else _ANSWERS)[registration.partstat]
    return tone, texts.gettext(word)


def told(texts: Texts, ledger: Iterable[Ledgered]) -> list[Told]:
    """Sum up a ledger by what was or will be told, in the order in which things mostly happen."""
    counted = Counter((one.purpose, one.state) for one in ledger)
    return [
        Told(
            purpose,
            texts.gettext(words),
            sent=counted[purpose, NoticeState.SENT],
            to_come=_sum(counted, purpose, _TO_COME),
            lost=_sum(counted, purpose, _LOST),
        )
        for purpose, words in PURPOSES.items()
        if _sum(counted, purpose, (NoticeState.SENT, *_TO_COME, *_LOST))
    ]


def _afterwards(texts: Texts, counts: Counts) -> str:
    yes = texts.ngettext("%(count)s said yes", "%(count)s said yes", attending(counts))
    if not counts.present:
        return yes
    return texts.ngettext("%(count)s was there", "%(count)s were there", counts.present) + " · " + yes


def _sum(counted: Counter[tuple[str, str]], purpose: str, states: Sequence[NoticeState]) -> int:
    return sum(counted[purpose, state] for state in states)


def _queues(gathering: Gathering) -> bool:
    return gathering.capacity is not None or gathering.organisation_quota is not None or gathering.approval


_ANSWERS: Final[dict[str, tuple[Tone, str]]] = {
    Partstat.ACCEPTED: (Tone.YES, marked("is coming")),
    Partstat.TENTATIVE: (Tone.MAYBE, marked("maybe")),
    Partstat.DECLINED: (Tone.NO, marked("is not coming")),
    Partstat.NEEDS_ACTION: (Tone.OPEN, marked("no answer yet")),
}
_SAID: Final[dict[str, tuple[Tone, str]]] = {
    Partstat.ACCEPTED: (Tone.YES, marked("said yes")),
    Partstat.TENTATIVE: (Tone.MAYBE, marked("said maybe")),
    Partstat.DECLINED: (Tone.NO, marked("said no")),
    Partstat.NEEDS_ACTION: (Tone.OPEN, marked("did not answer")),
}
"""What is said of the answers once a gathering is over."""
