"""Measure pieces of work in turn, round after round: CPU per unit first, units per second second."""

import os
from collections import defaultdict
from collections.abc import Awaitable
from time import perf_counter

from tests.bench.figures import middle
from tests.bench.ground import Ground, cpu


class Rounds:
    """What each kind of work has cost so far; the medians count."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._cpu: dict[str, list[float]] = defaultdict(list)
        self._rate: dict[str, list[float]] = defaultdict(list)

    async def measure(self, name: str, units: int, work: Awaitable[object], *, pid: int = 0) -> None:
        """Do a piece of work and note its CPU, in PostgreSQL and in one program: this one, if no other is named."""
        program = [pid or os.getpid()]
        there = await self._ground.postgres_cpu()
        here, began = cpu(program), perf_counter()
        await work
        seconds, here = perf_counter() - began, cpu(program) - here
        there = await self._ground.postgres_cpu() - there
        self._cpu[name].append((here + there) / units * 1000)
        self._rate[name].append(units / seconds)

    def forget(self) -> None:
        """Let what was measured so far count as getting warm."""
        self._cpu.clear()
        self._rate.clear()

    def cpu(self, name: str) -> float:
        """Return the CPU milliseconds of one unit."""
        return middle(self._cpu[name])

    def rate(self, name: str) -> float:
        """Return how many units were done in a second."""
        return middle(self._rate[name])
