"""People whom somebody who leads a circle names by their number, and never met in it: so many a day, and no more.

A step inside the caller's transaction, before they are put on a list that shows their names.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from service.actions.allowances import Limit, spend_several
from service.errors import NotAllowed
from service.rules import access
from service.rules.access import Actor, Verb
from service.store import memberships

if TYPE_CHECKING:
    from service.database import Connection

NAMED: Final = Limit("stranger", 100, timedelta(days=1))
"""Numbers are given in turn, so that whoever may name any of them reads the whole association off a list."""


async def count(conn: "Connection", actor: Actor, person_ids: Collection[int], *, now: datetime) -> None:
    """Count those whom the actor has never had in a circle or on a list; raises NotAllowed for too many in a day."""
    if not person_ids or access.can(actor, Verb.NAME_ANYBODY):
        return
    unmet = await memberships.count_unmet(conn, actor.facilitates, person_ids)
    if unmet and not await spend_several(conn, NAMED, actor.name, unmet, now=now):
        raise NotAllowed(f"You can bring in at most {NAMED.count} people a day who were never in a circle of yours.")
