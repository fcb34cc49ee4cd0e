"""A line to PostgreSQL that a test can cut and mend: a Unix socket that passes everything on."""

import asyncio
import contextlib
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, quote, urlsplit


class Line:
    """Between a pool and the server; `dsn` is the address on this side."""

    def __init__(self, dsn: str, folder: Path) -> None:
        parts = urlsplit(dsn)
        given = parse_qs(parts.query)
        name = f".s.PGSQL.{given['port'][0]}"
        self._there, self._here = Path(given["host"][0]) / name, folder / name
        query = f"host={quote(str(folder), safe='/')}&port={given['port'][0]}"
        self.dsn = parts._replace(query=query).geturl()
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        await self.mend()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.cut()

    async def mend(self) -> None:
        self._server = await asyncio.start_unix_server(self._pass_on, self._here)

    async def cut(self) -> None:
        assert self._server is not None
        self._server.close()
        for end in list(self._ends):
            end.transport.abort()
        await self._server.wait_closed()
        self._here.unlink(missing_ok=True)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_unix_connection(self._there)
        self._ends |= {writer, forth}
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_pump(reader, forth))
                both.create_task(_pump(back, writer))
        finally:
            self._ends -= {writer, forth}
            for end in (writer, forth):
                end.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.transport.abort()
