"""Which message of a conversation shows what, so that it can be edited in place."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class View:
    """What a message shows, and a digest of how it looks."""

    view_key: str
    digest: bytes


SELECT_VIEW = "select view_key, digest from sent_view where channel = $1 and conversation = $2 and reference = $3"


async def select_view(conn: "Connection", channel: str, conversation: str, reference: str) -> View | None:
    """Read what a message shows."""
    row = await conn.fetchrow(SELECT_VIEW, channel, conversation, reference)
    return None if row is None else View(**row)


SELECT_REFERENCE = """
    select reference from sent_view where view_key = $3 and channel = $1 and conversation = $2
    order by shown_at desc, reference desc limit 1
"""


async def select_reference(conn: "Connection", channel: str, conversation: str, view_key: str) -> str | None:
    """Find the message of a conversation that shows something, the latest if there are several."""
    reference: str | None = await conn.fetchval(SELECT_REFERENCE, channel, conversation, view_key)
    return reference


KEEP_VIEW = """
    insert into sent_view (channel, conversation, reference, view_key, digest, shown_at)
    values ($1, $2, $3, $4, $5, $6)
    on conflict (channel, conversation, reference) do update
        set view_key = excluded.view_key, digest = excluded.digest, shown_at = excluded.shown_at
"""


async def keep_view(
    conn: "Connection", channel: str, conversation: str, reference: str, view: View, *, now: datetime
) -> None:
    """Write down what a message shows."""
    await conn.execute(KEEP_VIEW, channel, conversation, reference, view.view_key, view.digest, now)


FORGET_VIEW = "delete from sent_view where channel = $1 and conversation = $2 and reference = $3"


async def forget_view(conn: "Connection", channel: str, conversation: str, reference: str) -> None:
    """Forget a message that is no longer there."""
    await conn.execute(FORGET_VIEW, channel, conversation, reference)


HOLD_CARDED = """
    select id from gathering
    where id in (select gathering_id from group_card where channel = $1 and conversation = $2 and closed_at is null)
    order by id for update
"""


async def hold_carded(conn: "Connection", channel: str, conversation: str) -> None:
    """Keep others from putting up cards of the gatherings that have one in a conversation."""
    await conn.execute(HOLD_CARDED, channel, conversation)


RENAME_CONVERSATION = """
    with views as (
        delete from sent_view where channel = $1 and conversation = $2
    ), there as (
        select gathering_id from group_card
        where channel = $1 and conversation = $3 and closed_at is null and not replaced
    ), gone as (
        delete from group_card
        where channel = $1 and conversation = $2 and closed_at is null
          and (replaced or gathering_id in (select gathering_id from there))
    ), cards as (
        update group_card set conversation = $3, revision = revision + 1, digest = null
        where channel = $1 and conversation = $2 and closed_at is null and not replaced
          and gathering_id not in (select gathering_id from there)
    )
    update notice set conversation = $3
    where lane = $1 and conversation = $2 and waits
"""


async def rename_conversation(conn: "Connection", channel: str, conversation: str, to: str) -> None:
    """Send to a conversation under its new name what waits for it; its messages cannot be edited any more.

    A card that was kept up there is written anew, unless one of the same gathering stands there already.
    """
    await conn.execute(RENAME_CONVERSATION, channel, conversation, to)


FORGET_VIEWS = "delete from sent_view where shown_at < $1"


async def forget_views(conn: "Connection", before: datetime) -> None:
    """Forget what was shown before a moment."""
    await conn.execute(FORGET_VIEWS, before)
