"""Do a command once, however often it is sent: the effect and the result that a repeat gets commit together.

Knows nothing of what a command does; the front makes the key, which says whose it is.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final

from service.database import Database
from service.errors import Conflict
from service.store import commands

KEPT: Final = timedelta(hours=48)
"""How long a repeat is recognised."""

_RESULT: Final = "result"


async def once(
    db: Database,
    key: str,
    fingerprint: bytes,
    work: Callable[[Database], Awaitable[Any]],
    *,
    now: datetime,
) -> Any:
    """Do the work in the one transaction that also keeps its result, a JSON value; a repeat gets that result.

    A repeat at the same time waits for the first. The same key with another fingerprint is a conflict. What fails
    is rolled back and not kept, so that it may be tried again under the same key.
    """
    async with db.transaction() as conn:
        seen = await commands.begin(conn, key, fingerprint, now)
        if seen.fingerprint != fingerprint:
            raise Conflict("This Idempotency-Key was used before, for something else.")
        if seen.result is not None:
            return seen.result[_RESULT]
        result = await work(db.within(conn))
        await commands.finish(conn, key, {_RESULT: result})
        return result


async def forget_old(db: Database, *, now: datetime) -> None:
    """Forget the results that are old enough."""
    async with db.transaction() as conn:
        await commands.prune(conn, now - KEPT)
