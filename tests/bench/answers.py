"""What one answer over HTTP costs, alone and in a rush, against one asyncpg statement that writes the same rows."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from time import perf_counter

import asyncpg

from handlers.web import forms
from service.actions.registration import ANSWER
from service.formats.tokens import handle
from tests.bench.answer_floor import Floor
from tests.bench.association import FEW, MANY, PEOPLE, filled, invited
from tests.bench.clients import get, post, send
from tests.bench.figures import Figure, at_least_times, at_most_times, informing, middle, within
from tests.bench.ground import ROUNDS, Ground, cpu, program
from tests.bench.servers import KEYS

SEATS = 100
COMING, CLIENTS, REPEATS = 320, 32, 20
ALONE = 240
"""Answers of one client in a round, half of them too many for the seats."""

SEATED = "select count(*) from registration where gathering_id = $1 and seat = 'seated'"
QUEUED = """
    update registration set partstat = 'accepted', seat = 'waiting', waiting_reason = 'full',
        queue_number = nextval('queue_number') where id = any($1)
"""


@dataclass
class Costs:
    """CPU milliseconds per answer, PostgreSQL's included, and answers per second, round by round."""

    cpu: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)


class Kring:
    """A running Kring, its database, and people with links."""

    def __init__(self, ground: Ground, dsn: str, pid: int, port: int) -> None:
        self.dsn = dsn
        self._ground = ground
        self._pid = pid
        self._port = port

    async def answer(self, registrations: Sequence[int], clients: int) -> None:
        requests = [_post(ident, "accepted") for ident in registrations]
        await send(self._port, requests, connections=clients, status=303)

    async def look(self, registrations: Sequence[int], clients: int) -> None:
        requests = [get(_path(ident)) for ident in registrations]
        await send(self._port, requests, connections=clients, status=200)

    async def decline(self, registrations: Sequence[int], clients: int) -> None:
        requests = [_post(ident, "declined") for ident in registrations]
        await send(self._port, requests, connections=clients, status=303)

    async def spent(self) -> float:
        """Return the CPU seconds of the program and its database so far; whoever asks it is not counted."""
        return cpu([self._pid]) + await self._ground.postgres_cpu()


async def run(ground: Ground) -> AsyncIterator[Figure]:
    async with AsyncExitStack() as stack:
        places = []
        for name, size in (("few", FEW), ("many", MANY)):
            dsn = await filled(ground, f"answers_{name}", people=PEOPLE, others=size)
            served = await stack.enter_async_context(program("tests.bench.servers", "kring", dsn))
            places.append(Kring(ground, dsn, *served))
        few, many = places
        floor = await stack.enter_async_context(Floor.on(few.dsn))
        async for figure in _alone(ground, floor, few, many):
            yield figure
        async for figure in _rush(ground, floor, few):
            yield figure
        async for figure in _queue(few):
            yield figure


async def _alone(ground: Ground, floor: Floor, few: Kring, many: Kring) -> AsyncIterator[Figure]:
    least, ours, grown, page, grown_page = Costs(), Costs(), Costs(), Costs(), Costs()
    for number in range(ROUNDS + 1):  # the first is to get warm
        if number == 1:
            least, ours, grown, page, grown_page = Costs(), Costs(), Costs(), Costs(), Costs()
        gathering, ids = await invited(few.dsn, ALONE // 2, ALONE)
        await floor.opens(gathering, ALONE // 2)
        await _measure(least, ids, 1, floor.answer, lambda: _here(ground))
        for kring, costs, pages in ((few, ours, page), (many, grown, grown_page)):
            _, ids = await invited(kring.dsn, ALONE // 2, ALONE)
            await _measure(pages, ids, 1, kring.look, kring.spent)
            await _measure(costs, ids, 1, kring.answer, kring.spent)
    yield at_most_times("one answer over HTTP", middle(ours.cpu), "ms CPU", middle(least.cpu), 3)
    yield at_least_times("one answer over HTTP: rate", middle(ours.rate), "per s", middle(least.rate), 1 / 3)
    name = "among 1,000,000 registrations against 1,000"
    yield at_most_times(f"one answer over HTTP, {name}", middle(grown.cpu), "ms CPU", middle(ours.cpu), 1.1)
    yield within(f"answer page, {name}", middle(grown_page.cpu), "ms CPU", middle(page.cpu), 0.2)
    yield informing("answer page: rate", middle(page.rate), "per s")


async def _rush(ground: Ground, floor: Floor, kring: Kring) -> AsyncIterator[Figure]:
    least, ours, exact = Costs(), Costs(), 0
    conn = await asyncpg.connect(kring.dsn)
    for _ in range(REPEATS):
        gathering, ids = await invited(kring.dsn, SEATS, COMING)
        await floor.opens(gathering, SEATS)
        await _measure(least, ids, CLIENTS, floor.answer, lambda: _here(ground))
        gathering, ids = await invited(kring.dsn, SEATS, COMING)
        await _measure(ours, ids, CLIENTS, kring.answer, kring.spent)
        exact += await conn.fetchval(SEATED, gathering) == SEATS
    await conn.close()
    name = f"{CLIENTS} clients on {SEATS} seats"
    yield Figure(
        name=f"{name}: exactly {SEATS} seated",
        value=exact,
        unit=f"of {REPEATS} repeats",
        goal="all",
        ok=exact == REPEATS,
    )
    yield at_least_times(f"{name}: rate", middle(ours.rate), "per s", middle(least.rate), 1 / 3)
    yield informing(f"{name}: cost of an answer", middle(ours.cpu), "ms CPU", floor=middle(least.cpu))


async def _queue(kring: Kring) -> AsyncIterator[Figure]:
    """Join a queue, and free a seat, where ten wait and where a thousand do."""
    joins, frees = {10: Costs(), 1000: Costs()}, {10: Costs(), 1000: Costs()}
    for _ in range(ROUNDS):
        for waiting in joins:
            _, ids = await invited(kring.dsn, SEATS, SEATS + waiting + SEATS)
            seated, queue, coming = ids[:SEATS], ids[SEATS:-SEATS], ids[-SEATS:]
            await kring.answer(seated, 8)
            conn = await asyncpg.connect(kring.dsn)
            await conn.execute(QUEUED, queue)
            await conn.close()
            await _measure(joins[waiting], coming, 1, kring.answer, kring.spent)
            await _measure(frees[waiting], seated, 1, kring.decline, kring.spent)
    for name, costs in (("joining the queue", joins), ("freeing a seat", frees)):
        few, many = middle(costs[10].cpu), middle(costs[1000].cpu)
        yield within(f"{name}, where 1,000 wait against 10", many, "ms CPU", few, 0.2)


async def _measure(
    costs: Costs,
    registrations: Sequence[int],
    clients: int,
    do: Callable[[Sequence[int], int], Awaitable[None]],
    spent: Callable[[], Awaitable[float]],
) -> None:
    before, began = await spent(), perf_counter()
    await do(registrations, clients)
    seconds = perf_counter() - began
    costs.cpu.append((await spent() - before) / len(registrations) * 1000)
    costs.rate.append(len(registrations) / seconds)


async def _here(ground: Ground) -> float:
    return cpu([os.getpid()]) + await ground.postgres_cpu()


def _path(ident: int) -> str:
    return f"/r/{handle(KEYS, ANSWER, ident)}"


def _post(ident: int, partstat: str) -> bytes:
    handed = handle(KEYS, ANSWER, ident)
    return post(f"/r/{handed}", form=forms.handle_token(KEYS, handed), partstat=partstat)
