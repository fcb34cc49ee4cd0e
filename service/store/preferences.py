"""What a person prefers, as the database keeps it: quiet hours, and the reminders of a circle."""

from datetime import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.database import Connection

SELECT_QUIET = "select quiet_from, quiet_until from person where id = $1"


async def select_quiet(conn: "Connection", person_id: int) -> tuple[time | None, time | None] | None:
    """Read the quiet hours of a person."""
    row = await conn.fetchrow(SELECT_QUIET, person_id)
    return None if row is None else (row["quiet_from"], row["quiet_until"])


UPDATE_QUIET = "update person set quiet_from = $2, quiet_until = $3 where id = $1"


async def update_quiet(conn: "Connection", person_id: int, begins: time | None, ends: time | None) -> None:
    """Set the quiet hours of a person, or none."""
    await conn.execute(UPDATE_QUIET, person_id, begins, ends)


SET_REMINDERS = "update membership set reminders = $3 where circle_id = $1 and person_id = $2"


async def set_reminders(conn: "Connection", circle_id: int, person_id: int, wanted: bool) -> None:
    """Keep whether a person wants the reminders of a circle."""
    await conn.execute(SET_REMINDERS, circle_id, person_id, wanted)
