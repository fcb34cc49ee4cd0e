"""Keys of programs that use the API, of which only the hash is kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What a key may do: as facilitator of one circle, as staff or as admin."""

    id: int
    role: str
    circle_id: int | None


INSERT_API_KEY = "insert into api_key (key_hash, name, role, circle_id, created_at) values ($1, $2, $3, $4, $5)"


async def insert_api_key(
    conn: "Connection", key_hash: bytes, name: str, role: str, circle_id: int | None, now: datetime
) -> None:
    """Add a key."""
    await conn.execute(INSERT_API_KEY, key_hash, name, role, circle_id, now)


SELECT_API_KEY = """
    select id, role, circle_id from api_key where key_hash = $1 and (revoked_at is null or revoked_at > $2)
"""


async def select_api_key(conn: "Connection", key_hash: bytes, now: datetime) -> ApiKey | None:
    """Read the key of a hash unless it is revoked."""
    return rows.one(ApiKey, await conn.fetchrow(SELECT_API_KEY, key_hash, now))
