"""Coming into a circle and going out of it, by oneself or by the hand of those who run it.

Whom a change of members invites to gatherings is decided in `service/actions/inviting.py`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from service.actions import admitting, circle_notices, inviting, strangers
from service.actions.circles import read, require_open
from service.database import Database
from service.errors import NotAllowed, NotFound
from service.formats import fields
from service.model import Circle, Gathering, Joining, MembershipRole, MembershipState, Purpose, Role
from service.rules import access
from service.rules.access import Actor, Verb
from service.store import memberships, people, polls, visitors
from service.store.memberships import Place

if TYPE_CHECKING:
    from service.database import Connection


async def set_member(
    db: Database,
    actor: Actor,
    slug: str,
    person_id: int,
    role: str,
    *,
    now: datetime,
    standing: MembershipState | None = None,
    by_address: bool = False,
) -> None:
    """Make a person an active member in a role; who comes in is invited to what is still to come.

    With `standing` only somebody whose membership stands so: NotFound for everybody else. `by_address`: who asks knew
    where to reach them, and not their number alone. Raises Conflict for a group
    that is complete, and NotAllowed for somebody of the team whom a confidential circle's own people have to let in.
    """
    role = fields.choice("role", role, MembershipRole)
    async with db.transaction() as conn:
        circle = await read(conn, actor, slug, Verb.SET_MEMBERS)
        to_come = await inviting.coming(conn, circle.id, now=now)
        role_of_person = await people.lock_person(conn, person_id)
        if role_of_person is None:
            raise NotFound
        await admitting.hold(conn, circle)
        before = await memberships.lock_place(conn, circle.id, person_id)
        if standing is not None and (before is None or before.state != standing):
            raise NotFound
        if before is not None and before.state == MembershipState.REQUESTED:
            await circle_notices.tell(conn, circle, Purpose.JOINED, [person_id], now=now)
        if before != Place(role, MembershipState.ACTIVE):
            require_open(circle)
            if not by_address:
                await strangers.count(conn, actor, [person_id], now=now)
            await admitting.require_consent(conn, circle, actor, role_of_person)
            await admitting.require_room(conn, circle, person_id, role)
            await circle_notices.warn_facilitators(conn, circle, actor, now=now)
            await visitors.confirm_visitors(conn, [person_id], now)
            await _let_in(conn, circle, to_come, person_id, role, now)


async def remove_member(db: Database, actor: Actor, slug: str, person_id: int, *, now: datetime) -> None:
    """Take a person out of a circle, or refuse who asks to come in; who is not in it stays so."""
    async with db.transaction() as conn:
        circle = await read(conn, actor, slug, Verb.SET_MEMBERS)
        before = await _let_out(conn, circle, person_id, actor, now)
        if before is not None and before.state == MembershipState.REQUESTED:
            await circle_notices.tell(conn, circle, Purpose.JOIN_REFUSED, [person_id], now=now)


async def join(db: Database, actor: Actor, slug: str, *, now: datetime) -> MembershipState:
    """Join a circle oneself, as its kind allows: at once, on request, or not at all (NotAllowed).

    A group that is complete takes nobody in by itself (Conflict); whoever asks for it waits until somebody leaves.
    Somebody of the team comes into a confidential circle only by who leads it, however its kind lets people in.
    """
    async with db.transaction() as conn:
        circle = await read(conn, actor, slug, Verb.JOIN_CIRCLE)
        person_id = access.oneself(actor)
        to_come = await inviting.coming(conn, circle.id, now=now)
        role_of_person = await people.lock_person(conn, person_id)
        await admitting.hold(conn, circle)
        before = await memberships.lock_place(conn, circle.id, person_id)
        if before is not None and before.state == MembershipState.ACTIVE:
            return MembershipState.ACTIVE
        require_open(circle)
        if circle.joining == Joining.INVITED:
            raise NotAllowed("Into this circle one is invited.")
        if circle.joining == Joining.OPEN:
            # The team decides how a kind lets people in: that must not be how it comes in itself.
            await admitting.require_consent(conn, circle, actor, role_of_person or Role.MEMBER)
            await admitting.require_room(conn, circle, person_id, MembershipRole.PARTICIPANT)
            await _let_in(conn, circle, to_come, person_id, MembershipRole.PARTICIPANT, now)
            return MembershipState.ACTIVE
        await memberships.set_place(
            conn, circle.id, person_id, role=MembershipRole.PARTICIPANT, state=MembershipState.REQUESTED, now=now
        )
        if before is None or before.state == MembershipState.LEFT:
            await circle_notices.ask_facilitators(conn, circle, person_id, now=now)
        return MembershipState.REQUESTED


async def leave(db: Database, actor: Actor, slug: str, *, now: datetime) -> None:
    """Leave a circle oneself, or take back the request to join it."""
    async with db.transaction() as conn:
        circle = await read(conn, actor, slug)
        await _let_out(conn, circle, access.oneself(actor), actor, now)


async def _let_in(
    conn: "Connection", circle: Circle, to_come: Sequence[Gathering], person_id: int, role: str, now: datetime
) -> None:
    await memberships.set_place(conn, circle.id, person_id, role=role, state=MembershipState.ACTIVE, now=now)
    await inviting.joined(conn, to_come, [person_id], now=now)


async def _let_out(conn: "Connection", circle: Circle, person_id: int, actor: Actor, now: datetime) -> Place | None:
    """Take somebody out; returns what they were, None where they were in it no more."""
    to_come = await inviting.coming(conn, circle.id, now=now)
    await admitting.hold(conn, circle)
    before = await memberships.lock_place(conn, circle.id, person_id)
    if before is None or before.state == MembershipState.LEFT:
        return None
    if person_id != actor.person_id:
        await circle_notices.warn_facilitators(conn, circle, actor, now=now)
    await memberships.end_place(conn, circle.id, person_id, now)
    await polls.drop_voters(conn, circle.id, person_id)
    if before.state == MembershipState.ACTIVE:
        await inviting.left(conn, to_come, [person_id], by=actor.name, now=now)
    return before
