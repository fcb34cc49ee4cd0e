"""Erasing a person: what goes, table by table, and the row without a name that stays so that counts stay right.

Each statement runs inside the transaction of `service/actions/privacy.py`, which says in which order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection

IS_ERASED = "select exists (select from person where id = $1 and erased_at is not null)"


async def is_erased(conn: "Connection", person_id: int) -> bool:
    """Tell whether this was somebody who has been erased."""
    return bool(await conn.fetchval(IS_ERASED, person_id))


SELECT_JOINED_MEANWHILE = """
    select exists (
        select from registration r join gathering g on g.id = r.gathering_id
        where r.person_id = $1 and r.withdrawn_at is null and g.starts_at > $3 and g.id <> all($2))
"""


async def joined_meanwhile(conn: "Connection", person_id: int, locked: Sequence[int], now: datetime) -> bool:
    """Tell whether a person is on the list of something to come that is not among those that are locked."""
    return bool(await conn.fetchval(SELECT_JOINED_MEANWHILE, person_id, list(locked), now))


SELECT_CONFIDENTIAL = """
    select c.slug from membership m join circle c on c.id = m.circle_id join circle_kind k on k.name = c.kind
    where m.person_id = $1 and m.state = 'active' and k.confidential order by c.id
"""


async def confidential_circles(conn: "Connection", person_id: int) -> list[str]:
    """List the confidential circles that a person is in."""
    return [row["slug"] for row in await conn.fetch(SELECT_CONFIDENTIAL, person_id)]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of somebody, whoever it is."""

    id: int
    created_at: datetime


SELECT_ROWS = "select id, created_at from person where (erased_at is not null) = $1 order by id"


async def select_rows(conn: "Connection", *, erased: bool) -> list[Row]:
    """List the rows of those who were erased, or of all others."""
    return rows.many(Row, await conn.fetch(SELECT_ROWS, erased))


# What takes an event out of a calendar is still to be sent: it carries where to and to whom, and nothing else does.
KEEP_FAREWELLS = """
    update notice set conversation = $2, facts = facts || jsonb_build_object('name', $3::text),
        expires_at = least(expires_at, $4)
    where person_id = $1 and state in ('planned', 'claimed') and facts ->> 'method' = 'CANCEL'
"""


async def keep_farewells(conn: "Connection", person_id: int, address: str, name: str, until: datetime) -> None:
    """Let the calendar cancellations that wait for a person go to this address, until a moment."""
    await conn.execute(KEEP_FAREWELLS, person_id, address, name, until)


DROP_NOTICES = """
    delete from notice
    where person_id = $1 and not (conversation is not null and state in ('planned', 'claimed')
                                  and facts ->> 'method' is not distinct from 'CANCEL')
       or conversation = any($2) and person_id is null
"""


async def drop_notices(conn: "Connection", person_id: int, conversations: Sequence[str]) -> None:
    """Delete what a person was told and what waits to be told, except the farewells, with all deliveries."""
    await conn.execute(DROP_NOTICES, person_id, list(conversations))


FORGET_FAREWELLS = """
    delete from notice n using person p
    where p.erased_at is not null and n.person_id = p.id
      and (n.state not in ('planned', 'claimed') or n.expires_at <= $1)
"""


async def forget_farewells(conn: "Connection", now: datetime) -> None:
    """Delete the last mails to people who are erased, once they are sent or of no more use."""
    await conn.execute(FORGET_FAREWELLS, now)


# Messages to others that name the person: who wrote to the people of a gathering, who asked to be let into a circle.
UNNAME_NOTICES = """
    with authored as (
        update notice set facts = facts - 'author'
        where purpose = 'broadcast' and gathering_id in (select gathering_id from broadcast where person_id = $1)
          and facts ->> 'author' = $2
    )
    update notice set facts = facts #- '{circle,who}'
    where purpose = 'join-requested'
      and (facts #>> '{circle,who}' = $2 or starts_with(facts #>> '{circle,who}', $2 || ' ('))
"""


async def unname_notices(conn: "Connection", person_id: int, name: str) -> None:
    """Leave the person out of what others were told."""
    await conn.execute(UNNAME_NOTICES, person_id, name)


CLEAR_REGISTRATIONS = """
    with theirs as (
        update registration set generation = generation + (withdrawn_at is null)::integer
        where person_id = $1 returning id
    ), rated as (
        update rating set registration_id = null, comment = '' where registration_id in (select id from theirs)
    ), answered as (
        delete from question_answer where registration_id in (select id from theirs)
    )
    update registration_history set note = '' where registration_id in (select id from theirs) and note <> ''
"""


async def clear_registrations(conn: "Connection", person_id: int) -> None:
    """Keep of registrations only what is counted; links to them die, a rating is nobody's any more.

    The handles of those withdrawn are dead as it is, and the calendar cancellation is known by its address.
    """
    await conn.execute(CLEAR_REGISTRATIONS, person_id)


DROP_TIES = """
    with proposals as (delete from alias_proposal where person_id = $1 or value = any($2)),
    addresses as (delete from address where person_id = $1),
    affiliations as (delete from affiliation where person_id = $1),
    memberships as (delete from membership where person_id = $1),
    voters as (delete from poll_voter where person_id = $1),
    prompts as (delete from pending_prompt where person_id = $1),
    requests as (delete from link_request where person_id = $1 or address = any($3)),
    views as (delete from sent_view where conversation = any($3)),
    sign_ins as (delete from sign_in where person_id = $1),
    sessions as (delete from web_session where person_id = $1),
    factors as (delete from second_factor where person_id = $1),
    written as (update broadcast set person_id = null where person_id = $1),
    cards as (update group_card set person_id = null where person_id = $1)
    update feed set revoked_at = $4 where person_id = $1 and revoked_at is null
"""


async def drop_ties(
    conn: "Connection", person_id: int, mails: Sequence[str], chats: Sequence[str], now: datetime
) -> None:
    """Delete what reaches, proves or describes a person, and end their feeds."""
    await conn.execute(DROP_TIES, person_id, list(mails), list(chats), now)


# That a message came, and its key, stays: brought again it must not be new. Updates of a messenger are looked into for
# the account, for what somebody wrote in a group is known by that alone.
CLEAR_INBOX = """
    update inbox i set raw = '', facts = '{}', envelope_from = '', recipient = '', conversation = '', person_id = null,
        state = case when state = 'new' or state in ('parked', 'dead') then 'no-op' else state end,
        reason = 'erased', done_at = coalesce(done_at, $4)
    where person_id = $1 or lower(envelope_from) = any($2) or facts ->> 'from' = any($2)
       or conversation = any(select 'mail:' || mail from unnest($2::text[]) mail)
       or conversation = any(select i.channel || ':' || chat from unnest($3::text[]) chat)
       or channel <> 'mail' and state <> 'new'
          and exists (select from unnest($3::text[]) chat where position(convert_to(chat, 'UTF8') in raw) > 0)
"""


async def clear_inbox(
    conn: "Connection", person_id: int, mails: Sequence[str], chats: Sequence[str], now: datetime
) -> None:
    """Empty the messages that came from a person or are about them; none of them is worked on any more."""
    await conn.execute(CLEAR_INBOX, person_id, list(mails), list(chats), now)


DROP_KEYS = (
    "delete from command_result where exists (select from unnest($1::text[]) v where position(v in lower(key)) > 0)"
)


async def drop_keys(conn: "Connection", mails: Sequence[str]) -> None:
    """Forget the commands whose keys somebody made of one of these addresses."""
    await conn.execute(DROP_KEYS, list(mails))


# A value is found as the JSON it was written as, so that nothing else that holds the same letters is touched.
UNNAME_RESULTS = """
    update command_result set result = replace(result::text, to_jsonb($1::text)::text, to_jsonb($2::text)::text)::jsonb
    where position(to_jsonb($1::text)::text in result::text) > 0
"""


async def unname_results(conn: "Connection", values: Sequence[str], name: str) -> None:
    """Put another name in the place of a person's in what repeated commands are answered."""
    await conn.executemany(UNNAME_RESULTS, [(value, name) for value in values])


RUB_OUT = """
    update person set name = $2, role = 'member', preferred_channel = 'mail', provisional_until = null,
        quiet_from = null, quiet_until = null, erased_at = $3
    where id = $1
"""


async def rub_out(conn: "Connection", person_id: int, name: str, now: datetime) -> None:
    """Make a person a row that nothing is known of."""
    await conn.execute(RUB_OUT, person_id, name, now)


LIFT = "delete from suppression where reason = 'erased' and address_hash = any($1)"


async def lift(conn: "Connection", hashes: Sequence[bytes]) -> None:
    """Use addresses again whose owner was erased and has shown since that they want to be known."""
    await conn.execute(LIFT, list(hashes))
