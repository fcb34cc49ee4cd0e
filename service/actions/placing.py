"""Who is placed where: the rules of seating, asked about people as they stand, one by one or one after the other.

Counts inside the caller's transaction; what becomes of a place is written in `answering`, `seats` and `ways`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from service.model import Gathering, Mode, Partstat, Seat, WaitingReason
from service.rules import seating
from service.rules.seating import Asker, House, Place
from service.store import queues
from service.store.standings import Standing

if TYPE_CHECKING:
    from service.database import Connection


async def house_of(conn: "Connection", gathering: Gathering, standing: Standing) -> House:
    """Count what the seating rules need; whether the queue moves is only asked while a seat is free and people wait."""
    house = house_at_a_glance(gathering, standing)
    if house.full or not standing.waiting:
        return house
    first = await queues.select_eligible(conn, gathering.id, gathering.organisation_quota, 1)
    return replace(house, queue_moves=bool(first))


def house_at_a_glance(gathering: Gathering, standing: Standing) -> House:
    """Return the counts as the seating rules see them, where nobody waits who could move."""
    return House(
        starts_at=gathering.starts_at,
        timezone=gathering.timezone,
        capacity=gathering.capacity,
        organisation_quota=gathering.organisation_quota,
        approval=gathering.approval,
        taken=standing.taken,
        organisation_taken=standing.organisation_taken,
        queue_moves=False,
    )


def asker_of(standing: Standing, *, approved: bool, chosen: bool, online: bool = False) -> Asker:
    """Return somebody as the seating rules see them."""
    return Asker(
        seat=Seat(standing.seat),
        reason=WaitingReason(standing.waiting_reason) if standing.waiting_reason else None,
        approved=approved,
        facilitator=standing.facilitator,
        organisation=standing.organisation_id is not None,
        chosen=chosen,
        online=online,
    )


def placed_in_turn(house: House, people: Sequence[Standing], askers: Sequence[Asker]) -> list[Place]:
    """Place people who said yes one after the other, each behind the seats that those before have taken."""
    seated, places = Counter[int | None](), list[Place]()
    for standing, asker in zip(people, askers, strict=True):
        now = behind(standing, seated, 0)
        of_theirs = replace(house, taken=now.taken, organisation_taken=now.organisation_taken)
        place = seating.decide(Partstat.ACCEPTED, asker, of_theirs)
        if place.seat is Seat.SEATED and asker.seat not in seating.HELD:
            seated[standing.organisation_id] += 1
        places.append(place)
    return places


def behind(standing: Standing, taken: Counter[int | None], queued: int) -> Standing:
    """Return how somebody stands after the answers before theirs: by organisation who took a seat, and who queue."""
    if not taken and not queued:
        return standing
    own = standing.organisation_id
    return replace(
        standing,
        taken=standing.taken + taken.total(),
        organisation_taken=standing.organisation_taken + (0 if own is None else taken[own]),
        waiting=standing.waiting + queued,
        ahead=standing.ahead + queued,
    )


def joins_online(gathering: Gathering, mode: str | None) -> bool:
    """Tell whether somebody who comes in this way joins online, beside a place to come to, and takes no seat."""
    return gathering.hybrid and mode == Mode.ONLINE
