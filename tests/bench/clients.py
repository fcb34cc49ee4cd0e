"""A client that asks the same question over a few kept connections, as cheaply as Python can."""

import asyncio
import re

CONNECTIONS = 8
_LENGTH = re.compile(rb"\r\nContent-Length: (\d+)\r\n", re.IGNORECASE)


async def ask(port: int, path: str, count: int, *, status: int, **headers: str) -> None:
    """Ask `count` times in all and see that each answer has the status."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{n.replace('_', '-')}: {v}" for n, v in headers.items())]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    await asyncio.gather(*(_talk(port, request, count // CONNECTIONS, status) for _ in range(CONNECTIONS)))


async def _talk(port: int, request: bytes, count: int, status: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
    wanted = f"HTTP/1.1 {status} ".encode()
    try:
        for _ in range(count):
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(wanted):
                raise AssertionError(head)
            length = _LENGTH.search(head)
            if length is not None and status != 304:
                await reader.readexactly(int(length[1]))
    finally:
        writer.close()
        await writer.wait_closed()
