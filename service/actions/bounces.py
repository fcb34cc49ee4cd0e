"""Mails that came back, and complaints: which address they are about, and what becomes of it.

The address that a bounce comes to says whom it is about; the report only says how bad it is. What a bounce counts is in
`service/rules/bounces.py`. A step inside the caller's transaction.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Final

import structlog

from service.formats import tokens
from service.formats.cleaning import clean_line
from service.formats.received import DeliveryReport, Handled, ReceivedMail
from service.formats.tokens import Keys, peppered
from service.rules import bounces
from service.rules.bounces import Kind, Reason, Score
from service.store import bounces as store
from service.store.bounces import Bounced
from service.store.inbox import Verdict

if TYPE_CHECKING:
    from service.database import Connection

log = structlog.get_logger()

_DETAIL: Final = 200


async def take(conn: "Connection", received: ReceivedMail, *, keys: Keys, now: datetime) -> Verdict:
    """Count a report against the address that it is about, and use the address no more when that is enough."""
    report = received.report
    if report is None:
        return Verdict("no-op", "automatic")
    if report.kind not in tuple(Kind):
        return Verdict("parked", "strange-report", {"kind": clean_line(report.kind, _DETAIL)})
    found = await _bounced(conn, received, keys)
    facts: dict[str, str | None] = {"kind": report.kind, "status": clean_line(report.status, _DETAIL)}
    if found is None:
        return Verdict("no-op", "report-about-nobody", facts)
    if report.kind == Kind.POLICY:
        # It is our reputation or our content that was refused: those who run Kring must hear of it.
        log.warning("mail_refused_by_policy", status=facts["status"])
    if report.kind in (Kind.POLICY, Kind.HARD, Kind.SOFT, Kind.COMPLAINT):
        facts["suppressed"] = await _count(conn, found, report, keys, now)
    state = "no-op" if report.kind == Kind.DELAYED else "applied"
    return Verdict(state, f"report-{report.kind}", facts, found.gathering_id, found.person_id)


async def _bounced(conn: "Connection", received: ReceivedMail, keys: Keys) -> Bounced | None:
    """Find the mail that came back; handles that were taken back since still say whom it went to."""
    handle = received.handle if received.handled is Handled.BOUNCE else None
    ident = tokens.read_handle(handle) if handle else None
    if handle is None or ident is None:
        return None
    if tokens.verifies(keys, tokens.BOUNCE_OF_PERSON, handle):
        return await store.select_bounced(conn, registration_id=None, person_id=ident)
    generation = await store.select_generation(conn, ident)
    past = range((generation if generation is not None else -1) + 1)
    if not any(tokens.verifies(keys, tokens.BOUNCE, handle, number) for number in past):
        return None
    return await store.select_bounced(conn, registration_id=ident, person_id=None)


async def _count(conn: "Connection", found: Bounced, report: DeliveryReport, keys: Keys, now: datetime) -> str | None:
    """Keep the score, end the address where that is due, and take it down in the ledger."""
    score = bounces.counted(Score(found.score, found.bounced_at), report.kind, now)
    reason = bounces.suppressed(score, report.kind, report.status)
    gone = reason is Reason.BOUNCED
    await store.update_score(conn, found.address_id, score.value, score.at, undeliverable=gone, now=now)
    if reason is not None:
        await store.suppress(conn, peppered(keys, found.value), reason, now)
    if report.kind != Kind.COMPLAINT:
        detail = clean_line(f"came back: {report.status or report.kind}", _DETAIL)
        again = gone and found.others > 0
        await store.return_notice(conn, found.notice_id, found.address_id, detail, again=again, now=now)
    return reason
