"""What people are told about a circle itself, by mail: who asks to come in, who is let in, and that it has closed.

A step inside the caller's transaction. Of a confidential circle the notice holds nothing of it, and no name.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from service.model import Circle, MembershipRole, MembershipState, Purpose
from service.rules.access import KRING, Actor
from service.rules.notices import NewNotice
from service.store import memberships, outbox, people

if TYPE_CHECKING:
    from service.database import Connection

ASKED_LASTS = timedelta(days=14)
"""How long it is of use to tell facilitators that somebody has asked to come in."""


async def tell(
    conn: "Connection",
    circle: Circle,
    purpose: Purpose,
    person_ids: Sequence[int],
    *,
    now: datetime,
    expires_at: datetime | None = None,
    **more: Any,
) -> None:
    """Put one notice about a circle into the outbox for each of these people; once per moment and purpose."""
    facts: dict[str, Any] = {}
    if not circle.confidential:
        facts = {"slug": circle.slug, "nl": circle.title_nl, "en": circle.title_en}
        facts |= {name: value for name, value in more.items() if value}
    written = [
        NewNotice(
            f"{purpose}:{circle.id}:{person_id}:{now.isoformat()}",
            purpose,
            person_id,
            now,
            channel="mail",
            facts={"circle": facts},
            expires_at=expires_at,
        )
        for person_id in person_ids
    ]
    await outbox.insert_notices(conn, written, now)


async def ask_facilitators(conn: "Connection", circle: Circle, person_id: int, *, now: datetime) -> None:
    """Tell those who lead a circle that somebody asks to come in."""
    leading = await memberships.select_people_of(
        conn, circle.id, [MembershipState.ACTIVE], role=MembershipRole.FACILITATOR
    )
    person = await people.select_person(conn, person_id)
    assert person is not None
    name = person.name if person.organisation is None else f"{person.name} ({person.organisation})"
    await tell(conn, circle, Purpose.JOIN_REQUESTED, leading, now=now, expires_at=now + ASKED_LASTS, who=name)


async def warn_facilitators(conn: "Connection", circle: Circle, actor: Actor, *, now: datetime) -> None:
    """Tell those who lead a confidential circle that somebody who does not changes its members; before it is done.

    One mail for everything within the hour. Not of what the command line does: whoever runs the machine sees all of it.
    """
    if not circle.confidential or circle.id in actor.facilitates or actor == KRING:
        return
    leading = await memberships.select_people_of(
        conn, circle.id, [MembershipState.ACTIVE], role=MembershipRole.FACILITATOR
    )
    at, purpose = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1), Purpose.MEMBERS_CHANGED
    written = [
        NewNotice(
            f"{purpose}:{circle.id}:{person_id}:{at.isoformat()}",
            purpose,
            person_id,
            at,
            channel="mail",
            facts={"circle": {}},
        )
        for person_id in leading
        if person_id != actor.person_id
    ]
    await outbox.insert_notices(conn, written, now)
