"""What it looks like when PostgreSQL is gone: its many errors are made into one that says: later."""

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import asyncpg

from service.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

_GONE: Final = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.DiskFullError,
    asyncpg.ConnectionDoesNotExistError,
)

_LOST: Final = ("closed", "closing", "released back")
"""asyncpg's words for a connection that died while it was lent, or of which the pool closes."""


def outage(error: BaseException | None) -> Unavailable | None:
    """Return what to say where PostgreSQL is gone, starting, full or out of connections; None for any other error."""
    if isinstance(error, _GONE):
        return Unavailable("the database does not answer")
    if isinstance(error, asyncpg.InternalClientError):
        # asyncpg's word for a connection that died under a statement; the shift that held it ends, and another begins.
        return Unavailable("the connection to the database broke")
    if isinstance(error, asyncpg.InterfaceError) and any(said in str(error) for said in _LOST):
        # Other misuse of a connection is our own fault.
        return Unavailable("the database does not answer")
    return None


@contextmanager
def unavailable() -> "Iterator[None]":
    """Raise Unavailable for an outage in the block."""
    try:
        yield
    except Exception as error:
        if said := outage(error):
            raise said from error
        raise
