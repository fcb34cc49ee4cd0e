"""What is held about a person, for them to take along, and its end: exporting and erasing.

What goes where is in `service/store/erasing.py`; how much of an export whom is shown, in `service/rules/privacy.py`.
"""

import base64
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import structlog

from service.actions import circle_notices, circles, inviting
from service.channels import MAIL
from service.database import Database
from service.errors import Conflict, NotFound
from service.formats.tokens import Keys, peppered, peppered_by_each
from service.model import Language, Person, Purpose, Role
from service.rules import access, privacy
from service.rules.access import Actor, Object, Verb
from service.rules.notices import NewNotice
from service.store import addresses, bounces, erasing, exports, gatherings, notices, outbox, people
from service.store.addresses import Address

if TYPE_CHECKING:
    from service.database import Connection

log = structlog.get_logger()

ERASED: Final = "erased"
"""Why an address is not to be used again, until its owner has asked for something with it."""

FAREWELL_LASTS: Final = timedelta(days=5)
"""How long the last mails are tried: as long as any mail."""

NAMELESS: Final = {Language.DUTCH.value: "(gewist)", Language.ENGLISH.value: "(erased)"}
"""What stands in a list of the past in the place of a name."""


async def export(db: Database, actor: Actor, person_id: int, *, keys: Keys, now: datetime) -> dict[str, Any]:
    """Collect what is held about a person as plain values: for themselves all of it, and nobody else's name or words.

    For the team without what is about confidential circles, for the command line without its names. Raises NotFound.
    """
    access.require(actor, Verb.EXPORT, Object(person_id=person_id))
    async with db.reading() as conn:
        if await people.select_person(conn, person_id) is None:
            raise NotFound
        held = await exports.select_held(conn, person_id)
        mails = [one["value"] for one in held["addresses"] if one["channel"] == MAIL]
        hashes = {digest: mail for mail in mails for digest in peppered_by_each(keys, mail)}
        suppressed = await notices.select_suppressed(conn, list(hashes))
    seen = privacy.sight(actor, person_id)
    shown = privacy.shown(held, seen)
    for message in shown["messages"]:
        if "raw" in message:
            message["raw"] = base64.b64decode(message["raw"]).decode(errors="replace")
    told = [{"address": hashes[digest], "reason": reason} for digest, reason in suppressed.items()]
    return {"exported_at": now.isoformat(), "complete": seen is privacy.Sight.OWN, **shown, "suppressions": told}


async def erase(db: Database, actor: Actor, person_id: int, *, keys: Keys, now: datetime) -> None:
    """Erase a person: their seats to come are freed first, their calendar and address hear of it, then all of it goes.

    What is counted stays, as a row without a name. Whoever is erased already stays so. Raises NotFound for nobody,
    NotAllowed where only an admin may, Conflict for the only admin, and where they sign up at this very moment.
    """
    access.require(actor, Verb.ERASE, Object(person_id=person_id))
    async with db.transaction() as conn:
        to_come = await gatherings.lock_of_person(conn, person_id, now)
        role = await people.lock_person(conn, person_id)
        if role is None:
            if await erasing.is_erased(conn, person_id):
                return
            raise NotFound
        await _require(conn, actor, person_id, role)
        if await erasing.joined_meanwhile(conn, person_id, [one.id for one in to_come], now):
            raise Conflict("They are signing up for something at this moment; try again.")
        person = await people.select_person(conn, person_id)
        assert person is not None
        known = await addresses.select_addresses(conn, person_id)
        if person_id != actor.person_id:
            await _warn(conn, actor, person_id, now)
        await inviting.left(conn, to_come, [person_id], by=actor.name, now=now)
        await _take_leave(conn, person, known, now)
        await _forget(conn, person, known, keys, now)
    log.info("person_erased", person=person_id, by=actor.name)


async def forget_farewells(db: Database, *, now: datetime) -> None:
    """Delete the last mails to people who are erased once they are out, and with them their addresses."""
    async with db.transaction() as conn:
        await erasing.forget_farewells(conn, now)


async def know_again(conn: "Connection", person_id: int, *, keys: Keys) -> None:
    """Use the addresses of somebody again who was erased and has just shown that they want to be known.

    A step inside the caller's transaction.
    """
    known = await addresses.select_addresses(conn, person_id)
    await erasing.lift(
        conn, [digest for one in known if one.channel == MAIL for digest in peppered_by_each(keys, one.value)]
    )


async def _require(conn: "Connection", actor: Actor, person_id: int, role: str) -> None:
    if role != Role.MEMBER and person_id != actor.person_id:
        access.require(actor, Verb.OPERATE)
    if role == Role.ADMIN and not await people.has_other_admin(conn, person_id):
        raise Conflict("This is the only admin: make somebody else one first.")


async def _warn(conn: "Connection", actor: Actor, person_id: int, now: datetime) -> None:
    for slug in await erasing.confidential_circles(conn, person_id):
        circle = await circles.read(conn, access.KRING, slug)
        await circle_notices.warn_facilitators(conn, circle, actor, now=now)


async def _take_leave(conn: "Connection", person: Person, known: Sequence[Address], now: datetime) -> None:
    """Put the last mails into the outbox, which alone know from here on where they go; delete all the others."""
    usable = [one for one in known if one.channel == MAIL and one.verified_at and not one.undeliverable_at]
    until = now + FAREWELL_LASTS
    address = max(usable, key=lambda one: (one.is_primary, -one.id)).value if usable else None
    if address is not None:
        await erasing.keep_farewells(conn, person.id, address, person.name, until)
    await erasing.drop_notices(conn, person.id, [one.value for one in known])
    if address is not None:
        farewell = NewNotice(
            dedupe_key=f"{Purpose.ERASED}:{person.id}",
            purpose=Purpose.ERASED,
            person_id=person.id,
            due_at=now,
            channel=MAIL,
            conversation=address,
            facts={"name": person.name},
            expires_at=until,
        )
        await outbox.insert_notices(conn, [farewell], now)


async def _forget(conn: "Connection", person: Person, known: Sequence[Address], keys: Keys, now: datetime) -> None:
    mails = [one.value for one in known if one.channel == MAIL]
    chats = [one.value for one in known if one.channel != MAIL]
    name = NAMELESS[person.language]
    await erasing.unname_notices(conn, person.id, person.name)
    # What others were answered, lists and files above all, may name them: once sent, nobody needs it any more.
    await outbox.forget_answers(conn, now)
    await erasing.clear_registrations(conn, person.id)
    await erasing.clear_inbox(conn, person.id, mails, chats, now)
    await erasing.drop_ties(conn, person.id, mails, chats, now)
    await erasing.drop_keys(conn, mails)
    await erasing.unname_results(conn, [person.name, *mails, *chats], name)
    for mail in mails:
        await bounces.suppress(conn, peppered(keys, mail), ERASED, now)
    await erasing.rub_out(conn, person.id, name, now)
