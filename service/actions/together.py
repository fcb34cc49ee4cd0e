"""Answers that come at the same moment to one gathering are written together: the more come, the less each costs.

Whoever finds the gathering's line free looks and writes on one connection, in two statements; the whole line behind
is then looked at and written in two more. Each answer still takes effect once or not at all, and none is told before
it is committed. The line is this process's own: against others the turn of the gathering decides
(`registrations.save`).
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.actions.answering import Answer, Outcome, settle_at_a_glance
from service.database import Database
from service.errors import KringError
from service.line import Lines
from service.model import Gathering
from service.store import feeds, standings
from service.store.standings import Glance, Standing

if TYPE_CHECKING:
    from service.database import Connection

Look = Callable[["Connection"], Awaitable[Glance | None]]
"""Looks how somebody stands; None where they do not."""

Answered = Callable[[Gathering, Standing], Answer]
"""Makes the answer of somebody who stands so, or raises why it is not taken."""


@dataclass(frozen=True, slots=True)
class _Caller:
    registration_id: int
    answered: Answered


async def settle_together(db: Database, look: Look, answered: Answered) -> Outcome | None:
    """Write an answer, with those of others who answer in the same moment.

    None, with nothing written, for one that touches others, where somebody else came in between, or where there is
    nothing to see: then lock and settle. Raises what `answered` raises.
    """
    async with db.single() as conn:
        seen = await look(conn)
        if seen is None:
            return None
        line = _lines.at(db, seen.gathering.id)
        if line.free:
            with line.first():
                answer = answered(seen.gathering, seen.standing)
                (outcome,) = await settle_at_a_glance(conn, [(seen, answer)])
            return outcome
    return await line.join(_Caller(seen.standing.id, answered))


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


async def _write(db: Database, callers: Sequence[_Caller]) -> list[Outcome | Exception | None]:
    """Look at how all of them stand, write what can be written at a glance, and return what to tell each."""
    told: list[Outcome | Exception | None] = [None] * len(callers)
    async with db.single() as conn:
        glances = await standings.glances(conn, [caller.registration_id for caller in callers])
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


_lines = Lines[int, _Caller, Outcome | None](_write)
"""By gathering."""
