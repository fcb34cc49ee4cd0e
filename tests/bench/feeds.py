"""What serving calendar feeds costs, unchanged and in full, against aiohttp with the same bytes in memory."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from time import perf_counter

import aiohttp

from tests.bench.association import LARGE, SMALL, TOKENS, filled
from tests.bench.clients import ask
from tests.bench.figures import Figure, at_most_times, informing, middle
from tests.bench.ground import ROUNDS, Ground, cpu, program
from tests.bench.servers import TAG

ASKED = {(304, SMALL): 3200, (304, LARGE): 3200, (200, SMALL): 2400, (200, LARGE): 800}
"""Requests per round, by status and entries."""

GOAL = {304: 5, 200: 8}
NAME = {304: "unchanged feed (304)", 200: "full feed"}


@dataclass(frozen=True)
class Side:
    """A server, and what is asked of it."""

    pid: int
    port: int
    path: str
    tag: str


@dataclass(frozen=True)
class Cost:
    """CPU milliseconds of one answer, PostgreSQL's included, and answers per second."""

    cpu: float
    rate: float


async def run(ground: Ground) -> AsyncIterator[Figure]:
    dsn = await filled(ground, "served")
    async with AsyncExitStack() as stack:
        kring = await stack.enter_async_context(program("tests.bench.servers", "kring", dsn))
        sides = {}
        for size, token in TOKENS.items():
            ours = await _subscribed(*kring, f"/feeds/{token}.ics", ground.folder / f"{size}.ics")
            file = str(ground.folder / f"{size}.ics")
            floor = await stack.enter_async_context(program("tests.bench.servers", "floor", file))
            sides[size] = Side(*floor, "/feed.ics", TAG), ours
        costs = await _in_turn(ground, sides)
    for figure in _figures(costs):
        yield figure


async def _subscribed(pid: int, port: int, path: str, file) -> Side:
    """Fetch a feed once and keep its bytes for the floor."""
    async with (
        aiohttp.ClientSession(auto_decompress=False) as session,
        session.get(f"http://127.0.0.1:{port}{path}", headers={"Accept-Encoding": "identity"}) as response,
    ):
        assert response.status == 200
        file.write_bytes(await response.read())
        return Side(pid, port, path, response.headers["ETag"])


async def _in_turn(ground: Ground, sides: Mapping[int, tuple[Side, Side]]) -> dict[tuple[int, int], list[Cost]]:
    """Measure everything in turn, floor before Kring, round after round, and take the medians."""
    rounds: dict[tuple[int, int], tuple[list[Cost], list[Cost]]] = {key: ([], []) for key in ASKED}
    for _ in range(ROUNDS):
        for (status, size), count in ASKED.items():
            for costs, side in zip(rounds[status, size], sides[size], strict=True):
                costs.append(await _measure(ground, side, status, count))
    return {key: [_median(costs) for costs in both] for key, both in rounds.items()}


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(middle([cost.cpu for cost in costs]), middle([cost.rate for cost in costs]))


async def _measure(ground: Ground, side: Side, status: int, count: int) -> Cost:
    headers = {"If_None_Match": side.tag} if status == 304 else {}
    await ask(side.port, side.path, 80, status=status, **headers)
    spent, began = cpu([side.pid]) + await ground.postgres_cpu(), perf_counter()
    await ask(side.port, side.path, count, status=status, **headers)
    seconds = perf_counter() - began
    spent = cpu([side.pid]) + await ground.postgres_cpu() - spent
    return Cost(spent / count * 1000, count / seconds)


def _figures(costs: Mapping[tuple[int, int], list[Cost]]) -> list[Figure]:
    found = []
    for (status, size), (floor, ours) in costs.items():
        name = f"{NAME[status]}, {size} entries"
        found.append(at_most_times(name, ours.cpu, "ms CPU", floor.cpu, GOAL[status]))
        found.append(informing(f"{name}: rate", ours.rate, "per s", floor=floor.rate))
    small, large = costs[304, SMALL][1], costs[304, LARGE][1]
    found.append(at_most_times("unchanged feed (304), 1000 entries against 10", large.cpu, "ms CPU", small.cpu, 1.2))
    return found
