"""Browsers that are signed in: a row per browser, found by the hash of its cookie.

What a session allows is decided in `service/rules/access.py`; how it begins is in `service/store/sign_ins.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.store import rows
from service.store.addresses import OPENS

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class WebSession:
    """A signed-in browser, with what a page needs of its person."""

    person_id: int
    name: str
    language: str
    role: str
    form_key: bytes
    created_at: datetime
    last_used_at: datetime


INSERT_WEB_SESSION = """
    insert into web_session (token_hash, person_id, form_key, created_at, expires_at, last_used_at, agent, awaits_code,
        address_id)
    values ($1, $2, $3, $4, $5, $4, $6, $7, $8)
"""


async def insert_web_session(  # noqa: PLR0913  # the columns, by keyword
    conn: "Connection",
    token_hash: bytes,
    person_id: int,
    form_key: bytes,
    *,
    expires_at: datetime,
    agent: str,
    awaits_code: bool,
    address_id: int | None,
    now: datetime,
) -> None:
    """Begin a session, or one that is worth nothing until a code follows; it ends with the address it began by."""
    await conn.execute(
        INSERT_WEB_SESSION, token_hash, person_id, form_key, now, expires_at, agent, awaits_code, address_id
    )


# Asked each time: whoever came in by an address somebody gave them may have joined a confidential circle since.
SELECT_WEB_SESSION = f"""
    select s.person_id, p.name, p.language, p.role, s.form_key, s.created_at, s.last_used_at
    from web_session s join person p on p.id = s.person_id left join address a on a.id = s.address_id
    where s.token_hash = $1 and s.expires_at > $2 and not s.awaits_code and (a.id is null or {OPENS})
"""


async def select_web_session(conn: "Connection", token_hash: bytes, now: datetime) -> WebSession | None:
    """Find a session that has not expired, and began by an address that still opens the door."""
    return rows.one(WebSession, await conn.fetchrow(SELECT_WEB_SESSION, token_hash, now))


SELECT_PERSON_ROLE = "select role from person where id = $1"


async def select_person_role(conn: "Connection", person_id: int) -> str:
    """Read what a person is to the association."""
    return str(await conn.fetchval(SELECT_PERSON_ROLE, person_id))


UPDATE_LAST_USED = """
    update web_session s set last_used_at = seen.at
    from unnest($1::bytea[], $2::timestamptz[]) as seen (token_hash, at)
    where s.token_hash = seen.token_hash and s.last_used_at < seen.at
"""


async def update_last_used(conn: "Connection", hashes: Sequence[bytes], moments: Sequence[datetime]) -> None:
    """Note when sessions were last used; two processes may note the same one."""
    await conn.execute(UPDATE_LAST_USED, hashes, moments)


@dataclass(frozen=True, slots=True)
class Awaiting:
    """Who has proved the mail, which address that was, and has to prove the app."""

    person_id: int
    address_id: int | None


SELECT_AWAITING = """
    select person_id, address_id from web_session where token_hash = $1 and expires_at > $2 and awaits_code
"""


async def select_awaiting(conn: "Connection", token_hash: bytes, now: datetime) -> Awaiting | None:
    """Find who has proved the mail and has to prove the app."""
    return rows.one(Awaiting, await conn.fetchrow(SELECT_AWAITING, token_hash, now))


@dataclass(frozen=True, slots=True)
class Listed:
    """A browser in which somebody is signed in; `here`: the one that asks."""

    id: int
    agent: str
    created_at: datetime
    last_used_at: datetime
    here: bool


SELECT_SESSIONS_OF = """
    select id, agent, created_at, last_used_at, token_hash = $2 as here from web_session
    where person_id = $1 and expires_at > $3 and not awaits_code
    order by token_hash <> $2, last_used_at desc, id
"""


async def select_sessions_of(conn: "Connection", person_id: int, here: bytes, now: datetime) -> list[Listed]:
    """List the sessions of a person, the one that asks first."""
    return rows.many(Listed, await conn.fetch(SELECT_SESSIONS_OF, person_id, here, now))


END_SESSION = "delete from web_session where id = $1 and person_id = $2 returning token_hash"


async def end_session(conn: "Connection", session_id: int, person_id: int) -> bytes | None:
    """End one session of a person and return its hash; None when they have no such session."""
    token_hash: bytes | None = await conn.fetchval(END_SESSION, session_id, person_id)
    return token_hash


END_OTHERS = "delete from web_session where person_id = $1 and token_hash <> $2"


async def end_others(conn: "Connection", person_id: int, here: bytes) -> None:
    """End every session of a person but one."""
    await conn.execute(END_OTHERS, person_id, here)


DELETE_WEB_SESSION = "delete from web_session where token_hash = $1"


async def delete_web_session(conn: "Connection", token_hash: bytes) -> None:
    """End a session."""
    await conn.execute(DELETE_WEB_SESSION, token_hash)


DELETE_WEB_SESSIONS_OF = "delete from web_session where person_id = $1"


async def delete_web_sessions_of(conn: "Connection", person_id: int) -> None:
    """End all sessions of a person."""
    await conn.execute(DELETE_WEB_SESSIONS_OF, person_id)


DELETE_EXPIRED_SESSIONS = "delete from web_session where expires_at <= $1"


async def delete_expired_sessions(conn: "Connection", now: datetime) -> None:
    """Remove sessions that nobody can use any more."""
    await conn.execute(DELETE_EXPIRED_SESSIONS, now)
