"""What to do with an answer that came by mail: one decision over plain values, for calendar replies and for words.

Decides whose answer it can be, whether it is about the time that stands and whether it is new; what a mail says was
read in `bots/mail`, and `service/actions/replies.py` does what is decided here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from service.model import Partstat

AHEAD: Final = timedelta(minutes=10)
"""How far the clock of whoever answers may run ahead of ours."""

ANSWERS: Final = frozenset({Partstat.ACCEPTED, Partstat.DECLINED, Partstat.TENTATIVE})
DELEGATED: Final = "delegated"  # RFC 5545 section 3.2.12
REPLY, COUNTER, REFRESH = "REPLY", "COUNTER", "REFRESH"  # RFC 5546 section 1.4
PASS, FAIL = "pass", "fail"
"""What our own mail server found out about the sender (RFC 8601); anything else tells nothing."""


class Token(StrEnum):
    """The handle in the address that a mail came to."""

    VALID = "valid"
    ABSENT = "absent"
    UNKNOWN = "unknown"  # there is one, and we did not make it or took it back


class Match(StrEnum):
    """An address in a mail, beside those of the person who was invited."""

    EQUAL = "equal"
    DIFFERS = "differs"
    MISSING = "missing"


class Decision(StrEnum):
    """What to do with an answer; the values are the reasons that the inbox shows."""

    APPLY = "answer"
    APPLY_AS_ALIAS = "answer-by-alias"  # and remember the attendee's address as a proposal
    HOLD = "held-for-a-click"  # the address of record gets the link
    INVITE_STRANGER = "forwarded-register-here"  # no change for the invitee; the sender may register
    FORWARDED = "forwarded"  # no change for the invitee
    PARK = "whose-is-unclear"
    PARK_AND_ASK = "unchecked"  # and mail the address of record a link
    UNCLEAR = "unclear"  # theirs, but not understood: parked, and they get the link
    FACILITATOR = "for-the-facilitator"  # somebody else instead of them, or another time
    STALE = "stale"
    ASK_AGAIN = "about-an-older-time"
    CLOSED = "closed"  # cancelled, over or no longer theirs: acknowledged, no change
    RESEND = "asked-for-a-copy"
    IGNORE = "not-for-us"
    COMMAND = "command"  # by somebody known, and proved: the dialogue answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Where a reply stands among what is known of a registration (RFC 5546 section 2.1.5).

    `sequence` and `clicked_at` are those of the reply, the last two those of the last one that was looked at.
    `moved_sequence` is the SEQUENCE since which time and place are what they are now.
    """

    sequence: int
    clicked_at: datetime
    moved_sequence: int = 0
    last_sequence: int | None = None
    last_clicked_at: datetime | None = None

    @property
    def stale(self) -> bool:
        """Tell whether a reply as new as this one, or a newer one, was looked at before."""
        if self.last_sequence is None or self.last_clicked_at is None:
            return False
        return (self.sequence, self.clicked_at) <= (self.last_sequence, self.last_clicked_at)

    @property
    def about_an_older_time(self) -> bool:
        """Tell whether time or place have changed since the copy that was answered."""
        return self.sequence < self.moved_sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A calendar message as the decision sees it.

    `known`: the handle, or without a valid one the UID, names an invitation of ours. `attendee` is who answered and
    `sender` the From, each compared with the addresses of the invited person; `aligned`: both are of one domain.
    `order` None where no invitation is known. `open` is a public gathering that still takes answers.
    """

    token: Token
    known: bool
    attendee: Match
    sender: Match
    authentication: str
    aligned: bool
    confidential: bool
    open: bool
    closed: bool
    automatic: bool
    damaged: bool = False
    method: str = REPLY
    partstat: str | None = Partstat.ACCEPTED
    order: Order | None = None


def decide(reply: Reply) -> Decision:
    """Decide about a calendar message: whose it is first, then whether it still can, then what it says."""
    if reply.method not in (REPLY, COUNTER, REFRESH):
        return Decision.IGNORE
    if not reply.known:
        return Decision.PARK
    if reply.damaged:
        return Decision.PARK_AND_ASK
    whose = _identified(reply) if reply.token is Token.VALID else _unidentified(reply)
    if whose not in _THEIRS:
        return whose
    if reply.closed:
        return Decision.CLOSED
    return _told(reply, whose)


_THEIRS: Final = frozenset({Decision.APPLY, Decision.APPLY_AS_ALIAS, Decision.HOLD})


def _identified(reply: Reply) -> Decision:
    """Decide by a handle of ours: it names the registration, but everybody who sees the invitation has it."""
    if reply.attendee is Match.MISSING:
        return Decision.PARK_AND_ASK
    own = reply.sender is Match.EQUAL
    if reply.attendee is Match.EQUAL:
        return Decision.HOLD if reply.confidential and not own else Decision.APPLY
    if own:
        return Decision.APPLY_AS_ALIAS
    # A forwarded invitation. Only a sender who is who they say, and no program, is told where to register.
    invited = reply.open and not reply.confidential
    real = reply.sender is Match.DIFFERS and reply.authentication == PASS and not reply.automatic
    return Decision.INVITE_STRANGER if invited and real else Decision.FORWARDED


def _unidentified(reply: Reply) -> Decision:
    """Decide by the UID, which proves nothing: sender and attendee must be the person, and the sender proved."""
    theirs = reply.attendee is Match.EQUAL and reply.sender is Match.EQUAL
    proved = reply.authentication == PASS and reply.aligned
    return Decision.APPLY if theirs and proved else Decision.PARK_AND_ASK


def _told(reply: Reply, whose: Decision) -> Decision:
    """Decide by what a message says, once it is theirs to say."""
    if reply.method == COUNTER or reply.partstat == DELEGATED:
        return Decision.FACILITATOR
    if reply.method == REFRESH:
        return Decision.RESEND
    if reply.partstat not in ANSWERS:
        return Decision.PARK_AND_ASK
    if reply.order is not None and reply.order.stale:
        return Decision.STALE
    if reply.order is not None and reply.order.about_an_older_time:
        return Decision.ASK_AGAIN
    return whose


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A mail in words as the decision sees it; `known` is like that of a reply, by thread where there is no handle."""

    token: Token
    known: bool
    sender: Match
    authentication: str
    closed: bool
    understood: bool


def decide_words(words: Words) -> Decision:
    """Decide about an answer in words: it counts only from an address of the person, and is never guessed at."""
    if not words.known:
        return Decision.PARK
    if not _trusted(words):
        return Decision.PARK_AND_ASK
    if words.closed:
        return Decision.CLOSED
    return Decision.APPLY if words.understood else Decision.UNCLEAR


def decide_command(*, known: bool, authentication: str) -> Decision:
    """Decide about a mail to the address of commands, which speaks for a person.

    Our own server must have proved the sender (RFC 8601); what cannot be checked does nothing.
    """
    if not known:
        return Decision.PARK
    return Decision.COMMAND if authentication == PASS else Decision.PARK_AND_ASK


def _trusted(words: Words) -> bool:
    if words.sender is not Match.EQUAL:
        return False
    if words.token is Token.VALID:
        return words.authentication != FAIL
    return words.authentication == PASS


def clicked_at(dtstamp: datetime | None, *, invited_at: datetime | None, received_at: datetime) -> datetime:
    """Tell when somebody pressed the button: at DTSTAMP, where that can be true, else when the mail came.

    In whole seconds, as DTSTAMP has no others (RFC 5545 section 3.8.7.2).
    """
    received_at = received_at.replace(microsecond=0)
    if dtstamp is None or invited_at is None:
        return received_at
    plausible = invited_at.replace(microsecond=0) <= dtstamp <= received_at + AHEAD
    return dtstamp.replace(microsecond=0) if plausible else received_at


def comparable(sequence: int, current: int) -> int:
    """Return the SEQUENCE of a reply for comparing: no program can know of a higher one than ours."""
    return min(max(sequence, 0), current)
