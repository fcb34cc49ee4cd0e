"""What a repeated command answers: one row per key, written in the transaction of the command itself.

Keeps and hands back; whether two commands are the same is decided in `service/actions/commands.py`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class Command:
    """A command that was seen before, or has just begun: then its result is None."""

    fingerprint: bytes
    result: dict[str, Any] | None


# The update changes nothing; it makes a concurrent repeat wait for the first one's transaction and then see its row.
BEGIN = """
    insert into command_result as seen (key, fingerprint, result, created_at)
    values ($1, $2, 'null', $3)
    on conflict (key) do update set key = seen.key
    returning fingerprint, result
"""


async def begin(conn: "Connection", key: str, fingerprint: bytes, now: datetime) -> Command:
    """Claim a key, or return what was kept under it; waits while another transaction holds the key."""
    command = rows.one(Command, await conn.fetchrow(BEGIN, key, fingerprint, now))
    assert command is not None
    return command


FINISH = "update command_result set result = $2 where key = $1"


async def finish(conn: "Connection", key: str, result: dict[str, Any]) -> None:
    """Keep the result of a command that has begun in this transaction."""
    await conn.execute(FINISH, key, result)


PRUNE = "delete from command_result where created_at < $1"


async def prune(conn: "Connection", before: datetime) -> None:
    """Forget the commands that began before a moment."""
    await conn.execute(PRUNE, before)
