"""The clockwork: whatever must happen by itself happens here, in one process at a time.

What is done is decided in the actions; this only looks at the clock. Notices are not its business: the workers of the
outbox watch their own due times.
"""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from service.actions import (
    allowances,
    announcing,
    commands,
    conversing,
    group_cards,
    intake,
    linking,
    privacy,
    prompting,
    questions,
    ratings,
    signing_in,
    web_sessions,
)
from service.clock import Clock
from service.database import Database, Election
from service.errors import Unavailable
from service.pulse import Beat, unheard
from service.waking import wait

log = structlog.get_logger()

TICK_SECONDS: Final = 0.5
FAULT_SECONDS: Final = 2.0
"""How long it rests after a fault, which the next look would most likely meet again."""

UPKEEP: Final = timedelta(minutes=10)
OFFICE: Final = "scheduler"

Step = Callable[..., Awaitable[object]]

FORGETTING: Final[Sequence[Step]] = (
    announcing.forget_visitors,
    signing_in.forget_old,
    web_sessions.forget_old,
    allowances.forget_old,
    commands.forget_old,
    intake.forget_old,
    intake.forget_updates,
    conversing.forget_old,
    linking.forget_old,
    privacy.forget_farewells,
    prompting.forget_old,
    group_cards.mark_over,
    group_cards.forget_old,
    ratings.let_go,
    questions.forget_old,
)


async def run(db: Database, *, clock: Clock, stop: asyncio.Event, beat: Beat = unheard) -> None:
    """Do what is due until `stop` is set; while another process holds the lock, stand by to take over.

    A database that is gone ends nothing: the lock went with its connection, and is taken again with the next.
    """
    while not stop.is_set():
        beat()
        try:
            async with db.elected(OFFICE, stop=stop, beat=beat) as election:
                await _reign(db, election, clock, stop, beat)
        except Unavailable as fault:
            log.warning("scheduler_waits", reason=str(fault))
            await wait(stop, TICK_SECONDS)


async def _reign(db: Database, election: Election, clock: Clock, stop: asyncio.Event, beat: Beat) -> None:
    kept_up = datetime.min.replace(tzinfo=clock.now().tzinfo)
    while not stop.is_set():
        beat()
        await election.holds()
        now = clock.now()
        sound = await _guarded(_take_steps, db, now=now)
        if not timedelta(0) <= now - kept_up < UPKEEP:
            for forget in FORGETTING:
                await _guarded(forget, db, now=now)
            kept_up = now
        await wait(stop, TICK_SECONDS if sound else FAULT_SECONDS)


async def _take_steps(db: Database, *, now: datetime) -> bool:
    """Take the steps that are due, each for itself; tell whether all of them went well."""
    outcomes = [await _guarded(step, db, ident, now=now) for step, ident in await announcing.due(db, now=now)]
    return all(outcomes)


async def _guarded(step: Step, db: Database, *about: int, now: datetime) -> bool:
    """Do one thing and tell whether it went well; a fault in it must not keep the clock from the next.

    The log gets the place and never the words, which may be somebody's.
    """
    try:
        return await step(db, *about, now=now) is not False
    except Unavailable:
        raise
    except Exception as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{frame.filename}:{frame.lineno}"
        log.error("scheduled_step_failed", step=step.__name__, about=about, error=type(error).__name__, where=where)
        return False
