"""What is needed to tell whose answer a mail is, and what is kept of the answers that were looked at."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class Invited:
    """A registration as an answer by mail finds it; `addresses` are all mail addresses of the person."""

    id: int
    person_id: int
    gathering_id: int
    generation: int
    uid: str
    sequence: int
    moved_sequence: int
    reply_sequence: int | None
    reply_dtstamp: datetime | None
    invited_at: datetime | None
    withdrawn_at: datetime | None
    addresses: list[str]


INVITED = """
    select r.id, r.person_id, r.gathering_id, r.generation, r.uid, r.sequence, r.moved_sequence, r.reply_sequence,
        r.reply_dtstamp, r.invited_at, r.withdrawn_at,
        array(select a.value from address a where a.person_id = r.person_id and a.channel = 'mail') as addresses
    from registration r
"""

SELECT_INVITED = f"{INVITED} where r.id = $1"


async def select_invited(conn: "Connection", registration_id: int) -> Invited | None:
    """Read whose answers a registration takes; under the gathering's lock this cannot change."""
    return rows.one(Invited, await conn.fetchrow(SELECT_INVITED, registration_id))


SELECT_ID_BY_UID = "select id from registration where uid = $1"


async def select_id_by_uid(conn: "Connection", uid: str) -> int | None:
    """Find the registration that an iCalendar UID belongs to."""
    found: int | None = await conn.fetchval(SELECT_ID_BY_UID, uid)
    return found


UPDATE_REPLY = "update registration set reply_sequence = $2, reply_dtstamp = $3 where id = $1"


async def update_reply(conn: "Connection", registration_id: int, sequence: int, dtstamp: datetime) -> None:
    """Remember the calendar reply that was looked at last."""
    await conn.execute(UPDATE_REPLY, registration_id, sequence, dtstamp)


# An address that is somebody's already is proposed to nobody.
PROPOSE_ALIAS = """
    insert into alias_proposal (person_id, value, proposed_at)
    select $1, $2, $3 where not exists (select from address a where a.channel = 'mail' and a.value = $2)
    on conflict (person_id, value) do update set proposed_at = $3
    returning person_id
"""


async def propose_alias(conn: "Connection", person_id: int, value: str, now: datetime) -> bool:
    """Remember an address that somebody seems to have besides; False where it is known already."""
    return await conn.fetchval(PROPOSE_ALIAS, person_id, value, now) is not None
