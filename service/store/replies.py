"""What is needed to tell whose answer a mail is, and what is kept of the answers that were looked at."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.store import rows
from service.store.registrations import STANDING, Standing

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class Invited(Standing):
    """A registration as an answer by mail finds it; `addresses` are all mail addresses of the person."""

    uid: str
    moved_sequence: int
    reply_sequence: int | None
    reply_dtstamp: datetime | None
    addresses: list[str]


SELECT_INVITED = f"""
    select standing.*, i.uid, i.moved_sequence, i.reply_sequence, i.reply_dtstamp,
        array(select a.value from address a where a.person_id = i.person_id and a.channel = 'mail') as addresses
    from registration i cross join lateral ({STANDING} where r.id = i.id) standing
    where i.id = $1 or i.uid = $2
"""


async def select_invited(conn: "Connection", registration_id: int | None, uid: str | None) -> list[Invited]:
    """Read the registrations that an id and an iCalendar UID name; under the gatherings' locks this cannot change.

    All that an answer needs at once: every statement more is a wait more while the lock is held.
    """
    return rows.many(Invited, await conn.fetch(SELECT_INVITED, registration_id, uid))


UPDATE_REPLY = "update registration set reply_sequence = $2, reply_dtstamp = $3 where id = $1"


async def update_reply(conn: "Connection", registration_id: int, sequence: int, dtstamp: datetime) -> None:
    """Remember the calendar reply that was looked at last."""
    await conn.execute(UPDATE_REPLY, registration_id, sequence, dtstamp)
