"""Enough people to go on: what a group agreed on, looked at when somebody says no and once more before the start.

Steps inside the caller's transaction, and nothing at all for gatherings of kinds without a minimum.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from service.database import Database
from service.model import Gathering, Numbers, Partstat, Purpose, Status
from service.rules import minimum as rules
from service.rules.notices import NewNotice
from service.store import memberships, outbox
from service.store import minimum as rows

if TYPE_CHECKING:
    from service.database import Connection


async def arm(conn: "Connection", gatherings: Iterable[Gathering], *, now: datetime) -> None:
    """Plan the look before the start, as the gatherings and those who lead them stand now."""
    needing = [one for one in gatherings if one.minimum is not None]
    if needing:
        await rearm(conn, needing, now=now)


async def rearm(conn: "Connection", gatherings: Sequence[Gathering], *, now: datetime) -> None:
    """Plan it anew for gatherings that may have had a minimum until now."""
    needing = [one for one in gatherings if one.minimum is not None]
    looks = {one.id: rules.next_look(one.starts_local, one.timezone, now) for one in needing}
    dues = {ident: at for ident, at in looks.items() if at is not None}
    await rows.arm(conn, [one.id for one in gatherings], dues, now)


def is_at_stake(gathering: Gathering, partstat: Partstat) -> bool:
    """Tell whether an answer may put the minimum out of reach, so that `fell_short` has to look once it is written."""
    return gathering.minimum is not None and partstat is Partstat.DECLINED


async def fell_short(conn: "Connection", gathering: Gathering, *, now: datetime) -> None:
    """Tell those who lead a gathering, once for its time, that too few are left who could come.

    After somebody has said no or was taken off the list, and that is written.
    """
    if gathering.minimum is None or gathering.starts_at <= now:
        return
    numbers = (await rows.select_numbers(conn, [gathering.id], now))[gathering.id]
    if numbers.asking or not rules.out_of_reach(gathering.minimum, numbers):
        return
    leading = await memberships.select_facilitators(conn, gathering.circle_id)
    start = int(gathering.starts_at.timestamp())
    written = [
        NewNotice(
            dedupe_key=f"{Purpose.TOO_FEW}:{gathering.id}:{person_id}:{start}:at-once",
            purpose=Purpose.TOO_FEW,
            person_id=person_id,
            due_at=now,
            gathering_id=gathering.id,
            facts={"because": "out-of-reach"},
            expires_at=gathering.starts_at,
        )
        for person_id in leading
    ]
    await outbox.insert_notices(conn, written, now)


async def numbers(db: Database, gathering: Gathering, *, now: datetime) -> Numbers | None:
    """Count who comes to a gathering that needs so many and is still to come; None for every other."""
    if gathering.minimum is None or gathering.status != Status.PUBLISHED or gathering.starts_at <= now:
        return None
    async with db.reading() as conn:
        return (await rows.select_numbers(conn, [gathering.id], now))[gathering.id]
