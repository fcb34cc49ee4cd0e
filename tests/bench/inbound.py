"""How fast answers pressed in a calendar are applied, from the inbox to their end, and whether memory stays flat.

The mails are those of five programs, read in processes of their own as in real life; the floor is one statement per
answer, which reads no mail at all.
"""

import asyncio
import gc
import itertools
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import asyncpg

from bots.mail.envelope import Arrived
from bots.mail.recipients import Ours
from bots.mail.sandbox import Sandbox
from handlers.dialogue.words import parse
from service.actions import inbox_shifts, intake, replies
from service.clock import SystemClock
from service.database import Database
from service.demo.calendar_clients import Client
from service.formats.received import ReceivedMail
from service.store.inbox import Stored, Verdict
from tests.actions.post import dialogue
from tests.bench.answer_floor import Floor
from tests.bench.association import FEW, PEOPLE, filled, invited
from tests.bench.figures import Figure, at_least, at_most, at_most_times, informing
from tests.bench.ground import ROUNDS, Ground
from tests.bench.rounds import Rounds
from tests.bench.servers import KEYS
from tests.bots.mail.test_sandbox import HOSTILE, stored, watched
from tests.mails.pressed import pressed

DOMAIN = "in.kring.example.org"
MAILS, GATHERINGS = 600, 20
"""Answers in a round, over so many gatherings or to one."""

LONG = 5_000
"""Answers after which memory must be what it was."""

RATE = 300
ENDED, STALL = 2.5, 50
CONNECTIONS = 8
LOOK_SECONDS = 0.05
SWELLING = 1.1
INVITATIONS = """
    select r.id, r.uid, a.value from registration r join address a on a.person_id = r.person_id where r.id = any($1)
"""


class Kring:
    """The inbox of one database and the worker that reads it."""

    def __init__(self, db: Database, reader: Sandbox) -> None:
        self.db = db
        self._worker = intake.IntakeWorker(
            db=db, clock=SystemClock(), channel="mail", read=reader.read, apply=_apply, together=_together
        )

    async def arrive(self, mails: Sequence[Arrived]) -> None:
        """Put mails into the inbox as the listener does."""
        now = datetime.now(UTC)
        async with self.db.transaction() as conn:
            for mail in mails:
                await intake.store(
                    self.db.within(conn),
                    channel="mail",
                    external_id=mail.external_id,
                    conversation=mail.conversation,
                    envelope_from=mail.envelope_from,
                    recipient=mail.recipient,
                    raw=mail.raw,
                    now=now,
                )

    async def work(self) -> None:
        """Work until every mail has come to its end."""
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._worker.run(stop))
            while await self._left():  # noqa: ASYNC110 - the end lies in the database
                await asyncio.sleep(LOOK_SECONDS)
            stop.set()

    async def ends(self) -> set[tuple[str, str]]:
        """Return in which ways the mails have ended."""
        async with self.db.reading() as conn:
            found = await conn.fetch("select distinct state, reason from inbox")
        return {(row["state"], row["reason"]) for row in found}

    async def _left(self) -> bool:
        async with self.db.reading() as conn:
            return bool(await conn.fetchval("select exists (select from inbox where state = 'new')"))


async def _apply(db: Database, stored: Stored, received: ReceivedMail, now: datetime) -> Verdict:
    return await replies.apply(db, stored, received, now, keys=KEYS, words=parse, talk=dialogue(KEYS, now))


async def _together(
    db: Database, part: Sequence[tuple[Stored, ReceivedMail]], now: datetime
) -> Sequence[Verdict | None]:
    return await replies.together(db, part, now, keys=KEYS)


async def run(ground: Ground) -> AsyncIterator[Figure]:
    async with AsyncExitStack() as stack:
        dsn = await filled(ground, "inbound", people=PEOPLE, others=FEW)
        db = await Database.open(dsn, size=inbox_shifts.AT_ONCE, waits_for_disk=False)
        stack.push_async_callback(db.close)
        reader = await stack.enter_async_context(Sandbox(Ours(DOMAIN)))
        kring = Kring(db, reader)
        floor = await stack.enter_async_context(Floor.on(dsn))
        for figure in await _rates(Rounds(ground), kring, floor):
            yield figure
        yield await _memory(kring)
        for figure in await _hostile(reader):
            yield figure
        assert await kring.ends() == {("applied", "answer")}


async def _rates(rounds: Rounds, kring: Kring, floor: Floor) -> list[Figure]:
    for number in range(ROUNDS + 1):
        gathering, ids = await invited(kring.db.dsn, MAILS, MAILS)
        await floor.opens(gathering, MAILS)
        await rounds.measure("floor", MAILS, floor.answer(ids, CONNECTIONS))
        for name, count in (("one", 1), ("many", GATHERINGS)):
            await kring.arrive(await _pressed(kring.db.dsn, MAILS, count))
            await rounds.measure(name, MAILS, kring.work())
        if number == 0:
            rounds.forget()
    return [
        _rate(f"inbound REPLY applied, to {GATHERINGS} gatherings", rounds, "many"),
        _rate("inbound REPLY applied, all to one gathering", rounds, "one"),
        informing("inbound REPLY: cost of one", rounds.cpu("many"), "ms CPU", floor=rounds.cpu("floor")),
    ]


def _rate(name: str, rounds: Rounds, kind: str) -> Figure:
    value, floor = rounds.rate(kind), rounds.rate("floor")
    return replace(at_least(name, value, "per s", RATE), floor=round(floor, 1), ratio=round(value / floor, 3))


async def _memory(kring: Kring) -> Figure:
    """Compare the memory of this process after many mails with that after few, both times with nothing at hand."""
    await kring.arrive(await _pressed(kring.db.dsn, MAILS, GATHERINGS))
    await kring.work()
    before = _resident()
    for _ in range(LONG // MAILS):
        await kring.arrive(await _pressed(kring.db.dsn, MAILS, GATHERINGS))
        await kring.work()
    name = f"memory after {LONG:,} more mails"
    return at_most_times(name, _resident(), "MB", before, SWELLING)


async def _hostile(reader: Sandbox) -> list[Figure]:
    """Read a mail with a header of 160 KB that stalls the standard library for half a minute."""
    with watched() as longest:
        began = perf_counter()
        received = await reader.read(stored(HOSTILE["headers too large"]))
        seconds = perf_counter() - began
    assert received.refused == "headers too large"
    name = "a hostile header of 160 KB"
    return [
        at_most(f"{name}: until it has ended", seconds, "s", ENDED),
        at_most(f"{name}: longest stretch of work in the loop", longest[0] * 1000, "ms", STALL),
    ]


def _resident() -> float:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def _pressed(dsn: str, count: int, gatherings: int) -> list[Arrived]:
    """Invite people, and let each press Accept, in another program than the one before."""
    ids = [ident for _ in range(gatherings) for ident in (await invited(dsn, count, count // gatherings))[1]]
    conn = await asyncpg.connect(dsn)
    try:
        rows = await conn.fetch(INVITATIONS, ids)
    finally:
        await conn.close()
    clients = itertools.cycle(Client)
    return [pressed(next(clients), row["id"], row["uid"], row["value"], keys=KEYS, domain=DOMAIN) for row in rows]
