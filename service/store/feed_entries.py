"""What a feed holds at this moment: which gatherings, and the numbers of the copies it shows.

The feeds themselves are in `service/store/feeds.py`; the texts of a gathering are read only when they changed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection

MOST = 1000
"""Entries of one feed; calendar programs fail above that."""


@dataclass(frozen=True, slots=True)
class Mark:
    """All that an unchanged feed costs: one row, found by an index. The public feed has no token."""

    token_hash: bytes | None
    id: int
    revision: int
    revoked_at: datetime | None


SELECT_MARKS = """
    select token_hash, id, revision, revoked_at from feed where token_hash = any($1::bytea[])
    union all
    select token_hash, id, revision, revoked_at from feed where kind = 'public'
"""


async def select_marks(conn: "Connection", token_hashes: Collection[bytes]) -> list[Mark]:
    """Find the feeds of tokens, revoked or not, and the public feed."""
    return rows.many(Mark, await conn.fetch(SELECT_MARKS, list(token_hashes)))


@dataclass(frozen=True, slots=True)
class Terms:
    """Whose feed it is and what of; `place` is the owner's role in the circle at this moment, None outside it.

    The public feed has no owner, and only a circle's feed has the fields of a circle.
    """

    id: int
    kind: str
    revision: int
    changed_at: datetime
    person_id: int | None
    language: str | None
    role: str | None
    circle_id: int | None
    circle_title_nl: str | None
    circle_title_en: str | None
    visibility: str | None
    confidential: bool | None
    place: str | None


SELECT_TERMS = """
    select f.id, f.kind, f.revision, f.changed_at, f.person_id, p.language, p.role, f.circle_id,
        c.title_nl as circle_title_nl, c.title_en as circle_title_en, k.visibility, k.confidential, m.role as place
    from feed f
    left join person p on p.id = f.person_id
    left join circle c on c.id = f.circle_id
    left join circle_kind k on k.name = c.kind
    left join membership m on m.circle_id = f.circle_id and m.person_id = f.person_id and m.state = 'active'
    where f.id = $1
"""


async def select_terms(conn: "Connection", feed_id: int) -> Terms | None:
    """Read whose feed it is and what of."""
    return rows.one(Terms, await conn.fetchrow(SELECT_TERMS, feed_id))


@dataclass(frozen=True, slots=True)
class Span:
    """The days that a feed covers, as instants: from, to, and the beginning of today."""

    since: datetime
    until: datetime
    today: datetime


# A draft was never shown, not even when it is cancelled; a cancelled gathering stays until its date has passed.
_SHOWN = """
    g.starts_at >= $1 and g.starts_at < $2
    and (g.status = 'published' or (g.status = 'cancelled' and g.published_at is not null and g.ends_at > $3))
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """A gathering in a feed that many may read."""

    gathering_id: int
    revision: int
    visibility: str
    confidential: bool


_LISTED = """
    select g.id as gathering_id, g.revision, g.visibility, k.confidential
    from gathering g join circle c on c.id = g.circle_id join circle_kind k on k.name = c.kind
"""

LIST_PUBLIC = f"""
    {_LISTED} where {_SHOWN} and g.visibility = 'public' and not k.confidential order by g.starts_at, g.id limit {MOST}
"""


async def list_public(conn: "Connection", span: Span) -> list[Listed]:
    """List the gatherings that anyone may see, in order of time."""
    return rows.many(Listed, await conn.fetch(LIST_PUBLIC, span.since, span.until, span.today))


LIST_CIRCLE = f"{_LISTED} where g.circle_id = $4 and {_SHOWN} order by g.starts_at, g.id limit {MOST}"


async def list_circle(conn: "Connection", circle_id: int, span: Span) -> list[Listed]:
    """List the gatherings of a circle, in order of time; who may see which is for the caller to decide."""
    return rows.many(Listed, await conn.fetch(LIST_CIRCLE, span.since, span.until, span.today, circle_id))


@dataclass(frozen=True, slots=True)
class Registered:
    """A gathering in the feed of a person who said yes or maybe, with the numbers of the copy in their calendar."""

    gathering_id: int
    revision: int
    status: str
    confidential: bool
    uid: str
    sequence: int
    dtstamp: datetime
    partstat: str
    seat: str


# One look per registration (`offset 0` keeps the planner from another way): what a person has grows slowly, while
# the gatherings of the window, and all registrations, may be many.
LIST_REGISTERED = f"""
    select g.id as gathering_id, g.revision, g.status, g.confidential, r.uid, r.sequence,
        coalesce(r.dtstamp, r.answered_at, r.created_at) as dtstamp, r.partstat, r.seat
    from registration r cross join lateral (
        select g.id, g.revision, g.status, g.starts_at, k.confidential
        from gathering g join circle c on c.id = g.circle_id join circle_kind k on k.name = c.kind
        where g.id = r.gathering_id and {_SHOWN} offset 0
    ) g
    where r.person_id = $4 and r.partstat in ('accepted', 'tentative') and r.withdrawn_at is null
        and r.invited_at is not null
    order by g.starts_at, g.id limit {MOST}
"""


async def list_registered(conn: "Connection", person_id: int, span: Span) -> list[Registered]:
    """List what a person said yes or maybe to, the waiting list included, in order of time."""
    return rows.many(Registered, await conn.fetch(LIST_REGISTERED, span.since, span.until, span.today, person_id))


@dataclass(frozen=True, slots=True)
class OwnCopy:
    """The numbers of the copy that one person has, or would have, of one gathering in their calendar."""

    uid: str
    sequence: int
    dtstamp: datetime
    partstat: str
    seat: str


SELECT_OWN_COPY = """
    select r.uid, r.sequence, coalesce(r.dtstamp, r.answered_at, r.created_at) as dtstamp, r.partstat, r.seat
    from registration r
    where r.gathering_id = $1 and r.person_id = $2 and r.withdrawn_at is null and r.invited_at is not null
"""


async def select_own_copy(conn: "Connection", gathering_id: int, person_id: int) -> OwnCopy | None:
    """Read the numbers of a person's copy of a gathering."""
    return rows.one(OwnCopy, await conn.fetchrow(SELECT_OWN_COPY, gathering_id, person_id))
