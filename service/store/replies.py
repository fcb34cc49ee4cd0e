"""What is needed to tell whose answer a mail is, and what is kept of the answers that were looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.model import Gathering
from service.store import gatherings, rows
from service.store.standings import COUNTED, STANDING_COLUMNS, Glance, Standing

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


@dataclass(frozen=True, slots=True)
class Seen(Glance):
    """The same, with its gathering, true as long as nobody has taken the next turn there."""

    standing: Invited


_MORE = """
    r.uid, r.moved_sequence, r.reply_sequence, r.reply_dtstamp,
    array(select a.value from address a where a.person_id = r.person_id and a.channel = 'mail') as addresses
"""

SELECT_INVITED = f"""
    select {STANDING_COLUMNS}, {_MORE} from {COUNTED} where r.id = $1 or r.uid = $2
"""


async def select_invited(conn: "Connection", registration_id: int | None, uid: str | None) -> list[Invited]:
    """Read the registrations that an id and an iCalendar UID name; under the gatherings' locks this cannot change.

    All that an answer needs at once: every statement more is a wait more while the lock is held.
    """
    return rows.many(Invited, await conn.fetch(SELECT_INVITED, registration_id, uid))


HOLD_NAMED = """
    select id from gathering
    where id in (select r.gathering_id from registration r where r.id = any($1) or r.uid = any($2))
    order by id for update
"""


async def hold_named(conn: "Connection", ids: Sequence[int], uids: Sequence[str]) -> None:
    """Keep others from taking a turn in the gatherings of the registrations that ids and iCalendar UIDs name."""
    await conn.execute(HOLD_NAMED, list(ids), list(uids))


GLANCE_AT_NAMED = f"""
    select {gatherings.COLUMNS}, {STANDING_COLUMNS}, {_MORE}, g.turn
    from {COUNTED} join ({gatherings.SOURCE}) on g.id = r.gathering_id
    where r.id = any($1) or r.uid = any($2)
"""


async def glance_at_named(conn: "Connection", ids: Sequence[int], uids: Sequence[str]) -> list[Seen]:
    """Read the registrations that ids and iCalendar UIDs name."""
    found = await conn.fetch(GLANCE_AT_NAMED, list(ids), list(uids))
    return [Seen(*rows.split(row, Gathering, Invited), row["turn"]) for row in found]


UPDATE_REPLY = "update registration set reply_sequence = $2, reply_dtstamp = $3 where id = $1"


async def update_reply(conn: "Connection", registration_id: int, sequence: int, dtstamp: datetime) -> None:
    """Remember the calendar reply that was looked at last."""
    await conn.execute(UPDATE_REPLY, registration_id, sequence, dtstamp)
