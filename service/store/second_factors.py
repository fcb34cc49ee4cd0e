"""Second factors in the database: that somebody has an app, and the codes for the day it is lost, as hashes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """What a secret is derived from; `confirmed_at` None: the app was not proved to work yet."""

    person_id: int
    key_id: str
    nonce: bytes
    confirmed_at: datetime | None
    last_step: int


@dataclass(frozen=True, slots=True)
class State:
    """Since when somebody is asked for a code, and how many recovery codes they have left."""

    confirmed_at: datetime
    codes: int


# One that works is not replaced: it is removed first, with a code.
PROPOSE = """
    insert into second_factor as f (person_id, key_id, nonce, created_at) values ($1, $2, $3, $4)
    on conflict (person_id) do update set key_id = $2, nonce = $3, created_at = $4 where f.confirmed_at is null
    returning person_id
"""


async def propose(conn: "Connection", person_id: int, key_id: str, nonce: bytes, now: datetime) -> bool:
    """Keep what a new secret is derived from; False when there is one that works."""
    return await conn.fetchval(PROPOSE, person_id, key_id, nonce, now) is not None


LOCK_SECOND_FACTOR = """
    select person_id, key_id, nonce, confirmed_at, last_step from second_factor where person_id = $1 for update
"""


async def lock_second_factor(conn: "Connection", person_id: int) -> SecondFactor | None:
    """Read the second factor of a person and hold it until the transaction ends: a code is taken once."""
    return rows.one(SecondFactor, await conn.fetchrow(LOCK_SECOND_FACTOR, person_id))


SELECT_SECOND_FACTOR = """
    select person_id, key_id, nonce, confirmed_at, last_step from second_factor where person_id = $1
"""


async def select_second_factor(conn: "Connection", person_id: int) -> SecondFactor | None:
    """Read the second factor of a person."""
    return rows.one(SecondFactor, await conn.fetchrow(SELECT_SECOND_FACTOR, person_id))


SELECT_STATE = """
    select f.confirmed_at, (select count(*) from recovery_code c where c.person_id = f.person_id)::integer as codes
    from second_factor f where f.person_id = $1 and f.confirmed_at is not null
"""


async def select_state(conn: "Connection", person_id: int) -> State | None:
    """Tell since when a person is asked for a code; None when they are not."""
    return rows.one(State, await conn.fetchrow(SELECT_STATE, person_id))


USE_STEP = """
    update second_factor set last_step = $2, confirmed_at = coalesce(confirmed_at, $3) where person_id = $1
"""


async def use_step(conn: "Connection", person_id: int, step: int, now: datetime) -> None:
    """Note the step whose code was taken; the first one proves that the app works."""
    await conn.execute(USE_STEP, person_id, step, now)


DELETE_SECOND_FACTOR = "delete from second_factor where person_id = $1"


async def delete_second_factor(conn: "Connection", person_id: int) -> None:
    """Ask a person for no code any more; the recovery codes go with it."""
    await conn.execute(DELETE_SECOND_FACTOR, person_id)


INSERT_RECOVERY_CODES = "insert into recovery_code (person_id, code_hash) select $1, unnest($2::bytea[])"


async def insert_recovery_codes(conn: "Connection", person_id: int, hashes: Sequence[bytes]) -> None:
    """Keep recovery codes."""
    await conn.execute(INSERT_RECOVERY_CODES, person_id, list(hashes))


USE_RECOVERY_CODE = "delete from recovery_code where person_id = $1 and code_hash = $2 returning true"


async def use_recovery_code(conn: "Connection", person_id: int, code_hash: bytes) -> bool:
    """Use a recovery code up; False when it is not one."""
    return bool(await conn.fetchval(USE_RECOVERY_CODE, person_id, code_hash))
