"""Answers pressed in a calendar (RFC 5546): what a REPLY, COUNTER or REFRESH does to a registration.

Steps inside the caller's transaction, with the gathering locked; decided in `service/rules/replies.py`.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from service.actions import acknowledging, calendars
from service.actions.answering import Answer, Outcome, settle
from service.actions.calendars import Message
from service.actions.cases import About, Case
from service.actions.together import settle_all
from service.formats.cleaning import clean_text
from service.formats.received import CalendarMessage
from service.model import Mode, Partstat, Purpose, Seat, Via
from service.rules import notices, replies
from service.rules.access import Actor
from service.rules.replies import Decision, Match, Order, Reply
from service.store import aliases, copies, rosters
from service.store import replies as store
from service.store.inbox import Verdict
from service.store.standings import Glance

if TYPE_CHECKING:
    from datetime import datetime

    from service.database import Connection

COMMENT: Final = 2000


@dataclass(frozen=True, slots=True)
class _Read:
    """A calendar message with what it says for the person: whose line of it that is, and what stands there."""

    message: CalendarMessage
    attendee: Match
    address: str
    partstat: str | None
    order: Order | None


async def take(conn: "Connection", case: Case, message: CalendarMessage) -> Verdict:
    """Do what a calendar message asks, as far as it may."""
    read = _read(case, message)
    decision = replies.decide(_seen(case, read))
    return await _EFFECTS[decision](conn, case, read, decision)


async def take_together(
    conn: "Connection", cases: Sequence[tuple[Case, CalendarMessage, Glance]], *, now: "datetime"
) -> list[Verdict | None]:
    """Do what several calendar messages ask, where that is no more than an answer; None for each that asks for more."""
    verdicts: list[Verdict | None] = [None] * len(cases)
    reads = [_read(case, message) for case, message, _ in cases]
    plain = {
        place: read
        for place, ((case, _, _), read) in enumerate(zip(cases, reads, strict=True))
        if replies.decide(_seen(case, read)) is Decision.APPLY
    }
    given = [(cases[place][2], _answer(cases[place][0], read)) for place, read in plain.items()]
    outcomes = await settle_all(conn, given, now=now) if given else []
    for (place, read), outcome in zip(plain.items(), outcomes, strict=True):
        if outcome is not None:
            said = Partstat(read.partstat or "")
            verdicts[place] = came_of(cases[place][0], Decision.APPLY, outcome, said, _facts(read))
    return verdicts


def holders_answer(
    case: Case,
    partstat: Partstat,
    *,
    via: Via,
    clicked_at: "datetime",
    sequence: int | None = None,
    mode: Mode | None = None,
) -> Answer:
    """Make the answer of the person whose registration a mail is about; `sequence` is that of a calendar reply."""
    assert case.about is not None
    actor = Actor(f"person:{case.about.invited.person_id}", registration_id=case.about.invited.id)
    return Answer(actor, partstat, via, clicked_at, case.now, for_another=False, reply_sequence=sequence, mode=mode)


async def apply(conn: "Connection", case: Case, answer: Answer) -> Outcome:
    """Answer for the person of a registration, through the one door."""
    assert case.about is not None
    return await settle(conn, case.about.gathering, case.about.invited, answer)


def came_of(case: Case, decision: Decision, outcome: Outcome, said: Partstat, read: dict[str, Any]) -> Verdict:
    """Say what an answer came to: it counted, it was known, or a later click stands."""
    facts = read | {"partstat": str(said), "seat": outcome.registration.seat}
    if outcome.changed:
        return case.ended("applied", decision, **facts)
    known = outcome.registration.partstat == said
    return case.ended("no-op", "said-before" if known else "a-later-click-stands", **facts)


def _read(case: Case, message: CalendarMessage) -> _Read:
    """Find the answer: that of the attendee who was invited, else that of the only one there is."""
    order = _order(case, message)
    own = {partstat for address, partstat in message.attendees if case.compared(address) is Match.EQUAL}
    if own:
        address = next(a for a, _ in message.attendees if case.compared(a) is Match.EQUAL)
        return _Read(message, Match.EQUAL, address, own.pop() if len(own) == 1 else None, order)
    if not message.attendees:
        return _Read(message, Match.MISSING, "", None, order)
    address, partstat = message.attendees[0] if len(message.attendees) == 1 else ("", None)
    return _Read(message, Match.DIFFERS, address, partstat, order)


def _order(case: Case, message: CalendarMessage) -> Order | None:
    if case.about is None:
        return None
    invited, stored = case.about.invited, case.stored
    return Order(
        sequence=replies.comparable(message.sequence, invited.sequence),
        clicked_at=replies.clicked_at(
            message.dtstamp, invited_at=invited.invited_at, received_at=min(stored.received_at, case.now)
        ),
        moved_sequence=invited.moved_sequence,
        last_sequence=invited.reply_sequence,
        last_clicked_at=invited.reply_dtstamp,
    )


def _seen(case: Case, read: _Read) -> Reply:
    about, message, received = case.about, read.message, case.received
    return Reply(
        token=case.token,
        known=about is not None,
        attendee=read.attendee,
        sender=case.sender(),
        authentication=received.authentication,
        aligned=_domain(received.from_address) == _domain(read.address),
        confidential=about is not None and about.gathering.confidential,
        open=about is not None and about.open(case.now),
        closed=about is not None and about.closed(case.now),
        automatic=received.automatic is not None,
        damaged=message.damaged or case.contradicted,
        method=message.method,
        partstat=read.partstat,
        order=read.order,
    )


async def _apply(conn: "Connection", case: Case, read: _Read, decision: Decision) -> Verdict:
    assert case.about is not None and read.order is not None
    answer, order = _answer(case, read), read.order
    outcome = await apply(conn, case, answer)
    if not outcome.changed:
        await _remember(conn, case.about, order)
    facts = _facts(read)
    if decision is Decision.APPLY_AS_ALIAS and read.address:
        proposed = await aliases.propose_alias(conn, case.about.invited.person_id, read.address, case.now)
        facts |= {"alias_proposed": proposed}
    return came_of(case, decision, outcome, answer.partstat, facts)


def _answer(case: Case, read: _Read) -> Answer:
    """Make the answer that a calendar reply gives."""
    assert read.order is not None and read.partstat is not None
    order = read.order
    return holders_answer(
        case, Partstat(read.partstat), via=Via.CALENDAR, clicked_at=order.clicked_at, sequence=order.sequence
    )


async def _hold(conn: "Connection", case: Case, read: _Read, decision: Decision) -> Verdict:
    told = await acknowledging.tell_unchecked(conn, case, because="unchecked")
    return case.passed(decision, told=told, **_facts(read))


async def _invite_stranger(conn: "Connection", case: Case, read: _Read, decision: Decision) -> Verdict:
    told = await acknowledging.invite_stranger(conn, case)
    return case.passed(decision, told=told, **_facts(read))


async def _park(conn: "Connection", case: Case, read: _Read, decision: Decision) -> Verdict:
    return case.parked(decision, **_facts(read))


async def _park_and_ask(conn: "Connection", case: Case, read: _Read, decision: Decision) -> Verdict:
    told = await acknowledging.tell_unchecked(conn, case, because="unchecked")
    return case.parked(decision, told=told, **_facts(read))


async def _to_facilitator(conn: "Connection", case: Case, read: _Read, decision: Decision) -> Verdict:
    told = await acknowledging.tell(conn, case, Purpose.ASK_LINK, because="passed-on")
    return case.parked(decision, told=told, **_facts(read))


async def _pass(conn: "Connection", case: Case, read: _Read, decision: Decision) -> Verdict:
    return case.passed(decision, **_facts(read))


async def _ask_again(conn: "Connection", case: Case, read: _Read, decision: Decision) -> Verdict:
    assert case.about is not None and read.order is not None
    await _remember(conn, case.about, read.order)
    told = await acknowledging.tell(conn, case, Purpose.ASK_AGAIN)
    return case.passed(decision, told=told, **_facts(read))


async def _closed(conn: "Connection", case: Case, read: _Read, decision: Decision) -> Verdict:
    return case.passed(decision, told=await acknowledging.tell_closed(conn, case), **_facts(read))


async def _resend(conn: "Connection", case: Case, read: _Read, decision: Decision) -> Verdict:
    """Send the invitation once more with SEQUENCE unchanged (RFC 5546 section 3.2.6), unless it was declined."""
    assert case.about is not None
    gathering, invited = case.about.gathering, case.about.invited
    own = await rosters.select_by_id(conn, invited.id)
    (held,) = await copies.select_held_by_id(conn, [invited.id])
    assert own is not None
    declined, begun = own.partstat == Partstat.DECLINED, gathering.starts_at <= case.now
    if declined or begun or not await acknowledging.may_answer(conn, case):
        return case.passed(decision)
    partstat, facts = Partstat(own.partstat), {"reason": own.waiting_reason, "position": own.position}
    purpose = Purpose.INVITATION if partstat is Partstat.NEEDS_ACTION else notices.for_answer(partstat, Seat(own.seat))
    if own.offer_expires_at is not None:
        purpose, facts = Purpose.OFFER, {"offer_expires_at": own.offer_expires_at.isoformat()}
    await calendars.write_requests(conn, [Message(gathering, held, purpose, partstat, facts)], now=case.now)
    return case.ended("applied", decision)


async def _remember(conn: "Connection", about: About, order: Order) -> None:
    await store.update_reply(conn, about.invited.id, order.sequence, order.clicked_at)


def _facts(read: _Read) -> dict[str, Any]:
    """Return what was read, for whoever looks at the mail."""
    message = read.message
    facts = {
        "method": str(message.method),
        "partstat": read.partstat,
        "sent_by_another": True if message.sent_by else None,
        "comment": clean_text(message.comment, COMMENT) or None,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _domain(address: str | None) -> str:
    return (address or "").rpartition("@")[2]


_Effect = Callable[["Connection", Case, _Read, Decision], Awaitable[Verdict]]

_EFFECTS: Final[dict[Decision, _Effect]] = {
    Decision.APPLY: _apply,
    Decision.APPLY_AS_ALIAS: _apply,
    Decision.HOLD: _hold,
    Decision.INVITE_STRANGER: _invite_stranger,
    Decision.FORWARDED: _park,
    Decision.PARK: _park,
    Decision.PARK_AND_ASK: _park_and_ask,
    Decision.FACILITATOR: _to_facilitator,
    Decision.STALE: _pass,
    Decision.ASK_AGAIN: _ask_again,
    Decision.CLOSED: _closed,
    Decision.RESEND: _resend,
    Decision.IGNORE: _pass,
}
