"""The least that an answer can cost: one statement that takes or queues, with history and outbox, by asyncpg.

Its seats are a counter on the locked row, the cheapest way that is exact; it writes the same rows as Kring does. As in
any program that serves many, it is a transaction on a connection of a pool; what the statement alone costs, on a
connection that nobody else needs, is told besides.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

import asyncpg

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

CONNECTIONS = 8
"""More of them do less on one hot row."""

TABLE = "create table floor (gathering_id bigint primary key, capacity integer not null, taken integer not null)"
OPEN = "insert into floor values ($1, $2, 0)"
ANSWER = """
    with held as (
        update floor set taken = taken + 1 where gathering_id = (select gathering_id from registration where id = $1)
        returning gathering_id, taken <= capacity as free
    ), answered as (
        insert into registration as r (gathering_id, person_id, partstat, seat, waiting_reason, queue_number,
            answered_at, via, uid, sequence, dtstamp, calendar_status, invited_at, created_at)
        select held.gathering_id, o.person_id, 'accepted', case when free then 'seated' else 'waiting' end,
            case when not free then 'full' end, case when not free then nextval('queue_number') end,
            $2, 'link', o.uid, 0, $2, 'confirmed', $2, $2
        from held, registration o where o.id = $1
        on conflict (gathering_id, person_id) do update set partstat = excluded.partstat, seat = excluded.seat,
            waiting_reason = excluded.waiting_reason, queue_number = excluded.queue_number,
            answered_at = excluded.answered_at, via = excluded.via, dtstamp = excluded.dtstamp
        returning r.id, r.gathering_id, r.person_id, r.partstat, r.seat
    ), history as (
        insert into registration_history (registration_id, at, actor, via, partstat, seat)
        select id, $2, 'person:' || person_id, 'link', partstat, seat from answered
    )
    insert into notice (dedupe_key, purpose, person_id, gathering_id, registration_id, channel, facts, due_at,
        expires_at, created_at)
    select 'confirmation:' || id || ':' || $3, 'confirmation', person_id, gathering_id, id, 'mail', $4::jsonb, $2, $2,
        $2
    from answered
"""
FACTS = """{"method": "REQUEST", "sequence": 0, "dtstamp": "2026-11-23T18:00:00+00:00", "status": "confirmed",
    "partstat": "accepted", "rsvp": false}"""


class Floor:
    """Answers for registrations, for so many clients at once."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    @classmethod
    @asynccontextmanager
    async def on(cls, dsn: str) -> AsyncIterator[Self]:
        async with asyncpg.create_pool(dsn, min_size=CONNECTIONS, max_size=CONNECTIONS) as pool:
            await pool.execute(TABLE)
            yield cls(pool)

    async def opens(self, gathering_id: int, capacity: int) -> None:
        await self._pool.execute(OPEN, gathering_id, capacity)

    async def answer(self, registrations: Sequence[int], clients: int) -> None:
        """Take a connection for each answer, and give it back."""
        waiting = iter(registrations)
        await asyncio.gather(*(self._serve(waiting) for _ in range(clients)))

    async def answer_alone(self, registrations: Sequence[int]) -> None:
        """Keep one connection, and do nothing but the statement."""
        async with self._pool.acquire() as conn:
            for ident in registrations:
                await _answer(conn, ident)

    async def _serve(self, registrations: Iterable[int]) -> None:
        for ident in registrations:
            async with self._pool.acquire() as conn:
                await _answer(conn, ident)


async def _answer(conn: "PoolConnectionProxy[asyncpg.Record]", ident: int) -> None:
    now = datetime.now(UTC)
    await conn.execute(ANSWER, ident, now, now.isoformat(), FACTS)
