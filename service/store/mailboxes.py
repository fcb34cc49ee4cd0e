"""How far a mailbox that is polled has been read."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class Cursor:
    """The UID of the last mail that was taken in, and the UIDVALIDITY under which it counts (RFC 3501)."""

    validity: int
    uid: int


SELECT_CURSOR = "select validity, uid from mailbox_cursor where mailbox = $1"


async def select_cursor(conn: "Connection", mailbox: str) -> Cursor | None:
    """Read how far a mailbox has been read; None: never yet."""
    return rows.one(Cursor, await conn.fetchrow(SELECT_CURSOR, mailbox))


KEEP_CURSOR = """
    insert into mailbox_cursor (mailbox, validity, uid, changed_at) values ($1, $2, $3, $4)
    on conflict (mailbox) do update
        set validity = excluded.validity, uid = excluded.uid, changed_at = excluded.changed_at
"""


async def keep_cursor(conn: "Connection", mailbox: str, cursor: Cursor, now: datetime) -> None:
    """Remember how far a mailbox has been read."""
    await conn.execute(KEEP_CURSOR, mailbox, cursor.validity, cursor.uid, now)
