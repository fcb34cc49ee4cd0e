"""Hand a mail over to an LMTP listener (RFC 2033), as the association's mail server does: for the demo and for checks.

What Kring sends to people goes through `send`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from bots.mail.content import content
from service.errors import DeliveryFailed

SECONDS: Final = 20.0
"""How long the other side may think about everything together."""

_LINE: Final = 64 * 1024


async def hand_over(where: str, sender: str, recipient: str, raw: bytes) -> str:
    """Deliver one mail to one recipient, and return what the listener said; raises DeliveryFailed."""
    async with _spoken_with(where) as talk:
        await talk.ask("LHLO localhost", 250)
        await talk.ask(f"MAIL FROM:<{sender}>", 250)
        await talk.ask(f"RCPT TO:<{recipient}>", 250)
        await talk.ask("DATA", 354)
        answer = await talk.ask_raw(content(raw), 250)
        with suppress(OSError, DeliveryFailed):  # it has been taken, whatever becomes of the goodbye
            await talk.ask("QUIT", 221)
        return answer


async def greeting(where: str) -> str:
    """Return what a listener says first; raises DeliveryFailed."""
    async with _spoken_with(where) as talk:
        return talk.greeting


class _Talk:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.greeting = ""

    async def ask(self, command: str, expected: int) -> str:
        return await self.ask_raw(f"{command}\r\n".encode(), expected)

    async def ask_raw(self, data: bytes, expected: int) -> str:
        self._writer.write(data)
        await self._writer.drain()
        return await self.answer(expected)

    async def answer(self, expected: int) -> str:
        """Read one answer, of several lines where there are more (RFC 5321 section 4.2.1)."""
        said: list[str] = []
        while not said or said[-1][3:4] == "-":
            line = await self._reader.readline()
            if not line.endswith(b"\n"):
                raise ConnectionResetError
            said.append(line.decode(errors="replace").strip())
        if not said[-1].startswith(str(expected)):
            raise DeliveryFailed(said[-1], permanent=said[-1].startswith("5"))
        return said[-1]


@asynccontextmanager
async def _spoken_with(where: str) -> AsyncIterator[_Talk]:
    try:
        async with asyncio.timeout(SECONDS):
            reader, writer = await _connected(where)
            try:
                talk = _Talk(reader, writer)
                talk.greeting = await talk.answer(220)
                yield talk
            finally:
                writer.close()
    except TimeoutError:
        raise DeliveryFailed("no answer in time", permanent=False) from None
    except (OSError, ValueError) as error:
        raise DeliveryFailed(str(error) or type(error).__name__, permanent=False) from None


async def _connected(where: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if where.startswith("/"):
        return await asyncio.open_unix_connection(where, limit=_LINE)
    host, _, port = where.rpartition(":")
    return await asyncio.open_connection(host.strip("[]"), int(port), limit=_LINE)
