"""Have mails read in processes that may crash, hang or run out of memory without harm to this one.

Mails that wait at the same time are handed over together. A mail that is too much for a reader, be it one of many, is
handed over by itself before anything is said of it.
"""

import asyncio
import contextlib
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Final, Self

import structlog

from bots.mail import parts
from bots.mail.carried import COUNT, LENGTHS, READY, unpacked
from bots.mail.recipients import Envelope, Ours, outside_of
from service.errors import Unavailable
from service.formats.received import ReceivedMail
from service.store.inbox import Stored

log = structlog.get_logger()

SECONDS: Final = 2.0
START_SECONDS: Final = 20.0
READERS: Final = 2
COMMAND: Final = (sys.executable, "-m", "bots.mail.reader")
COMPANY: Final = 16
"""Mails that are handed over together at most."""

_LONGEST: Final = 1024 * 1024
_LARGEST: Final = 1024 * 1024
"""Bytes of mails that are handed over together at most."""

_TRIES: Final = 2
"""A reader that is gone may have been ended from outside; a mail that ends a second one did it itself."""


class _Crashed(Exception):
    """A reader ended, or gave up, before it answered."""


class _Parted(Exception):
    """Nothing came of mails that were handed over together: which of them is to blame shows when each goes alone."""


@dataclass(slots=True, eq=False)
class _Question:
    """A mail to read, and where its answer goes."""

    text: bytes
    alone: bool
    answer: "asyncio.Future[ReceivedMail]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def take(self, answer: bytes) -> None:
        """Understand what a reader says of this mail."""
        try:
            received = unpacked(answer)
        except (ValueError, KeyError, TypeError):
            self.fail(_Crashed())
        else:
            if not self.answer.done():
                self.answer.set_result(received)

    def fail(self, fault: Exception) -> None:
        """Tell why there is no answer, unless nobody waits for it any more."""
        if not self.answer.done():
            self.answer.set_exception(fault)


@dataclass(slots=True)
class Sandbox:
    """Reads mails in a few processes that live on from mail to mail; one for which a mail was too much is replaced."""

    ours: Ours
    seconds: float = SECONDS
    command: tuple[str, ...] = COMMAND
    _idle: list[Process] = field(default_factory=list)
    _room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(READERS))
    _waiting: list[_Question] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        """Start nothing yet: the first mail does."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the processes."""
        while self._idle:
            await _ended(self._idle.pop())

    async def read(self, stored: Stored) -> ReceivedMail:
        """Read a mail; one that cannot be read within the limits is refused, and only its envelope is told.

        Raises Unavailable when no process can be started, which is no fault of the mail.
        """
        envelope = Envelope(sender=stored.envelope_from, recipient=stored.recipient, received_at=stored.received_at)
        outside = outside_of(envelope, self.ours)
        if len(stored.raw) > parts.MAIL:
            return replace(outside, refused="too large")
        question = self._question(envelope, stored.raw)
        alone, crashes = len(question) > _LARGEST, 0
        while crashes < _TRIES:
            try:
                return await self._asked(_Question(question, alone))
            except _Parted:
                alone = True
            except TimeoutError:
                log.warning("mail_too_slow", message=stored.id)
                return replace(outside, refused="too slow")
            except _Crashed:
                log.warning("mail_reader_crashed", message=stored.id)
                crashes += 1
        return replace(outside, refused="crashed")

    def _question(self, envelope: Envelope, raw: bytes) -> bytes:
        told = json.dumps(
            {
                "sender": envelope.sender,
                "recipient": envelope.recipient,
                "received_at": envelope.received_at and envelope.received_at.isoformat(),
                "mail_domain": self.ours.mail_domain,
                "authserv_id": self.ours.authserv_id,
            }
        ).encode()
        return LENGTHS.pack(len(told), len(raw)) + told + raw

    async def _asked(self, question: _Question) -> ReceivedMail:
        """Have a mail read, with those that wait beside it; whoever gets to a reader first asks for all."""
        self._waiting.append(question)
        try:
            async with self._room:
                await asyncio.sleep(0)  # whoever arrives in this turn of the loop comes along
                if question in self._waiting:
                    await self._ask_for(self._company(question))
            return await question.answer
        finally:
            if question in self._waiting:  # broken off before its turn
                self._waiting.remove(question)

    def _company(self, own: _Question) -> list[_Question]:
        """Choose who goes along, so that every reader gets its share, and take them out of the line."""
        company, size = [own], len(own.text)
        most = 1 if own.alone else min(COMPANY, -(-len(self._waiting) // READERS))
        for one in self._waiting:
            if len(company) < most and one is not own and not one.alone and size + len(one.text) <= _LARGEST:
                company.append(one)
                size += len(one.text)
        self._waiting = [one for one in self._waiting if one not in company]
        return company

    async def _ask_for(self, company: list[_Question]) -> None:
        try:
            answers = await self._answers([one.text for one in company])
        except (TimeoutError, _Crashed, Unavailable) as fault:
            for one in company:
                one.fail(fault if len(company) == 1 or isinstance(fault, Unavailable) else _Parted())
        except BaseException:
            for one in company[1:]:
                one.fail(_Parted())
            raise
        else:
            for one, answer in zip(company, answers, strict=True):
                one.take(answer)

    async def _answers(self, questions: list[bytes]) -> list[bytes]:
        reader = self._idle.pop() if self._idle else await _started(self.command)
        try:
            async with asyncio.timeout(self.seconds):
                answers = await _exchanged(reader, questions)
        except BaseException:
            await _killed(reader)
            raise
        self._idle.append(reader)
        return answers


async def _started(command: tuple[str, ...]) -> Process:
    """Start a reader and wait until it has loaded what it needs; it gets none of our settings and secrets."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KRING_")}
    try:
        # A session of its own: Ctrl-C in a terminal is not for it.
        reader = await asyncio.create_subprocess_exec(
            *command,
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env=environment,
            start_new_session=True,
        )
    except OSError as error:
        raise Unavailable(f"mail reader: {error}") from error
    assert reader.stdout is not None
    try:
        async with asyncio.timeout(START_SECONDS):
            greeting = await reader.stdout.read(len(READY))
    except BaseException as error:
        await _killed(reader)
        if isinstance(error, TimeoutError):
            raise Unavailable("mail reader: slow to start") from error
        raise
    if greeting != READY:
        await _killed(reader)
        raise Unavailable("mail reader: does not start")
    return reader


async def _exchanged(reader: Process, questions: list[bytes]) -> list[bytes]:
    assert reader.stdin is not None and reader.stdout is not None
    try:
        reader.stdin.write(COUNT.pack(len(questions)) + b"".join(questions))
        await reader.stdin.drain()
        return [await _answer(reader.stdout) for _ in questions]
    except (OSError, asyncio.IncompleteReadError) as error:
        raise _Crashed from error


async def _answer(said: asyncio.StreamReader) -> bytes:
    length, _ = LENGTHS.unpack(await said.readexactly(LENGTHS.size))
    if length > _LONGEST:
        raise _Crashed
    return await said.readexactly(length)


async def _ended(reader: Process) -> None:
    """Close a reader's input, at which it ends; it is killed if it does not."""
    assert reader.stdin is not None
    reader.stdin.close()
    try:
        async with asyncio.timeout(SECONDS):
            await reader.wait()
    except TimeoutError:
        await _killed(reader)


async def _killed(reader: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        reader.kill()
    assert reader.stdin is not None
    reader.stdin.close()
    await asyncio.shield(reader.wait())
