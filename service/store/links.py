"""Chats that are to be connected to people, and those that are: requests, and the addresses they end in."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """A request that can still be used; `person_id` None: nobody has the address that was typed."""

    id: int
    person_id: int | None
    address: str | None


END_LINKS = "update link_request set used_at = $2 where person_id = $1 and used_at is null"


async def end_links(conn: "Connection", person_id: int, now: datetime) -> None:
    """Make every open request of a person useless."""
    await conn.execute(END_LINKS, person_id, now)


END_CODES = "update link_request set used_at = $3 where channel = $1 and address = $2 and used_at is null"


async def end_codes(conn: "Connection", channel: str, address: str, now: datetime) -> None:
    """Make every open request of a chat useless."""
    await conn.execute(END_CODES, channel, address, now)


INSERT_LINK = """
    insert into link_request (channel, person_id, token_hash, address, code_hash, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7) returning id
"""


async def insert_link(
    conn: "Connection",
    channel: str,
    person_id: int | None,
    *,
    expires_at: datetime,
    now: datetime,
    token_hash: bytes | None = None,
    address: str | None = None,
    code_hash: bytes | None = None,
) -> int:
    """Keep a request: by the hash of its link, or by the chat that asked and the hash of the mailed code."""
    return int(await conn.fetchval(INSERT_LINK, channel, person_id, token_hash, address, code_hash, now, expires_at))


OPEN_LINK = """
    update link_request set address = $3
    where channel = $1 and token_hash = $2 and used_at is null and expires_at > $4
    returning id, person_id, address
"""


async def open_link(
    conn: "Connection", channel: str, token_hash: bytes, address: str, now: datetime
) -> LinkRequest | None:
    """Note which chat opened a link; only that one can go on."""
    return rows.one(LinkRequest, await conn.fetchrow(OPEN_LINK, channel, token_hash, address, now))


USE_LINK = """
    update link_request set used_at = $4
    where id = $1 and channel = $2 and address = $3 and token_hash is not null and used_at is null and expires_at > $4
    returning id, person_id, address
"""


async def use_link(
    conn: "Connection", request_id: int, channel: str, address: str, now: datetime
) -> LinkRequest | None:
    """Use a link up, for the chat that opened it; None for anybody else, and the second time."""
    return rows.one(LinkRequest, await conn.fetchrow(USE_LINK, request_id, channel, address, now))


COUNT_CODE = """
    update link_request set tries = tries + 1
    where id = (select id from link_request where channel = $1 and address = $2 and code_hash is not null
                and used_at is null and expires_at > $3 and tries < $4 order by id desc limit 1)
    returning id, person_id, code_hash
"""


@dataclass(frozen=True, slots=True)
class CodeTry:
    """An open request of a chat, with the hash of the code that would be right."""

    id: int
    person_id: int | None
    code_hash: bytes


async def count_code(conn: "Connection", channel: str, address: str, *, limit: int, now: datetime) -> CodeTry | None:
    """Count a try at the code that was mailed for a chat last; None where there is none that can be tried."""
    return rows.one(CodeTry, await conn.fetchrow(COUNT_CODE, channel, address, now, limit))


USE_CODE = "update link_request set used_at = $2 where id = $1 and used_at is null returning person_id"


async def use_code(conn: "Connection", request_id: int, now: datetime) -> int | None:
    """Use a code up and return whose it was; None when somebody was first."""
    person_id: int | None = await conn.fetchval(USE_CODE, request_id, now)
    return person_id


@dataclass(frozen=True, slots=True)
class Connected:
    """An address that is somebody's."""

    person_id: int
    value: str


TAKE_AWAY = """
    delete from address where channel = $1 and (value = $2 or person_id = $3) returning person_id, value
"""


async def take_away(conn: "Connection", channel: str, value: str, person_id: int | None) -> list[Connected]:
    """Take an address from whoever has it, and from a person whatever they have on that channel."""
    return rows.many(Connected, await conn.fetch(TAKE_AWAY, channel, value, person_id))


PREFER = "update person set preferred_channel = $2 where id = $1 and preferred_channel <> $2"


async def prefer(conn: "Connection", person_id: int, channel: str) -> None:
    """Let a person be told on a channel from now on."""
    await conn.execute(PREFER, person_id, channel)


REACHABLE = """
    update address set undeliverable_at = case when $3 then null else $4::timestamptz end
    where channel = $1 and value = $2 and (undeliverable_at is null) <> $3
    returning person_id
"""


async def set_reachable(conn: "Connection", channel: str, value: str, *, reachable: bool, now: datetime) -> int | None:
    """Note whether an address can be used, and return whose it is; None where that is nothing new."""
    person_id: int | None = await conn.fetchval(REACHABLE, channel, value, reachable, now)
    return person_id


DELETE_OLD = "delete from link_request where expires_at < $1"


async def delete_old(conn: "Connection", before: datetime) -> None:
    """Remove the requests that expired before a moment."""
    await conn.execute(DELETE_OLD, before)


SELECT_CHATS = "select value from address where person_id = $1 and channel = $2 order by id"


async def select_chats(conn: "Connection", person_id: int, channel: str) -> list[str]:
    """List a person's addresses on a channel."""
    return [row["value"] for row in await conn.fetch(SELECT_CHATS, person_id, channel)]
