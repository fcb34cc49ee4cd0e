"""Where people can be reached, per channel; a value is compared as it stands and normalised before it comes here."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection

DEMOTE_ADDRESSES = """
    update address set is_primary = false where person_id = $1 and channel = $2 and is_primary and value <> $3
"""


async def demote_addresses(conn: "Connection", person_id: int, channel: str, value: str) -> None:
    """Make no address of a person on a channel the primary one, save the one given."""
    await conn.execute(DEMOTE_ADDRESSES, person_id, channel, value)


TRUST_PRIMARY = """
    insert into address as a (person_id, channel, value, is_primary, verified_at, created_at)
    values ($1, $2, $3, true, $4, $4)
    on conflict (channel, value) do update set is_primary = true, verified_at = coalesce(a.verified_at, $4)
        where a.person_id = $1
    returning id
"""


async def trust_primary(conn: "Connection", person_id: int, channel: str, value: str, now: datetime) -> bool:
    """Make an address the trusted primary one of a person; False when it is somebody else's."""
    return await conn.fetchval(TRUST_PRIMARY, person_id, channel, value, now) is not None


@dataclass(frozen=True, slots=True)
class Address:
    """Where a person can be reached on a channel."""

    id: int
    channel: str
    value: str
    is_primary: bool
    verified_at: datetime | None
    undeliverable_at: datetime | None


SELECT_ADDRESSES = """
    select id, channel, value, is_primary, verified_at, undeliverable_at
    from address where person_id = $1 order by channel, not is_primary, id
"""


async def select_addresses(conn: "Connection", person_id: int) -> list[Address]:
    """Read all addresses of a person."""
    return rows.many(Address, await conn.fetch(SELECT_ADDRESSES, person_id))


ADD_ADDRESS = """
    insert into address as a (person_id, channel, value, is_primary, verified_at, created_at)
    values ($1, $2, $3, false, $4, $4)
    on conflict (channel, value) do update set verified_at = coalesce(a.verified_at, $4), undeliverable_at = null
        where a.person_id = $1
    returning id
"""


async def add_address(conn: "Connection", person_id: int, channel: str, value: str, now: datetime) -> bool:
    """Add a trusted address beside the primary one, or believe once more in one; False when it is somebody else's."""
    return await conn.fetchval(ADD_ADDRESS, person_id, channel, value, now) is not None


DELETE_ADDRESS = """
    delete from address where id = $1 and person_id = $2 and (not is_primary or channel <> 'mail') returning channel
"""


async def delete_address(conn: "Connection", address_id: int, person_id: int) -> str | None:
    """Remove a chat, or a mail address that is not the primary one, and return its channel; None where it is not so."""
    channel: str | None = await conn.fetchval(DELETE_ADDRESS, address_id, person_id)
    return channel


SELECT_PEOPLE_BY_MAIL = "select value, person_id from address where channel = 'mail'"


async def select_people_by_mail(conn: "Connection") -> dict[str, int]:
    """Read whose every mail address is."""
    return {row["value"]: row["person_id"] for row in await conn.fetch(SELECT_PEOPLE_BY_MAIL)}
