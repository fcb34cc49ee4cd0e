"""Talk with somebody in a terminal: a line in, the answer out, until the end of input or "exit".

Also for scripts: what comes from a file or a pipe is answered line by line, without a prompt.
"""

import asyncio
import codecs
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final, TextIO

from bots.console import parse
from bots.console.render import WIDTH, render
from service.channels import Document, Inbound, Outbound
from service.clock import Clock

PROMPT: Final = "› "
WIDEST: Final = 100
"""Characters in a line that still reads well."""

_GOODBYES: Final = frozenset(("exit", "quit"))
_CHUNK: Final = 65536

Answer = Callable[[Inbound], Awaitable[Sequence[Outbound]]]


async def talk(
    answer: Answer,
    *,
    address: str,
    clock: Clock,
    stdin: TextIO,
    stdout: TextIO,
    width: int | None = None,
    folder: Path | None = None,
) -> None:
    """Hold a conversation as the person with this mail address; files are put into `folder`, where there is one.

    Lines are as wide as the terminal, at most WIDEST, unless `width` says otherwise.
    """
    prompt = PROMPT if stdin.isatty() and stdout.isatty() else ""
    number = 0
    _write(stdout, prompt)
    async for line in lines(stdin):
        if line.strip().casefold() in _GOODBYES:
            return
        if line.strip():
            number += 1
            for outbound in await answer(parse.inbound(line, address=address, number=number, at=clock.now())):
                _write(stdout, f"{render(outbound, width=width or _width(stdout))}\n{_kept(outbound, folder)}\n")
        _write(stdout, prompt)
    _write(stdout, "\n" if prompt else "")


async def lines(stream: TextIO) -> AsyncIterator[str]:
    """Read lines without holding up the loop: as they are typed, as a pipe brings them, or from a file.

    Bytes that are no UTF-8 come out as replacement characters.
    """
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    rest = ""
    while chunk := await _chunk(stream.fileno()):
        *whole, rest = (rest + decoder.decode(chunk)).split("\n")
        for line in whole:
            yield line
    if rest := rest + decoder.decode(b"", final=True):
        yield rest


async def _chunk(descriptor: int) -> bytes:
    """Wait until something can be read, and read it; a thread would keep the program from ending on Ctrl-C."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    try:
        loop.add_reader(descriptor, ready.set)
    except PermissionError:  # a regular file, of which epoll wants nothing: it can always be read
        return os.read(descriptor, _CHUNK)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(descriptor)
    return os.read(descriptor, _CHUNK)


def _width(stdout: TextIO) -> int:
    return min(os.get_terminal_size(stdout.fileno()).columns or WIDTH, WIDEST) if stdout.isatty() else WIDTH


def _kept(outbound: Outbound, folder: Path | None) -> str:
    """Put the files of a message into the folder and say where; by their last name only, whatever it was called."""
    written = []
    for block in outbound.blocks:
        if folder is not None and isinstance(block, Document):
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / Path(block.name).name
            path.write_bytes(block.content)
            written.append(f"→ {path}\n")
    return "".join(written)


def _write(stdout: TextIO, text: str) -> None:
    stdout.write(text)
    stdout.flush()
