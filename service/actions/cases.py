"""Whose mail it is: from the address it came to, or else from its UID or thread, to one registration of ours.

Finds and locks; what the mail may do there is decided in `service/rules/replies.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from service.actions.scheduling import scope
from service.formats import tokens
from service.formats.received import Handled, ReceivedMail
from service.formats.tokens import Keys
from service.model import Gathering, Status
from service.rules import access
from service.rules.access import Verb
from service.rules.replies import Decision, Match, Token
from service.store import gatherings, replies
from service.store.inbox import Stored, Verdict
from service.store.replies import Invited, Seen

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class About:
    """The registration that a mail is about, and its gathering, which is locked, or known to be as it was read."""

    gathering: Gathering
    invited: Invited

    def closed(self, now: datetime) -> bool:
        """Tell whether no answer is taken any more: over, cancelled, or no longer theirs."""
        published = self.gathering.status == Status.PUBLISHED
        return not published or self.gathering.ends_at <= now or self.invited.withdrawn_at is not None

    def open(self, now: datetime) -> bool:
        """Tell whether anybody at all may register."""
        public = access.can(access.ANONYMOUS, Verb.SEE_GATHERING, scope(self.gathering))
        return public and self.gathering.status == Status.PUBLISHED and self.gathering.ends_at > now


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A mail that came in, how it names its registration, and which one that is; None: none of ours.

    `contradicted`: its UID is that of another registration than the one whose address it came to. `whispered`: the
    confidential gathering that it names without proof, by an address that we took back or that somebody made up.
    """

    stored: Stored
    received: ReceivedMail
    token: Token
    about: About | None
    contradicted: bool
    whispered: Gathering | None
    keys: Keys
    now: datetime

    def sender(self) -> Match:
        """Compare the From with the addresses of the person."""
        return self.compared(self.received.from_address)

    def compared(self, address: str | None) -> Match:
        """Compare an address with those of the person."""
        if address is None:
            return Match.MISSING
        known = self.about.invited.addresses if self.about else ()
        return Match.EQUAL if address in known else Match.DIFFERS

    def ended(self, state: str, reason: str, **facts: Any) -> Verdict:
        """Say how the mail ended; who belongs to a confidential circle is not for staff to read."""
        if self.about is None:
            return Verdict(state, reason, facts, self.whispered.id if self.whispered else None)
        gathering = self.about.gathering
        person_id = None if gathering.confidential else self.about.invited.person_id
        return Verdict(state, reason, facts, gathering.id, person_id)

    def parked(self, decision: Decision, **facts: Any) -> Verdict:
        """Keep the mail for a human."""
        return self.ended("parked", decision, **facts)

    def passed(self, decision: Decision, **facts: Any) -> Verdict:
        """End the mail without an effect on the registration."""
        return self.ended("no-op", decision, **facts)


async def find(conn: "Connection", stored: Stored, received: ReceivedMail, *, keys: Keys, now: datetime) -> Case:
    """Find the registration of a mail: by a handle that we made, else by UID or thread, which prove nothing.

    Locks the gatherings of all that is named, then reads: what is read under the locks stays so.
    """
    ident, uid = named_in(received)
    locked = {gathering.id: gathering for gathering in await gatherings.lock_named(conn, ident, uid)}
    found = await replies.select_invited(conn, ident, uid) if locked else []
    named = [About(locked[one.gathering_id], one) for one in found if one.gathering_id in locked]
    return case_of(stored, received, named, keys=keys, now=now)


async def find_together(
    conn: "Connection", mails: Sequence[tuple[Stored, ReceivedMail]], *, keys: Keys, now: datetime
) -> list[tuple[Case, Seen | None]]:
    """Find the registrations of several mails, each with what was seen of it; None: none of ours.

    Their gatherings are held meanwhile, so that nobody comes in between.
    """
    named = [named_in(received) for _, received in mails]
    idents, uids = ([name for name in names if name is not None] for names in zip(*named, strict=True))
    await replies.hold_named(conn, idents, uids)
    glances = await replies.glance_at_named(conn, idents, uids)
    found: list[tuple[Case, Seen | None]] = []
    for (stored, received), (ident, uid) in zip(mails, named, strict=True):
        seen = {one.standing.id: one for one in glances if one.standing.id == ident or one.standing.uid == uid}
        abouts = [About(one.gathering, one.standing) for one in seen.values()]
        case = case_of(stored, received, abouts, keys=keys, now=now)
        found.append((case, None if case.about is None else seen[case.about.invited.id]))
    return found


def named_in(received: ReceivedMail) -> tuple[int | None, str | None]:
    """Return which registrations a mail names: by the handle in its address, and by an iCalendar UID."""
    handle = _handle(received)
    return tokens.read_handle(handle) if handle else None, (
        received.calendar.uid if received.calendar else received.answers_uid
    )


def case_of(stored: Stored, received: ReceivedMail, named: Sequence[About], *, keys: Keys, now: datetime) -> Case:
    """Tell which of the registrations that a mail names is its own."""
    handle, (ident, uid) = _handle(received), named_in(received)
    own = next((about for about in named if _proves(handle, about.invited, ident, keys)), None)
    token = Token.UNKNOWN if received.handled is Handled.ANSWER else Token.ABSENT
    return Case(
        stored=stored,
        received=received,
        token=token if own is None else Token.VALID,
        about=own or next((about for about in named if about.invited.uid == uid), None),
        contradicted=own is not None and len(named) > 1,
        whispered=next((about.gathering for about in named if about.gathering.confidential), None),
        keys=keys,
        now=now,
    )


def _handle(received: ReceivedMail) -> str | None:
    return received.handle if received.handled is Handled.ANSWER else None


def _proves(handle: str | None, invited: Invited, ident: int | None, keys: Keys) -> bool:
    """Tell whether a handle is one that we made for this registration and did not take back."""
    if handle is None or invited.id != ident:
        return False
    return tokens.verifies(keys, tokens.ANSWER, handle, invited.generation)
