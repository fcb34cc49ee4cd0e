"""Kinds of circle in the database: the policy that a row of theirs decides."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from service.model import CircleKind
from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection

_KIND = """
    select name, label_nl, label_en, visibility, confidential, joining, capacity, organisation_quota, approval,
        reminders, minimum, language, rating, most_members, facilitators_count
    from circle_kind
"""

SELECT_KINDS = f"{_KIND} order by name"


async def select_kinds(conn: "Connection") -> list[CircleKind]:
    """Read every kind in the order of their names."""
    return rows.many(CircleKind, await conn.fetch(SELECT_KINDS))


LOCK_KIND = f"{_KIND} where name = $1 for update"


async def lock_kind(conn: "Connection", name: str) -> CircleKind | None:
    """Read one kind and hold it until the transaction ends."""
    return rows.one(CircleKind, await conn.fetchrow(LOCK_KIND, name))


SELECT_KIND = f"{_KIND} where name = $1"


async def select_kind(conn: "Connection", name: str) -> CircleKind | None:
    """Read one kind."""
    return rows.one(CircleKind, await conn.fetchrow(SELECT_KIND, name))


KIND_IN_USE = "select exists (select from circle where kind = $1)"


async def kind_in_use(conn: "Connection", name: str) -> bool:
    """Tell whether there is a circle of this kind."""
    return bool(await conn.fetchval(KIND_IN_USE, name))


INSERT_KIND = """
    insert into circle_kind (name, label_nl, label_en, visibility, confidential, joining, capacity, organisation_quota,
        approval, reminders, minimum, language, rating, most_members, facilitators_count)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
    on conflict (name) do nothing
    returning name
"""


async def insert_kind(conn: "Connection", name: str, policy: Mapping[str, Any]) -> bool:
    """Add a kind with all the facts of `POLICY`; False when the name is taken."""
    return await conn.fetchval(INSERT_KIND, name, *[policy[fact] for fact in POLICY]) is not None


UPDATE_KIND = """
    update circle_kind set label_nl = $2, label_en = $3, visibility = $4, confidential = $5, joining = $6,
        capacity = $7, organisation_quota = $8, approval = $9, reminders = $10, minimum = $11, language = $12,
        rating = $13, most_members = $14, facilitators_count = $15
    where name = $1
"""


async def update_kind(conn: "Connection", name: str, policy: Mapping[str, Any]) -> None:
    """Give a kind all the facts of `POLICY`."""
    await conn.execute(UPDATE_KIND, name, *[policy[fact] for fact in POLICY])


POLICY = (
    "label_nl",
    "label_en",
    "visibility",
    "confidential",
    "joining",
    "capacity",
    "organisation_quota",
    "approval",
    "reminders",
    "minimum",
    "language",
    "rating",
    "most_members",
    "facilitators_count",
)
"""What may be given and changed, in the order of the statements above."""
