"""Where people can be reached, per channel; a value is compared as it stands and normalised before it comes here."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.rules.given_addresses import Known
from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection

# What somebody else gave to a member of a confidential circle, now or before, opens nothing until the member has said
# that it is theirs: else whoever may give addresses could come in by one of their own.
OPENS = """(a.verified_at is not null and (not a.awaits_owner or not (
        exists (select from membership m join circle c on c.id = m.circle_id join circle_kind k on k.name = c.kind
                where m.person_id = a.person_id and k.confidential)
        or exists (select from registration r join gathering g on g.id = r.gathering_id
                   join circle c on c.id = g.circle_id join circle_kind k on k.name = c.kind
                   where r.person_id = a.person_id and k.confidential))))"""
"""Whether an address `a` lets its holder in."""

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
    awaits_owner: bool


SELECT_ADDRESSES = """
    select id, channel, value, is_primary, verified_at, undeliverable_at, awaits_owner
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


SELECT_TRUSTED = """
    select id, person_id, value, is_primary, awaits_owner from address
    where person_id = any($1) and channel = 'mail' and verified_at is not null
    order by id
"""


async def select_trusted(conn: "Connection", person_ids: Collection[int]) -> list[Known]:
    """Read the trusted mail addresses of people, the oldest first."""
    return rows.many(Known, await conn.fetch(SELECT_TRUSTED, list(person_ids)))


AWAIT_OWNERS = "update address set awaits_owner = true where id = any($1)"


async def await_owners(conn: "Connection", address_ids: Collection[int]) -> None:
    """Let addresses wait for a word of the people whose they are said to be."""
    await conn.execute(AWAIT_OWNERS, list(address_ids))


CONFIRM_OWNER = "update address set awaits_owner = false where id = $1"


async def confirm_owner(conn: "Connection", address_id: int) -> None:
    """Take an address for its person's own from now on."""
    await conn.execute(CONFIRM_OWNER, address_id)


SELECT_OWNER = """
    select a.person_id from address a join person p on p.id = a.person_id
    where a.id = $1 and a.channel = 'mail' and a.verified_at is not null and p.erased_at is null
"""


async def select_owner(conn: "Connection", address_id: int) -> int | None:
    """Find whose trusted mail address this is; None where it is gone."""
    owner: int | None = await conn.fetchval(SELECT_OWNER, address_id)
    return owner


TAKE_BACK = "delete from address where id = $1"


async def take_back(conn: "Connection", address_id: int) -> None:
    """Remove an address, primary or not, and with it what began by it."""
    await conn.execute(TAKE_BACK, address_id)


MAKE_PRIMARY = "update address set is_primary = true where id = $1"


async def make_primary(conn: "Connection", address_id: int) -> None:
    """Let mail go to an address of somebody who has no primary one."""
    await conn.execute(MAKE_PRIMARY, address_id)
