"""Whoever comes at the same moment is served together, and nobody is forgotten, whatever goes wrong."""

import asyncio
from collections.abc import Sequence

import pytest

from service.errors import Invalid, Unavailable
from service.line import Line
from tests.waiting import until


class Counter:
    """Serves by saying how many were served with one; each serving waits until it is let go."""

    def __init__(self, *, fails: Sequence[int] = ()) -> None:
        self.line = Line[str, str](self._serve)
        self.served: list[list[str]] = []
        self._lets = asyncio.Semaphore(0)
        self._fails = fails

    async def _serve(self, items: Sequence[str]) -> list[str | Exception]:
        self.served.append(list(items))
        number = len(self.served) - 1
        await self._lets.acquire()
        if number in self._fails:
            raise Unavailable("the counter is shut")
        return [Invalid("item", "not here") if item == "wrong" else item.upper() for item in items]

    def serves(self, times: int = 9) -> None:
        """Let so many servings go on."""
        for _ in range(times):
            self._lets.release()

    async def come(self, *items: str) -> "list[asyncio.Task[str]]":
        """Let some come one after the other, and wait until one is served and the rest stand in line."""
        first = int(self.line.free)
        tasks = [asyncio.create_task(self.line.join(item)) for item in items]

        async def stand() -> bool:
            return self.line.waiting == len(items) - first

        await until(stand)
        return tasks


async def told(tasks: "Sequence[asyncio.Task[str]]") -> list[str]:
    """Return what each got, or the name of why it got nothing."""
    results = await asyncio.gather(*tasks, return_exceptions=True)
    return [one if isinstance(one, str) else type(one).__name__ for one in results]


async def test_the_first_is_served_alone_and_the_line_behind_together() -> None:
    counter = Counter()
    tasks = await counter.come("a", "b", "c")
    counter.serves()
    assert await told(tasks) == ["A", "B", "C"]
    assert counter.served == [["a"], ["b", "c"]]
    assert counter.line.free


async def test_each_hears_of_their_own_fault_only() -> None:
    counter = Counter()
    tasks = await counter.come("a", "wrong", "c")
    counter.serves()
    assert await told(tasks) == ["A", "Invalid", "C"]


@pytest.mark.parametrize(
    ("fails", "got"),
    [((1,), ["A", "B", "C"]), ((1, 2), ["A", "Unavailable", "C"]), ((1, 3), ["A", "B", "Unavailable"])],
)
async def test_where_serving_many_fails_each_is_served_alone(fails: tuple[int, ...], got: list[str]) -> None:
    counter = Counter(fails=fails)
    tasks = await counter.come("a", "b", "c")
    counter.serves()
    assert await told(tasks) == got
    assert counter.served == [["a"], ["b", "c"], ["b"], ["c"]]
    assert counter.line.free


async def test_the_first_hears_why_it_was_not_served() -> None:
    counter = Counter(fails=[0])
    tasks = await counter.come("a", "b")
    counter.serves()
    assert await told(tasks) == ["Unavailable", "B"]


async def test_whoever_goes_away_in_line_keeps_nobody_waiting() -> None:
    counter = Counter()
    tasks = await counter.come("a", "b", "c")
    tasks[1].cancel()
    counter.serves()
    assert await told(tasks) == ["A", "CancelledError", "C"]
    assert counter.line.free


async def test_whoever_goes_away_while_leading_is_served_no_more_but_the_others_are() -> None:
    counter = Counter()
    tasks = await counter.come("a", "b", "c")
    counter.serves(1)

    async def leads() -> bool:
        return counter.served[1:] == [["b", "c"]]

    await until(leads)
    tasks[1].cancel()
    counter.serves()
    assert await told(tasks) == ["A", "CancelledError", "C"]
    assert counter.line.free


async def test_a_free_line_lets_the_first_do_it_their_own_way() -> None:
    counter = Counter()
    counter.serves()
    with counter.line.first():
        tasks = await counter.come("x", "a", "b")
        assert counter.served == []
    assert await told(tasks) == ["X", "A", "B"]
    assert counter.served == [["x", "a", "b"]]
