"""Who wants no invitations by mail from a circle: the `mails` column of a membership.

Coming in and leaving are in `service/store/memberships.py`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class Listed:
    """A person on the list of a circle, as the registration of an unsubscribe link names them."""

    registration_id: int
    generation: int
    person_id: int
    language: str
    circle_id: int
    title_nl: str
    title_en: str
    confidential: bool
    mails: bool


SELECT_LISTED = """
    select r.id as registration_id, r.generation, r.person_id, p.language, g.circle_id, c.title_nl, c.title_en,
        k.confidential, coalesce(m.mails, true) as mails
    from registration r
    join person p on p.id = r.person_id
    join gathering g on g.id = r.gathering_id
    join circle c on c.id = g.circle_id
    join circle_kind k on k.name = c.kind
    left join membership m on m.circle_id = g.circle_id and m.person_id = r.person_id
    where r.id = $1
"""


async def select_listed(conn: "Connection", registration_id: int) -> Listed | None:
    """Find the person and the circle that a registration stands for."""
    return rows.one(Listed, await conn.fetchrow(SELECT_LISTED, registration_id))


# Somebody invited from outside the circle has no membership: a past one carries the wish, and gives them nothing else.
SET_MAILS = """
    insert into membership (circle_id, person_id, role, state, mails, since, until)
    values ($1, $2, 'participant', 'left', $3, $4, $4)
    on conflict (circle_id, person_id) do update set mails = $3
"""


async def set_mails(conn: "Connection", circle_id: int, person_id: int, wanted: bool, now: datetime) -> None:
    """Keep whether a person wants a circle's invitations by mail."""
    await conn.execute(SET_MAILS, circle_id, person_id, wanted, now)


@dataclass(frozen=True, slots=True)
class Membership:
    """What somebody is in a circle, and whether its invitations come by mail, and its reminders at all."""

    circle_id: int
    role: str
    state: str
    mails: bool
    reminders: bool = True


SELECT_MEMBERSHIPS = """
    select circle_id, role, state, mails, reminders
    from membership where person_id = $1 and state <> 'left' order by circle_id
"""


async def select_memberships(conn: "Connection", person_id: int) -> list[Membership]:
    """List what somebody is, or asked to be, in each circle."""
    return rows.many(Membership, await conn.fetch(SELECT_MEMBERSHIPS, person_id))
