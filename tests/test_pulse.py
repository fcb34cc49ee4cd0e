"""A process is ready while its workers go round, and not before they begin, once they are stuck, or at their end."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bots.mail.caught import CaughtMail
from bots.mail.channel import MailSender
from bots.mail.render import Renderer
from service import scheduler
from service.actions.delivery import Worker
from service.actions.intake import IntakeWorker
from service.clock import MovableClock
from service.database import Database
from service.pulse import SILENCE, Pulses
from tests.bots.mail.dues import HEAD, KEYS


class Seconds:
    """A clock of seconds that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_worker_is_at_work_from_its_first_round_until_it_is_silent_for_too_long() -> None:
    seconds = Seconds()
    pulses = Pulses(seconds)
    assert pulses.faults() == []
    outbox, inbox = pulses.of("outbox"), pulses.of("inbox")
    assert pulses.faults() == ["the outbox has not begun", "the inbox has not begun"]
    outbox()
    inbox()
    assert pulses.faults() == []
    seconds.now += SILENCE
    inbox()
    assert pulses.faults() == []
    seconds.now += 1
    assert pulses.faults() == ["the outbox is stuck"]
    outbox()
    assert pulses.faults() == []


def test_a_process_that_stops_is_not_ready() -> None:
    pulses = Pulses(Seconds())
    pulses.of("outbox")()
    pulses.end()
    assert pulses.faults() == ["Kring is stopping"]


Start = Callable[[Database, MovableClock, asyncio.Event, Pulses, Path], Awaitable[None]]


def outbox(db: Database, clock: MovableClock, stop: asyncio.Event, pulses: Pulses, folder: Path) -> Awaitable[None]:
    sender = MailSender(Renderer(HEAD, KEYS), CaughtMail(folder, clock))
    return Worker(db=db, senders={"mail": sender}, keys=KEYS, clock=clock, pulses=pulses).run(stop)


def inbox(db: Database, clock: MovableClock, stop: asyncio.Event, pulses: Pulses, folder: Path) -> Awaitable[None]:
    async def nothing(*_: object) -> None:
        raise AssertionError("there is nothing to read")

    beat = pulses.of("inbox")
    return IntakeWorker(db=db, clock=clock, channel="mail", read=nothing, apply=nothing, beat=beat).run(stop)  # type: ignore[arg-type]


def clockwork(db: Database, clock: MovableClock, stop: asyncio.Event, pulses: Pulses, folder: Path) -> Awaitable[None]:
    return scheduler.run(db, clock=clock, stop=stop, beat=pulses.of("scheduler"))


@pytest.mark.parametrize("start", [outbox, inbox, clockwork])
async def test_a_worker_says_so_on_every_round_also_while_there_is_nothing_to_do(
    clone: Database, clock: MovableClock, start: Start, tmp_path: Path
) -> None:
    heard, stop = 0, asyncio.Event()

    def seconds() -> float:
        nonlocal heard
        heard += 1
        if heard == 4:
            stop.set()
        return 0.0

    async with asyncio.timeout(30):
        await start(clone, clock, stop, Pulses(seconds), tmp_path)
    assert heard >= 4
