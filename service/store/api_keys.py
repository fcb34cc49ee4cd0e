"""Keys of programs that use the API, of which only the hash is kept."""

from collections.abc import Sequence
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


@dataclass(frozen=True, slots=True)
class ListedKey:
    """What is known of a key that still opens something; what it opens it with is not."""

    id: int
    name: str
    role: str
    circle: str | None
    created_at: datetime
    last_used_at: datetime | None


SELECT_API_KEYS = """
    select k.id, k.name, k.role, c.slug as circle, k.created_at, k.last_used_at
    from api_key k left join circle c on c.id = k.circle_id
    where k.revoked_at is null or k.revoked_at > $1 order by k.id
"""


async def select_api_keys(conn: "Connection", now: datetime) -> list[ListedKey]:
    """List the keys that are not revoked."""
    return rows.many(ListedKey, await conn.fetch(SELECT_API_KEYS, now))


UPDATE_LAST_USED = """
    update api_key k set last_used_at = greatest(k.last_used_at, seen.at)
    from unnest($1::bytea[], $2::timestamptz[]) as seen (key_hash, at) where k.key_hash = seen.key_hash
"""


async def update_last_used(conn: "Connection", hashes: Sequence[bytes], moments: Sequence[datetime]) -> None:
    """Note when keys were last used; two processes may note the same one."""
    await conn.execute(UPDATE_LAST_USED, hashes, moments)


REVOKE_API_KEY = """
    update api_key set revoked_at = $2 where id = $1 and (revoked_at is null or revoked_at > $2) returning id
"""


async def revoke_api_key(conn: "Connection", key_id: int, now: datetime) -> bool:
    """Let a key open nothing any more; False for one that opens nothing."""
    return await conn.fetchval(REVOKE_API_KEY, key_id, now) is not None
