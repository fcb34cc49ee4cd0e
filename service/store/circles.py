"""Circles in the database, each with the policy of its kind; who is in them is in `service/store/memberships.py`."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from service.model import Circle
from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection

_CIRCLE = """
    select c.id, c.slug, c.kind, c.title_nl, c.title_en, c.description_nl, c.description_en, c.language, c.programme,
        k.visibility, k.confidential, k.joining
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
    order by c.slug limit $5
"""


async def select_visible(
    conn: "Connection", after: str, *, everything: bool, own: Collection[int], visibilities: Collection[str], limit: int
) -> list[Circle]:
    """Read a page of circles in the order of their slugs: all, or one's own and those of certain visibilities."""
    found = await conn.fetch(SELECT_VISIBLE, after, everything, list(own), list(visibilities), limit)
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


FACTS = ("kind", "title_nl", "title_en", "description_nl", "description_en", "language", "programme")
"""What may be given and changed, in the order of the statements above."""
