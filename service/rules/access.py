"""Who may do what: the one table that web, API, chat and mail all ask through the actions.

Decides on plain values; it never looks anything up. Roles: a handle's holder, a member, a facilitator of the circle,
staff, admin, and API keys, which act as one of the last three.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from service.errors import NotAllowed, NotFound
from service.model import Role, Visibility


class Verb(StrEnum):
    """Something that an actor may or may not do to an object."""

    SEE_GATHERING = "see-gathering"  # that it exists, and its public facts
    READ_CONTENT = "read-content"  # title, place and text, also of a confidential circle
    SEE_CIRCLE = "see-circle"
    JOIN_CIRCLE = "join-circle"
    SIGN_UP = "sign-up"  # without having been invited
    ANSWER = "answer"  # for oneself
    ANSWER_FOR = "answer-for"  # for somebody else
    VOTE = "vote"  # for the date of a gathering of one's circle
    INVITE_GUEST = "invite-guest"  # somebody from outside, by address
    SET_SEATS = "set-seats"  # give, offer, take back
    SEE_ROSTER = "see-roster"  # who is registered, who is a member
    MARK_ATTENDANCE = "mark-attendance"
    ADD_WALK_IN = "add-walk-in"  # somebody who is not known yet, or of elsewhere in the association
    RATE = "rate"  # what one was at oneself
    SEE_RATING = "see-rating"  # all of them together
    SEE_LEDGER = "see-ledger"
    SEE_MATERIAL = "see-material"  # report, links and files of a gathering
    EDIT_MATERIAL = "edit-material"
    ASK_QUESTIONS = "ask-questions"  # of those who come
    SEE_ANSWERS = "see-answers"  # what people answered to them, health and all
    MESSAGE_PARTICIPANTS = "message-participants"
    SHARE_CARD = "share-card"  # put a gathering's card into a group, where everybody reads it
    EDIT_GATHERING = "edit-gathering"  # create, change, publish, cancel, invite
    SET_MEMBERS = "set-members"
    LET_IN_TEAM = "let-in-team"  # somebody of the team, into a circle that has its people
    EDIT_CIRCLE = "edit-circle"  # create, change, close and open circles, and the policy of their kinds
    DESCRIBE_CIRCLE = "describe-circle"  # its titles, its text and its language
    VOUCH = "vouch"  # that an address given to somebody is theirs, in their place
    CONNECT = "connect"  # a chat to oneself
    EDIT_PEOPLE = "edit-people"  # people, organisations, imports
    SEE_PEOPLE = "see-people"
    NAME_ANYBODY = "name-anybody"  # by number, as many as there are, whether they were ever met or not
    SET_PREFERENCES = "set-preferences"  # what a person wants to hear, how and when
    SIGN_OUT = "sign-out"  # a person, and see where they are signed in
    EXPORT = "export"  # what is held about a person
    ERASE = "erase"  # a person
    SEE_PLAN = "see-plan"
    EDIT_PLAN = "edit-plan"
    READ_INBOX = "read-inbox"  # mails that need a human, with what people wrote in them
    OPERATE = "operate"  # keys, outbox


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks; built by the front that knows, from a handle, a web session, an address, an API key or the CLI."""

    name: str  # for the history: person:12, api:3, kring
    person_id: int | None = None
    registration_id: int | None = None  # the holder of this registration's handle
    role: str = Role.MEMBER
    facilitates: frozenset[int] = field(default_factory=frozenset)  # circles
    member_of: frozenset[int] = field(default_factory=frozenset)  # circles
    signed_in: bool = False  # proved to be the person or key, as against a handle or nobody

    @property
    def staff(self) -> bool:
        """Tell whether the actor belongs to the association's team."""
        return self.role in (Role.STAFF, Role.ADMIN)

    @property
    def is_person(self) -> bool:
        """Tell whether this is a person who has proved to be that one, and no key, holder of a handle or stranger."""
        return self.signed_in and self.person_id is not None


ANONYMOUS = Actor("anonymous")
KRING = Actor("kring", role=Role.ADMIN, signed_in=True)
"""Kring itself: the command line and the scheduler."""


@dataclass(frozen=True, slots=True)
class Object:
    """What is asked about: the circle it belongs to and how hidden that is; None where a verb needs no object."""

    circle_id: int | None = None
    visibility: str = Visibility.PUBLIC
    confidential: bool = False
    published: bool = True
    registration_id: int | None = None
    person_id: int | None = None  # whose registration or page it is


NOTHING = Object()


def can(actor: Actor, verb: Verb, target: Object = NOTHING) -> bool:
    """Tell whether an actor may do this to that; what no rule allows is refused."""
    return _RULES[verb](actor, target)


def require(actor: Actor, verb: Verb, target: Object = NOTHING) -> None:
    """Refuse what `can` refuses: NotFound where the object itself is hidden from the actor, else NotAllowed."""
    if can(actor, verb, target):
        return
    if target.circle_id is not None and not can(actor, Verb.SEE_GATHERING, target):
        raise NotFound
    raise NotAllowed


def oneself(actor: Actor) -> int:
    """Return which person the actor has proved to be; NotAllowed for what only a person does for themselves."""
    if actor.person_id is None or not actor.is_person:
        raise NotAllowed
    return actor.person_id


def _facilitates(actor: Actor, target: Object) -> bool:
    return target.circle_id in actor.facilitates


def _belongs(actor: Actor, target: Object) -> bool:
    return _facilitates(actor, target) or target.circle_id in actor.member_of


def _runs(actor: Actor, target: Object) -> bool:
    return actor.staff or _facilitates(actor, target)


def _sees_people(actor: Actor, target: Object) -> bool:
    """Of a confidential circle only its own people are told who is in it; staff see counts."""
    if target.confidential:
        return _belongs(actor, target)
    return _runs(actor, target)


def _sees(actor: Actor, target: Object) -> bool:
    if _runs(actor, target):
        return True
    if not target.published:
        return False
    if _belongs(actor, target):
        return True
    if target.confidential or target.visibility == Visibility.CIRCLE:
        return False
    return target.visibility == Visibility.PUBLIC or actor.is_person


def _signs_up(actor: Actor, target: Object) -> bool:
    """Whoever sees a gathering may come; to a confidential one only its own people, whatever the team may see of it."""
    return actor.is_person and _sees(actor, target) and (not target.confidential or _belongs(actor, target))


def _is_own(actor: Actor, target: Object) -> bool:
    if target.registration_id is not None and target.registration_id == actor.registration_id:
        return True
    return actor.signed_in and target.person_id is not None and target.person_id == actor.person_id


def _answers_for(actor: Actor, target: Object) -> bool:
    return _facilitates(actor, target) or (actor.staff and not target.confidential)


_RULES: dict[Verb, Callable[[Actor, Object], bool]] = {
    Verb.SEE_GATHERING: _sees,
    Verb.READ_CONTENT: lambda a, t: _sees(a, t) and (not t.confidential or _belongs(a, t) or a.staff),
    Verb.SEE_CIRCLE: _sees,
    Verb.JOIN_CIRCLE: lambda a, t: a.is_person and _sees(a, t),
    Verb.SIGN_UP: _signs_up,
    Verb.ANSWER: _is_own,
    Verb.ANSWER_FOR: _answers_for,
    Verb.VOTE: lambda a, t: a.is_person and _belongs(a, t),
    Verb.INVITE_GUEST: _answers_for,
    Verb.SET_SEATS: _answers_for,
    Verb.SEE_ROSTER: _sees_people,
    Verb.MARK_ATTENDANCE: _answers_for,
    Verb.ADD_WALK_IN: lambda a, t: _answers_for(a, t) and not t.confidential,
    Verb.RATE: _is_own,
    Verb.SEE_RATING: _runs,
    Verb.SEE_MATERIAL: lambda a, t: (_sees(a, t) or _is_own(a, t)) and (not t.confidential or _belongs(a, t)),
    Verb.EDIT_MATERIAL: _answers_for,
    Verb.ASK_QUESTIONS: _runs,
    Verb.SEE_ANSWERS: _answers_for,
    Verb.SEE_LEDGER: _answers_for,
    Verb.MESSAGE_PARTICIPANTS: _answers_for,
    Verb.SHARE_CARD: lambda a, t: _runs(a, t) and not t.confidential,
    Verb.EDIT_GATHERING: _runs,
    Verb.SET_MEMBERS: _runs,
    Verb.LET_IN_TEAM: _answers_for,
    Verb.EDIT_CIRCLE: lambda a, t: a.staff,
    Verb.DESCRIBE_CIRCLE: _runs,
    Verb.VOUCH: lambda a, t: a == KRING,
    Verb.CONNECT: lambda a, t: a.signed_in and _is_own(a, t),
    Verb.EDIT_PEOPLE: lambda a, t: a.staff,
    Verb.SEE_PEOPLE: lambda a, t: a.staff or _is_own(a, t),
    Verb.NAME_ANYBODY: lambda a, t: a.staff,
    Verb.SET_PREFERENCES: lambda a, t: a.staff or _is_own(a, t),
    Verb.SIGN_OUT: lambda a, t: a.role == Role.ADMIN or _is_own(a, t),
    Verb.EXPORT: lambda a, t: a.staff or _is_own(a, t),
    Verb.ERASE: lambda a, t: a.staff or _is_own(a, t),
    Verb.SEE_PLAN: lambda a, t: a.staff,
    Verb.EDIT_PLAN: lambda a, t: a.staff,
    Verb.READ_INBOX: _runs,
    Verb.OPERATE: lambda a, t: a.role == Role.ADMIN,
}
