"""Feeds in the database: whose they are, what they list, and the mark that every change of it leaves.

A feed is marked in the transaction that changes what it shows, once and last: the rows are locked in one statement, in
one order, and nothing else is waited for afterwards, so that two changes cannot block each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection

# What changes of a feed when something that it shows has changed; the caller's CTE `touched` says which feeds.
_MARK = """
    , marked as (select f.id from feed f where f.id in (select id from touched) order by f.id for update)
    update feed set revision = revision + 1, changed_at = greatest(changed_at, $1) where id in (select id from marked)
"""

MARK_GATHERINGS = f"""
    with touched as (
        select id from feed where kind = 'public'
        union all select id from feed where circle_id = $3 and revoked_at is null
        union all select f.id from registration r
            join feed f on f.person_id = r.person_id and f.kind = 'person' and f.revoked_at is null
            where r.gathering_id = $2
    ) {_MARK}
"""


async def mark_gathering(conn: "Connection", gathering_id: int, circle_id: int, now: datetime) -> None:
    """Mark every feed that shows a gathering, or did."""
    await conn.execute(MARK_GATHERINGS, now, gathering_id, circle_id)


MARK_CIRCLE = f"""
    with touched as (
        select id from feed where kind = 'public'
        union all select id from feed where circle_id = $2 and revoked_at is null
        union all select f.id from gathering g
            join registration r on r.gathering_id = g.id
            join feed f on f.person_id = r.person_id and f.kind = 'person' and f.revoked_at is null
            where g.circle_id = $2
    ) {_MARK}
"""


async def mark_circle(conn: "Connection", circle_id: int, now: datetime) -> None:
    """Mark every feed that shows gatherings of a circle: its title or who may see it has changed."""
    await conn.execute(MARK_CIRCLE, now, circle_id)


MARK_KIND = f"""
    with touched as (
        select id from feed where kind = 'public'
        union all select f.id from circle c join feed f on f.circle_id = c.id and f.revoked_at is null
            where c.kind = $2
        union all select f.id from circle c
            join gathering g on g.circle_id = c.id
            join registration r on r.gathering_id = g.id
            join feed f on f.person_id = r.person_id and f.kind = 'person' and f.revoked_at is null
            where c.kind = $2
    ) {_MARK}
"""


async def mark_kind(conn: "Connection", kind: str, now: datetime) -> None:
    """Mark every feed that shows gatherings of circles of a kind: who may see them has changed."""
    await conn.execute(MARK_KIND, now, kind)


MARK_ANSWERS = f"""
    with touched as (
        select id from feed where person_id = any($2::bigint[]) and kind = 'person' and revoked_at is null
    ) {_MARK}
"""


async def mark_answers(conn: "Connection", person_ids: Sequence[int], now: datetime) -> None:
    """Mark the personal feeds of people whose answer or seat has changed."""
    await conn.execute(MARK_ANSWERS, now, list(person_ids))


MARK_PEOPLE = f"""
    with touched as (
        select id from feed where person_id = any($2::bigint[]) and kind <> 'public' and revoked_at is null
    ) {_MARK}
"""


async def mark_people(conn: "Connection", person_ids: Sequence[int], now: datetime) -> None:
    """Mark every feed of people whose language, role or circles have changed."""
    await conn.execute(MARK_PEOPLE, now, list(person_ids))


INSERT_FEED = """
    insert into feed (kind, token_hash, person_id, circle_id, changed_at, created_at) values ($1, $2, $3, $4, $5, $5)
"""


async def insert_feed(
    conn: "Connection", kind: str, token_hash: bytes, person_id: int, circle_id: int | None, now: datetime
) -> None:
    """Add a feed of a person."""
    await conn.execute(INSERT_FEED, kind, token_hash, person_id, circle_id, now)


REVOKE_KIND = """
    update feed set revoked_at = $4
    where person_id = $1 and kind = $2 and circle_id is not distinct from $3 and revoked_at is null
"""


async def revoke_kind(conn: "Connection", person_id: int, kind: str, circle_id: int | None, now: datetime) -> None:
    """End the living feed of this sort, if there is one."""
    await conn.execute(REVOKE_KIND, person_id, kind, circle_id, now)


_OPEN = """
    not exists (select from circle c join circle_kind k on k.name = c.kind
                where c.id = feed.circle_id and k.confidential)
"""

REVOKE_FEED = f"""
    update feed set revoked_at = coalesce(revoked_at, $3)
    where id = $1 and person_id = $2 and ($4 or {_OPEN}) returning id
"""


async def revoke_feed(conn: "Connection", feed_id: int, person_id: int, now: datetime, *, all_: bool) -> bool:
    """End a feed of a person; False when they have no such feed, or without `all_` one of a confidential circle."""
    return await conn.fetchval(REVOKE_FEED, feed_id, person_id, now, all_) is not None


@dataclass(frozen=True, slots=True)
class FeedInfo:
    """A living feed as its owner sees it in a list; the titles are those of its circle, if it has one."""

    id: int
    kind: str
    circle_slug: str | None
    circle_title_nl: str | None
    circle_title_en: str | None
    created_at: datetime
    last_used_at: datetime | None


SELECT_LIVING = f"""
    select feed.id, feed.kind, c.slug as circle_slug, c.title_nl as circle_title_nl, c.title_en as circle_title_en,
        feed.created_at, feed.last_used_at
    from feed left join circle c on c.id = feed.circle_id
    where feed.person_id = $1 and feed.kind <> 'public' and feed.revoked_at is null and ($2 or {_OPEN})
    order by feed.kind desc, c.slug
"""


async def select_living(conn: "Connection", person_id: int, *, all_: bool) -> list[FeedInfo]:
    """List the living feeds of a person, the personal one first; those of confidential circles only with `all_`."""
    return rows.many(FeedInfo, await conn.fetch(SELECT_LIVING, person_id, all_))


UPDATE_LAST_USED = """
    with seen as (select * from unnest($1::bigint[], $2::timestamptz[]) as s (id, at)),
    found as (select f.id from feed f where f.id in (select id from seen) order by f.id for update)
    update feed f set last_used_at = greatest(f.last_used_at, s.at) from seen s
    where s.id = f.id and f.id in (select id from found)
"""


async def update_last_used(conn: "Connection", used: Mapping[int, datetime]) -> None:
    """Note when feeds were fetched last; two processes may note the same one."""
    await conn.execute(UPDATE_LAST_USED, list(used.keys()), list(used.values()))
