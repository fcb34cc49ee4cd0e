"""Seats by hand: what a facilitator decides about one person, by the same rules and with the same mails as any answer.

Approving somebody is answering yes for them; that is in `registration`.
"""

from datetime import datetime

from service.actions import promotion
from service.actions.placing import asker_of, house_of, joins_online
from service.actions.scheduling import lock, read, require_to_come
from service.database import Database
from service.errors import Conflict, Invalid, NotFound
from service.formats import fields
from service.model import Gathering, Partstat, Purpose, Registration, Seat
from service.rules import seating
from service.rules.access import Actor, Verb
from service.rules.seating import Hand
from service.store import feeds, rosters, standings

_NOTED = (Hand.DEMOTE, Hand.OVERRIDE)
"""What needs a reason, which stays in the history; of a seat taken back the person reads it too."""


async def by_hand(
    db: Database, actor: Actor, gathering_id: int, person_id: int, hand: Hand, note: str, *, now: datetime
) -> Registration:
    """Give, offer or take back a seat; raises Invalid without the note that it needs, Conflict where it cannot be.

    Only an override goes beyond capacity and quota. A seat taken back goes to the first who waits; whoever had it goes
    to the end of the queue.
    """
    note = fields.line("note", note)
    if hand in _NOTED and not note:
        raise Invalid("note", "Say why; it stays in the history.")
    async with db.transaction() as conn:
        gathering = await lock(conn, actor, gathering_id, Verb.SET_SEATS)
        require_to_come(gathering, now)
        standing = await standings.select_standing(conn, gathering_id, person_id)
        if standing is None or standing.withdrawn_at is not None or standing.invited_at is None:
            raise NotFound
        if standing.partstat != Partstat.ACCEPTED:
            raise Conflict("they have not said yes")
        house = await house_of(conn, gathering, standing)
        online = joins_online(gathering, standing.mode)
        asker = asker_of(standing, approved=True, chosen=True, online=online)
        place = seating.by_hand(hand, asker, house, now)
        if place is None:
            raise Conflict("they join online, and take no seat" if online else _WHY[hand])
        purpose = Purpose.DEMOTION if hand is Hand.DEMOTE else None
        await promotion.move(
            conn, gathering, [standing.held()], place, now=now, by=actor.name, note=note, purpose=purpose
        )
        moved = await promotion.fill(conn, gathering, now=now) if hand is Hand.DEMOTE else []
        await feeds.mark_answers(conn, [person_id, *moved], now)
        found = await rosters.select_registration(conn, gathering_id, person_id)
        assert found is not None
        return found


async def pending(db: Database, actor: Actor, gathering_id: int) -> tuple[Gathering, list[Registration]]:
    """Read who has or waits for a seat, those who wait for a decision first; NotAllowed for who may not see names."""
    async with db.reading() as conn:
        gathering = await read(conn, actor, gathering_id, Verb.SET_SEATS)
        found = [one for one in await rosters.select_roster(conn, gathering_id) if one.seat != Seat.NONE]
        return gathering, sorted(found, key=lambda one: _ORDER[Seat(one.seat)])


_ORDER = {Seat.WAITING: 0, Seat.OFFERED: 1, Seat.SEATED: 2}
_WHY = {
    Hand.PROMOTE: "no seat is free for them",
    Hand.OFFER: "no seat is free for them, or it starts too soon",
    Hand.DEMOTE: "they hold no seat, or would have it back at once because nobody else waits",
    Hand.OVERRIDE: "they have a seat already",
}
