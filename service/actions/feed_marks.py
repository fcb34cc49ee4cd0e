"""Finding the marks of feeds: one statement for all who ask at the same moment, as calendars do on the hour.

Not a `service.line.Line`, in which the first to come is served alone: here whoever comes in the same turn of the loop
comes along, without which an unchanged feed cost 1.6 times as much. What a mark says is in
`service/store/feed_entries.py`; what follows from it is decided in `service/actions/feeds.py`.
"""

import asyncio
from dataclasses import dataclass, field

from service.database import Database
from service.errors import Unavailable
from service.store import feed_entries
from service.store.feed_entries import Mark


@dataclass(slots=True)
class _Round:
    """Those who are answered by one statement; the first to come asks it for all."""

    hashes: set[bytes] = field(default_factory=set)
    led: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)
    found: dict[bytes | None, Mark] | None = None
    fault: Unavailable | None = None


class Marks:
    """Looks marks up, one statement at a time; who comes while it runs is answered by the next one.

    No answer is older than its question: a statement serves those who asked before it began.
    """

    def __init__(self) -> None:
        self._open = _Round()
        self._one_at_a_time = asyncio.Lock()

    async def find(self, db: Database, token_hash: bytes | None) -> Mark | None:
        """Return the mark of a token's feed, None for an unknown token; without a token that of the public feed."""
        mine = self._open
        if token_hash is not None:
            mine.hashes.add(token_hash)
        if mine.led:
            await mine.over.wait()
        else:
            await self._lead(db, mine)
        if mine.fault is not None:
            raise mine.fault
        if mine.found is None:  # whoever asked for us was broken off
            return await self.find(db, token_hash)
        return mine.found.get(token_hash)

    async def _lead(self, db: Database, mine: _Round) -> None:
        mine.led = True
        try:
            async with self._one_at_a_time:
                await asyncio.sleep(0)  # whoever arrives in this turn of the loop comes along
                self._open = _Round()
                await _ask(db, mine)
        finally:
            if self._open is mine:
                self._open = _Round()
            mine.over.set()


async def _ask(db: Database, mine: _Round) -> None:
    try:
        async with db.reading() as conn:
            marks = await feed_entries.select_marks(conn, mine.hashes)
    except Unavailable as fault:
        mine.fault = fault  # one wait for a database that is gone is enough for all
    else:
        mine.found = {mark.token_hash: mark for mark in marks}
