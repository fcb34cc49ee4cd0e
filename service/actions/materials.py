"""What is left of a gathering for its people: a short report, told once, and links and small files.

Whoever may see what a gathering is about sees them, and whoever was invited to it; of a confidential one only the
people of its circle, the team not among them.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from service.actions import broadcasting, scheduling
from service.actions.broadcasting import Told
from service.database import Database
from service.errors import Conflict, Invalid, NotFound
from service.formats import attachments, fields, links
from service.formats.attachments import Attachment
from service.model import Audience, Gathering
from service.rules import access
from service.rules.access import Actor, Verb
from service.store import gatherings, rosters
from service.store import materials as rows
from service.store.materials import Material, Report

if TYPE_CHECKING:
    from service.database import Connection

MOST: Final = 20
"""Links and files of one gathering."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is left of a gathering; None and nothing where there is nothing, or nothing that the reader may see."""

    report: Report | None
    materials: list[Material]


async def kept(db: Database, actor: Actor, gathering_id: int) -> Kept:
    """Read what is left of a gathering, as far as the actor may."""
    async with db.reading() as conn:
        gathering = await gatherings.select_gathering(conn, gathering_id)
        if gathering is None:
            raise NotFound
        if not await _may_see(conn, actor, gathering):
            return Kept(None, [])
        return Kept(await rows.select_report(conn, gathering_id), await rows.select_materials(conn, gathering_id))


async def read(db: Database, actor: Actor, gathering_id: int) -> Kept:
    """Read the same for a program, which is told when it may not: raises NotFound or NotAllowed."""
    async with db.reading() as conn:
        await scheduling.read(conn, actor, gathering_id, Verb.SEE_MATERIAL)
    return await kept(db, actor, gathering_id)


async def file(db: Database, actor: Actor, gathering_id: int, material_id: int) -> Attachment:
    """Hand over a file; raises NotFound for whoever may not see it, too."""
    async with db.reading() as conn:
        gathering = await gatherings.select_gathering(conn, gathering_id)
        if gathering is None or not await _may_see(conn, actor, gathering):
            raise NotFound
        found = await rows.select_file(conn, gathering_id, material_id)
    if found is None:
        raise NotFound
    return found


async def add_link(db: Database, actor: Actor, gathering_id: int, *, title: str, url: str, now: datetime) -> Material:
    """Keep a link; raises Invalid with the field, and Conflict where there are too many already."""
    address = links.checked("url", url)
    if not address:
        raise Invalid("url", "give a web address")
    shown = fields.line("title", title) or address
    async with db.transaction() as conn:
        await _require_room(conn, actor, gathering_id)
        ident = await rows.insert_link(conn, gathering_id, shown, address, now)
        return await _one(conn, gathering_id, ident)


async def add_file(
    db: Database, actor: Actor, gathering_id: int, *, title: str, name: str, content: bytes, now: datetime
) -> Material:
    """Keep a file of a kind that is known, at most 5 MB; raises as `add_link` does."""
    found = attachments.checked(name, content)
    shown = fields.line("title", title) or found.name
    async with db.transaction() as conn:
        await _require_room(conn, actor, gathering_id)
        ident = await rows.insert_file(conn, gathering_id, shown, found, now)
        return await _one(conn, gathering_id, ident)


async def remove(db: Database, actor: Actor, gathering_id: int, material_id: int) -> None:
    """Throw away a link or a file."""
    async with db.transaction() as conn:
        await _hold(conn, actor, gathering_id)
        if not await rows.delete_material(conn, gathering_id, material_id):
            raise NotFound


async def write_report(db: Database, actor: Actor, gathering_id: int, text: str, *, now: datetime) -> None:
    """Keep the report of a gathering; an empty one throws it away. Tells nobody."""
    words = fields.text("text", text)
    if len(words) > broadcasting.LONGEST:
        raise Invalid("text", f"this is too long: at most {broadcasting.LONGEST} characters fit")
    async with db.transaction() as conn:
        await _hold(conn, actor, gathering_id)
        if words:
            await rows.save_report(conn, gathering_id, words, now)
        else:
            await rows.delete_report(conn, gathering_id)


async def tell_report(db: Database, actor: Actor, gathering_id: int, *, now: datetime, pause: timedelta) -> Told:
    """Tell the report to those who were there, once; again only where that was called off.

    Raises Conflict before the end, without a report, where it was told already, and where there is nobody to tell.
    """
    async with db.transaction() as conn:
        gathering = await _hold(conn, actor, gathering_id)
        report = await rows.select_report(conn, gathering_id)
        if report is None or gathering.ends_at > now:
            raise Conflict("a report is written first, and told once it is over")
        if report.told:
            raise Conflict("it was told already")
        # Whoever presses twice has the same key: it is one message.
        key = f"report:{gathering_id}:{report.broadcast_id or 0}"
        told = await broadcasting.send(
            db.within(conn), actor, gathering_id, Audience.PRESENT, report.text, now=now, pause=pause, key=key
        )
        await rows.note_told(conn, gathering_id, told.broadcast.id)
    return told


async def _may_see(conn: "Connection", actor: Actor, gathering: Gathering) -> bool:
    target = scheduling.scope(gathering)
    if actor.person_id is not None:
        own = await rosters.select_registration(conn, gathering.id, actor.person_id)
        if own is not None and own.withdrawn_at is None:
            target = replace(target, person_id=actor.person_id)
    return access.can(actor, Verb.SEE_MATERIAL, target)


async def _hold(conn: "Connection", actor: Actor, gathering_id: int) -> Gathering:
    return await scheduling.lock(conn, actor, gathering_id, Verb.EDIT_MATERIAL)


async def _require_room(conn: "Connection", actor: Actor, gathering_id: int) -> None:
    await _hold(conn, actor, gathering_id)
    if len(await rows.select_materials(conn, gathering_id)) >= MOST:
        raise Conflict(f"at most {MOST} links and files are kept")


async def _one(conn: "Connection", gathering_id: int, material_id: int) -> Material:
    return next(one for one in await rows.select_materials(conn, gathering_id) if one.id == material_id)
