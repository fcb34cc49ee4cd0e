"""Mail out of a mailbox that is polled: kept in one transaction with how far the mailbox has been read."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from service.database import Database
from service.store import inbox, mailboxes
from service.store.mailboxes import Cursor


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it is kept; `external_id` is what makes a repeat the same message."""

    channel: str
    external_id: str
    conversation: str
    envelope_from: str
    recipient: str
    raw: bytes


async def cursor(db: Database, mailbox: str) -> Cursor | None:
    """Return how far a mailbox has been read; None where it never was."""
    async with db.reading() as conn:
        return await mailboxes.select_cursor(conn, mailbox)


async def take_in(db: Database, mailbox: str, until: Cursor, messages: Iterable[Message], *, now: datetime) -> None:
    """Keep messages that are not there yet, and that the mailbox has been read as far as this."""
    async with db.transaction() as conn:
        for message in messages:
            await inbox.insert_message(conn, **asdict(message), now=now)
        await mailboxes.keep_cursor(conn, mailbox, until, now)
