"""What a channel remembers of itself: what it is called there, which menus it has set."""

from typing import Final

from service.database import Database
from service.store import channel_memory

NAME: Final = "name"
MENU: Final = "menu:"


async def name(db: Database, channel: str) -> str | None:
    """Return what Kring is called on a channel; None as long as it is not known."""
    async with db.reading() as conn:
        return (await channel_memory.select_memory(conn, channel, NAME)).get(NAME)


async def set_name(db: Database, channel: str, value: str) -> None:
    """Remember what Kring is called on a channel."""
    async with db.transaction() as conn:
        await channel_memory.remember(conn, channel, NAME, value)


async def menus(db: Database, channel: str) -> dict[str, str]:
    """Return which menus were set, each with its digest."""
    async with db.reading() as conn:
        found = await channel_memory.select_memory(conn, channel, MENU)
    return {name.removeprefix(MENU): digest for name, digest in found.items()}


async def set_menu(db: Database, channel: str, menu: str, digest: str) -> None:
    """Remember that a menu was set, or with an empty digest that it is there no more."""
    async with db.transaction() as conn:
        if digest:
            await channel_memory.remember(conn, channel, MENU + menu, digest)
        else:
            await channel_memory.forget(conn, channel, MENU + menu)


async def leaders(db: Database, channel: str) -> list[str]:
    """List the addresses on a channel of those who lead a circle."""
    async with db.reading() as conn:
        return await channel_memory.select_leaders(conn, channel)
