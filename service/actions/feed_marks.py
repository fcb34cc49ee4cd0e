"""Finding the marks of feeds: one statement for all who ask at the same moment, as calendars do on the hour.

What a mark says is in `service/store/feed_entries.py`; what follows from it is decided in `service/actions/feeds.py`.
"""

import asyncio
from dataclasses import dataclass, field

from service.database import Database
from service.errors import Unavailable
from service.store import feed_entries
from service.store.feed_entries import Mark


@dataclass(slots=True)
class _Round:
    """Everybody who asks while an earlier statement still runs, and what they are told."""

    hashes: set[bytes] = field(default_factory=set)
    found: dict[bytes | None, Mark] | None = None
    fault: Unavailable | None = None


class Marks:
    """Looks marks up, one statement at a time; who comes meanwhile is answered by the next one.

    No answer is older than its question: a statement serves those who asked before it began.
    """

    def __init__(self) -> None:
        self._gathering = _Round()
        self._one_at_a_time = asyncio.Lock()

    async def find(self, db: Database, token_hash: bytes | None) -> Mark | None:
        """Return the mark of a token's feed, None for an unknown token; without a token that of the public feed."""
        mine = self._gathering
        if token_hash is not None:
            mine.hashes.add(token_hash)
        async with self._one_at_a_time:
            if mine.found is None and mine.fault is None:
                await asyncio.sleep(0)  # whoever arrives in this turn of the loop comes along
                self._gathering = _Round()
                await _ask(db, mine)
        if mine.fault is not None:
            raise mine.fault
        assert mine.found is not None
        return mine.found.get(token_hash)


async def _ask(db: Database, asked: _Round) -> None:
    try:
        async with db.reading() as conn:
            marks = await feed_entries.select_marks(conn, asked.hashes)
    except Unavailable as fault:
        asked.fault = fault  # one wait for a database that is gone is enough for all
    else:
        asked.found = {mark.token_hash: mark for mark in marks}
