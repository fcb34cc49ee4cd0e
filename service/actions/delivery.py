"""Deliver what is due: a lane for each channel, each with its own connection, its own pace and its own troubles.

Each notice is handed over at least once, and the same notice is the same message. At most `in_flight` of them are
handed over and not yet marked at any moment: so many may be doubled when a worker is killed, none when it is stopped.
How a lane spends its time is in `service/actions/shifts.py`, what becomes of one notice in `attempts.py` beside it.
"""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import structlog

from service.actions.attempts import Closed, Outage, through
from service.actions.shifts import Lane, Shift
from service.channels import MAIL, Sender
from service.clock import Clock
from service.database import Database
from service.errors import DeliveryFailed, Unavailable
from service.formats.tokens import Keys
from service.pulse import Beat, Pulses
from service.rules import retries
from service.store import claims
from service.store.notices import Outcome
from service.waking import Bell, wait

log = structlog.get_logger()

PATIENCE: Final = timedelta(minutes=10)
"""How long a notice waits for a channel that does not answer before it goes by mail."""

DIVERT_SECONDS: Final = 5.0
"""How often what waits for a channel that there is not is sent another way."""

STAND_BY_SECONDS: Final = 1.0

BREATH: Final = 30.0
"""How long a lane that waits out a fault says nothing of itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """Delivers over `senders`, by the name of their channel; any number of workers may run, on any machine.

    What is meant for a channel in `absent` goes by mail, for nobody else serves it. `bells` are rung to have a lane
    look at once.
    """

    db: Database
    senders: Mapping[str, Sender]
    keys: Keys
    clock: Clock
    in_flight: int = 4
    batch: int = 250
    absent: tuple[str, ...] = ()
    pulses: Pulses = field(default_factory=Pulses)
    bells: Mapping[str, Bell] = field(default_factory=dict)

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop` is set; then finish what is in flight and give back the rest.

        A database or a channel that is gone ends nothing and holds up no other channel: its lane waits, longer each
        time, and goes on.
        """
        async with asyncio.TaskGroup() as lanes:
            for channel, sender in self.senders.items():
                lane = Lane(
                    db=self.db,
                    channel=channel,
                    sender=sender,
                    keys=self.keys,
                    clock=self.clock,
                    in_flight=self.in_flight,
                    batch=self.batch,
                    bell=self.bells.get(channel) or Bell(),
                    beat=self.pulses.of(f"outbox of {channel}"),
                )
                lanes.create_task(_Keeper(lane, stop).run())
            for channel in self.absent:
                beat = self.pulses.of(f"outbox of {channel}")
                lanes.create_task(_divert(self.db, self.clock, channel, stop, beat))


class _Keeper:
    """Keeps one lane going, one shift after the other, whatever becomes of its channel and of the database."""

    def __init__(self, lane: Lane, stop: asyncio.Event) -> None:
        self._lane = lane
        self._stop = stop
        self._unmarked: list[Outcome] = []

    async def run(self) -> None:
        """Work until stopped; where the channel lets us in no more, let everything go by mail."""
        failures = 0
        while not self._stop.is_set():
            self._lane.beat()
            try:
                await self._reach()
                failures = 0
                await self._shift()
            except (Unavailable, Outage) as fault:
                failures += 1
                _warn(self._lane.channel, fault, failures=failures)
                await self._wait_out(fault, failures)
            except Closed as closed:
                log.error("channel_closed", channel=self._lane.channel, reason=str(closed))
                await _divert(self._lane.db, self._lane.clock, self._lane.channel, self._stop, self._lane.beat)

    async def _reach(self) -> None:
        try:
            await self._lane.sender.check()
        except DeliveryFailed as failure:
            raise through(failure) from None

    async def _shift(self) -> None:
        """Work for as long as one connection lives, and with it the lock that says whose the claimed rows are."""
        owner = secrets.randbelow(2**31 - 1) + 1
        async with self._lane.db.dedicated() as conn:
            while self._lane.sender.pace is not None and not await claims.hold_lane(conn, self._lane.channel):
                self._lane.beat()
                if await wait(self._stop, STAND_BY_SECONDS):
                    return
            if await claims.take_lock(conn, owner):
                await Shift(conn, owner, self._lane, self._unmarked).work(self._stop)

    async def _wait_out(self, fault: Unavailable | Outage, failures: int) -> None:
        """Leave the channel alone for a while; what has waited for it too long already goes by mail."""
        pause = retries.outage_pause(failures).total_seconds()
        if isinstance(fault, Outage) and fault.pause:
            pause = fault.pause
        elif isinstance(fault, Outage) and self._lane.channel != MAIL:
            await _send_round(self._lane.db, self._lane.clock, self._lane.channel, PATIENCE)
        while pause > 0 and not await wait(self._stop, min(pause, BREATH)):
            self._lane.beat()
            pause -= BREATH


async def _divert(db: Database, clock: Clock, channel: str, stop: asyncio.Event, beat: Beat) -> None:
    """Let everything that is meant for a channel that there is not go by mail, until `stop` is set."""
    while not stop.is_set():
        beat()
        await _send_round(db, clock, channel, timedelta(0))
        await wait(stop, DIVERT_SECONDS)


async def _send_round(db: Database, clock: Clock, channel: str, patience: timedelta) -> None:
    try:
        async with db.transaction() as conn:
            await claims.divert(conn, channel, clock.now() - patience)
    except Unavailable as fault:
        _warn(channel, fault)


def _warn(channel: str, fault: Exception, **more: int) -> None:
    log.warning("outbox_waits", channel=channel, fault=type(fault).__name__, reason=str(fault), **more)
