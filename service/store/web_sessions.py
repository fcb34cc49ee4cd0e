"""Browsers that are signed in: a row per browser, found by the hash of its cookie.

What a session allows is decided in `service/rules/access.py`; how it begins is in `service/store/sign_ins.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.store import rows

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
    last_used_at: datetime


INSERT_WEB_SESSION = """
    insert into web_session (token_hash, person_id, form_key, created_at, expires_at, last_used_at)
    values ($1, $2, $3, $4, $5, $4)
"""


async def insert_web_session(
    conn: "Connection", token_hash: bytes, person_id: int, form_key: bytes, *, expires_at: datetime, now: datetime
) -> None:
    """Begin a session."""
    await conn.execute(INSERT_WEB_SESSION, token_hash, person_id, form_key, now, expires_at)


SELECT_WEB_SESSION = """
    select s.person_id, p.name, p.language, p.role, s.form_key, s.last_used_at
    from web_session s join person p on p.id = s.person_id
    where s.token_hash = $1 and s.expires_at > $2
"""


async def select_web_session(conn: "Connection", token_hash: bytes, now: datetime) -> WebSession | None:
    """Find a session that has not expired."""
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
