"""Taking in a file of people: all of it or nothing, the same file twice changes nothing, and nobody is mailed.

Whoever a file makes a member is invited when a gathering is published, this time or again; whoever is let in by hand,
at once (`joining`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

import asyncpg

from service.actions import given_addresses
from service.database import Database
from service.errors import Conflict
from service.formats import people_rows
from service.formats.people_rows import PersonRow
from service.formats.tables import Fault
from service.model import Language, Role
from service.rules import access
from service.rules.access import Actor, Verb
from service.store import feeds, imports

if TYPE_CHECKING:
    from service.database import Connection

PROGRESS_STEP: Final = 1_000

_REASONS: Final = {
    "ambiguous": "email: These addresses belong to different people.",
    "twice": "email: This is the same person as on line {}.",
    "circle": "circles: There is no circle {}.",
}
_OVERFULL: Final = "circles: The group {} has no room for everybody in this file."
_ADMIN_ONLY: Final = "roles: Only an admin may make or change an admin."
_LAST_ADMIN: Final = "roles: Nobody would be admin any more; make somebody else one first."


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What a file did, or in a dry run would do; with errors it did nothing and the counts are 0."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    errors: list[Fault] = field(default_factory=list)


class _UndoneError(Exception):
    """Rolls an import back."""


async def people(
    db: Database,
    actor: Actor,
    source: str | bytes,
    *,
    dry_run: bool = False,
    language: str = Language.DUTCH,
    now: datetime,
    progress: Callable[[int], object] | None = None,
) -> ImportReport:
    """Take in a CSV file of people (see `people_rows.COLUMNS`) and report what changed, or which lines are wrong.

    People are recognised by any of their addresses; what a cell leaves empty stays as it is; organisations that nobody
    knew are added; memberships are added and never taken away, nor given back to who has left. Nobody is mailed or
    invited, save that whose addresses it changes hears of it at those they had. `language` is for new people of whom
    the file does not tell; `progress` hears how many rows are read.
    """
    access.require(actor, Verb.EDIT_PEOPLE)
    report = ImportReport()
    try:
        async with db.transaction() as conn:
            report = await _take_in(conn, source, actor, language, now, progress)
            if dry_run or report.errors:
                raise _UndoneError
    except _UndoneError:
        pass
    except asyncpg.UniqueViolationError as error:
        raise Conflict("Somebody changed the same people at this moment; import the file again.") from error
    return report


async def _take_in(
    conn: "Connection",
    source: str | bytes,
    actor: Actor,
    language: str,
    now: datetime,
    progress: Callable[[int], object] | None,
) -> ImportReport:
    await imports.lock_import(conn)
    errors: list[Fault] = []
    await imports.copy_incoming(conn, _sound(source, errors, progress))
    await imports.insert_organisations(conn, now)
    await imports.match_people(conn)
    errors += [
        Fault(clash.line, _REASONS[clash.kind].format(clash.detail)) for clash in await imports.select_clashes(conn)
    ]
    if errors:
        return ImportReport(errors=sorted(errors))
    was = await given_addresses.before(conn, await imports.select_known(conn))
    changed = await _write(conn, language, now)
    await given_addresses.settle(conn, actor, was, now=now)
    if actor.role == Role.ADMIN:
        errors += [Fault(line, _LAST_ADMIN) for line in await imports.select_last_admins(conn)]
    else:
        errors += [Fault(line, _ADMIN_ONLY) for line in await imports.select_touched_admins(conn, changed)]
    errors += [Fault(line, _OVERFULL.format(slug)) for line, slug in await imports.select_overfull(conn, now)]
    await feeds.mark_people(conn, sorted(changed), now)
    added, everyone = await imports.count_arriving(conn)
    await imports.drop_tables(conn)
    if errors:
        return ImportReport(errors=sorted(errors))
    return ImportReport(added=added, changed=len(changed), unchanged=everyone - added - len(changed))


def _sound(source: str | bytes, errors: list[Fault], progress: Callable[[int], object] | None) -> Iterator[PersonRow]:
    """Yield the rows that can be read and put what is wrong with the others into `errors`."""
    count = 0
    for row in people_rows.read(source):
        count += 1
        if progress is not None and count % PROGRESS_STEP == 0:
            progress(count)
        if isinstance(row, Fault):
            errors.append(row)
        else:
            yield row
    if progress is not None:
        progress(count)


async def _write(conn: "Connection", language: str, now: datetime) -> set[int]:
    """Write what differs and return which people known before it changed."""
    await imports.insert_people(conn, language, now)
    return {
        *await imports.update_people(conn),
        *await imports.demote_addresses(conn),
        *await imports.update_addresses(conn, now),
        *await imports.insert_addresses(conn, now),
        *await imports.end_affiliations(conn, now),
        *await imports.update_affiliations(conn),
        *await imports.insert_affiliations(conn, now),
        *await imports.update_memberships(conn, now),
        *await imports.insert_memberships(conn, now),
    }
