"""How often something was done within a span of time: a counter per key and span that survives a restart."""

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.database import Connection

# A counter that is full changes no row, so that a flood of refusals writes nothing.
TAKE = """
    insert into allowance as counted (key, starts_at, used) select $1, $2, $4::integer where $4 <= $3
    on conflict (key, starts_at) do update set used = counted.used + $4 where counted.used + $4 <= $3
    returning used
"""


async def take(conn: "Connection", key: str, starts_at: datetime, limit: int, count: int = 1) -> bool:
    """Count one more, or several at once; False, with none counted, where that is beyond the limit."""
    return await conn.fetchval(TAKE, key, starts_at, limit, count) is not None


DELETE_OLD_ALLOWANCES = "delete from allowance where starts_at < $1"


async def delete_old_allowances(conn: "Connection", before: datetime) -> None:
    """Forget the spans that began before a moment."""
    await conn.execute(DELETE_OLD_ALLOWANCES, before)
