"""A client that asks over a few kept connections, as cheaply as Python can."""

import asyncio
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from itertools import repeat
from typing import cast
from urllib.parse import urlencode

CONNECTIONS = 8
_LENGTH = re.compile(rb"\r\nContent-Length: (\d+)\r\n", re.IGNORECASE)


async def ask(port: int, path: str, count: int, *, status: int, **headers: str) -> None:
    """Ask the same `count` times in all and see that each answer has the status."""
    request = get(path, **headers)
    await asyncio.gather(
        *(_talk(port, repeat(request, count // CONNECTIONS), status) for _ in range(CONNECTIONS)),
    )


async def send(port: int, requests: Sequence[bytes], *, connections: int, status: int) -> None:
    """Send requests over so many connections, each the next as soon as it is free, and see what status they get."""
    waiting = iter(requests)
    await asyncio.gather(*(_talk(port, waiting, status) for _ in range(connections)))


async def fetch(port: int, request: bytes) -> bytes:
    """Send one request over a connection of its own and return the page."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
    try:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200 "):
            raise AssertionError(head)
        length = _LENGTH.search(head)
        assert length is not None
        return await reader.readexactly(int(length[1]))
    finally:
        writer.close()
        await writer.wait_closed()


def get(path: str, **headers: str) -> bytes:
    """Write a GET; underscores in the names of headers stand for hyphens."""
    return "\r\n".join(_head("GET", path, headers)).encode() + b"\r\n\r\n"


def post(path: str, also: Mapping[str, str] | None = None, /, **fields: str) -> bytes:
    """Write the POST of a form, with `also` as headers."""
    body = urlencode(fields)
    headers = {"Content_Type": "application/x-www-form-urlencoded", "Content_Length": str(len(body)), **(also or {})}
    return "\r\n".join([*_head("POST", path, headers), "", body]).encode()


def _head(method: str, path: str, headers: dict[str, str]) -> Iterator[str]:
    yield f"{method} {path} HTTP/1.1"
    yield "Host: 127.0.0.1"
    for name, value in headers.items():
        yield f"{name.replace('_', '-')}: {value}"


async def _talk(port: int, requests: Iterable[bytes], status: int) -> None:
    loop = asyncio.get_running_loop()
    _, talk = await loop.create_connection(lambda: _Talk(requests, status), "127.0.0.1", port)
    await talk.done


class _Talk(asyncio.Protocol):
    """Sends each request in the moment in which the answer to the one before is there, without waking a task for it."""

    def __init__(self, requests: Iterable[bytes], status: int) -> None:
        self.done = asyncio.get_running_loop().create_future()
        self._requests = iter(requests)
        self._wanted = f"HTTP/1.1 {status} ".encode()
        self._bodiless = status == HTTPStatus.NOT_MODIFIED
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, rest = self._received.partition(b"\r\n\r\n")
        if not end:
            return
        if not head.startswith(self._wanted):
            self._stop(AssertionError(head))
            return
        length = None if self._bodiless else _LENGTH.search(head + b"\r\n")
        if length is None or len(rest) == int(length[1]):
            self._received = b""
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop(exc or ConnectionResetError())

    def _ask(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._stop(None)
        else:
            self._transport.write(request)

    def _stop(self, fault: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None) if fault is None else self.done.set_exception(fault)
        self._transport.close()
