"""Visitors: people who typed an address and have not yet shown that it is theirs."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.database import Connection

INSERT_VISITOR = """
    with added as (
        insert into person (name, language, provisional_until, created_at) values ($1, $2, $4, $5) returning id
    )
    insert into address (person_id, channel, value, is_primary, created_at)
    select id, 'mail', $3, true, $5 from added returning person_id
"""


async def insert_visitor(
    conn: "Connection", name: str, language: str, email: str, until: datetime, now: datetime
) -> int:
    """Add somebody with an address that nobody has proved, to be forgotten at `until`; return the person's id."""
    return int(await conn.fetchval(INSERT_VISITOR, name, language, email, until, now))


KEEP_VISITOR = "update person set provisional_until = $2 where id = $1 and provisional_until < $2"


async def keep_visitor(conn: "Connection", person_id: int, until: datetime) -> None:
    """Keep a visitor who asks again until later; who is known for good stays so."""
    await conn.execute(KEEP_VISITOR, person_id, until)


CONFIRM_VISITORS = """
    with known as (
        update person set provisional_until = null where id = any($1) and provisional_until is not null returning id
    )
    update address set verified_at = coalesce(verified_at, $2) where person_id in (select id from known)
"""


async def confirm_visitors(conn: "Connection", person_ids: Sequence[int], now: datetime) -> None:
    """Make visitors people to stay: the pressed link has proved the address, or the team vouches for it.

    Does nothing to people who are known for good.
    """
    await conn.execute(CONFIRM_VISITORS, list(person_ids), now)


DELETE_VISITORS = "delete from person where provisional_until <= $1"


async def delete_visitors(conn: "Connection", now: datetime) -> None:
    """Delete the people who never pressed the link in time, with all that hangs on them."""
    await conn.execute(DELETE_VISITORS, now)


# A mailed link is of use until the gathering is over, so that older gatherings hold none that wait. Anybody can type
# the address of somebody who was on the list and left it: their history stays, and they are off the list as before.
FORGET_UNPRESSED = """
    with unpressed as (
        select r.id, exists (select from registration_history h where h.registration_id = r.id) as was_listed
        from registration r join gathering g on g.id = r.gathering_id
        where g.starts_at > $2 and r.invited_at is null and r.withdrawn_at is null
          and not exists (select from notice n where n.gathering_id = r.gathering_id and n.registration_id = r.id
                          and n.purpose in ('visitor', 'register-here', 'check-in') and n.expires_at > $1)
    ), off_again as (
        update registration set withdrawn_at = $1, generation = generation + 1
        where id in (select id from unpressed where was_listed)
    )
    delete from registration where id in (select id from unpressed where not was_listed)
"""


async def forget_unpressed(conn: "Connection", now: datetime, *, began_after: datetime) -> None:
    """Forget what was asked for with the address of somebody known, and never confirmed in time."""
    await conn.execute(FORGET_UNPRESSED, now, began_after)
