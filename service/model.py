"""The nouns of Kring as values; what they mean is in docs/architecture.md, how they are kept in schema.sql.

Rows become these dataclasses in `service/store`; nothing here reads or writes.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Language(StrEnum):
    """A language that Kring speaks."""

    DUTCH = "nl"
    ENGLISH = "en"


class Partstat(StrEnum):
    """The attendee's answer (RFC 5545 section 3.2.12)."""

    NEEDS_ACTION = "needs-action"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"


class Seat(StrEnum):
    """The organizer's answer."""

    NONE = "none"
    OFFERED = "offered"
    SEATED = "seated"
    WAITING = "waiting"


class Mode(StrEnum):
    """How somebody comes to a gathering that is both at a place and online."""

    ON_SITE = "on-site"
    ONLINE = "online"


def ways_of(location: str, online_url: str) -> frozenset[Mode]:
    """Tell how one can take part in a gathering; without a place or a link there is a place, not known yet."""
    online = {Mode.ONLINE} if online_url else set()
    return frozenset(online | ({Mode.ON_SITE} if location or not online_url else set()))


class WaitingReason(StrEnum):
    """Why an accepted person waits."""

    FULL = "full"
    ORGANISATION = "organisation"
    APPROVAL = "approval"


class Via(StrEnum):
    """The door through which an answer came."""

    LINK = "link"
    CALENDAR = "calendar"
    MAIL = "mail"
    TELEGRAM = "telegram"
    CONSOLE = "console"
    WEB = "web"
    API = "api"


class Attendance(StrEnum):
    """Who was there, as a person set it afterwards."""

    PRESENT = "present"
    ABSENT = "absent"
    EXCUSED = "excused"


class Status(StrEnum):
    """Where a gathering stands; *held* is published and past its end."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"
    HELD = "held"


class Visibility(StrEnum):
    """Who may see that a gathering exists."""

    PUBLIC = "public"
    MEMBERS = "members"
    CIRCLE = "circle"


class Joining(StrEnum):
    """How a person comes into a circle."""

    OPEN = "open"
    REQUEST = "request"
    INVITED = "invited"


class Role(StrEnum):
    """What a person is to the association."""

    MEMBER = "member"
    STAFF = "staff"
    ADMIN = "admin"


class MembershipRole(StrEnum):
    """What a person is to a circle."""

    PARTICIPANT = "participant"
    FACILITATOR = "facilitator"


class MembershipState(StrEnum):
    """Where a membership stands."""

    REQUESTED = "requested"
    ACTIVE = "active"
    LEFT = "left"


class Audience(StrEnum):
    """Whom of a gathering a message is for; never those who declined, unless they were marked."""

    COMING = "coming"
    WAITING = "waiting"
    UNANSWERED = "unanswered"
    EVERYONE = "everyone"
    PRESENT = "present"  # those who were there
    ABSENT = "absent"


class QuestionKind(StrEnum):
    """How a question of a gathering is answered."""

    TEXT = "text"  # in a few words
    CHOICE = "choice"  # with one of several choices
    YES_NO = "yes-no"


class CalendarStatus(StrEnum):
    """What the copy in a person's calendar says (RFC 5545 section 3.8.1.11)."""

    CONFIRMED = "confirmed"
    TENTATIVE = "tentative"
    CANCELLED = "cancelled"


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


class Vote(StrEnum):
    """What somebody says to a moment that is proposed."""

    YES = "yes"
    IF_NEED_BE = "if-need-be"
    NO = "no"


class NoticeState(StrEnum):
    """Where a notice stands."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


class Output(StrEnum):
    """What a line of the annual plan promises."""

    GATHERING = "gathering"
    GROUP = "group"  # a circle with people in it
    MAILING = "mailing"  # sent elsewhere: Kring does not count them


class Period(StrEnum):
    """How a line of the annual plan spreads what it promises over the year."""

    YEAR = "year"
    HALF_YEAR = "half-year"
    QUARTER = "quarter"
    MONTH = "month"
    WEEK = "week"


def localised(nl: str, en: str, language: str) -> str:
    """Choose the text in a language, or the other one where it is empty."""
    return (nl or en) if language == Language.DUTCH else (en or nl)


@dataclass(frozen=True, slots=True)
class Organisation:
    """A member of the association, or a guest organisation."""

    id: int
    name: str
    domains: list[str]


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with addresses; `email` is the primary mail address, `organisation` the primary current affiliation."""

    id: int
    name: str
    language: str
    role: str
    preferred_channel: str
    provisional_until: datetime | None
    email: str | None
    organisation_id: int | None
    organisation: str | None
    title: str | None


@dataclass(frozen=True, slots=True)
class CircleKind:
    """The policy of a kind of circle: data, never a name in code."""

    name: str
    label_nl: str
    label_en: str
    visibility: str
    confidential: bool
    joining: str
    capacity: int | None
    organisation_quota: int | None
    approval: bool
    reminders: list[str]
    minimum: int | None  # fewer than these do not go on
    language: str | None  # None: the association's
    rating: bool  # those who were there are asked for one
    most_members: int | None  # the circle is one group, of no more than these
    facilitators_count: bool  # who leads is one of the group: among the minimum and the most

    def label(self, language: str) -> str:
        """Return what the kind is called."""
        return localised(self.label_nl, self.label_en, language)


@dataclass(frozen=True, slots=True)
class Circle:
    """A standing community, with the policy of its kind that decides who may see and join it."""

    id: int
    slug: str
    kind: str
    title_nl: str
    title_en: str
    description_nl: str
    description_en: str
    language: str
    programme: str
    visibility: str
    confidential: bool
    joining: str
    most_members: int | None
    facilitators_count: bool
    closed_at: datetime | None = None  # nobody joins and nothing is planned any more

    def title(self, language: str) -> str:
        """Return the title in a language."""
        return localised(self.title_nl, self.title_en, language)

    def description(self, language: str) -> str:
        """Return the description in a language."""
        return localised(self.description_nl, self.description_en, language)


@dataclass(frozen=True, slots=True)
class Gathering:
    """One dated meeting of a circle; `starts_local` is wall time in `timezone`, `starts_at` the moment in UTC."""

    id: int
    uid: str
    circle_id: int
    circle_slug: str
    circle_title_nl: str
    circle_title_en: str
    circle_kind: str
    programme: str
    confidential: bool
    series_id: int | None
    status: str
    title_nl: str
    title_en: str
    description_nl: str
    description_en: str
    starts_local: datetime
    ends_local: datetime
    timezone: str
    starts_at: datetime
    ends_at: datetime
    location: str
    online_url: str
    capacity: int | None
    organisation_quota: int | None
    approval: bool
    reminders: list[str]
    visibility: str
    sequence: int
    revision: int
    cancel_reason: str
    created_at: datetime
    changed_at: datetime
    minimum: int | None = None  # as its kind says today: with fewer it does not go on
    facilitators_count: bool = False  # among them
    questions: int = 0  # how many those who come are asked
    answers_days: int | None = None  # after its end the answers to them are kept so long

    def title(self, language: str) -> str:
        """Return the title in a language; of a confidential gathering only for those who may read it."""
        return localised(self.title_nl, self.title_en, language)

    def description(self, language: str) -> str:
        """Return the description in a language."""
        return localised(self.description_nl, self.description_en, language)

    def circle_title(self, language: str) -> str:
        """Return the title of its circle in a language."""
        return localised(self.circle_title_nl, self.circle_title_en, language)

    @property
    def ways(self) -> frozenset[Mode]:
        """Return how one can take part."""
        return ways_of(self.location, self.online_url)

    @property
    def hybrid(self) -> bool:
        """Tell whether people choose between coming to the place and joining online."""
        return len(self.ways) > 1

    def standing(self, now: datetime) -> Status:
        """Tell where it stands at a moment, with *held* derived."""
        held = self.status == Status.PUBLISHED and self.ends_at <= now
        return Status.HELD if held else Status(self.status)


@dataclass(frozen=True, slots=True)
class Registration:
    """One person at one gathering: their partstat and their seat.

    `position` is computed, 1…n, and None unless the person waits in the queue.
    """

    id: int
    gathering_id: int
    person_id: int
    person_name: str
    organisation_id: int | None
    organisation: str | None
    facilitator: bool
    partstat: str
    seat: str
    waiting_reason: str | None
    position: int | None
    offer_expires_at: datetime | None
    answered_at: datetime | None
    via: str | None
    confirmed_sequence: int | None
    attendance: str | None
    generation: int
    withdrawn_at: datetime | None
    mode: str | None = None

    @property
    def online(self) -> bool:
        """Tell whether they said that they join online."""
        return self.mode == Mode.ONLINE and self.partstat == Partstat.ACCEPTED


@dataclass(frozen=True, slots=True)
class QuestionChoice:
    """One of the choices of a question; its number stays the same whatever becomes of its words."""

    number: int
    text_nl: str
    text_en: str

    def text(self, language: str) -> str:
        """Return its words in a language."""
        return localised(self.text_nl, self.text_en, language)


@dataclass(frozen=True, slots=True)
class Question:
    """What whoever runs a gathering asks those who come; one that is still to be kept has the id 0."""

    id: int
    kind: str
    text_nl: str
    text_en: str
    needed: bool
    choices: tuple[QuestionChoice, ...] = ()

    def text(self, language: str) -> str:
        """Return its words in a language."""
        return localised(self.text_nl, self.text_en, language)


@dataclass(frozen=True, slots=True)
class QuestionAnswer:
    """What somebody answered to a question: as its kind is, a text, the number of a choice, or yes and no."""

    question_id: int
    text: str | None = None
    choice: int | None = None
    yes: bool | None = None


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many of a group come, and how many still could: all who have not said no to the time as it stands.

    Facilitators are among them where the kind says so. `asking`: the group is asked for another date.
    """

    coming: int
    possible: int
    asking: bool = False


@dataclass(frozen=True, slots=True)
class Rating:
    """What somebody who was there thought of a gathering, from 1 to 10, in words as far as they gave any."""

    score: int
    comment: str


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
