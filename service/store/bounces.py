"""What bounces do to addresses, and where the ledger shows them."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class Bounced:
    """The last mail that went to where a report came from; `others` counts the person's further usable addresses."""

    notice_id: int
    gathering_id: int | None
    person_id: int
    address_id: int
    value: str
    score: float
    bounced_at: datetime | None
    others: int


SELECT_BOUNCED = """
    select n.id as notice_id, n.gathering_id, n.person_id, a.id as address_id, a.value, a.bounce_score as score,
        a.bounced_at,
        (select count(*) from address o where o.person_id = n.person_id and o.id <> a.id and o.undeliverable_at is null
         and o.verified_at is not null and (o.channel = 'mail' or not n.facts ? 'method'))::integer as others
    from delivery d join notice n on n.id = d.notice_id join address a on a.id = d.address_id
    where d.channel = 'mail' and d.outcome = 'sent' and n.registration_id is not distinct from $1
      and n.person_id = coalesce((select person_id from registration where id = $1), $2)
    order by d.id desc limit 1
"""


async def select_bounced(conn: "Connection", *, registration_id: int | None, person_id: int | None) -> Bounced | None:
    """Find which mail a report is about, by the registration or the person that its address names."""
    return rows.one(Bounced, await conn.fetchrow(SELECT_BOUNCED, registration_id, person_id))


SELECT_GENERATION = "select generation from registration where id = $1"


async def select_generation(conn: "Connection", registration_id: int) -> int | None:
    """Read how often the handles of a registration were taken back; None without a registration."""
    found: int | None = await conn.fetchval(SELECT_GENERATION, registration_id)
    return found


UPDATE_SCORE = """
    update address set bounce_score = $2, bounced_at = $3,
        undeliverable_at = case when $4 then coalesce(undeliverable_at, $5) else undeliverable_at end
    where id = $1
"""


async def update_score(
    conn: "Connection",
    address_id: int,
    score: float,
    bounced_at: datetime | None,
    *,
    undeliverable: bool,
    now: datetime,
) -> None:
    """Keep what the bounces of an address add up to, and whether nothing reaches it any more."""
    await conn.execute(UPDATE_SCORE, address_id, score, bounced_at, undeliverable, now)


SUPPRESS = """
    insert into suppression (address_hash, reason, since) values ($1, $2, $3)
    on conflict (address_hash) do update set reason = excluded.reason, since = excluded.since
        where suppression.reason <> 'bounced'
"""


async def suppress(conn: "Connection", address_hash: bytes, reason: str, now: datetime) -> None:
    """Use an address no more; what bounced stays so, whatever else is said of it."""
    await conn.execute(SUPPRESS, address_hash, reason, now)


# Handed over once more where there is another address to try; else it stands in the ledger as it ended.
RETURN_NOTICE = """
    with returned as (
        update notice set state = case when $4 then 'planned' else 'failed' end, error = $3,
            due_at = case when $4 then $5 else due_at end
        where id = $1 and state = 'sent' returning id
    )
    insert into delivery (notice_id, channel, address_id, at, outcome, detail)
    select id, 'mail', $2, $5, 'refused', $3 from returned
"""


async def return_notice(
    conn: "Connection", notice_id: int, address_id: int, detail: str, *, again: bool, now: datetime
) -> None:
    """Take down in the ledger that a mail came back."""
    await conn.execute(RETURN_NOTICE, notice_id, address_id, detail, again, now)
