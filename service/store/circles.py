"""Circles in the database, each with the policy of its kind; who is in them is in `service/store/memberships.py`."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.model import Circle, localised
from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection

_CIRCLE = """
    select c.id, c.slug, c.kind, c.title_nl, c.title_en, c.description_nl, c.description_en, c.language, c.programme,
        k.visibility, k.confidential, k.joining, k.most_members, k.facilitators_count, c.closed_at
    from circle c join circle_kind k on k.name = c.kind
"""

SELECT_CIRCLE = f"{_CIRCLE} where c.slug = $1"


async def select_circle(conn: "Connection", slug: str) -> Circle | None:
    """Read one circle."""
    return rows.one(Circle, await conn.fetchrow(SELECT_CIRCLE, slug))


SELECT_BY_ID = f"{_CIRCLE} where c.id = $1"


async def select_by_id(conn: "Connection", circle_id: int) -> Circle | None:
    """Read the circle of an id."""
    return rows.one(Circle, await conn.fetchrow(SELECT_BY_ID, circle_id))


LOCK_CIRCLE = f"{_CIRCLE} where c.slug = $1 for no key update of c"


async def lock_circle(conn: "Connection", slug: str) -> Circle | None:
    """Read one circle and hold it until the transaction ends."""
    return rows.one(Circle, await conn.fetchrow(LOCK_CIRCLE, slug))


# The same decision as `service.rules.access.can` for SEE_CIRCLE: its own people and staff see a circle, others only
# what is not confidential and not for the circle alone.
SELECT_VISIBLE = f"""
    {_CIRCLE}
    where c.slug > $1 and ($2 or c.id = any($3::bigint[]) or (not k.confidential and k.visibility = any($4::text[])))
      and ($6 or c.closed_at is null)
    order by c.slug limit $5
"""


async def select_visible(
    conn: "Connection",
    after: str,
    *,
    everything: bool,
    own: Collection[int],
    visibilities: Collection[str],
    closed: bool,
    limit: int,
) -> list[Circle]:
    """Read a page of circles in the order of their slugs: all, or one's own and those of certain visibilities.

    `closed`: those that have closed too.
    """
    found = await conn.fetch(SELECT_VISIBLE, after, everything, list(own), list(visibilities), limit, closed)
    return rows.many(Circle, found)


SELECT_SLUGS = "select slug from circle"


async def select_slugs(conn: "Connection") -> set[str]:
    """Read the slugs of all circles."""
    return {row["slug"] for row in await conn.fetch(SELECT_SLUGS)}


INSERT_CIRCLE = """
    insert into circle (slug, kind, title_nl, title_en, description_nl, description_en, language, programme, created_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    on conflict (slug) do nothing
    returning id
"""


async def insert_circle(conn: "Connection", slug: str, facts: dict[str, str], now: datetime) -> bool:
    """Add a circle with all the facts of `FACTS`; False when the slug is taken."""
    values = [facts[name] for name in FACTS]
    return await conn.fetchval(INSERT_CIRCLE, slug, *values, now) is not None


UPDATE_CIRCLE = """
    update circle set kind = $2, title_nl = $3, title_en = $4, description_nl = $5, description_en = $6, language = $7,
        programme = $8
    where slug = $1
"""


async def update_circle(conn: "Connection", slug: str, facts: dict[str, str]) -> None:
    """Give a circle all the facts of `FACTS`."""
    await conn.execute(UPDATE_CIRCLE, slug, *[facts[name] for name in FACTS])


SET_CLOSED = "update circle set closed_at = $2 where id = $1"


async def set_closed(conn: "Connection", circle_id: int, closed_at: datetime | None) -> None:
    """Close a circle at a moment, or open it again."""
    await conn.execute(SET_CLOSED, circle_id, closed_at)


SELECT_TO_COME = "select id from gathering where circle_id = $1 and starts_at > $2 and status <> 'cancelled'"


async def select_to_come(conn: "Connection", circle_id: int, now: datetime) -> list[int]:
    """List the gatherings of a circle that have not begun and are not cancelled, drafts included."""
    return [row["id"] for row in await conn.fetch(SELECT_TO_COME, circle_id, now)]


@dataclass(frozen=True, slots=True)
class RunCircle:
    """A circle as those who run it list it, with how many belong to it and how many ask to."""

    slug: str
    title_nl: str
    title_en: str
    kind: str
    programme: str
    confidential: bool
    closed_at: datetime | None
    members: int
    requests: int
    to_come: int

    def title(self, language: str) -> str:
        """Return the title in a language."""
        return localised(self.title_nl, self.title_en, language)


SELECT_RUN = """
    select c.slug, c.title_nl, c.title_en, c.kind, c.programme, k.confidential, c.closed_at,
        count(m.person_id) filter (where m.state = 'active')::integer as members,
        count(m.person_id) filter (where m.state = 'requested')::integer as requests,
        (select count(*) from gathering g where g.circle_id = c.id and g.starts_at > $3 and g.status <> 'cancelled')
            ::integer as to_come
    from circle c join circle_kind k on k.name = c.kind left join membership m on m.circle_id = c.id
    where ($1 or c.id = any($2)) and (c.closed_at is not null) = $4
      and ($5 = '' or position($5 in lower(c.title_nl || ' ' || c.title_en || ' ' || c.programme || ' ' || c.slug)) > 0)
    group by c.id, k.confidential order by c.slug
"""


async def select_run(
    conn: "Connection", circles: Collection[int], *, everything: bool, closed: bool, words: str, now: datetime
) -> list[RunCircle]:
    """List the circles that somebody runs, those that have closed or those that have not; `words` of a title."""
    found = await conn.fetch(SELECT_RUN, everything, list(circles), now, closed, words.lower())
    return rows.many(RunCircle, found)


FACTS = ("kind", "title_nl", "title_en", "description_nl", "description_en", "language", "programme")
"""What may be given and changed, in the order of the statements above."""
