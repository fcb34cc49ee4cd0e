"""Whose mail it is: from the address it came to, or else from its UID or thread, to one registration of ours.

Finds and locks; what the mail may do there is decided in `service/rules/replies.py`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from service.actions import intake
from service.actions.scheduling import scope
from service.formats import tokens
from service.formats.received import Handled, ReceivedMail
from service.formats.tokens import Keys
from service.model import Gathering, Status
from service.rules import access
from service.rules.access import Verb
from service.rules.replies import Decision, Match, Token
from service.store import gatherings, replies
from service.store.inbox import Stored
from service.store.replies import Invited

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class About:
    """The registration that a mail is about, and its gathering, which is locked."""

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
    """A mail that came in, how it names its registration, and which one that is; None: none of ours."""

    stored: Stored
    received: ReceivedMail
    token: Token
    about: About | None
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

    def ended(self, state: str, reason: str, **facts: Any) -> intake.Verdict:
        """Say how the mail ended; who belongs to a confidential circle is not for staff to read."""
        if self.about is None:
            return intake.Verdict(state, reason, facts)
        gathering = self.about.gathering
        person_id = None if gathering.confidential else self.about.invited.person_id
        return intake.Verdict(state, reason, facts, gathering.id, person_id)

    def parked(self, decision: Decision, **facts: Any) -> intake.Verdict:
        """Keep the mail for a human."""
        return self.ended("parked", decision, **facts)

    def passed(self, decision: Decision, **facts: Any) -> intake.Verdict:
        """End the mail without an effect on the registration."""
        return self.ended("no-op", decision, **facts)


async def find(conn: "Connection", stored: Stored, received: ReceivedMail, *, keys: Keys, now: datetime) -> Case:
    """Find the registration of a mail: by a handle that we made, else by UID or thread, which prove nothing."""
    about = await _by_handle(conn, received, keys)
    token = Token.VALID
    if about is None:
        token = Token.UNKNOWN if received.handled is Handled.ANSWER else Token.ABSENT
        about = await _by_uid(conn, received)
    return Case(stored=stored, received=received, token=token, about=about, keys=keys, now=now)


async def _by_handle(conn: "Connection", received: ReceivedMail, keys: Keys) -> About | None:
    handle = received.handle if received.handled is Handled.ANSWER else None
    ident = tokens.read_handle(handle) if handle else None
    if ident is None or handle is None:
        return None
    found = await replies.select_invited(conn, ident)
    if found is None or not tokens.verifies(keys, tokens.ANSWER, handle, found.generation):
        return None
    return await _locked(conn, ident)


async def _by_uid(conn: "Connection", received: ReceivedMail) -> About | None:
    uid = received.calendar.uid if received.calendar else received.answers_uid
    ident = await replies.select_id_by_uid(conn, uid) if uid else None
    return None if ident is None else await _locked(conn, ident)


async def _locked(conn: "Connection", ident: int) -> About | None:
    """Lock the gathering, then read: what is read under the lock stays so."""
    gathering = await gatherings.lock_by_registration(conn, ident)
    invited = await replies.select_invited(conn, ident)
    return About(gathering, invited) if gathering and invited else None
