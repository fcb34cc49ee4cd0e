"""Catch mail in a folder where there is no relay, and read it back for whoever tries Kring out.

A stand-in for the relay and the mailbox behind it; shows nothing itself.
"""

import asyncio
import re
from binascii import a2b_qp
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile

from bots.mail.mime import Attachment
from service.clock import Clock
from service.errors import DeliveryFailed, NotFound

_ROOM = 64 * 1024
"""How much a mail may take on the disk, in bytes: most take a fifth of it."""

_STAMP = "%Y%m%dT%H%M%S%f"
_IS_NAME = re.compile(r"(\d{8}T\d{12})Z-([0-9a-f]{12})\.eml").fullmatch
# RFC 2047 section 6.2: the space between two encoded words is no part of the text.
_WORD = re.compile(r"=\?utf-8\?q\?([^?]*)\?=(?: (?==\?utf-8\?q\?))?")


@dataclass(frozen=True, slots=True)
class CaughtSummary:
    """One line of the mailbox; `name` is what `read` takes."""

    name: str
    date: datetime
    to: str
    subject: str


@dataclass(frozen=True, slots=True)
class CaughtContent:
    """A caught mail taken apart. `headers` decoded, in order, the envelope's Return-Path and Delivered-To first."""

    name: str
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    calendar: bytes | None
    attachments: tuple[Attachment, ...]
    raw: bytes


class CaughtMail:
    """Keeps each mail as one .eml in a folder, named by the time it came; the same Message-ID again replaces it."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._names: dict[str, str] | None = None

    async def send(self, envelope_from: str, recipient: str, data: bytes) -> str:
        """Keep one mail and return its name; raises a temporary DeliveryFailed if the disk will not take it."""
        raw = f"Return-Path: <{envelope_from}>\r\nDelivered-To: {recipient}\r\n".encode() + data
        name = self._name(data)
        try:
            await asyncio.to_thread(self._write, name, raw)
        except OSError as error:
            raise DeliveryFailed(f"content: {error.strerror}", permanent=False) from None
        return name

    async def check(self) -> None:
        """Find out whether the folder takes another mail; raises DeliveryFailed if not."""
        try:
            await asyncio.to_thread(self._try_out)
        except OSError as error:
            raise DeliveryFailed(f"connect: {error.strerror}", permanent=False) from None

    async def aclose(self) -> None:
        """Do nothing: no file stays open."""

    async def list(self, limit: int = 500) -> tuple[CaughtSummary, ...]:
        """Return the newest mails, newest first."""
        return await asyncio.to_thread(self._summaries, limit)

    async def read(self, name: str) -> CaughtContent:
        """Return one mail; raises NotFound for anything but the name of a caught mail."""
        return await asyncio.to_thread(self._content, name)

    def _name(self, data: bytes) -> str:
        if self._names is None:
            self._names = {match[2]: match[0] for match in self._caught()}
        digest = blake2b(dict(_fields(data))["Message-ID"].encode(), digest_size=6).hexdigest()
        return self._names.setdefault(digest, f"{self._clock.now():{_STAMP}}Z-{digest}.eml")

    def _caught(self) -> Iterator[re.Match[str]]:
        names = sorted((path.name for path in self._folder.glob("*.eml")), reverse=True)
        return (match for match in map(_IS_NAME, names) if match)

    def _try_out(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # without a name, so that several may try at the same time and nothing stays
        with TemporaryFile(dir=self._folder) as nameless:
            nameless.write(bytes(_ROOM))

    def _write(self, name: str, raw: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self._folder / f".{name}.part"
        try:
            part.write_bytes(raw)
            part.replace(self._folder / name)
        except OSError:
            part.unlink(missing_ok=True)
            raise

    def _summaries(self, limit: int) -> tuple[CaughtSummary, ...]:
        return tuple(_summary(match, self._folder / match[0]) for match in islice(self._caught(), limit))

    def _content(self, name: str) -> CaughtContent:
        path = self._folder / name
        if not _IS_NAME(name) or not path.is_file():
            raise NotFound
        return _taken_apart(name, path.read_bytes())


def _summary(name: re.Match[str], path: Path) -> CaughtSummary:
    fields = dict(_fields(path.read_bytes()))
    date = datetime.strptime(name[1], _STAMP).replace(tzinfo=UTC)
    return CaughtSummary(name[0], date, fields["Delivered-To"], fields["Subject"])


def _fields(raw: bytes) -> Iterator[tuple[str, str]]:
    """Read our own header block: every field unfolded and decoded."""
    head = raw.partition(b"\r\n\r\n")[0].decode(errors="replace").replace("\r\n ", " ")
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        yield name, _WORD.sub(lambda word: a2b_qp(word[1], header=True).decode(), value.strip())


def _taken_apart(name: str, raw: bytes) -> CaughtContent:
    parts = [part for part in message_from_bytes(raw).walk() if not part.is_multipart()]
    shown = {part.get_content_type(): _payload(part) for part in parts if not part.get_filename()}
    return CaughtContent(
        name=name,
        headers=tuple(_fields(raw)),
        text=shown["text/plain"].decode(),
        html=shown["text/html"].decode(),
        calendar=shown.get("text/calendar"),
        attachments=tuple(
            Attachment(filename=filename, media_type=part.get_content_type(), content=_payload(part))
            for part in parts
            if (filename := part.get_filename())
        ),
        raw=raw,
    )


def _payload(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
