"""When the ways to take part change: what becomes of those who said yes, and of the limits of a place that goes.

Steps inside the transaction that changes the gathering, under its lock; what becomes of a yes is decided in
`service/rules/ways.py`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from service.actions import promotion
from service.actions.calendars import copy_of
from service.actions.placing import asker_of, house_of, placed_in_turn
from service.model import Gathering, Mode, Partstat, Status, ways_of
from service.rules.access import Actor
from service.rules.revisions import Change, Told
from service.rules.seating import NOWHERE, Place
from service.rules.ways import ON_SITE, ONLINE, Sequel, sequel
from service.store import copies, registrations, standings
from service.store.standings import Standing

if TYPE_CHECKING:
    from service.database import Connection

_LIMITS: Final = ("capacity", "organisation_quota")


def without_the_room(before: Gathering, new: Mapping[str, Any]) -> dict[str, Any]:
    """Lift the limits of a place that goes, where people also joined online: there is room for everyone there.

    Limits that are given anew with it stay: they are meant for the call.
    """
    ends = before.hybrid and ways_of(new["location"], new["online_url"]) == ONLINE
    same = all(getattr(before, name) == new[name] for name in _LIMITS)
    lifted = ends and same and before.status == Status.PUBLISHED
    return {**new, **dict.fromkeys(_LIMITS)} if lifted else dict(new)


async def follow(
    conn: "Connection",
    actor: Actor,
    before: Gathering,
    after: Gathering,
    change: Change,
    told: Told,
    *,
    now: datetime,
) -> None:
    """Let everybody who said yes follow a change of the ways to take part; what is told of it goes with the update.

    `told` is what people knew before it.
    """
    if before.ways == after.ways or after.starts_at <= now:
        return
    concerned = await standings.select_online(conn, after.id, chosen=before.ways != ONLINE or told.ways != ONLINE)
    sequels = [(one, sequel(one.partstat, one.mode, before.ways, after.ways, told.ways)) for one in concerned]
    moving = [(one, which) for one, which in sequels if which is not None]
    if not moving:
        return
    places = await _places(conn, after, moving)
    changes = [
        promotion.changed(
            one.id,
            Partstat.NEEDS_ACTION if which is Sequel.ASK else Partstat.ACCEPTED,
            place,
            copy_of(one.held()),
            actor=actor.name,
            approved=one.approved,
            note=_NOTES[which],
            mode=Mode.ONLINE,
        )
        for (one, which), place in zip(moving, places, strict=True)
    ]
    await registrations.save(conn, changes, [], now)
    asked = [one.id for one, which in moving if which is Sequel.ASK]
    if asked and not change.jeopardises:  # else every copy has been raised
        await copies.raise_sequences(conn, after.id, only=asked)


async def _places(conn: "Connection", gathering: Gathering, moving: Sequence[tuple[Standing, Sequel]]) -> list[Place]:
    """Place people in the order of their answers; where all join online, before those who wait."""
    if gathering.ways == ON_SITE:
        return [NOWHERE for _ in moving]
    house = await house_of(conn, gathering, moving[0][0])
    askers = [asker_of(one, approved=one.approved, chosen=True, online=which is Sequel.JOIN) for one, which in moving]
    return placed_in_turn(house, [one for one, _ in moving], askers)


_NOTES: Final = {Sequel.ASK: "no longer online", Sequel.SEAT: "online only", Sequel.JOIN: "joins online"}
