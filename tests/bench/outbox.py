"""How many notices a worker claims and marks in a second, in batches, in a young outbox and in one with a long past."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from service.database import Database
from service.model import NoticeState
from service.store import claims, notices
from service.store.notices import Outcome
from tests.bench.association import FEW, MANY, PEOPLE, filled, reminded
from tests.bench.figures import Figure, at_least, at_most_times, informing
from tests.bench.ground import ROUNDS, Ground
from tests.bench.rounds import Rounds

if TYPE_CHECKING:
    from service.database import Connection

LANE = "mail"

NOTICES, BATCH = 9_000, 250
"""Due in a round, and claimed and marked at a time, as a worker does."""


async def run(ground: Ground) -> AsyncIterator[Figure]:
    rounds = Rounds(ground)
    dsns = {size: await filled(ground, f"outbox_{size}", people=PEOPLE, others=size) for size in (FEW, MANY)}
    async with AsyncExitStack() as stack:
        workers = {size: await stack.enter_async_context(_worker(dsn)) for size, dsn in dsns.items()}
        for number in range(ROUNDS + 1):
            for size, dsn in dsns.items():
                await reminded(dsn, NOTICES)
                await rounds.measure(str(size), NOTICES, _emptied(workers[size]))
            if number == 0:
                rounds.forget()
    few, many = rounds.cpu(str(FEW)), rounds.cpu(str(MANY))
    yield at_least(f"outbox: claim and mark in batches of {BATCH}", rounds.rate(str(FEW)), "per s", 20_000)
    yield informing(f"outbox: claim and mark in batches of {BATCH}: cost of a notice", few, "ms CPU")
    yield at_most_times("outbox: after 1,000,000 finished against 1,000", many, "ms CPU", few, 1.2)


@asynccontextmanager
async def _worker(dsn: str) -> "AsyncIterator[Connection]":
    """Connect as a worker does, with the lock of its own."""
    db = await Database.open(dsn, size=1)
    async with db.dedicated() as conn:
        assert await claims.take_lock(conn, 1)
        yield conn
    await db.close()


async def _emptied(conn: "Connection") -> None:
    """Claim and mark until nothing is due."""
    while ids := await claims.claim(conn, 1, LANE, datetime.now(UTC), limit=BATCH):
        await notices.mark(conn, [_sent(ident) for ident in ids])


def _sent(ident: int) -> Outcome:
    return Outcome(ident, 1, NoticeState.SENT, datetime.now(UTC), "sent", "mail", 1 + ident % PEOPLE, "2.0.0 queued")
