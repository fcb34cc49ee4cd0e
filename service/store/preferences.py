"""What a person prefers, as the database keeps it: the channel, quiet hours, and the reminders of a circle."""

from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING

from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class Preferred:
    """How a person wants to be reached."""

    preferred_channel: str
    quiet_from: time | None
    quiet_until: time | None


SELECT_PREFERRED = "select preferred_channel, quiet_from, quiet_until from person where id = $1"


async def select_preferred(conn: "Connection", person_id: int) -> Preferred | None:
    """Read how a person wants to be reached."""
    return rows.one(Preferred, await conn.fetchrow(SELECT_PREFERRED, person_id))


UPDATE_QUIET = "update person set quiet_from = $2, quiet_until = $3 where id = $1"


async def update_quiet(conn: "Connection", person_id: int, begins: time | None, ends: time | None) -> None:
    """Set the quiet hours of a person, or none."""
    await conn.execute(UPDATE_QUIET, person_id, begins, ends)


UPDATE_CHANNEL = "update person set preferred_channel = $2 where id = $1"


async def update_channel(conn: "Connection", person_id: int, channel: str) -> None:
    """Set the channel that a person prefers."""
    await conn.execute(UPDATE_CHANNEL, person_id, channel)


DELETE_CHAT = "delete from address where id = $1 and person_id = $2 and channel <> 'mail' returning true"


async def delete_chat(conn: "Connection", address_id: int, person_id: int) -> bool:
    """Remove a linked chat; False when the person has no such chat."""
    return bool(await conn.fetchval(DELETE_CHAT, address_id, person_id))


FALL_BACK = """
    update person p set preferred_channel = 'mail'
    where id = $1 and not exists (select from address a where a.person_id = p.id and a.channel = p.preferred_channel)
"""


async def fall_back(conn: "Connection", person_id: int) -> None:
    """Prefer mail where the preferred channel has no address any more."""
    await conn.execute(FALL_BACK, person_id)


SET_REMINDERS = "update membership set reminders = $3 where circle_id = $1 and person_id = $2"


async def set_reminders(conn: "Connection", circle_id: int, person_id: int, wanted: bool) -> None:
    """Keep whether a person wants the reminders of a circle."""
    await conn.execute(SET_REMINDERS, circle_id, person_id, wanted)
