"""Where people can be reached, per channel; a value is compared as it stands and normalised before it comes here."""

from datetime import datetime
from typing import TYPE_CHECKING

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


SELECT_PEOPLE_BY_MAIL = "select value, person_id from address where channel = 'mail'"


async def select_people_by_mail(conn: "Connection") -> dict[str, int]:
    """Read whose every mail address is."""
    return {row["value"]: row["person_id"] for row in await conn.fetch(SELECT_PEOPLE_BY_MAIL)}
