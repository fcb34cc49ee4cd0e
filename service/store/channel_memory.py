"""What a channel remembers of itself from one start to the next."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.database import Connection

SELECT_MEMORY = "select name, value from channel_memory where channel = $1 and starts_with(name, $2)"


async def select_memory(conn: "Connection", channel: str, prefix: str) -> dict[str, str]:
    """Read what is remembered under names that begin so."""
    return {row["name"]: row["value"] for row in await conn.fetch(SELECT_MEMORY, channel, prefix)}


REMEMBER = """
    insert into channel_memory (channel, name, value) values ($1, $2, $3)
    on conflict (channel, name) do update set value = excluded.value
"""


async def remember(conn: "Connection", channel: str, name: str, value: str) -> None:
    """Remember something in the place of what was there."""
    await conn.execute(REMEMBER, channel, name, value)


FORGET = "delete from channel_memory where channel = $1 and name = $2"


async def forget(conn: "Connection", channel: str, name: str) -> None:
    """Remember something no longer."""
    await conn.execute(FORGET, channel, name)


SELECT_LEADERS = """
    select distinct a.value from address a join membership m on m.person_id = a.person_id
    where a.channel = $1 and m.role = 'facilitator' and m.state = 'active' and a.undeliverable_at is null
    order by 1
"""


async def select_leaders(conn: "Connection", channel: str) -> list[str]:
    """List the addresses on a channel of those who lead a circle."""
    return [row["value"] for row in await conn.fetch(SELECT_LEADERS, channel)]
