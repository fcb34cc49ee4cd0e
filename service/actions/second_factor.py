"""A second factor beside the mail: an authenticator app, set up by whoever wants it, and recovery codes for its loss.

The codes themselves are made in `service/formats/totp.py`; signing in by mail comes first (`signing_in`).
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from service.actions import web_sessions
from service.actions.allowances import Limit, allow
from service.actions.web_sessions import Begun
from service.database import Database
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.formats import totp
from service.formats.tokens import Keys, hashed
from service.rules import access
from service.rules.access import Actor, Verb
from service.store import links
from service.store import people as person_rows
from service.store import second_factors as rows
from service.store import web_sessions as session_rows
from service.store.second_factors import State

if TYPE_CHECKING:
    from service.database import Connection

TRIES: Final = Limit("second-factor", 10, timedelta(minutes=15))
IN_A_DAY: Final = Limit("second-factor-day", 50, timedelta(days=1))
"""How often codes may be tried for one person: three of a million are right at a time, so that it takes years."""

CODES: Final = 8
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else


@dataclass(frozen=True, slots=True)
class Setup:
    """What an app has to know: the secret as people type it, and the address in the QR code."""

    spelled: str
    address: str


async def state(db: Database, actor: Actor) -> State | None:
    """Tell since when the actor is asked for a code; None when they are not."""
    async with db.reading() as conn:
        return await rows.select_state(conn, access.oneself(actor))


async def begin(db: Database, actor: Actor, *, keys: Keys, now: datetime) -> None:
    """Make a new secret for the team's own app; it counts once a code proves that the app works.

    Raises Conflict where one works already, NotAllowed for who is not of the team.
    """
    person_id = access.oneself(actor)
    if not actor.staff:
        raise NotAllowed
    async with db.transaction() as conn:
        if not await rows.propose(conn, person_id, next(iter(keys)), secrets.token_bytes(16), now):
            raise Conflict("There is an app that works already.")


async def setup(db: Database, actor: Actor, association: str, *, keys: Keys) -> Setup:
    """Show what the app has to know, until it has proved to work; NotFound afterwards."""
    async with db.reading() as conn:
        found = await rows.select_second_factor(conn, access.oneself(actor))
        person = await person_rows.select_person(conn, access.oneself(actor))
    if found is None or person is None or found.confirmed_at is not None:
        raise NotFound
    shared = totp.secret(keys, found.key_id, found.person_id, found.nonce)
    if shared is None:
        raise NotFound
    return Setup(totp.spelled(shared), totp.address(association, person.email or person.name, shared))


async def confirm(db: Database, actor: Actor, code: str, *, token: str, keys: Keys, now: datetime) -> list[str]:
    """Take the first code of an app: from now on signing in asks for one. Returns the recovery codes, shown once.

    Every session of the person ends but that of the `token`, by which they ask, and every link that would connect a
    chat. A chat that is connected already has nothing of the team's rights until it is connected anew
    (`service/actions/speaking.py`). Raises Invalid("code") for a wrong one or too many tries.
    """
    person_id = access.oneself(actor)
    await _spend(db, person_id, keys, now)
    made = [_recovery_code() for _ in range(CODES)]
    async with db.transaction() as conn:
        found = await rows.lock_second_factor(conn, person_id)
        if found is None or found.confirmed_at is not None:
            raise NotFound
        if not await _takes_app_code(conn, person_id, code, keys, now):
            raise Invalid("code", "This code is not right.")
        await rows.insert_recovery_codes(conn, person_id, [_hash(person_id, one) for one in made])
        await session_rows.end_others(conn, person_id, hashed(token))
        await links.end_links(conn, person_id, now)
    return made


async def remove(db: Database, actor: Actor, code: str, *, keys: Keys, now: datetime) -> None:
    """Ask for no code any more, on showing one, of the app or for recovery. Raises Invalid("code")."""
    person_id = access.oneself(actor)
    await _spend(db, person_id, keys, now)
    async with db.transaction() as conn:
        if not await _takes(conn, person_id, code, keys, now):
            raise Invalid("code", "This code is not right.")
        await rows.delete_second_factor(conn, person_id)


async def remove_for(db: Database, actor: Actor, person_id: int) -> None:
    """Let somebody in without a code who has lost app and recovery codes; every session of theirs ends."""
    access.require(actor, Verb.OPERATE)
    async with db.transaction() as conn:
        if await person_rows.lock_person(conn, person_id) is None:
            raise NotFound
        await rows.delete_second_factor(conn, person_id)
        await session_rows.delete_web_sessions_of(conn, person_id)


async def enter(db: Database, token: str, code: str, *, agent: str = "", keys: Keys, now: datetime) -> Begun | None:
    """Sign in for good with a code, after the mail; None for a wrong one, too many tries, or a wait that is over."""
    async with db.reading() as conn:
        found = await session_rows.select_awaiting(conn, hashed(token), now)
    if found is None or not await _may_try(db, found.person_id, keys, now):
        return None
    async with db.transaction() as conn:
        if not await _takes(conn, found.person_id, code, keys, now):
            return None
        await session_rows.delete_web_session(conn, hashed(token))
        return await web_sessions.begin(
            conn, found.person_id, address_id=found.address_id, agent=agent, proved=True, now=now
        )


async def _takes(conn: "Connection", person_id: int, code: str, keys: Keys, now: datetime) -> bool:
    if await _takes_app_code(conn, person_id, code, keys, now):
        return True
    return await rows.use_recovery_code(conn, person_id, _hash(person_id, code))


async def _takes_app_code(conn: "Connection", person_id: int, code: str, keys: Keys, now: datetime) -> bool:
    found = await rows.lock_second_factor(conn, person_id)
    shared = None if found is None else totp.secret(keys, found.key_id, person_id, found.nonce)
    if found is None or shared is None:
        return False
    step = totp.matching(shared, code, now.timestamp(), after=found.last_step)
    if step is None:
        return False
    await rows.use_step(conn, person_id, step, now)
    return True


async def _spend(db: Database, person_id: int, keys: Keys, now: datetime) -> None:
    """Count a try in a transaction of its own: a wrong one must count although nothing else is kept of it."""
    if not await _may_try(db, person_id, keys, now):
        raise Invalid("code", "This was tried too often; wait a quarter of an hour, or until tomorrow.")


async def _may_try(db: Database, person_id: int, keys: Keys, now: datetime) -> bool:
    """Count a try; one that the shorter limit refuses does not count for the longer one."""
    who = str(person_id)
    return await allow(db, TRIES, who, keys=keys, now=now) and await allow(db, IN_A_DAY, who, keys=keys, now=now)


def _recovery_code() -> str:
    text = "".join(secrets.choice(_ALPHABET) for _ in range(12))
    return "-".join(text[at : at + 4] for at in (0, 4, 8))


def _hash(person_id: int, code: str) -> bytes:
    """Hash a recovery code, which holds 59 bits: no table of hashes helps a thief."""
    letters = "".join(character for character in code.lower() if character in _ALPHABET)
    return hashed(f"recovery|{person_id}|{letters}")
