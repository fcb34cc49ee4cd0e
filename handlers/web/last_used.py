"""When sessions and keys of the API were last used: a GET writes nothing, so it is written down apart from requests."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from aiohttp import web

from service.database import Database
from service.formats.tokens import hashed

Write = Callable[[Database, Mapping[bytes, datetime]], Awaitable[None]]
"""Writes down when tokens were used, by their hashes."""


class LastUsed:
    """When this process last met each token of a kind, until it is written down."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._seen: dict[bytes, datetime] = {}
        self._unwritten: dict[bytes, datetime] = {}

    def seen(self, token: str) -> datetime | None:
        """Return when a token was last met here."""
        return self._seen.get(hashed(token))

    def note(self, token: str, moment: datetime) -> None:
        """Remember that a token was met."""
        self._seen[hashed(token)] = self._unwritten[hashed(token)] = moment

    async def flush(self, db: Database) -> None:
        """Write down what was noted since the last time, in one statement; to be called about once a minute."""
        written, self._unwritten = self._unwritten, {}
        if not written:
            return
        try:
            await self._write(db, written)
        except BaseException:
            self._keep(written)
            raise
        self._seen = dict(self._unwritten)  # what the database knows need not be known here

    def _keep(self, unwritten: Mapping[bytes, datetime]) -> None:
        self._unwritten = {**unwritten, **self._unwritten}


SESSIONS_USED: web.AppKey[LastUsed] = web.AppKey("sessions_used", LastUsed)
KEYS_USED: web.AppKey[LastUsed] = web.AppKey("keys_used", LastUsed)


async def flush(app: web.Application, db: Database) -> None:
    """Write down what sessions and keys were used since the last time."""
    await app[SESSIONS_USED].flush(db)
    await app[KEYS_USED].flush(db)
