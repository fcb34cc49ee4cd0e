"""What somebody runs, and how many people the next step would be told to; reads only.

The steps themselves, publishing and cancelling, are in `service/actions/scheduling.py`.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from service.actions import cancelling
from service.actions.scheduling import scope
from service.database import Database
from service.errors import NotFound
from service.model import Gathering, Status
from service.rules import access
from service.rules.access import Actor, Verb
from service.store import gatherings, memberships, overview, registrations
from service.store.overview import LedCircle

if TYPE_CHECKING:
    from service.database import Connection


async def coming(
    db: Database, actor: Actor, *, now: datetime, after: tuple[datetime, int] | None = None, limit: int = 50
) -> list[Gathering]:
    """List the gatherings that the actor runs and that are not over, drafts included, by start.

    Facilitators run those of their circles, staff all of them. `after` is the start and id of the last one seen.
    """
    async with db.reading() as conn:
        return await overview.select_coming(
            conn, sorted(actor.facilitates), everything=actor.staff, now=now, after=after, limit=limit
        )


async def over(
    db: Database, actor: Actor, *, now: datetime, before: tuple[datetime, int] | None = None, limit: int = 20
) -> list[Gathering]:
    """List the gatherings that the actor runs and that are over, the latest first."""
    async with db.reading() as conn:
        return await overview.select_over(
            conn, sorted(actor.facilitates), everything=actor.staff, now=now, before=before, limit=limit
        )


async def led(db: Database, actor: Actor) -> list[LedCircle]:
    """List the circles that the actor facilitates."""
    async with db.reading() as conn:
        return await overview.select_led(conn, sorted(actor.facilitates))


async def would_invite(db: Database, actor: Actor, gathering_id: int, *, now: datetime) -> int:
    """Count whom publishing would mail: members not invited yet, and everybody invited when it is opened again.

    Nobody once it has begun.
    """
    async with db.reading() as conn:
        gathering = await _read(conn, actor, gathering_id)
        if gathering.starts_at <= now:
            return 0
        wanted = set(await memberships.select_invited(conn, gathering.circle_id))
        held = {one.person_id for one in await registrations.select_held(conn, gathering_id)}
    return len(wanted | held) if gathering.status == Status.CANCELLED else len(wanted - held)


async def would_tell(db: Database, actor: Actor, gathering_id: int, *, now: datetime) -> int:
    """Count whom a cancellation would mail: who has it in a calendar and did not decline."""
    async with db.reading() as conn:
        await _read(conn, actor, gathering_id)
        return len(await cancelling.would_tell(conn, [gathering_id]))


async def _read(conn: "Connection", actor: Actor, gathering_id: int) -> Gathering:
    gathering = await gatherings.select_gathering(conn, gathering_id)
    if gathering is None:
        raise NotFound
    access.require(actor, Verb.EDIT_GATHERING, scope(gathering))
    return gathering
