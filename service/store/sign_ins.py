"""Requests to sign in: a row per mail that was asked for, found by the hash of its link or of the asking browser."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.store import rows
from service.store.addresses import OPENS

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class SignIn:
    """A link that can still be used; `browser_hash` None: whoever holds it may use it. `address_id`: mailed there."""

    token_hash: bytes
    person_id: int
    browser_hash: bytes | None
    address_id: int | None = None


@dataclass(frozen=True, slots=True)
class CodeTry:
    """An open request of a browser, with the hash of the code that would be right."""

    token_hash: bytes
    code_hash: bytes


@dataclass(frozen=True, slots=True)
class Door:
    """A mail address by which somebody may come in; `opens` False where they must first say that it is theirs."""

    address_id: int
    person_id: int
    opens: bool


SELECT_DOOR = f"""
    select a.id as address_id, p.id as person_id, {OPENS} as opens from address a join person p on p.id = a.person_id
    where a.channel = 'mail' and a.value = $1 and a.verified_at is not null and p.provisional_until is null
"""


async def select_door(conn: "Connection", value: str) -> Door | None:
    """Find whom a mail address may let in."""
    return rows.one(Door, await conn.fetchrow(SELECT_DOOR, value))


INSERT_SIGN_IN = """
    insert into sign_in (token_hash, person_id, browser_hash, code_hash, created_at, expires_at, address_id)
    values ($1, $2, $3, $4, $5, $6, $7)
"""


async def insert_sign_in(
    conn: "Connection", request: SignIn, code_hash: bytes | None, *, expires_at: datetime, now: datetime
) -> None:
    """Keep a request to sign in."""
    await conn.execute(
        INSERT_SIGN_IN,
        request.token_hash,
        request.person_id,
        request.browser_hash,
        code_hash,
        now,
        expires_at,
        request.address_id,
    )


SELECT_SIGN_IN = """
    select token_hash, person_id, browser_hash, address_id from sign_in
    where token_hash = $1 and used_at is null and expires_at > $2
"""


async def select_sign_in(conn: "Connection", token_hash: bytes, now: datetime) -> SignIn | None:
    """Find a link that can still be used."""
    return rows.one(SignIn, await conn.fetchrow(SELECT_SIGN_IN, token_hash, now))


COUNT_TRY = """
    update sign_in s set tries = tries + 1
    where browser_hash = $1 and used_at is null and expires_at > $2 and tries < $3
      and (select sum(o.tries) from sign_in o where o.person_id = s.person_id and o.created_at > $4) < $5
    returning token_hash, code_hash
"""


async def count_try(
    conn: "Connection", browser_hash: bytes, *, limit: int, since: datetime, in_all: int, now: datetime
) -> list[CodeTry]:
    """Count a try at the code of every request that this browser has open, and list those.

    Not of somebody at whose codes `in_all` tries were made since then, in whichever browser.
    """
    return rows.many(CodeTry, await conn.fetch(COUNT_TRY, browser_hash, now, limit, since, in_all))


USE_SIGN_IN = """
    update sign_in set used_at = $2 where token_hash = $1 and used_at is null and expires_at > $2
    returning token_hash, person_id, browser_hash, address_id
"""


async def use_sign_in(conn: "Connection", token_hash: bytes, now: datetime) -> SignIn | None:
    """Use a request up and return it; None when somebody was first, or it is too late."""
    return rows.one(SignIn, await conn.fetchrow(USE_SIGN_IN, token_hash, now))


DELETE_OLD_SIGN_INS = "delete from sign_in where expires_at < $1"


async def delete_old_sign_ins(conn: "Connection", before: datetime) -> None:
    """Remove the requests that expired before a moment."""
    await conn.execute(DELETE_OLD_SIGN_INS, before)
