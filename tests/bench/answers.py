"""What one answer over HTTP costs, alone and in a rush, against one asyncpg transaction that writes the same rows."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack

import asyncpg

from handlers.web import forms
from service.formats.tokens import ANSWER, handle
from tests.bench.answer_floor import Floor
from tests.bench.association import FEW, MANY, PEOPLE, filled, invited
from tests.bench.clients import get, post, send
from tests.bench.figures import Figure, at_least_times, at_most_times, informing, within
from tests.bench.ground import Ground, program
from tests.bench.rounds import Rounds
from tests.bench.servers import KEYS

ALONE, ALONE_ROUNDS = 240, 9
"""Answers of one client in a round, half of them too many for the seats; a neighbour is heard in one."""

SEATS, COMING, CLIENTS, REPEATS = 100, 320, 32, 100
"""A rush, and how often it comes."""

SHORT, LONG = 10, 1000
"""Two queues, by how many wait."""

SEATED = "select count(*) from registration where gathering_id = $1 and seat = 'seated'"
QUEUE = """
    update registration set partstat = 'accepted', seat = 'waiting', waiting_reason = 'full',
        queue_number = nextval('queue_number') where id = any($1)
"""


class Kring:
    """A running Kring, its database, and people with links."""

    def __init__(self, dsn: str, pid: int, port: int) -> None:
        self.dsn = dsn
        self.pid = pid
        self._port = port

    async def look(self, registrations: Sequence[int]) -> None:
        await send(self._port, [get(_path(ident)) for ident in registrations], connections=1, status=200)

    async def answer(self, registrations: Sequence[int], partstat: str = "accepted", *, clients: int = 1) -> None:
        requests = [_post(ident, partstat) for ident in registrations]
        await send(self._port, requests, connections=clients, status=303)


async def run(ground: Ground) -> AsyncIterator[Figure]:
    async with AsyncExitStack() as stack:
        krings = []
        for name, size in (("few", FEW), ("many", MANY)):
            dsn = await filled(ground, f"answers_{name}", people=PEOPLE, others=size)
            krings.append(Kring(dsn, *await stack.enter_async_context(program("tests.bench.servers", "kring", dsn))))
        floor = await stack.enter_async_context(Floor.on(krings[0].dsn))
        for figure in [
            *await _alone(Rounds(ground), floor, *krings),
            *await _rush(Rounds(ground), floor, krings[0]),
            *await _queue(Rounds(ground), krings[0]),
        ]:
            yield figure


async def _alone(rounds: Rounds, floor: Floor, few: Kring, many: Kring) -> list[Figure]:
    """Look at a page and answer there, one after the other, among a thousand registrations and among a million."""
    for number in range(ALONE_ROUNDS + 1):
        gathering, ids = await invited(few.dsn, ALONE // 2, ALONE)
        await floor.opens(gathering, ALONE // 2)
        await rounds.measure("floor", ALONE, floor.answer(ids, 1))
        gathering, ids = await invited(few.dsn, ALONE // 2, ALONE)
        await floor.opens(gathering, ALONE // 2)
        await rounds.measure("statement", ALONE, floor.answer_alone(ids))
        for name, kring in (("few", few), ("many", many)):
            _, ids = await invited(kring.dsn, ALONE // 2, ALONE)
            await rounds.measure(f"look, {name}", ALONE, kring.look(ids), pid=kring.pid)
            await rounds.measure(f"answer, {name}", ALONE, kring.answer(ids), pid=kring.pid)
        if number == 0:
            rounds.forget()
    name, among = "one answer over HTTP", "among 1,000,000 registrations against 1,000"
    few_cpu, few_look = rounds.cpu("answer, few"), rounds.cpu("look, few")
    return [
        at_most_times(name, few_cpu, "ms CPU", rounds.cpu("floor"), 3),
        at_least_times(f"{name}: rate", rounds.rate("answer, few"), "per s", rounds.rate("floor"), 1 / 3),
        informing(f"{name}, beside the statement alone", few_cpu, "ms CPU", floor=rounds.cpu("statement")),
        informing(
            f"{name}, beside the statement alone: rate",
            rounds.rate("answer, few"),
            "per s",
            floor=rounds.rate("statement"),
        ),
        at_most_times(f"{name}, {among}", rounds.cpu("answer, many"), "ms CPU", few_cpu, 1.1),
        within(f"answer page, {among}", rounds.cpu("look, many"), "ms CPU", few_look, 0.2),
        informing("answer page: rate", rounds.rate("look, few"), "per s"),
    ]


async def _rush(rounds: Rounds, floor: Floor, kring: Kring) -> list[Figure]:
    """Let everybody come at once, again and again, and count the seats each time."""
    exact = 0
    conn = await asyncpg.connect(kring.dsn)
    for _ in range(REPEATS):
        gathering, ids = await invited(kring.dsn, SEATS, COMING)
        await floor.opens(gathering, SEATS)
        await rounds.measure("floor", COMING, floor.answer(ids, CLIENTS))
        gathering, ids = await invited(kring.dsn, SEATS, COMING)
        await rounds.measure("kring", COMING, kring.answer(ids, clients=CLIENTS), pid=kring.pid)
        exact += await conn.fetchval(SEATED, gathering) == SEATS
    await conn.close()
    name, unit = f"{CLIENTS} clients on {SEATS} seats", f"of {REPEATS} repeats"
    return [
        Figure(name=f"{name}: exactly {SEATS} seated", value=exact, unit=unit, goal="all", ok=exact == REPEATS),
        at_least_times(f"{name}: rate", rounds.rate("kring"), "per s", rounds.rate("floor"), 1 / 3),
        informing(f"{name}: cost of an answer", rounds.cpu("kring"), "ms CPU", floor=rounds.cpu("floor")),
    ]


async def _queue(rounds: Rounds, kring: Kring) -> list[Figure]:
    """Join a queue, and free a seat, where few wait and where many do."""
    for _ in range(ALONE_ROUNDS):
        for waiting in (SHORT, LONG):
            _, ids = await invited(kring.dsn, SEATS, 2 * SEATS + waiting)
            seated, coming = ids[:SEATS], ids[-SEATS:]
            await kring.answer(seated, clients=8)
            conn = await asyncpg.connect(kring.dsn)
            await conn.execute(QUEUE, ids[SEATS:-SEATS])
            await conn.close()
            await rounds.measure(f"joining the queue{waiting}", SEATS, kring.answer(coming), pid=kring.pid)
            await rounds.measure(f"freeing a seat{waiting}", SEATS, kring.answer(seated, "declined"), pid=kring.pid)
    return [
        within(
            f"{name}, where {LONG:,} wait against {SHORT}",
            rounds.cpu(f"{name}{LONG}"),
            "ms CPU",
            rounds.cpu(f"{name}{SHORT}"),
            0.2,
        )
        for name in ("joining the queue", "freeing a seat")
    ]


def _path(ident: int) -> str:
    return f"/r/{handle(KEYS, ANSWER, ident)}"


def _post(ident: int, partstat: str) -> bytes:
    handed = handle(KEYS, ANSWER, ident)
    return post(f"/r/{handed}", form=forms.handle_token(KEYS, handed), partstat=partstat)
