"""What somebody runs, as their overview lists it; reads only."""

from datetime import datetime

from service.database import Database
from service.model import Gathering
from service.rules.access import Actor
from service.store import overview
from service.store.overview import LedCircle


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
