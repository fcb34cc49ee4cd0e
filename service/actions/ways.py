"""When the ways to take part change: what becomes of those who said yes, and of the limits of a place that goes.

Steps inside the transaction that changes the gathering, under its lock; which turn a yes takes is decided in
`service/rules/ways.py`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from service.actions import promotion
from service.actions.answering import asker_of, house_of
from service.actions.calendars import copy_of
from service.model import Gathering, Mode, Partstat, Seat, Status, ways_of
from service.rules import seating
from service.rules.access import Actor
from service.rules.revisions import Change
from service.rules.seating import NOWHERE, Place
from service.rules.ways import ONLINE, Turn, turn
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
    conn: "Connection", actor: Actor, before: Gathering, after: Gathering, change: Change, *, now: datetime
) -> None:
    """Let everybody who said yes follow a change of the ways to take part; what is told of it goes with the update."""
    if before.ways == after.ways or after.starts_at <= now:
        return
    concerned = await standings.select_joining(conn, after.id, chosen=before.ways != ONLINE)
    turns = [(one, turn(one.partstat, one.mode, before.ways, after.ways)) for one in concerned]
    moving = [(one, which) for one, which in turns if which is not None]
    if not moving:
        return
    places = await _places(conn, after, moving)
    changes = [
        promotion.changed(
            one.id,
            Partstat.NEEDS_ACTION if which is Turn.ASK else Partstat.ACCEPTED,
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
    asked = [one.id for one, which in moving if which is Turn.ASK]
    if asked and not change.jeopardises:  # else every copy has been raised
        await copies.raise_sequences_of(conn, asked)


async def _places(conn: "Connection", gathering: Gathering, moving: Sequence[tuple[Standing, Turn]]) -> list[Place]:
    """Place people one after the other, in the order of their answers; where all join online, before those who wait."""
    house, seated, found = await house_of(conn, gathering, moving[0][0]), Counter[int | None](), list[Place]()
    for one, which in moving:
        asker = asker_of(one, approved=one.approved, chosen=True, online=which is Turn.JOIN)
        taken, of_theirs = one.taken + seated.total(), one.organisation_taken + seated[one.organisation_id]
        now_house = replace(house, taken=taken, organisation_taken=of_theirs)
        place = NOWHERE if which is Turn.ASK else seating.decide(Partstat.ACCEPTED, asker, now_house)
        seated[one.organisation_id] += place.seat is Seat.SEATED and one.seat not in (Seat.SEATED, Seat.OFFERED)
        found.append(place)
    return found


_NOTES: Final = {Turn.ASK: "no longer online", Turn.SEAT: "online only", Turn.JOIN: "joins online"}
