"""Signing in by mail: a link that works in the browser that asked, and a code to type there.

Whoever opens the link elsewhere, a scanner above all, gets in nowhere and uses nothing up. What follows is a session
(`service/actions/web_sessions.py`).
"""

import hmac
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from service.actions import given_addresses, privacy, web_sessions
from service.actions.allowances import SIGN_IN_ADDRESS, SIGN_IN_NETWORK, spend
from service.actions.web_sessions import Begun
from service.channels import MAIL
from service.database import Database
from service.errors import Expired, NotAllowed
from service.formats.addresses import normalised
from service.formats.tokens import Keys, hashed, new_token
from service.model import Purpose
from service.rules.notices import NewNotice
from service.store import outbox, sign_ins
from service.store.sign_ins import Door, SignIn

if TYPE_CHECKING:
    from service.database import Connection

LIFE: Final = timedelta(minutes=10)
TRIES: Final = 5
IN_A_DAY: Final = 25
"""Tries at all the codes of one person: whoever asks again and again, from everywhere, guesses no more than these."""

_DAY: Final = timedelta(days=1)


class Link(StrEnum):
    """What a sign-in link is worth in the browser that opens it."""

    HERE = "here"  # signs in
    ELSEWHERE = "elsewhere"  # another browser asked: the code is to be typed there
    GONE = "gone"  # used, expired or never made


async def ask(db: Database, email: str, browser: str, *, network: str, keys: Keys, now: datetime) -> bool:
    """Mail a link and a code to an address, if it is known; False when this network asked too often.

    Nothing else tells whether the address is known, nor that it was asked for too often. `browser` is the secret
    cookie of the browser that asks. Raises Invalid for what is no mail address.
    """
    value = normalised(email)
    async with db.transaction() as conn:
        if not await spend(conn, SIGN_IN_NETWORK, network, keys=keys, now=now):
            return False
        within_limit = await spend(conn, SIGN_IN_ADDRESS, value, keys=keys, now=now)
        door = await sign_ins.select_door(conn, value)
        if within_limit and door is not None:
            if door.opens:
                await _send(conn, door, value, browser, now)
            else:
                await given_addresses.remind(conn, door, value, now=now)
    return True


async def link(db: Database, person_id: int, *, life: timedelta, now: datetime) -> str:
    """Make a link that signs in whoever opens it, for the console of the machine; returns its token."""
    token = new_token()
    async with db.transaction() as conn:
        request = SignIn(hashed(token), person_id, None)
        await sign_ins.insert_sign_in(conn, request, None, expires_at=now + life, now=now)
    return token


async def look(db: Database, token: str, browser: str | None, *, now: datetime) -> Link:
    """Tell what a link is worth in this browser; uses nothing up."""
    async with db.reading() as conn:
        return _worth(await sign_ins.select_sign_in(conn, hashed(token), now), browser)


async def enter(db: Database, token: str, browser: str | None, *, agent: str = "", keys: Keys, now: datetime) -> Begun:
    """Sign in with a link, once; raises Expired when it is used or too old, NotAllowed in another browser.

    `agent` says which browser it is, for the list of where somebody is signed in.
    """
    async with db.transaction() as conn:
        found = await sign_ins.select_sign_in(conn, hashed(token), now)
        worth = _worth(found, browser)
        if worth is Link.ELSEWHERE:
            raise NotAllowed
        return await _enter(conn, hashed(token), agent, keys, now)


async def enter_by_code(
    db: Database, browser: str, code: str, *, agent: str = "", keys: Keys, now: datetime
) -> Begun | None:
    """Sign in with the code from the mail, in the browser that asked; None when the code is not right.

    A wrong one counts against every request that this browser has open, and against the day of its person, for whom
    then only the link still works. An unknown address, a spent or expired code and a wrong one all look the same.
    """
    given = _code_hash(browser, code)
    async with db.transaction() as conn:
        open_ones = await sign_ins.count_try(
            conn, hashed(browser), limit=TRIES, since=now - _DAY, in_all=IN_A_DAY, now=now
        )
        right = next((one for one in open_ones if hmac.compare_digest(one.code_hash, given)), None)
        return None if right is None else await _enter(conn, right.token_hash, agent, keys, now)


async def forget_old(db: Database, *, now: datetime) -> None:
    """Remove the requests that are long over."""
    async with db.transaction() as conn:
        await sign_ins.delete_old_sign_ins(conn, now - _DAY)


async def _send(conn: "Connection", door: Door, value: str, browser: str, now: datetime) -> None:
    """Mail link and code to the very address that was typed: another one of theirs may be read by somebody else."""
    token, code = new_token(), f"{secrets.randbelow(10**6):06}"
    request = SignIn(hashed(token), door.person_id, hashed(browser), door.address_id)
    await sign_ins.insert_sign_in(conn, request, _code_hash(browser, code), expires_at=now + LIFE, now=now)
    notice = NewNotice(
        f"sign-in:{request.token_hash.hex()}",
        Purpose.SIGN_IN,
        door.person_id,
        now,
        channel=MAIL,
        conversation=value,
        facts={"token": token, "code": code},
        expires_at=now + LIFE,
    )
    await outbox.insert_notices(conn, [notice], now)


async def _enter(conn: "Connection", token_hash: bytes, agent: str, keys: Keys, now: datetime) -> Begun:
    used = await sign_ins.use_sign_in(conn, token_hash, now)
    if used is None:
        raise Expired
    await privacy.know_again(conn, used.person_id, keys=keys)
    return await web_sessions.begin(conn, used.person_id, address_id=used.address_id, agent=agent, now=now)


def _worth(found: SignIn | None, browser: str | None) -> Link:
    if found is None:
        return Link.GONE
    own = found.browser_hash is None or (
        browser is not None and hmac.compare_digest(found.browser_hash, hashed(browser))
    )
    return Link.HERE if own else Link.ELSEWHERE


def _code_hash(browser: str, code: str) -> bytes:
    """Hash a code together with the cookie, which is kept nowhere: six digits alone are soon guessed from a hash."""
    digits = "".join(character for character in code if character.isascii() and character.isdigit())
    return hashed(f"{browser}|{digits}")
