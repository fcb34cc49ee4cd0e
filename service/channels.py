"""The neutral message model: what every channel turns its messages into and from.

A channel is a package in `bots/` with intake, parse, render and send; it declares what it can do, and rendering
degrades by what is declared, never by exception. No platform is named here but mail.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from typing import Any, Final, Literal, Protocol

from service.model import Gathering, Numbers

MAIL: Final = "mail"
"""The channel that reaches everybody, carries what calendars read, and repeats a message without doubling it."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can do; `max_text` in the channel's own characters."""

    buttons: bool = False
    files: bool = False
    links: bool = True
    max_text: int = 100_000
    idempotent_send: bool = False


class Topic(StrEnum):
    """What an intent is about."""

    AGENDA = "agenda"
    GATHERING = "gathering"  # show one; number
    MINE = "mine"
    ACCEPT = "accept"
    ACCEPT_ONLINE = "accept-online"  # a yes to joining from elsewhere
    DECLINE = "decline"
    TENTATIVE = "tentative"
    CIRCLES = "circles"
    CIRCLE = "circle"  # show one; slug
    JOIN = "join"
    LEAVE = "leave"
    CALENDAR = "calendar"  # a gathering as a calendar file; number
    RATE = "rate"  # number of the gathering, with the score behind a stroke: 12-8
    FEED = "feed"  # one's own calendar feed
    # for whoever leads the circle; what stands behind the number of a gathering follows a stroke: 12-2
    ROSTER = "roster"  # number; with a page, csv or xlsx
    UNANSWERED = "unanswered"  # number; with a page
    ATTENDANCE = "attendance"  # number; with a page
    ATTENDEE = "attendee"  # number with a person
    PRESENT = "present"
    ABSENT = "absent"
    EXCUSED = "excused"
    UNMARK = "unmark"
    MESSAGE = "message"  # to the people of a gathering; number
    CALL_OFF = "call-off"  # what was told; its number
    CARD = "card"  # a gathering's card into a group; number
    PLAN = "plan"  # slug
    PUBLISH = "publish"  # number
    MOVE = "move"  # number
    REPLAN = "replan"  # ask the circle for another date; number
    CANCEL = "cancel"  # number
    # within a dialogue of several steps
    REPLY = "reply"  # number of the question, with one of its answers
    DROP = "drop"
    POLL = "poll"  # for a date; number of the gathering, with those of moments: 12-2
    LINK = "link"  # connect this chat; a mail address, or what a link from the own page brings
    LINK_YES = "link-yes"  # the request's number
    LINK_NO = "link-no"
    UNLINK = "unlink"
    LANGUAGE = "language"
    HELP = "help"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Intent:
    """What a person asks. `argument` is a gathering's number, a circle's slug or a language, as the topic needs."""

    topic: Topic
    argument: str | None = None


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message from a person, translated at the door. Exactly one of `intent` and `text` is given.

    `cut`: more was written than `text` holds. `account` is what the channel calls whoever writes, `language` what it
    knows of the language they speak. `answers` is the number of the question that it answers, where the channel tells.
    """

    channel: str
    external_id: str
    received_at: datetime
    address: str
    conversation: str
    scope: Literal["private", "group"] = "private"
    intent: Intent | None = None
    text: str | None = None
    cut: bool = False
    reply_to: str | None = None
    account: str = ""
    language: str = ""
    answers: int | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """A title line."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A few sentences."""

    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Short labelled facts, such as when and where."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A file to hand over."""

    name: str
    media_type: str
    content: bytes


Block = Heading | Paragraph | Facts | Document


@dataclass(frozen=True, slots=True)
class Choice:
    """Something a person can do next, as button, as keyword to type and as signed link (None: there is no page)."""

    label: str
    intent: Intent
    keyword: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Outbound:
    """A message to people. The same `view_key` again means: the same card, edit it in place where the channel can.

    `asks` is the number of the question that it puts, if it puts one.
    """

    view_key: str
    blocks: tuple[Block, ...]
    choices: tuple[Choice, ...] = ()
    audience: Literal["person", "conversation"] = "person"
    confidential: bool = False
    asks: int | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a channel gives back for a message sent; `detail` is what the far side said, for the ledger."""

    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRegistration:
    """What a notice may say of the registration it is about, as it stands when the notice is due."""

    id: int
    uid: str
    generation: int
    partstat: str
    seat: str
    facilitator: bool
    answered: bool
    invited: bool
    withdrawn: bool
    attendance: str | None = None
    online: bool = False
    heard_at: datetime | None = None  # when they answered last, or else were invited


@dataclass(frozen=True, slots=True, kw_only=True)
class DueNotice:
    """A notice whose time has come, with all that a channel needs to write it.

    `facts` and `due_at`, the moment it was first due, stay the same from one attempt to the next; `retries` counts the
    failures since. `address` is None where the person cannot be reached on this channel; `others` counts further
    addresses that could be tried. `attempted_at`: a worker was about to hand it over and never told what came of it.
    `mails` False: the person wants no invitations of this circle. `person_id` is None for what goes to a conversation.
    """

    id: int
    purpose: str
    priority: int
    facts: Mapping[str, Any]
    created_at: datetime
    due_at: datetime
    expires_at: datetime | None
    attempts: int
    attempted_at: datetime | None
    retries: int
    person_id: int | None
    name: str
    language: str
    address_id: int | None
    channel: str
    address: str | None
    others: int
    mails: bool
    reminders: bool = True
    quiet_from: time | None = None
    quiet_until: time | None = None
    gathering: Gathering | None = None
    registration: DueRegistration | None = None
    numbers: Numbers | None = None  # only with what is about them


class Pace(Protocol):
    """How fast a channel may be sent to; `now` is in seconds of a clock that only runs forward."""

    def conversation(self, due: DueNotice) -> str | None:
        """Name the conversation in which this keeps its turn; None where the order does not matter."""
        ...

    def wait(self, due: DueNotice, now: float) -> float:
        """Tell how many seconds this has to wait; 0 when it may go now."""
        ...

    def take(self, due: DueNotice, now: float) -> None:
        """Count this as sent."""
        ...


@dataclass(frozen=True, slots=True)
class Sample:
    """A message as somebody would read it, with dots where it names the person."""

    subject: str
    text: str


class Show(Protocol):
    """What a channel offers to previews: write a notice and hand nothing over."""

    def __call__(self, due: DueNotice) -> Sample:
        """Write it; what differs from person to person is left open."""
        ...


class Sender(Protocol):
    """What a channel offers to the outbox: write one notice as the channel does, and hand it over.

    `pace` is None where nothing has to be held back; with one, a single worker at a time sends on this channel.
    """

    @property
    def capabilities(self) -> Capabilities:
        """Tell what the channel can do."""
        ...

    @property
    def pace(self) -> Pace | None:
        """Tell how fast it may go."""
        ...

    async def deliver(self, due: DueNotice) -> Receipt:
        """Hand over one notice; the same notice again is the same message. Raises DeliveryFailed."""
        ...

    async def check(self) -> None:
        """Find out, without sending, whether anything could be handed over now; raises DeliveryFailed if not."""
        ...
