"""Who comes at the same moment for the same thing is served together: the more come, the less each costs.

Whoever comes while nobody is served goes first, alone. Whoever comes meanwhile stands in line; the first of them then
leads, and all who stand there are served at once. A line is this process's own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary, WeakValueDictionary

from service.database import Database

Item = TypeVar("Item")
Result = TypeVar("Result")


class _Call(Enum):
    LEAD = "serve all who stand in line now, yourself included"
    ALONE = "serving many has failed: be served alone"


@dataclass(frozen=True, slots=True)
class _Place(Generic[Item, Result]):
    item: Item
    told: "asyncio.Future[Result | Exception | _Call]"


class Line(Generic[Item, Result]):
    """Stands before one thing that many want; `serve` takes what they bring and returns what each gets, in order."""

    def __init__(self, serve: Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]]) -> None:
        self._serve = serve
        self._served = False
        self._places: list[_Place[Item, Result]] = []

    @property
    def free(self) -> bool:
        """Tell whether nobody is being served."""
        return not self._served

    @property
    def waiting(self) -> int:
        """Count those who stand in line."""
        return len(self._places)

    @contextmanager
    def first(self) -> Iterator[None]:
        """Be served in one's own way during the block, which a free line allows; whoever comes meanwhile waits."""
        self._served = True
        try:
            yield
        finally:
            self._pass_on()

    async def join(self, item: Item) -> Result:
        """Be served: at once while nobody is, else with all who stand in line by then.

        Raises what is given for the item; where serving many fails, each of them is served alone.
        """
        if self.free:
            with self.first():
                return await self._alone(item)
        place: _Place[Item, Result] = _Place(item, asyncio.get_running_loop().create_future())
        self._places.append(place)
        told = await self._told(place)
        if told is _Call.LEAD:
            told = await self._lead(place)
        return await self._alone(item) if isinstance(told, _Call) else _given(told)

    async def _alone(self, item: Item) -> Result:
        (result,) = await self._serve([item])
        return _given(result)

    async def _told(self, place: _Place[Item, Result]) -> Result | Exception | _Call:
        """Wait until something is told; whoever goes away just when told to lead passes that on."""
        try:
            return await place.told
        except asyncio.CancelledError:
            if not place.told.cancelled() and place.told.result() is _Call.LEAD:
                self._pass_on()
            raise

    async def _lead(self, own: _Place[Item, Result]) -> Result | Exception | _Call:
        """Serve all who stand in line, tell the others, let the next lead, and return what is one's own."""
        places, self._places = [own, *self._places], []
        told: Sequence[Result | Exception | _Call] = [_Call.ALONE] * len(places)
        try:
            told = await self._serve([place.item for place in places])
        except Exception:
            if len(places) == 1:
                raise
        finally:
            for place, result in zip(places[1:], told[1:], strict=True):
                if not place.told.done():  # who has gone away hears nothing
                    place.told.set_result(result)
            self._pass_on()
        return told[0]

    def _pass_on(self) -> None:
        """Let the first who still waits lead; without any, the next to come goes first."""
        while self._places:
            place = self._places.pop(0)
            if not place.told.done():
                place.told.set_result(_Call.LEAD)
                return
        self._served = False


Key = TypeVar("Key")


class Lines(Generic[Key, Item, Result]):
    """Keeps a line for each key of a database, for as long as anybody stands there."""

    def __init__(self, serve: Callable[[Database, Sequence[Item]], Awaitable[Sequence[Result | Exception]]]) -> None:
        self._serve = serve
        self._of: WeakKeyDictionary[Database, WeakValueDictionary[Key, Line[Item, Result]]] = WeakKeyDictionary()

    def at(self, db: Database, key: Key) -> Line[Item, Result]:
        """Return the line, which is a new one where nobody stands."""
        lines = self._of.get(db)
        if lines is None:
            lines = self._of[db] = WeakValueDictionary()
        line = lines.get(key)
        if line is None:
            lines[key] = line = Line(partial(self._serve, db))
        return line


def _given(result: Result | Exception) -> Result:
    if isinstance(result, Exception):
        raise result
    return result
