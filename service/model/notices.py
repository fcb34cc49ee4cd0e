"""Notices: what is told to people, of whom, and where it stands."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Purpose(StrEnum):
    """What a notice tells."""

    INVITATION = "invitation"
    CONFIRMATION = "confirmation"  # accepted and seated
    WAITING = "waiting"  # accepted, on the waiting list
    PROMOTION = "promotion"  # moved up from the waiting list
    OFFER = "offer"  # a seat is held until a deadline
    OFFER_EXPIRED = "offer-expired"  # back of the queue
    DEMOTION = "demotion"  # a facilitator took the seat back: on the waiting list
    TENTATIVE = "tentative"
    DECLINED = "declined"
    UPDATE = "update"  # moved or edited after publication
    CANCELLATION = "cancellation"  # the gathering does not take place
    WITHDRAWAL = "withdrawal"  # the person is no longer invited
    REMINDER = "reminder"
    CHECK_IN = "check-in"  # to whoever typed an address at the door: press the link, and you are present
    RATING = "rating"  # to those who were there: how was it?
    POLL = "poll"  # which of these moments suits you
    TOO_FEW = "too-few"  # to facilitators: fewer come than the group agreed on
    SEAT_FREED = "seat-freed"  # to facilitators: too late to move anyone up by itself
    VISITOR = "visitor"  # to a visitor who typed an address: press the link
    SIGN_IN = "sign-in"
    BROADCAST = "broadcast"  # what whoever leads a gathering tells its people
    # to a mail that came in
    ASK_LINK = "ask-link"  # could not be checked or understood: press the link
    ASK_AGAIN = "ask-again"  # was about an older time or place: still yes?
    CLOSED = "closed"  # came too late
    REGISTER_HERE = "register-here"  # to a stranger who answered a forwarded invitation
    UNSUBSCRIBED = "unsubscribed"  # from the invitations of a circle
    # about a circle
    JOIN_REQUESTED = "join-requested"  # to its facilitators
    JOINED = "joined"  # to whoever asked: let in
    JOIN_REFUSED = "join-refused"
    CIRCLE_CLOSED = "circle-closed"
    MEMBERS_CHANGED = "members-changed"  # to the facilitators of a confidential one: the team has

    # in conversations
    LINK_CODE = "link-code"  # by mail: the code that connects a chat
    LINKED = "linked"  # by mail: a chat is connected from now on
    UNLINKED = "unlinked"  # to whoever, and to the chat that, was connected before
    ANSWER = "answer"  # to what somebody has just said or pressed there

    ERASED = "erased"  # by mail, the last one: what was known of them is gone


ABOUT_A_CIRCLE = frozenset(
    {
        Purpose.JOIN_REQUESTED,
        Purpose.JOINED,
        Purpose.JOIN_REFUSED,
        Purpose.CIRCLE_CLOSED,
        Purpose.MEMBERS_CHANGED,
    }
)
"""What is told of a circle itself, and of no gathering."""


class NoticeState(StrEnum):
    """Where a notice stands."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


class Audience(StrEnum):
    """Whom of a gathering a message is for; never those who declined, unless they were marked."""

    COMING = "coming"
    WAITING = "waiting"
    UNANSWERED = "unanswered"
    EVERYONE = "everyone"
    PRESENT = "present"  # those who were there
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Broadcast:
    """Something that whoever leads a gathering tells its people; `author` None where no person wrote it."""

    id: int
    gathering_id: int
    audience: str
    text: str
    author: str | None
    created_at: datetime
    called_off_at: datetime | None


@dataclass(frozen=True, slots=True)
class Ledgered:
    """A notice as the facilitator's ledger shows it."""

    id: int
    purpose: str
    person_id: int
    person: str
    channel: str | None
    due: datetime
    state: str
    sent_at: datetime | None
    error: str | None
