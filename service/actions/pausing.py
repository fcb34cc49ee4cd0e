"""The outbox as its keeper sees it: what waits, pause, go on. Delivering is in `delivery`."""

from datetime import datetime

from service.database import Database
from service.rules import access
from service.rules.access import Actor, Verb
from service.store import outbox
from service.store.outbox import Pile


async def overview(db: Database, actor: Actor) -> list[Pile]:
    """Count the notices by state and purpose."""
    access.require(actor, Verb.OPERATE)
    async with db.reading() as conn:
        return await outbox.select_piles(conn)


async def paused_since(db: Database) -> datetime | None:
    """Tell since when nothing is sent; None while sending goes on."""
    async with db.reading() as conn:
        return await outbox.select_paused(conn)


async def pause(db: Database, actor: Actor, *, now: datetime) -> None:
    """Stop all sending, in every process, until resumed; what is in flight is finished."""
    access.require(actor, Verb.OPERATE)
    async with db.transaction() as conn:
        await outbox.pause(conn, now)


async def resume(db: Database, actor: Actor) -> None:
    """Let sending go on."""
    access.require(actor, Verb.OPERATE)
    async with db.transaction() as conn:
        await outbox.resume(conn)
