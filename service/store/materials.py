"""What is kept of a gathering: report, links and files; the bytes of a file are read only where it is handed over."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.formats.attachments import Attachment
from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class Material:
    """A link, or a file of so many bytes."""

    id: int
    gathering_id: int
    title: str
    url: str
    name: str
    media_type: str
    size: int
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """What is told of a gathering afterwards; `broadcast_id` is the message with which it was told last."""

    text: str
    changed_at: datetime
    broadcast_id: int | None
    told: bool  # on its way or there, and not called off


_MATERIAL = """
    select id, gathering_id, title, url, name, media_type, coalesce(octet_length(content), 0) as size, added_at
    from material
"""

SELECT_MATERIALS = f"{_MATERIAL} where gathering_id = $1 order by id"


async def select_materials(conn: "Connection", gathering_id: int) -> list[Material]:
    """List what is kept of a gathering, in the order in which it came."""
    return rows.many(Material, await conn.fetch(SELECT_MATERIALS, gathering_id))


INSERT_LINK = "insert into material (gathering_id, title, url, added_at) values ($1, $2, $3, $4) returning id"


async def insert_link(conn: "Connection", gathering_id: int, title: str, url: str, now: datetime) -> int:
    """Keep a link and return its id."""
    return int(await conn.fetchval(INSERT_LINK, gathering_id, title, url, now))


INSERT_FILE = """
    insert into material (gathering_id, title, name, media_type, content, added_at)
    values ($1, $2, $3, $4, $5, $6) returning id
"""


async def insert_file(conn: "Connection", gathering_id: int, title: str, file: Attachment, now: datetime) -> int:
    """Keep a file and return its id."""
    values = (file.name, file.media_type, file.content)
    return int(await conn.fetchval(INSERT_FILE, gathering_id, title, *values, now))


DELETE_MATERIAL = "delete from material where id = $2 and gathering_id = $1 returning id"


async def delete_material(conn: "Connection", gathering_id: int, material_id: int) -> bool:
    """Throw away a link or a file; False where there is none."""
    return await conn.fetchval(DELETE_MATERIAL, gathering_id, material_id) is not None


SELECT_FILE = """
    select name, media_type, content from material where gathering_id = $1 and id = $2 and content is not null
"""


async def select_file(conn: "Connection", gathering_id: int, material_id: int) -> Attachment | None:
    """Read a file with its bytes."""
    return rows.one(Attachment, await conn.fetchrow(SELECT_FILE, gathering_id, material_id))


SELECT_REPORT = """
    select r.text, r.changed_at, r.broadcast_id, b.id is not null and b.called_off_at is null as told
    from report r left join broadcast b on b.id = r.broadcast_id where r.gathering_id = $1
"""


async def select_report(conn: "Connection", gathering_id: int) -> Report | None:
    """Read the report of a gathering."""
    return rows.one(Report, await conn.fetchrow(SELECT_REPORT, gathering_id))


SAVE_REPORT = """
    insert into report (gathering_id, text, changed_at) values ($1, $2, $3)
    on conflict (gathering_id) do update set text = excluded.text, changed_at = excluded.changed_at
"""


async def save_report(conn: "Connection", gathering_id: int, text: str, now: datetime) -> None:
    """Keep the report of a gathering, in the place of what it said before."""
    await conn.execute(SAVE_REPORT, gathering_id, text, now)


DELETE_REPORT = "delete from report where gathering_id = $1"


async def delete_report(conn: "Connection", gathering_id: int) -> None:
    """Throw the report of a gathering away."""
    await conn.execute(DELETE_REPORT, gathering_id)


NOTE_TOLD = "update report set broadcast_id = $2 where gathering_id = $1"


async def note_told(conn: "Connection", gathering_id: int, broadcast_id: int) -> None:
    """Remember with which message a report was told."""
    await conn.execute(NOTE_TOLD, gathering_id, broadcast_id)
