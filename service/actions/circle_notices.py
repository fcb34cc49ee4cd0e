"""What people are told about a circle itself, by mail: who asks to come in, who is let in, and that it has closed.

A step inside the caller's transaction. Of a confidential circle the notice holds nothing of it, and no name.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from service.model import Circle, MembershipRole, MembershipState, Purpose
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
