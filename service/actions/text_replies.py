"""Answers in words: "ja", "nee, helaas", "stop", above a quote and a signature; never a guess.

Steps inside the caller's transaction, with the gathering locked; decided in `service/rules/replies.py`.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from service.actions import acknowledging
from service.actions.calendar_replies import apply, came_of, holders_answer
from service.actions.cases import Case
from service.channels import Intent, Topic
from service.model import Mode, Partstat, Purpose, Via
from service.rules import replies
from service.rules.replies import Decision
from service.rules.replies import Words as Said
from service.store import unsubscribing
from service.store.inbox import Verdict

if TYPE_CHECKING:
    from service.database import Connection

Words = Callable[[str], object]
"""Reads what somebody typed: an Intent where all of it is understood, else anything else."""

PARTSTATS: Final[Mapping[Topic, Partstat]] = {
    Topic.ACCEPT: Partstat.ACCEPTED,
    Topic.ACCEPT_ONLINE: Partstat.ACCEPTED,
    Topic.DECLINE: Partstat.DECLINED,
    Topic.TENTATIVE: Partstat.TENTATIVE,
}


async def take(conn: "Connection", case: Case, *, words: Words) -> Verdict:
    """Do what somebody wrote, where it is theirs to say and beyond doubt."""
    topic = _topic(case, words)
    decision = replies.decide_words(_seen(case, topic))
    if decision is Decision.APPLY and topic is not None:
        return await (_stop(conn, case) if topic is Topic.STOP else _apply(conn, case, topic))
    if decision is Decision.CLOSED:
        return case.passed(decision, told=await acknowledging.tell_closed(conn, case))
    if decision is Decision.PARK_AND_ASK:
        return case.parked(decision, told=await acknowledging.tell_unchecked(conn, case, because="unchecked"))
    if decision is Decision.UNCLEAR:
        return case.parked(decision, told=await acknowledging.tell(conn, case, Purpose.ASK_LINK, because="unclear"))
    return case.parked(decision)


def answers(case: Case, words: Words) -> bool:
    """Tell whether a mail is an answer about its registration, wherever it was sent."""
    return _topic(case, words) is not None


def _topic(case: Case, words: Words) -> Topic | None:
    """Return what was understood, if it is an answer, about this gathering, and nothing was left out of it."""
    received = case.received
    if case.about is None or received.cut or received.unreadable:
        return None
    intent = words("\n".join(received.lines))
    if not isinstance(intent, Intent) or intent.topic not in (*PARTSTATS, Topic.STOP):
        return None
    return intent.topic if intent.argument in (None, str(case.about.gathering.id)) else None


def _seen(case: Case, topic: Topic | None) -> Said:
    closed = case.about is not None and case.about.closed(case.now)
    return Said(
        token=case.token,
        known=case.about is not None,
        sender=case.sender(),
        authentication=case.received.authentication,
        closed=closed and topic is not Topic.STOP,  # which is about what comes after
        understood=topic is not None,
    )


async def _apply(conn: "Connection", case: Case, topic: Topic) -> Verdict:
    partstat, mode = PARTSTATS[topic], Mode.ONLINE if topic is Topic.ACCEPT_ONLINE else None
    clicked = min(case.stored.received_at, case.now)
    answer = holders_answer(case, partstat, via=Via.MAIL, clicked_at=clicked, mode=mode)
    outcome = await apply(conn, case, answer)
    return came_of(case, Decision.APPLY, outcome, partstat, {})


async def _stop(conn: "Connection", case: Case) -> Verdict:
    """Stop the invitations of the circle and say so, for an answer to this gathering stays as it is."""
    assert case.about is not None
    circle_id, person_id = case.about.gathering.circle_id, case.about.invited.person_id
    await unsubscribing.set_mails(conn, circle_id, person_id, False, case.now)
    told = await acknowledging.tell(conn, case, Purpose.UNSUBSCRIBED)
    return case.ended("applied", "unsubscribed", told=told)
