"""Requests to sign in: a row per mail that was asked for, found by the hash of its link or of the asking browser."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class SignIn:
    """A link that can still be used; `browser_hash` None: whoever holds it may use it."""

    token_hash: bytes
    person_id: int
    browser_hash: bytes | None


@dataclass(frozen=True, slots=True)
class CodeTry:
    """An open request of a browser, with the hash of the code that would be right."""

    token_hash: bytes
    code_hash: bytes


SELECT_PERSON_BY_MAIL = """
    select p.id from address a join person p on p.id = a.person_id
    where a.channel = 'mail' and a.value = $1 and a.verified_at is not null and p.provisional_until is null
"""


async def select_person_by_mail(conn: "Connection", value: str) -> int | None:
    """Find who may sign in with a mail address."""
    found: int | None = await conn.fetchval(SELECT_PERSON_BY_MAIL, value)
    return found


INSERT_SIGN_IN = """
    insert into sign_in (token_hash, person_id, browser_hash, code_hash, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $6)
"""


async def insert_sign_in(
    conn: "Connection", request: SignIn, code_hash: bytes | None, *, expires_at: datetime, now: datetime
) -> None:
    """Keep a request to sign in."""
    await conn.execute(
        INSERT_SIGN_IN, request.token_hash, request.person_id, request.browser_hash, code_hash, now, expires_at
    )


SELECT_SIGN_IN = """
    select token_hash, person_id, browser_hash from sign_in
    where token_hash = $1 and used_at is null and expires_at > $2
"""


async def select_sign_in(conn: "Connection", token_hash: bytes, now: datetime) -> SignIn | None:
    """Find a link that can still be used."""
    return rows.one(SignIn, await conn.fetchrow(SELECT_SIGN_IN, token_hash, now))


COUNT_TRY = """
    update sign_in set tries = tries + 1
    where browser_hash = $1 and used_at is null and expires_at > $2 and tries < $3
    returning token_hash, code_hash
"""


async def count_try(conn: "Connection", browser_hash: bytes, *, limit: int, now: datetime) -> list[CodeTry]:
    """Count a try at the code of every request that this browser has open, and list those."""
    return rows.many(CodeTry, await conn.fetch(COUNT_TRY, browser_hash, now, limit))


USE_SIGN_IN = """
    update sign_in set used_at = $2 where token_hash = $1 and used_at is null and expires_at > $2 returning person_id
"""


async def use_sign_in(conn: "Connection", token_hash: bytes, now: datetime) -> int | None:
    """Use a request up and return its person; None when somebody was first, or it is too late."""
    person_id: int | None = await conn.fetchval(USE_SIGN_IN, token_hash, now)
    return person_id


DELETE_OLD_SIGN_INS = "delete from sign_in where expires_at < $1"


async def delete_old_sign_ins(conn: "Connection", before: datetime) -> None:
    """Remove the requests that expired before a moment."""
    await conn.execute(DELETE_OLD_SIGN_INS, before)
