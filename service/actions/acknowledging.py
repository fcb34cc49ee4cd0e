"""What Kring writes back to a mail that changed nothing: a link, a question, a word why; seldom, and never in a loop.

Steps inside the caller's transaction. What an answer that was applied leads to is told by `answering`.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from service.actions import visiting
from service.actions.allowances import Limit, spend, spend_each
from service.actions.cases import About, Case
from service.actions.visiting import Visitor
from service.channels import MAIL
from service.formats import fields
from service.formats.cleaning import clean_line
from service.model import Purpose, Status
from service.rules.notices import NewNotice
from service.store import outbox

if TYPE_CHECKING:
    from service.database import Connection

PAUSE: Final = Limit("answer-pause", 1, timedelta(minutes=10))
PER_DAY: Final = Limit("answer-day", 5, timedelta(days=1))
PER_PEER: Final = Limit("answer-peer", 3, timedelta(days=1))
UNCHECKED: Final = Limit("answer-unchecked", 1, timedelta(days=1))
"""A link because of an answer that could not be checked: anybody can cause one, so it comes once a day."""

KEPT: Final = timedelta(days=7)


async def tell(conn: "Connection", case: Case, purpose: Purpose, **facts: Any) -> bool:
    """Write to the person's own address about their registration; False where that has been done often enough."""
    assert case.about is not None
    if not await _may(conn, case, case.about):
        return False
    await _write(conn, case, case.about, purpose, facts, key=str(case.stored.id))
    return True


async def tell_unchecked(conn: "Connection", case: Case, **facts: Any) -> bool:
    """Mail the person's own address the link, once a day, because of a mail of which nobody knows whose it is."""
    assert case.about is not None
    registration = str(case.about.invited.id)
    if not await spend(conn, UNCHECKED, registration, keys=case.keys, now=case.now):
        return False
    return await tell(conn, case, Purpose.ASK_LINK, **facts)


async def tell_closed(conn: "Connection", case: Case) -> bool:
    """Say that no answer is taken any more, once per way in which that came about."""
    assert case.about is not None
    if not await _may(conn, case, case.about):
        return False
    because = _closing(case.about)
    key = f"{because}:{case.about.gathering.sequence}"
    await _write(conn, case, case.about, Purpose.CLOSED, {"because": because}, key=key)
    return True


async def invite_stranger(conn: "Connection", case: Case) -> bool:
    """Tell whoever answered somebody else's invitation where to register; nothing they typed stands in it."""
    received, about = case.received, case.about
    assert about is not None and received.from_address is not None
    if not await spend(conn, PER_PEER, received.from_address, keys=case.keys, now=case.now):
        return False
    name = clean_line(received.from_name, fields.LINE) or received.from_address.partition("@")[0]
    visitor = Visitor(name, received.from_address, "")
    return await visiting.ask(
        conn, about.gathering, visitor, Purpose.REGISTER_HERE, _thread(case), keys=case.keys, now=case.now
    )


async def may_answer(conn: "Connection", case: Case) -> bool:
    """Count an answer to this mail; False where it would be one too many."""
    return case.about is not None and await _may(conn, case, case.about)


async def _may(conn: "Connection", case: Case, about: About) -> bool:
    """Count against the pause, the day and the other side, so that no two machines keep each other busy."""
    who = str(about.invited.id)
    peer = case.received.from_address or case.received.envelope_from or "nobody"
    limits = ((PAUSE, who), (PER_DAY, who), (PER_PEER, peer))
    return await spend_each(conn, limits, keys=case.keys, now=case.now)


async def _write(
    conn: "Connection", case: Case, about: About, purpose: Purpose, facts: dict[str, Any], *, key: str
) -> None:
    until = max(about.gathering.ends_at, case.now + KEPT) if purpose is Purpose.CLOSED else about.gathering.ends_at
    notice = NewNotice(
        dedupe_key=f"{purpose}:{about.invited.id}:{key}",
        purpose=purpose,
        person_id=about.invited.person_id,
        due_at=case.now,
        gathering_id=about.gathering.id,
        registration_id=about.invited.id,
        channel=MAIL,
        facts=facts | _thread(case),
        expires_at=until,
    )
    await outbox.insert_notices(conn, [notice], case.now)


def _thread(case: Case) -> dict[str, Any]:
    """Return what puts an answer below the mail that it answers (RFC 3834 section 3.1.5)."""
    return {"in_reply_to": case.received.message_id}


def _closing(about: About) -> str:
    if about.gathering.status == Status.CANCELLED:
        return "cancelled"
    return "withdrawn" if about.invited.withdrawn_at is not None else "over"
