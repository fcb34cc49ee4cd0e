"""Registrations as they are written: invitations, answers and seats; how people stand is in `standings`."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from service.store import outbox, rows
from service.store.copies import HELD, Held
from service.store.standings import Glance

if TYPE_CHECKING:
    from service.database import Connection


INVITE = f"""
    insert into registration as r (gathering_id, person_id, organisation_id, facilitator, uid, invited_at, created_at)
    select n.gathering_id, p.id,
        (select a.organisation_id from affiliation a where a.person_id = p.id and a.until is null
         order by a.since, a.id limit 1),
        coalesce((select m.role = 'facilitator' from membership m join gathering g on g.circle_id = m.circle_id
                  where g.id = n.gathering_id and m.person_id = p.id and m.state = 'active'), false),
        n.uid, case when $5 then $4::timestamptz end, $4
    from unnest($1::bigint[], $2::bigint[], $3::text[]) as n (gathering_id, person_id, uid)
    join person p on p.id = n.person_id and p.erased_at is null
    order by n.gathering_id, p.id
    on conflict (gathering_id, person_id) do update
        set invited_at = excluded.invited_at, withdrawn_at = null, organisation_id = excluded.organisation_id,
            facilitator = excluded.facilitator, partstat = 'needs-action', answered_at = null, via = null,
            confirmed_sequence = null, moved_sequence = r.sequence, mode = null
        where r.withdrawn_at is not null or ($5 and r.invited_at is null)
    returning {HELD}
"""


async def invite(
    conn: "Connection", pairs: Sequence[tuple[int, int]], uids: Sequence[str], *, counted: bool, now: datetime
) -> list[Held]:
    """Give people a registration, by gathering and person, and return the new ones and those of who had left.

    No pair may come twice. `counted` False makes the registration of a visitor who has not pressed the mailed link yet.
    """
    gathering_ids, person_ids = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return rows.many(Held, await conn.fetch(INVITE, gathering_ids, person_ids, list(uids), now, counted))


FORGET_MODES = """
    update registration set mode = null,
        answered_at = case when partstat <> 'needs-action' then answered_at end,
        via = case when partstat <> 'needs-action' then via end
    where gathering_id = $1 and mode is not null
"""


async def forget_modes(conn: "Connection", gathering_id: int) -> None:
    """Forget how people said they come, where that is no question any more and everybody has been told."""
    await conn.execute(FORGET_MODES, gathering_id)


UPDATE_ANSWERED = "update registration set answered_at = $2 where id = $1"


async def update_answered(conn: "Connection", registration_id: int, answered_at: datetime) -> None:
    """Remember a later click that said the same: it outweighs what was clicked before it and arrives after it."""
    await conn.execute(UPDATE_ANSWERED, registration_id, answered_at)


# Numbers for the queue are drawn in the order of the list, not in the order in which the rows happen to be joined. The
# ids come a second time because the planner takes any list of JSON for a hundred rows and would read the whole table.
# Without the lock this waits for whoever holds it, finds that the turn has passed, and writes nothing.
SAVE = f"""
    with turn as (
        update gathering set turn = turn + 1 where id = $6 and turn = $7 returning id
    ), allowed as (
        select where $6::bigint is null or exists (select from turn)
    ), wanted as (
        select w.*, nextval('queue_number') as turn
        from allowed, jsonb_to_recordset($3) as w (id bigint, partstat text, seat text, waiting_reason text,
            requeue boolean, approved boolean, offer_expires_at timestamptz, answered_at timestamptz, via text,
            confirmed_sequence integer, reply_sequence integer, reply_dtstamp timestamptz, sequence integer,
            dtstamp timestamptz, calendar_status text, actor text, note text, mode text)
    ), changed as (
        update registration r set partstat = w.partstat, seat = w.seat, waiting_reason = w.waiting_reason,
            queue_number = case when w.waiting_reason in ('full', 'organisation')
                then case when w.requeue or r.queue_number is null then w.turn else r.queue_number end end,
            approved = w.approved, offer_expires_at = w.offer_expires_at, mode = coalesce(w.mode, r.mode),
            answered_at = coalesce(w.answered_at, r.answered_at), via = coalesce(w.via, r.via),
            confirmed_sequence = coalesce(w.confirmed_sequence, r.confirmed_sequence),
            reply_sequence = coalesce(w.reply_sequence, r.reply_sequence),
            reply_dtstamp = coalesce(w.reply_dtstamp, r.reply_dtstamp),
            sequence = w.sequence, dtstamp = w.dtstamp, calendar_status = w.calendar_status,
            invited_at = coalesce(r.invited_at, $2)
        from wanted w where r.id = w.id and r.id = any($5::bigint[])
    ), history as (
        insert into registration_history (registration_id, at, actor, via, partstat, seat, note)
        select id, $2, actor, via, partstat, seat, coalesce(note, '') from wanted
    ), notices as ({outbox.INSERT_NOTICES.replace("$1", "(select $1::jsonb from allowed)")}
    ), marked as (
        update feed set revision = revision + 1, changed_at = greatest(changed_at, $2)
        from (select f.id from allowed, feed f
              where f.person_id = any($4) and f.kind = 'person' and f.revoked_at is null
              order by f.id for update of f) of_theirs
        where feed.id = of_theirs.id
    )
    select exists (select from allowed)
"""


async def save(
    conn: "Connection",
    changes: Sequence[dict[str, Any]],
    notices: Sequence[dict[str, Any]],
    now: datetime,
    *,
    mark: Sequence[int] = (),
    seen: Glance | None = None,
) -> bool:
    """Write changed registrations with their history, what people must hear of it, and the mark on a person's feed.

    One statement, because it runs while the gathering's lock is held and every round trip makes others wait. Name the
    people to `mark` only where no feed is marked afterwards: a transaction marks feeds once (`service/store/feeds.py`).
    With what was `seen` the lock is not needed: everything is written at once or, where somebody has taken a turn since
    then, nothing. Returns whether it was written.
    """
    ids = [change["id"] for change in changes]
    place = (seen.gathering.id, seen.turn) if seen else (None, None)
    return bool(await conn.fetchval(SAVE, notices, now, changes, list(mark), ids, *place))
