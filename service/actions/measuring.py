"""Whether Kring is in order and how much it has to do, for monitoring; open to whoever may ask the machine."""

from datetime import datetime, timedelta
from typing import Final

from service import migrations
from service.database import Database
from service.errors import Unavailable
from service.migrations import MigrationFailed
from service.store import measures
from service.store.measures import Measures

PATIENCE: Final = timedelta(minutes=2)
"""After this a notice that is due counts as late."""


async def measure(db: Database, *, now: datetime) -> Measures:
    """Count what there is and how the outbox stands; no number tells anything about a person."""
    async with db.reading() as conn:
        return await measures.select_measures(conn, now, PATIENCE)


async def database_faults(db: Database) -> list[str]:
    """Say, a line each, why the database cannot be worked with: it does not answer, or its schema is another one's."""
    try:
        async with db.reading() as conn:
            return [f"the database lacks {step}" for step in await migrations.pending(conn)]
    except (Unavailable, MigrationFailed) as fault:
        return [str(fault)]
