"""The agenda: what is to come, as far as somebody may see it; what somebody runs is in `overview`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.model import Gathering
from service.store import rows
from service.store.gatherings import COLUMNS, SOURCE

if TYPE_CHECKING:
    from service.database import Connection

SELECT_UPCOMING = f"""
    select {COLUMNS} from {SOURCE}
    where (g.starts_at, g.id) > ($1, $2) and g.ends_at > $3
      and ($4::timestamptz is null or g.starts_at < $4) and ($5::text is null or c.slug = $5)
      and (($6 or g.circle_id = any($7))
           or (g.status <> 'draft' and (g.status <> 'cancelled' or g.published_at is not null)
               and (g.circle_id = any($8)
                    or (not k.confidential and (g.visibility = 'public' or (g.visibility = 'members' and $9))))))
    order by g.starts_at, g.id limit $10
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What an actor may see, as the agenda's statement needs it: the rules of `service/rules/access.py` in SQL."""

    everything: bool  # staff
    facilitated: Sequence[int]
    joined: Sequence[int]
    signed_in: bool


async def select_upcoming(
    conn: "Connection",
    seen: Seen,
    *,
    since: datetime,
    until: datetime | None,
    circle: str | None,
    after: tuple[datetime, int] | None,
    limit: int,
) -> list[Gathering]:
    """List gatherings that end after `since` and start before `until`, in order of time, as far as may be seen."""
    start, ident = after or (datetime.min.replace(tzinfo=since.tzinfo), 0)
    found = await conn.fetch(
        SELECT_UPCOMING,
        start,
        ident,
        since,
        until,
        circle,
        seen.everything,
        seen.facilitated,
        seen.joined,
        seen.signed_in,
        limit,
    )
    return rows.many(Gathering, found)
