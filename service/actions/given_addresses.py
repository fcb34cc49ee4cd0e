"""Addresses that somebody else gives to a person: those they had before hear of it at once, and decide.

`settle` is the one step after whatever changes addresses, inside the caller's transaction. What a new address is worth
until its person has said that it is theirs stands in `service/store/addresses.py`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Final

import structlog

from service.channels import MAIL
from service.database import Database
from service.errors import NotFound
from service.formats.addresses import masked, normalised
from service.formats.tokens import ADDRESS, Keys, read_handle, verifies
from service.model import Person, Purpose
from service.rules import access, given_addresses
from service.rules.access import Actor, Verb
from service.rules.given_addresses import Change, Known, Told
from service.rules.notices import NewNotice
from service.store import addresses, outbox, people, web_sessions
from service.store.sign_ins import Door

if TYPE_CHECKING:
    from service.database import Connection

log = structlog.get_logger()

LASTS: Final = timedelta(days=5)
"""How long these mails are tried: as long as any mail."""

By = Mapping[int, Sequence[Known]]
"""The trusted mail addresses of people, by the person's id."""


@dataclass(frozen=True, slots=True)
class Given:
    """An address that waits for its person's word, or has had it; only so much of it as its owner needs to know it."""

    address: str
    language: str
    waits: bool


async def before(conn: "Connection", person_ids: Collection[int]) -> dict[int, list[Known]]:
    """Read the addresses of people who are about to be changed."""
    found = sorted(await addresses.select_trusted(conn, person_ids), key=lambda one: (one.person_id, one.id))
    return {person_id: list(theirs) for person_id, theirs in groupby(found, key=lambda one: one.person_id)}


async def settle(conn: "Connection", actor: Actor, was: By, *, now: datetime) -> None:
    """Let what was given wait for its person's word, and tell the addresses they had before; nothing of one's own.

    `was` is what `before` read. The number of statements does not grow with the people.
    """
    known = {person_id: theirs for person_id, theirs in was.items() if person_id != actor.person_id}
    is_now = await before(conn, list(known)) if known else {}
    news = [
        (person_id, change)
        for person_id, theirs in known.items()
        for change in given_addresses.changes(theirs, is_now.get(person_id, []))
    ]
    if not news:
        return
    await addresses.await_owners(conn, [change.address_id for _, change in news if change.waits])
    written = [
        _notice(person_id, change, one, now)
        for person_id, change in news
        for one in given_addresses.told(known[person_id])
    ]
    await outbox.insert_notices(conn, written, now)


async def remind(conn: "Connection", door: Door, value: str, *, now: datetime) -> None:
    """Tell whoever wants in by an address that waits, and the addresses of before once more, what is to be done."""
    theirs = await addresses.select_trusted(conn, [door.person_id])
    change = Change(Purpose.ADDRESS_ADDED, door.address_id, value, waits=True)
    sure = [Told(one.value, decides=True) for one in theirs if not one.awaits_owner]
    waiting = Change(Purpose.ADDRESS_WAITS, door.address_id, value, waits=False)
    written = [_notice(door.person_id, change, one, now) for one in sure]
    await outbox.insert_notices(
        conn, [*written, _notice(door.person_id, waiting, Told(value, decides=False), now)], now
    )


async def look(db: Database, handle: str, *, keys: Keys) -> Given:
    """Read which address a link is about; raises NotFound where we did not make it, or the address is gone."""
    async with db.reading() as conn:
        address, person = await _found(conn, handle, keys)
    return Given(masked(address.value), person.language, address.awaits_owner)


async def confirm(db: Database, handle: str, *, keys: Keys) -> None:
    """Take an address for its person's own, on the word of one they had before; raises NotFound as `look` does."""
    async with db.transaction() as conn:
        address, person = await _found(conn, handle, keys)
        await people.lock_person(conn, person.id)
        await addresses.confirm_owner(conn, address.id)
    log.info("address_confirmed", person=person.id)


async def take_away(db: Database, handle: str, *, keys: Keys) -> None:
    """Remove an address that is not its person's, with every session of theirs; mail goes to one of before again.

    Raises NotFound as `look` does, and for an address that has been said to be theirs.
    """
    async with db.transaction() as conn:
        address, person = await _found(conn, handle, keys)
        await people.lock_person(conn, person.id)  # and what stands after others who hold them
        theirs = await addresses.select_trusted(conn, [person.id])
        if not any(one.id == address.id and one.awaits_owner for one in theirs):
            raise NotFound
        await addresses.take_back(conn, address.id)
        if address.is_primary:
            heir = next(one for one in theirs if not one.awaits_owner)  # there is one: `may_go`
            await addresses.make_primary(conn, heir.id)
        await web_sessions.delete_web_sessions_of(conn, person.id)
    log.info("address_refused", person=person.id)


async def vouch(db: Database, actor: Actor, email: str) -> None:
    """Take an address for its person's own without their word from another; for who runs the machine alone.

    For whoever no longer reads any mail of before. Raises NotFound for nobody's address.
    """
    access.require(actor, Verb.VOUCH)
    email = normalised(email)
    async with db.transaction() as conn:
        found = await people.select_person_by_address(conn, MAIL, email)
        theirs = await addresses.select_trusted(conn, [found.id]) if found else []
        address = next((one for one in theirs if one.value == email), None)
        if address is None:
            raise NotFound("This is nobody's mail address.")
        await addresses.confirm_owner(conn, address.id)


async def _found(conn: "Connection", handle: str, keys: Keys) -> tuple[Known, Person]:
    ident = read_handle(handle)
    if ident is None or not verifies(keys, ADDRESS, handle):
        raise NotFound
    owner = await addresses.select_owner(conn, ident)
    person = await people.select_person(conn, owner) if owner is not None else None
    if person is None:
        raise NotFound
    theirs = await addresses.select_trusted(conn, [person.id])
    return next(one for one in theirs if one.id == ident), person


def _notice(person_id: int, change: Change, one: Told, now: datetime) -> NewNotice:
    """Write to the very address, for by the time it goes out it may be nobody's any more."""
    facts: dict[str, object] = {"address": masked(change.value), "at": now.isoformat()}
    if change.waits and one.decides:
        facts["confirm"] = change.address_id
    return NewNotice(
        f"{change.purpose}:{change.address_id}:{one.value}:{now.isoformat()}",
        change.purpose,
        person_id,
        now,
        channel=MAIL,
        conversation=one.value,
        facts=facts,
        expires_at=now + LASTS,
    )
