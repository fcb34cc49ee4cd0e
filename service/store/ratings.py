"""What those who were there thought of a gathering, and the notices that ask them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.model import Rating
from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection

# One that was sent stays sent: nobody is asked twice. Whoever cannot be reached is not asked at all.
ARM = """
    with marked as (
        select r.id, r.person_id, p.preferred_channel,
            k.rating and not r.facilitator and coalesce(r.attendance = 'present', false) and $3::timestamptz is not null
                and exists (select from address a where a.person_id = r.person_id)
                and not exists (select from rating x where x.registration_id = r.id) as asks
        from registration r join gathering g on g.id = r.gathering_id join circle c on c.id = g.circle_id
        join circle_kind k on k.name = c.kind join person p on p.id = r.person_id
        where r.gathering_id = $1 and r.person_id = any($2)
    ), dropped as (
        update notice n set state = 'cancelled', error = 'not marked as present'
        from marked m
        where n.registration_id = m.id and n.waits and n.purpose = 'rating' and n.state = 'planned' and not m.asks
    )
    insert into notice (dedupe_key, purpose, person_id, gathering_id, registration_id, lane, due_at, expires_at,
        created_at)
    select 'rating:' || m.id, 'rating', m.person_id, $1, m.id, m.preferred_channel, $3, $4, $5
    from marked m where m.asks
    on conflict (dedupe_key) do update set state = 'planned', due_at = excluded.due_at, error = null
        where notice.state = 'cancelled'
"""


async def arm(
    conn: "Connection",
    gathering_id: int,
    person_ids: Sequence[int],
    *,
    due_at: datetime | None,
    expires_at: datetime,
    now: datetime,
) -> None:
    """Plan to ask those of these people who are marked as present, and take back what is planned for the others.

    Facilitators are not asked, nor anybody where the kind of circle does not ask, or `due_at` says that it is too late.
    """
    await conn.execute(ARM, gathering_id, list(person_ids), due_at, expires_at, now)


SELECT_OPEN = """
    select r.gathering_id from registration r join gathering g on g.id = r.gathering_id
    join circle c on c.id = g.circle_id join circle_kind k on k.name = c.kind
    where r.person_id = $1 and r.attendance = 'present' and not r.facilitator and k.rating and g.status = 'published'
      and g.ends_at <= $2 and g.ends_at > $3
    order by g.ends_at desc, g.id
"""


async def select_open(conn: "Connection", person_id: int, now: datetime, *, since: datetime) -> list[int]:
    """List what a person was at and may rate now, the latest first, whether they have done so or not."""
    return [row["gathering_id"] for row in await conn.fetch(SELECT_OPEN, person_id, now, since)]


ASKS = """
    select exists (select from registration r join gathering g on g.id = r.gathering_id
        join circle c on c.id = g.circle_id join circle_kind k on k.name = c.kind
        where r.id = $1 and k.rating and not r.facilitator and r.attendance = 'present')
"""


async def asks(conn: "Connection", registration_id: int) -> bool:
    """Tell whether somebody was there, as a participant, of a circle whose kind asks how it was."""
    return bool(await conn.fetchval(ASKS, registration_id))


SELECT_OWN = "select score, comment from rating where registration_id = $1"


async def select_own(conn: "Connection", registration_id: int) -> Rating | None:
    """Read what somebody has said already."""
    return rows.one(Rating, await conn.fetchrow(SELECT_OWN, registration_id))


# Whoever has said it by another road need not be asked any more.
SAVE = """
    with answered as (
        update notice set state = 'cancelled', error = 'rated already'
        where registration_id = $2 and waits and purpose = 'rating' and state = 'planned'
    )
    insert into rating (gathering_id, registration_id, score, comment, rated_at) values ($1, $2, $3, $4, $5)
    on conflict (registration_id) do update
        set score = excluded.score, comment = coalesce($6, rating.comment), rated_at = excluded.rated_at
"""


async def save(
    conn: "Connection", gathering_id: int, registration_id: int, score: int, comment: str | None, now: datetime
) -> None:
    """Keep what somebody said, in the place of what they said before; a comment of None leaves the comment."""
    await conn.execute(SAVE, gathering_id, registration_id, score, comment or "", now, comment)


@dataclass(frozen=True, slots=True)
class Sum:
    """How many ratings of a gathering are shown together, what they add up to, and what was written with them."""

    count: int
    total: int
    comments: list[str]


SHOWN = "everyone - case when everyone < {step} then 0 else everyone % {step} end"
"""How many of `everyone` are shown together: whole steps, and the few before the first step, whose sum nobody sees."""

# Of those that are more than a step the last ones wait for the others of theirs.
SELECT_SUM = f"""
    select count(*)::integer as count, coalesce(sum(score), 0)::integer as total,
        coalesce(array_agg(comment order by md5(id::text)) filter (where comment <> ''), '{{}}') as comments
    from (
        select id, score, comment, row_number() over (order by rated_at, id) as place, count(*) over () as everyone
        from rating where gathering_id = $1
    ) x
    where place <= {SHOWN.format(step="$2::integer")}
"""


async def select_sum(conn: "Connection", gathering_id: int, step: int) -> Sum:
    """Add up the first ratings of a gathering, in whole steps; the comments in an order that tells nothing of when."""
    found = rows.one(Sum, await conn.fetchrow(SELECT_SUM, gathering_id, step))
    assert found is not None
    return found


LET_GO = """
    update rating x set registration_id = null
    from gathering g where g.id = x.gathering_id and x.registration_id is not null and g.ends_at <= $1
"""


async def let_go(conn: "Connection", ended_before: datetime) -> None:
    """Forget whose the ratings are of gatherings that ended before a moment."""
    await conn.execute(LET_GO, ended_before)
