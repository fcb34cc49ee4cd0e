"""Who was there: set by a person afterwards, never by silence."""

from collections.abc import Mapping
from datetime import datetime

from service.actions.scheduling import scope
from service.database import Database
from service.errors import Conflict, Invalid, NotFound
from service.formats import fields, tokens
from service.model import Attendance, Registration, Status
from service.rules import access
from service.rules import ratings as asking
from service.rules.access import Actor, Verb
from service.store import gatherings, ratings, registrations, rosters, visitors


async def mark(
    db: Database, actor: Actor, gathering_id: int, marks: Mapping[int, Attendance | None], *, now: datetime
) -> list[Registration]:
    """Set who was there, by person; None takes a mark back. Returns the roster.

    Somebody who walked in without a registration gets one. Who is marked as present is asked afterwards how it was;
    marked otherwise before that, they are not. Raises Conflict before a gathering is published, or while it
    is cancelled, and Invalid for people who do not exist and for what is no mark.
    """
    for there in marks.values():
        if there is not None:
            fields.choice("attendance", there, Attendance)
    async with db.transaction() as conn:
        gathering = await gatherings.lock_gathering(conn, gathering_id)
        if gathering is None:
            raise NotFound
        access.require(actor, Verb.MARK_ATTENDANCE, scope(gathering))
        if gathering.status != Status.PUBLISHED:
            raise Conflict("only of a published gathering attendance can be marked")
        unknown = await registrations.select_unknown_people(conn, list(marks))
        if unknown:
            raise Invalid("person_id", f"there is no person {unknown[0]}")
        seen = [(gathering_id, person_id) for person_id, there in marks.items() if there is not None]
        uids = [tokens.new_uid() for _ in seen]
        await visitors.confirm_visitors(conn, list(marks), now)
        await registrations.invite(conn, seen, uids, counted=True, now=now)
        await rosters.update_attendance(conn, gathering_id, marks, actor.name, now)
        await ratings.arm(
            conn,
            gathering_id,
            list(marks),
            due_at=asking.asked_at(gathering.ends_at, gathering.timezone, now),
            expires_at=gathering.ends_at + asking.ASKED,
            now=now,
        )
        return await rosters.select_roster(conn, gathering_id)
