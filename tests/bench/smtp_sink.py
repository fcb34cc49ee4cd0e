"""A relay that takes every mail and looks at nothing: `python -m tests.bench.smtp_sink [DELAY_MS]` prints its port.

Each answer goes out after the delay, the round trip of a relay far away.
"""

import asyncio
import sys
from typing import cast

import uvloop

END = b"\r\n.\r\n"
GREETING = b"220 sink ESMTP\r\n"
HELLO = b"250-sink\r\n250-8BITMIME\r\n250-SIZE 20000000\r\n250 SMTPUTF8\r\n"


class Sink(asyncio.Protocol):
    """One connection; expects a client that waits for each answer."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._buffer = bytearray()
        self._in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._say(GREETING)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._in_data:
            if self._buffer.endswith(END):
                self._in_data = False
                self._buffer.clear()
                self._say(b"250 2.0.0 queued\r\n")
        elif self._buffer.endswith(b"\r\n"):
            command = bytes(self._buffer[:4]).upper()
            self._buffer.clear()
            self._in_data = command == b"DATA"
            self._say(_answer(command))

    def _say(self, answer: bytes) -> None:
        if self._delay:
            asyncio.get_running_loop().call_later(self._delay, self._transport.write, answer)
        else:
            self._transport.write(answer)


def _answer(command: bytes) -> bytes:
    if command == b"DATA":
        return b"354 go ahead\r\n"
    if command == b"QUIT":
        return b"221 bye\r\n"
    return HELLO if command == b"EHLO" else b"250 2.0.0 ok\r\n"


async def main(delay: float) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Sink(delay), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - the parent reads it
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(float(sys.argv[1]) / 1000 if sys.argv[1:] else 0.0))
