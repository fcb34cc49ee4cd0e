"""What people are told about a circle itself, by mail: who asks to come in, who is let in, and that it has closed.

A step inside the caller's transaction. Of a confidential circle the notice holds nothing of it, and no name.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from service.channels import MAIL
from service.model import Circle, Purpose
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
            channel=MAIL,
            facts={"circle": facts},
            expires_at=expires_at,
        )
        for person_id in person_ids
    ]
    await outbox.insert_notices(conn, written, now)


async def ask_facilitators(conn: "Connection", circle: Circle, person_id: int, *, now: datetime) -> None:
    """Tell those who lead a circle that somebody asks to come in."""
    leading = await memberships.select_facilitators(conn, circle.id)
    person = await people.select_person(conn, person_id)
    assert person is not None
    name = person.name if person.organisation is None else f"{person.name} ({person.organisation})"
    await tell(conn, circle, Purpose.JOIN_REQUESTED, leading, now=now, expires_at=now + ASKED_LASTS, who=name)


async def warn_facilitators(conn: "Connection", circle: Circle, actor: Actor, *, now: datetime) -> None:
    """Tell those who lead a confidential circle that somebody who does not changes its members; before it is done.

    At once of the first change, and of all that follows within the hour by one mail at its end; the circle is held.
    Not of what the command line does: whoever runs the machine sees all of it.
    """
    if not circle.confidential or circle.id in actor.facilitates or actor == KRING:
        return
    leading = await memberships.select_facilitators(conn, circle.id)
    hour = now.replace(minute=0, second=0, microsecond=0)
    told = await outbox.select_written(conn, [_key(circle, person_id, hour) for person_id in leading])
    written = [
        _changed(circle, person_id, hour + timedelta(hours=1), due_at=hour + timedelta(hours=1), last=True)
        if _key(circle, person_id, hour) in told
        else _changed(circle, person_id, hour, due_at=now)
        for person_id in leading
        if person_id != actor.person_id
    ]
    await outbox.insert_notices(conn, written, now)


def _changed(circle: Circle, person_id: int, hour: datetime, *, due_at: datetime, last: bool = False) -> NewNotice:
    return NewNotice(
        _key(circle, person_id, hour) + (":end" if last else ""),
        Purpose.MEMBERS_CHANGED,
        person_id,
        due_at,
        channel=MAIL,
        facts={"circle": {}},
    )


def _key(circle: Circle, person_id: int, hour: datetime) -> str:
    return f"{Purpose.MEMBERS_CHANGED}:{circle.id}:{person_id}:{hour.isoformat()}"
