"""What a person prefers, as the database keeps it: language, channel, quiet hours, and what comes from each circle."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING

from service.model import localised
from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class Preferred:
    """What a person prefers for themselves; `channels` are those on which messages reach them."""

    language: str
    preferred_channel: str
    channels: list[str]
    quiet_from: time | None
    quiet_until: time | None


SELECT_PREFERRED = """
    select p.language, p.preferred_channel, p.quiet_from, p.quiet_until,
        array(select distinct a.channel from address a
              where a.person_id = p.id and a.undeliverable_at is null order by a.channel) as channels
    from person p where p.id = $1 and p.erased_at is null
"""


async def select_preferred(conn: "Connection", person_id: int) -> Preferred | None:
    """Read what a person prefers for themselves."""
    return rows.one(Preferred, await conn.fetchrow(SELECT_PREFERRED, person_id))


UPDATE_PREFERRED = """
    update person set language = $2, preferred_channel = $3, quiet_from = $4, quiet_until = $5 where id = $1
"""


async def update_preferred(
    conn: "Connection", person_id: int, *, language: str, channel: str, begins: time | None, ends: time | None
) -> None:
    """Set the language and the channel in which a person is told, and their quiet hours, or none."""
    await conn.execute(UPDATE_PREFERRED, person_id, language, channel, begins, ends)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants to hear from a circle that they are in: its invitations, its reminders."""

    circle_id: int
    slug: str
    title_nl: str
    title_en: str
    visibility: str
    confidential: bool
    mails: bool
    reminders: bool

    def title(self, language: str) -> str:
        """Return what the circle is called."""
        return localised(self.title_nl, self.title_en, language)


SELECT_WISHES = """
    select c.id as circle_id, c.slug, c.title_nl, c.title_en, k.visibility, k.confidential, m.mails, m.reminders
    from membership m join circle c on c.id = m.circle_id join circle_kind k on k.name = c.kind
    where m.person_id = $1 and m.state = 'active' order by c.slug
"""


async def select_wishes(conn: "Connection", person_id: int) -> list[Wish]:
    """List what a person wants to hear from each circle that they are in."""
    return rows.many(Wish, await conn.fetch(SELECT_WISHES, person_id))


UPDATE_WISHES = """
    update membership m set mails = w.mails, reminders = w.reminders
    from unnest($2::bigint[], $3::boolean[], $4::boolean[]) as w (circle_id, mails, reminders)
    where m.person_id = $1 and m.circle_id = w.circle_id and m.state = 'active'
"""


async def update_wishes(conn: "Connection", person_id: int, wishes: Sequence[Wish]) -> None:
    """Keep what a person wants to hear from some of their circles."""
    await conn.execute(
        UPDATE_WISHES,
        person_id,
        [one.circle_id for one in wishes],
        [one.mails for one in wishes],
        [one.reminders for one in wishes],
    )
