"""What a mail that came in does: the one entrance, from what was read in it to how it ended.

Decides nothing about answers: whose they are and what they may do is in `service/rules/replies.py`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from service.actions import bounces, calendar_replies, cases, mail_commands, text_replies, unsubscribing
from service.actions.cases import Case
from service.actions.mail_commands import Talk
from service.actions.text_replies import Words
from service.database import Database
from service.errors import NotFound
from service.formats.received import Handled, Method, ReceivedMail
from service.formats.tokens import Keys
from service.store.inbox import Stored, Verdict

if TYPE_CHECKING:
    from service.database import Connection


async def apply(
    db: Database, stored: Stored, received: ReceivedMail, now: datetime, *, keys: Keys, words: Words, talk: Talk
) -> Verdict:
    """Do what a mail asks, and return how it ended.

    A calendar message comes before the signs of automatic mail: mail programs send those by themselves. Nothing
    automatic else is ever an answer, nor is it answered.
    """
    if received.own:
        return Verdict("no-op", "our-own")
    if received.refused is not None:
        return Verdict("parked", "refused", {"refused": received.refused})
    if received.handled is Handled.UNSUBSCRIBE and received.report is None:
        return await _unsubscribe(db, received, keys, now)
    message = received.calendar
    if message is not None and message.method is Method.OTHER:
        return Verdict("no-op", "not-an-answer", {"method": str(message.method)})
    async with db.joining() as conn:
        if message is None and (received.report is not None or received.handled is Handled.BOUNCE):
            return await bounces.take(conn, received, keys=keys, now=now)
        if message is None and received.automatic is not None:
            return Verdict("no-op", "automatic", {"sign": received.automatic})
        case = await cases.find(conn, stored, received, keys=keys, now=now)
        if message is not None:
            return await calendar_replies.take(conn, case, message)
        return await _in_words(db, conn, case, words, talk)


async def together(
    db: Database, part: Sequence[tuple[Stored, ReceivedMail]], now: datetime, *, keys: Keys
) -> list[Verdict | None]:
    """Do what several mails ask in one transaction, as far as they are answers from calendars and no more than that."""
    verdicts: list[Verdict | None] = [None] * len(part)
    pressed = {place: one for place, (_, one) in enumerate(part) if _is_reply(one)}
    if not pressed:
        return verdicts
    async with db.joining() as conn:
        found = await cases.find_together(conn, [part[place] for place in pressed], keys=keys, now=now)
        seen = {
            place: (case, received.calendar, glance)
            for (place, received), (case, glance) in zip(pressed.items(), found, strict=True)
            if glance is not None and received.calendar is not None
        }
        taken = await calendar_replies.take_together(conn, list(seen.values()), now=now)
    for place, verdict in zip(seen, taken, strict=True):
        verdicts[place] = verdict
    return verdicts


def _is_reply(received: ReceivedMail) -> bool:
    plain = not received.own and received.refused is None and received.handled is Handled.ANSWER
    return plain and received.calendar is not None and received.calendar.method is Method.REPLY


async def _in_words(db: Database, conn: "Connection", case: Case, words: Words, talk: Talk) -> Verdict:
    """Take an answer to an invitation, wherever it was sent; what else comes to our own address is a command."""
    command = case.received.handled is Handled.COMMAND
    if command and (case.received.question is not None or not text_replies.answers(case, words)):
        return await mail_commands.take(db, conn, case, talk=talk, words=words)
    return await text_replies.take(conn, case, words=words)


async def _unsubscribe(db: Database, received: ReceivedMail, keys: Keys, now: datetime) -> Verdict:
    """Stop the invitations of a circle (RFC 2369 section 3.2); mail programs send this too, so a machine's counts."""
    try:
        await unsubscribing.set_mails(db, received.handle or "", False, keys=keys, now=now)
    except NotFound:
        return Verdict("parked", "unsubscribe-whom")
    return Verdict("applied", "unsubscribed")
