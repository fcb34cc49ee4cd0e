"""Organisations as the team keeps them: adding, finding and changing them; who works for whom is in `people`."""

from collections.abc import Iterable
from datetime import datetime

from service.database import Database
from service.errors import Conflict, NotFound
from service.formats import fields
from service.formats.addresses import normalised_domain
from service.model import Organisation
from service.rules import access
from service.rules.access import Actor, Verb
from service.store import organisations as rows
from service.store.organisations import Peopled


async def create(db: Database, actor: Actor, *, name: str, domains: Iterable[str] = (), now: datetime) -> Organisation:
    """Add an organisation; a name that is taken, in whatever case, is a conflict."""
    access.require(actor, Verb.EDIT_PEOPLE)
    name = fields.needed("name", name)
    kept = sorted({normalised_domain(domain) for domain in domains})
    async with db.transaction() as conn:
        organisation = await rows.insert_organisation(conn, name, kept, now)
        if organisation is None:
            raise Conflict("There is an organisation of this name already.")
        return organisation


async def every(db: Database, actor: Actor, *, after: int = 0, limit: int = 100) -> list[Organisation]:
    """List organisations in the order of their ids, those after an id."""
    access.require(actor, Verb.SEE_PEOPLE)
    async with db.reading() as conn:
        return await rows.select_organisations(conn, after, limit)


async def get(db: Database, actor: Actor, organisation_id: int) -> Organisation:
    """Read one organisation."""
    access.require(actor, Verb.SEE_PEOPLE)
    async with db.reading() as conn:
        return _known(await rows.select_organisation(conn, organisation_id))


async def names(db: Database, actor: Actor) -> dict[int, str]:
    """Return what every organisation is called, by its id, in the order of the names."""
    access.require(actor, Verb.SEE_PEOPLE)
    async with db.reading() as conn:
        return await rows.select_names(conn)


async def found(db: Database, actor: Actor, words: str, *, after: int | None = None, limit: int = 100) -> list[Peopled]:
    """Find organisations by a part of their name or of a domain, by name, behind one of them."""
    access.require(actor, Verb.SEE_PEOPLE)
    words = fields.line("q", words)
    async with db.reading() as conn:
        return await rows.select_organisations_found(conn, words, after, limit)


async def change(
    db: Database, actor: Actor, organisation_id: int, *, name: str | None = None, domains: Iterable[str] | None = None
) -> Organisation:
    """Rename an organisation, or set the domains of its mail addresses; a name that is taken is a conflict."""
    access.require(actor, Verb.EDIT_PEOPLE)
    name = None if name is None else fields.needed("name", name)
    kept = None if domains is None else sorted({normalised_domain(domain) for domain in domains})
    async with db.transaction() as conn:
        before = _known(await rows.select_organisation(conn, organisation_id))
        wanted = before.domains if kept is None else kept
        if not await rows.update_organisation(conn, organisation_id, name or before.name, wanted):
            raise Conflict("There is an organisation of this name already.")
        return _known(await rows.select_organisation(conn, organisation_id))


def _known(organisation: Organisation | None) -> Organisation:
    if organisation is None:
        raise NotFound
    return organisation
