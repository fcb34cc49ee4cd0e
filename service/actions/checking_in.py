"""Checking in oneself: the door shows a sign that changes every minute; whoever sees it says that they are there.

Who it is, they show by being signed in, by their answer link and the code on the sign, or by a link that is mailed to
them. It works while the gathering goes on and at no other time, and marks as present; it never takes a mark away.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from service.actions import attendance, visiting
from service.actions.allowances import Limit, spend
from service.actions.people import actor_of
from service.actions.registration import held_by
from service.actions.scheduling import read, scope
from service.actions.visiting import Visitor
from service.channels import MAIL
from service.database import Database
from service.errors import Expired, Invalid, NotAllowed, NotFound
from service.formats import fields, tokens
from service.formats.addresses import normalised
from service.formats.tokens import Keys
from service.model import Attendance, Gathering, Purpose, Registration, Status, Visibility
from service.rules import access, checking_in
from service.rules.access import Actor, Verb
from service.store import gatherings, people, rosters

if TYPE_CHECKING:
    from service.database import Connection

CODE_TRIES: Final = Limit("check-in-code", 10, timedelta(hours=1))
NETWORK: Final = Limit("check-in-network", 300, timedelta(hours=1))
"""A whole room comes from one network, and the sign has shown already that they are in it."""


@dataclass(frozen=True, slots=True)
class Sign:
    """What the door shows at a moment; both are empty while nobody can check in."""

    gathering: Gathering
    handle: str
    code: str


async def sign(db: Database, actor: Actor, gathering_id: int, *, keys: Keys, now: datetime) -> Sign:
    """Make what the door shows, for whoever may mark attendance."""
    async with db.reading() as conn:
        gathering = await read(conn, actor, gathering_id, Verb.MARK_ATTENDANCE)
    if not _is_open(gathering, now):
        return Sign(gathering, "", "")
    slot = checking_in.slot(now)
    return Sign(
        gathering,
        tokens.handle(keys, tokens.SIGN, gathering_id, slot),
        tokens.code(keys, tokens.SIGN, gathering_id, slot),
    )


async def behind(db: Database, handle: str, *, keys: Keys, now: datetime) -> Gathering:
    """Return the gathering behind a sign; raises NotFound for what was never one, Expired for one that is gone."""
    async with db.reading() as conn:
        return await _behind(conn, handle, keys, now)


async def check_in(db: Database, actor: Actor, handle: str, *, keys: Keys, now: datetime) -> Gathering:
    """Mark the actor as present, who has signed in and seen the sign; without an invitation where they may sign up."""
    person_id = access.oneself(actor)
    async with db.transaction() as conn:
        gathering = await _lock(conn, (await _behind(conn, handle, keys, now)).id, now)
        if not await _is_expected(conn, gathering, actor):
            raise NotAllowed
        await _mark(conn, gathering, person_id, now)
        return gathering


async def check_in_by_code(db: Database, answer_handle: str, code: str, *, keys: Keys, now: datetime) -> Gathering:
    """Mark the holder of an answer link as present, who has typed the code on the sign; raises Invalid for another."""
    async with db.transaction() as conn:
        found, registration = await held_by(conn, answer_handle, keys=keys, now=now)
        gathering = await _lock(conn, found.id, now)
        allowed = await spend(conn, CODE_TRIES, str(registration.id), keys=keys, now=now)
        right = {tokens.code(keys, tokens.SIGN, gathering.id, slot) for slot in checking_in.good(now)}
    # The try counts whatever it was, so it is committed before it is judged.
    if not allowed or fields.line("code", code).replace(" ", "") not in right:
        raise Invalid("code", "this is not the code that is shown now")
    async with db.transaction() as conn:
        await _mark(conn, await _lock(conn, gathering.id, now), registration.person_id, now)
    return gathering


async def ask_for_link(db: Database, handle: str, *, name: str, email: str, keys: Keys, now: datetime) -> None:
    """Mail whoever has seen the sign a link with which they check in; nothing tells whether the address is known.

    To a public gathering somebody new comes along as well, known by the name they typed once they press the link.
    """
    value, shown = normalised(email), fields.needed("name", name)
    async with db.transaction() as conn:
        gathering = await _lock(conn, (await _behind(conn, handle, keys, now)).id, now)
        known = await people.select_person_by_address(conn, MAIL, value)
        standing = await people.select_standing(conn, known.id) if known else None
        if known is None or standing is None:
            if gathering.confidential or gathering.visibility != Visibility.PUBLIC:
                return
        elif not await _is_expected(conn, gathering, actor_of(known.id, standing)):
            return
        await visiting.ask(conn, gathering, Visitor(shown, value, ""), Purpose.CHECK_IN, {}, keys=keys, now=now)


async def by_link(db: Database, handle: str, *, keys: Keys, now: datetime) -> tuple[Gathering, Registration]:
    """Show what a mailed link checks in to; raises NotFound, and Expired once it is over."""
    async with db.reading() as conn:
        found, registration = await held_by(conn, handle, keys=keys, now=now, purpose=tokens.PRESENT)
    if not _is_open(found, now):
        raise Expired
    return found, registration


async def check_in_by_link(db: Database, handle: str, *, keys: Keys, now: datetime) -> Gathering:
    """Mark the holder of a mailed link as present; pressing it also shows whose the address is."""
    async with db.transaction() as conn:
        found, registration = await held_by(conn, handle, keys=keys, now=now, purpose=tokens.PRESENT)
        gathering = await _lock(conn, found.id, now)
        await _mark(conn, gathering, registration.person_id, now)
        return gathering


async def _behind(conn: "Connection", handle: str, keys: Keys, now: datetime) -> Gathering:
    ident = tokens.read_handle(handle)
    if ident is None:
        raise NotFound
    gathering = await gatherings.select_gathering(conn, ident)
    good = any(tokens.verifies(keys, tokens.SIGN, handle, slot) for slot in checking_in.good(now))
    if gathering is not None and good and _is_open(gathering, now):
        return gathering
    raise Expired  # the same whether there is such a gathering or not


async def _lock(conn: "Connection", gathering_id: int, now: datetime) -> Gathering:
    gathering = await gatherings.lock_gathering(conn, gathering_id)
    assert gathering is not None
    if not _is_open(gathering, now):
        raise Expired
    return gathering


async def _is_expected(conn: "Connection", gathering: Gathering, actor: Actor) -> bool:
    """Tell whether somebody is on the list, or may put themselves on it."""
    registration = await rosters.select_registration(conn, gathering.id, actor.person_id or 0)
    if registration is not None and registration.withdrawn_at is None:
        return True
    return access.can(actor, Verb.SIGN_UP, scope(gathering))


async def _mark(conn: "Connection", gathering: Gathering, person_id: int, now: datetime) -> None:
    await attendance.set_marks(conn, gathering, {person_id: Attendance.PRESENT}, f"person:{person_id}", now)


def _is_open(gathering: Gathering, now: datetime) -> bool:
    published = gathering.status == Status.PUBLISHED
    return published and checking_in.is_open(gathering.starts_at, gathering.ends_at, now)
