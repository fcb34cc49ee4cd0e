"""Commands by mail: what somebody known asks at our address, answered by the dialogue in a mail.

Steps inside the transaction that also ends the mail, so that a mail that comes twice does nothing twice.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from service.actions.acknowledging import PAUSE, PER_DAY, UNCHECKED
from service.actions.allowances import Limit, spend, spend_each
from service.actions.cases import Case
from service.actions.text_replies import PARTSTATS, Words
from service.channels import MAIL, Inbound, Intent, Outbound
from service.database import Database
from service.formats import tokens
from service.formats.outbounds import packed
from service.model import Person, Purpose
from service.rules import replies
from service.rules.notices import NewNotice
from service.rules.replies import Decision
from service.store import outbox, people
from service.store.inbox import Verdict

if TYPE_CHECKING:
    from service.database import Connection

PER_HOUR: Final = Limit("command-hour", 30, timedelta(hours=1))
COMMANDS_PER_DAY: Final = Limit("command-day", 100, timedelta(days=1))
"""Commands of one person: a line that is understood as a whole was hardly written by a machine, but may be by one."""

OF_USE: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Answered:
    """What the dialogue says to a message, and whether it was understood."""

    outbounds: Sequence[Outbound]
    understood: bool


@dataclass(frozen=True, slots=True)
class Talk:
    """The dialogue: what it answers, and what it says to a mail of which nobody knows whose it is."""

    answer: Callable[[Database, Inbound], Awaitable[Answered]]
    unchecked: Callable[[Person], Outbound]


async def take(db: Database, conn: "Connection", case: Case, *, talk: Talk, words: Words) -> Verdict:
    """Let the dialogue answer a mail, where it is by somebody known and proved to be by them.

    What was not understood is answered too, seldom, and kept for a human.
    """
    received = case.received
    person = await _person(conn, received.from_address)
    decision = replies.decide_command(known=person is not None, authentication=received.authentication)
    if decision is Decision.PARK_AND_ASK and person is not None:
        return case.parked(decision, told=await _tell_unchecked(conn, case, person, talk))
    if decision is not Decision.COMMAND or person is None:
        return case.parked(decision)
    if not await _may_command(conn, case, person):
        return Verdict("no-op", "too-many", person_id=person.id)
    text = "\n".join(received.lines)
    answered = await talk.answer(db.within(conn), _inbound(case, text))
    if not answered.understood:
        told = await _may_explain(conn, case, person) and await _write(conn, case, person, answered.outbounds)
        return Verdict("parked", Decision.UNCLEAR, {"told": told}, person_id=person.id)
    asked = words(text)
    confirmed = isinstance(asked, Intent) and asked.topic in PARTSTATS and await _confirmed(conn, case, person)
    if not confirmed:
        await _write(conn, case, person, answered.outbounds)
    return Verdict("applied", decision, person_id=person.id)


async def _person(conn: "Connection", address: str | None) -> Person | None:
    """Find whose trusted address this is; somebody who is only asked whether they want to come is not known yet."""
    found = await people.select_person_by_trusted_mail(conn, address) if address else None
    return found if found is not None and found.provisional_until is None else None


def _inbound(case: Case, text: str) -> Inbound:
    sender, question = case.received.from_address or "", case.received.question
    proved = question is not None and tokens.verifies(case.keys, tokens.QUESTION, question)
    return Inbound(
        channel=MAIL,
        external_id=str(case.stored.id),
        received_at=case.stored.received_at,
        address=sender,
        conversation=sender,
        text=text,
        cut=case.received.cut,
        reply_to=case.received.message_id,
        answers=tokens.read_handle(question) if proved and question else None,
    )


async def _may_command(conn: "Connection", case: Case, person: Person) -> bool:
    limits = [(limit, str(person.id)) for limit in (PER_HOUR, COMMANDS_PER_DAY)]
    return await spend_each(conn, limits, keys=case.keys, now=case.now)


async def _may_explain(conn: "Connection", case: Case, person: Person) -> bool:
    """Count an answer to what was not understood: once in ten minutes, five times a day, and so no loop."""
    limits = [(limit, f"command:{person.id}") for limit in (PAUSE, PER_DAY)]
    return await spend_each(conn, limits, keys=case.keys, now=case.now)


async def _tell_unchecked(conn: "Connection", case: Case, person: Person, talk: Talk) -> bool:
    """Tell the person once a day that something came in their name: anybody can cause this."""
    if not await spend(conn, UNCHECKED, f"command:{person.id}", keys=case.keys, now=case.now):
        return False
    return await _write(conn, case, person, [talk.unchecked(person)])


async def _confirmed(conn: "Connection", case: Case, person: Person) -> bool:
    """Tell whether an answer is confirmed by a mail with a calendar copy, which says all that there is to say."""
    return await outbox.confirms(conn, person.id, case.now)


async def _write(conn: "Connection", case: Case, person: Person, outbounds: Sequence[Outbound]) -> bool:
    """Put one mail with all that is said into the outbox, to the address that asked."""
    stored, received = case.stored, case.received
    asks = next((one.asks for one in outbounds if one.asks is not None), None)
    facts: dict[str, Any] = {} if asks is None else {"asks": asks}
    facts |= {
        "outbound": [packed(one) for one in outbounds],
        "in_reply_to": received.message_id,
        "subject": received.subject,
    }
    notice = NewNotice(
        dedupe_key=f"answer:mail:{stored.id}:{stored.attempts}",
        purpose=Purpose.ANSWER,
        person_id=person.id,
        due_at=case.now,
        channel=MAIL,
        conversation=received.from_address,
        facts=facts,
        expires_at=case.now + OF_USE,
    )
    await outbox.insert_notices(conn, [notice], case.now)
    return True
