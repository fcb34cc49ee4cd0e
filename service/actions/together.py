"""Answers that come at the same moment to one gathering are written together: the more come, the less each costs.

Whoever comes while nobody writes goes first, alone. Whoever comes meanwhile stands in line, and the whole line is then
looked at and written in two statements. Each answer still takes effect once or not at all, and none is told before it
is committed. The line is this process's own: against others the turn of the gathering decides (`registrations.save`).
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from service.actions.answering import Answer, Outcome, settle_at_a_glance
from service.database import Database
from service.errors import KringError
from service.model import Gathering
from service.store import feeds, registrations
from service.store.registrations import Glance, Standing

if TYPE_CHECKING:
    from service.database import Connection

Answered = Callable[[Gathering, Standing], Answer]
"""Makes the answer of somebody who stands so, or raises why it is not taken."""


@dataclass(frozen=True, slots=True)
class _Caller:
    registration_id: int
    answered: Answered
    done: "asyncio.Future[Outcome | _Lead | None]"


class _Lead:
    """Told to the first in line: write for all who stand there now, yourself included."""


_Line = list[_Caller]
_lines: WeakKeyDictionary[Database, dict[int, _Line]] = WeakKeyDictionary()


async def settle_together(db: Database, seen: Glance, answered: Answered) -> Outcome | None:
    """Write an answer, with those of others who answer in the same moment.

    None, with nothing written, for one that touches others or where somebody else came in between: lock and settle it.
    Raises what `answered` raises.
    """
    lines, gathering_id = _lines.setdefault(db, {}), seen.gathering.id
    if gathering_id not in lines:
        answer = answered(seen.gathering, seen.standing)
        lines[gathering_id] = []
        try:
            async with db.single() as conn:
                (outcome,) = await settle_at_a_glance(conn, [(seen, answer)])
        finally:
            _pass_on(lines, gathering_id)
        return outcome
    own = _Caller(seen.standing.id, answered, asyncio.get_running_loop().create_future())
    lines[gathering_id].append(own)
    told = await _told(own, lines, gathering_id)
    return await _lead(db, own, lines, gathering_id) if isinstance(told, _Lead) else told


async def settle_all(
    conn: "Connection", given: Sequence[tuple[Glance, Answer]], *, now: datetime
) -> list[Outcome | None]:
    """Write answers to several gatherings, which are held, in one transaction, as far as they touch nobody else.

    None, with nothing written, for each other one. Feeds are marked last, so that nobody waits in a circle.
    """
    outcomes: list[Outcome | None] = [None] * len(given)
    places: dict[int, dict[int, int]] = {}
    for place, (seen, _) in enumerate(given):
        places.setdefault(seen.gathering.id, {}).setdefault(seen.standing.id, place)
    for _, of_people in sorted(places.items()):
        settled = await settle_at_a_glance(conn, [given[place] for place in of_people.values()], marks=False)
        for place, outcome in zip(of_people.values(), settled, strict=True):
            outcomes[place] = outcome
    changed = {outcome.registration.person_id for outcome in outcomes if outcome is not None}
    if changed:
        await feeds.mark_answers(conn, sorted(changed), now)
    return outcomes


async def _told(own: _Caller, lines: dict[int, _Line], gathering_id: int) -> Outcome | _Lead | None:
    """Stand in line until something is told; whoever goes away just when told to lead passes that on."""
    try:
        return await own.done
    except asyncio.CancelledError:
        told = not own.done.cancelled() and own.done.exception() is None
        if told and isinstance(own.done.result(), _Lead):
            _pass_on(lines, gathering_id)
        raise


async def _lead(db: Database, own: _Caller, lines: dict[int, _Line], gathering_id: int) -> Outcome | None:
    """Write for all who stand in line, tell them, and let the next lead."""
    callers, lines[gathering_id] = [own, *lines[gathering_id]], []
    told: list[Outcome | Exception | None] = [None] * len(callers)  # each on its own then, if it fails
    try:
        told = await _write(db, callers)
    finally:
        for caller, result in zip(callers[1:], told[1:], strict=True):
            _tell(caller, result)
        _pass_on(lines, gathering_id)
    if isinstance(told[0], Exception):
        raise told[0]
    return told[0]


def _pass_on(lines: dict[int, _Line], gathering_id: int) -> None:
    """Let the first who still waits write next; without any, the next to come goes first."""
    line = lines[gathering_id]
    while line:
        caller = line.pop(0)
        if not caller.done.done():  # else it has gone away
            caller.done.set_result(_Lead())
            return
    del lines[gathering_id]


async def _write(db: Database, callers: list[_Caller]) -> list[Outcome | Exception | None]:
    """Look at how all of them stand, write what can be written at a glance, and return what to tell each."""
    told: list[Outcome | Exception | None] = [None] * len(callers)
    async with db.single() as conn:
        glances = await registrations.glances(conn, [caller.registration_id for caller in callers])
        given: dict[int, tuple[Glance, Answer]] = {}
        for place, caller in enumerate(callers):
            seen = glances.pop(caller.registration_id, None)  # None: gone, or here a second time
            try:
                if seen is not None:
                    given[place] = seen, caller.answered(seen.gathering, seen.standing)
            except KringError as refused:
                told[place] = refused
        outcomes = await settle_at_a_glance(conn, list(given.values())) if given else []
    for place, outcome in zip(given, outcomes, strict=True):
        told[place] = outcome
    return told


def _tell(caller: _Caller, result: Outcome | Exception | None) -> None:
    if caller.done.done():  # who has gone away hears nothing
        return
    if isinstance(result, Exception):
        caller.done.set_exception(result)
    else:
        caller.done.set_result(result)
