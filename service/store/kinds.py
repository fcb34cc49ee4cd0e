"""Kinds of circle in the database: the policy that a row of theirs decides."""

from typing import TYPE_CHECKING

from service.model import CircleKind
from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection

SELECT_KINDS = """
    select name, label_nl, label_en, visibility, confidential, joining, capacity, organisation_quota, approval,
        reminders, rating
    from circle_kind order by name
"""


async def select_kinds(conn: "Connection") -> list[CircleKind]:
    """Read every kind in the order of their names."""
    return rows.many(CircleKind, await conn.fetch(SELECT_KINDS))


KIND_EXISTS = "select exists (select from circle_kind where name = $1)"


async def kind_exists(conn: "Connection", name: str) -> bool:
    """Tell whether there is a kind of this name."""
    return bool(await conn.fetchval(KIND_EXISTS, name))
