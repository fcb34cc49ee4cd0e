"""What it costs to write a feed anew: after one gathering changed, and in a database that has grown.

Measured within this process, and in the one PostgreSQL process that reads for it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import process_time

import asyncpg

from service.actions import feeds
from service.actions.feed_writing import Kept
from service.actions.feeds import FeedAnswer
from service.database import Database
from tests.bench.association import FEW, MANY, PEOPLE, SMALL, TOKENS, filled
from tests.bench.figures import Figure, at_most, informing, middle, within
from tests.bench.ground import ROUNDS, Ground, cpu
from tests.bench.servers import SITE

CHANGES = 30
READS = 100

MARK = "update feed set revision = revision + 1"
CHANGE = "update gathering set title_nl = title_nl || '.', revision = revision + 1, changed_at = now() where id = 5"


async def run(ground: Ground) -> AsyncIterator[Figure]:
    async for figure in _one_change(ground):
        yield figure
    async for figure in _growth(ground):
        yield figure


async def _one_change(ground: Ground) -> AsyncIterator[Figure]:
    """Read feeds after nothing changed in them, and after one gathering did, in turn; the difference is its block."""
    dsn = await filled(ground, "changing")
    async with reader(dsn) as reading:
        conn = await asyncpg.connect(dsn)
        same, other = await _after_changes(conn, reading, TOKENS[SMALL])
        yield at_most("one gathering changes: its own block", other - same, "ms CPU", 1)
        same, other = await _after_changes(conn, reading, None)
        name = "public feed of 1000 read after one gathering changed, against none: all of it"
        yield informing(name, other, "ms CPU", floor=same)
        await conn.close()


async def _after_changes(conn: asyncpg.Connection, reading: "Reading", token: str | None) -> tuple[float, float]:
    await reading.read(token)
    same, other = [], []
    for _ in range(CHANGES * ROUNDS):
        await conn.execute(MARK)
        same.append(await reading.cost(token))
        await conn.execute(CHANGE)
        await conn.execute(MARK)
        other.append(await reading.cost(token))
    return middle(same), middle(other)


async def _growth(ground: Ground) -> AsyncIterator[Figure]:
    """Read the same feed of ten entries among a thousand registrations and among a million."""
    sizes = {"few": FEW, "many": MANY}
    places = {name: await filled(ground, f"feeds_{name}", people=PEOPLE, others=size) for name, size in sizes.items()}
    costs: dict[tuple[str, str], list[float]] = {}
    for _ in range(ROUNDS):
        for name, dsn in places.items():
            for kind, cost in (await _ten_entries(dsn)).items():
                costs.setdefault((name, kind), []).append(cost)
    for kind in ("written anew", "unchanged"):
        few, many = middle(costs["few", kind]), middle(costs["many", kind])
        yield within(f"personal feed {kind}, among 1,000,000 registrations against 1,000", many, "ms CPU", few, 0.2)


async def _ten_entries(dsn: str) -> dict[str, float]:
    token, anew, unchanged = TOKENS[SMALL], [], []
    async with reader(dsn) as reading:
        for _ in range(READS):
            reading.kept = Kept()
            anew.append(await reading.cost(token))
            unchanged.append(await reading.cost(token, seen=reading.tag))
    half = READS // 2  # by then plans and caches have settled
    return {"written anew": middle(anew[half:]), "unchanged": middle(unchanged[half:])}


@dataclass
class Reading:
    """Somebody who reads feeds over one connection and knows what that costs."""

    db: Database
    backend: int
    kept: Kept = field(default_factory=Kept)
    tag: str = ""

    async def read(self, token: str | None, seen: str = "") -> FeedAnswer:
        answer = await feeds.read(
            self.db, self.kept, token, association=SITE, if_none_match=seen, now=datetime.now(UTC)
        )
        self.tag = answer.tag
        return answer

    async def cost(self, token: str | None, seen: str = "") -> float:
        """Read once and return the CPU milliseconds, here and in PostgreSQL."""
        there, here = cpu([self.backend]), process_time()
        await self.read(token, seen)
        here = process_time() - here
        return (here + cpu([self.backend]) - there) * 1000


@asynccontextmanager
async def reader(dsn: str) -> AsyncIterator[Reading]:
    db = await Database.open(dsn, size=1)
    try:
        async with db.reading() as conn:
            backend = conn.get_server_pid()
        yield Reading(db, backend)
    finally:
        await db.close()
