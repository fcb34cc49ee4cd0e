"""Who may be let into a circle at all: a group takes so many, a confidential one the team only with its consent.

Steps inside the caller's transaction; `joining` takes them before it lets anybody in.
"""

from typing import TYPE_CHECKING

from service.actions import circles
from service.errors import Conflict
from service.model import Circle, MembershipRole, Role
from service.rules import access
from service.rules.access import KRING, Actor, Verb
from service.store import circles as rows
from service.store import memberships

if TYPE_CHECKING:
    from service.database import Connection

TEAM = (Role.STAFF, Role.ADMIN)


async def hold(conn: "Connection", circle: Circle) -> None:
    """Let nobody else come into a group, or be told of in a confidential circle, until the transaction ends.

    After gatherings and person, before any membership: the order in which everything is held.
    """
    if circle.most_members is not None or circle.confidential:
        await rows.lock_circle(conn, circle.slug)


async def require_room(conn: "Connection", circle: Circle, person_id: int, role: str) -> None:
    """Refuse one more member than a group has; who is in it already, or leads it without being of it, always fits."""
    if circle.most_members is None:
        return
    if role == MembershipRole.FACILITATOR and not circle.facilitators_count:
        return
    if await memberships.count_group(conn, circle.id, without=person_id) >= circle.most_members:
        raise Conflict(f"This group is complete: it has {circle.most_members} members. Somebody has to leave first.")


async def require_consent(conn: "Connection", circle: Circle, actor: Actor, role: str) -> None:
    """Refuse to let somebody of the team, oneself above all, into a confidential circle that one does not lead.

    `role` is what the person is to the association. While nobody has ever been in the circle nothing was told in
    confidence yet, so that somebody of the team can set a group up and lead it.
    """
    if not circle.confidential or role not in TEAM or actor == KRING:
        return
    if await memberships.has_history(conn, circle.id):
        access.require(actor, Verb.LET_IN_TEAM, circles.scope(circle))
