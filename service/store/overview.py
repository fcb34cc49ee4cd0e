"""What facilitators and staff run, as their overview lists it; what anybody may see is in `agenda`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.model import Gathering, localised
from service.store import rows
from service.store.gatherings import COLUMNS, SOURCE

if TYPE_CHECKING:
    from service.database import Connection

SELECT_COMING = f"""
    select {COLUMNS} from {SOURCE}
    where ($1 or g.circle_id = any($2)) and g.ends_at > $3 and (g.starts_at, g.id) > ($4, $5)
    order by g.starts_at, g.id limit $6
"""


async def select_coming(
    conn: "Connection",
    circles: Sequence[int],
    *,
    everything: bool,
    now: datetime,
    after: tuple[datetime, int] | None,
    limit: int,
) -> list[Gathering]:
    """List the gatherings of some circles, or of all, that are not over, by start; `after` is the last one's key."""
    start, ident = after or (datetime.min.replace(tzinfo=now.tzinfo), 0)
    return rows.many(Gathering, await conn.fetch(SELECT_COMING, everything, circles, now, start, ident, limit))


SELECT_OVER = f"""
    select {COLUMNS} from {SOURCE}
    where ($1 or g.circle_id = any($2)) and g.ends_at <= $3 and (g.starts_at, g.id) < ($4, $5)
    order by g.starts_at desc, g.id desc limit $6
"""


async def select_over(
    conn: "Connection",
    circles: Sequence[int],
    *,
    everything: bool,
    now: datetime,
    before: tuple[datetime, int] | None,
    limit: int,
) -> list[Gathering]:
    """List the gatherings of some circles, or of all, that are over, the latest first, those before a key."""
    start, ident = before or (now, 0)
    return rows.many(Gathering, await conn.fetch(SELECT_OVER, everything, circles, now, start, ident, limit))


@dataclass(frozen=True, slots=True)
class LedCircle:
    """A circle that somebody leads, with how many belong to it."""

    slug: str
    title_nl: str
    title_en: str
    members: int

    def title(self, language: str) -> str:
        """Return the title in a language."""
        return localised(self.title_nl, self.title_en, language)


SELECT_LED = """
    select c.slug, c.title_nl, c.title_en,
        (select count(*) from membership m where m.circle_id = c.id and m.state = 'active')::integer as members
    from circle c where c.id = any($1) order by c.slug
"""


async def select_led(conn: "Connection", circles: Sequence[int]) -> list[LedCircle]:
    """Read circles with the number of their active members."""
    return rows.many(LedCircle, await conn.fetch(SELECT_LED, circles))
