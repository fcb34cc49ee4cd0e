"""The copies in people's calendars: what they say, and what publishing, moving and cancelling do to many at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.model import CalendarStatus
from service.rules.revisions import Copy
from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class Held:
    """A registration with the copy in its person's calendar, as needed to write the next message about it."""

    id: int
    gathering_id: int
    person_id: int
    facilitator: bool
    partstat: str
    seat: str
    confirmed_sequence: int | None
    sequence: int
    dtstamp: datetime | None
    calendar_status: str | None
    mode: str | None = None

    @property
    def in_calendar(self) -> bool:
        """Tell whether it stands in the person's calendar: a copy was sent, and not cancelled since."""
        return self.dtstamp is not None and self.calendar_status != CalendarStatus.CANCELLED


HELD = """
    r.id, r.gathering_id, r.person_id, r.facilitator, r.partstat, r.seat, r.confirmed_sequence, r.sequence, r.dtstamp,
    r.calendar_status, r.mode
"""

SELECT_HELD = f"""
    select {HELD} from registration r
    where r.gathering_id = any($1) and r.withdrawn_at is null and r.invited_at is not null order by r.id
"""


async def select_held(conn: "Connection", *gathering_ids: int) -> list[Held]:
    """List everyone who is invited to a gathering, or to one of several."""
    return rows.many(Held, await conn.fetch(SELECT_HELD, list(gathering_ids)))


SELECT_HELD_BY_ID = f"select {HELD} from registration r where r.id = any($1) order by r.id"


async def select_held_by_id(conn: "Connection", ids: Sequence[int]) -> list[Held]:
    """List registrations by their ids."""
    return rows.many(Held, await conn.fetch(SELECT_HELD_BY_ID, list(ids)))


SAVE_COPIES = """
    update registration r set sequence = n.sequence, dtstamp = n.dtstamp, calendar_status = n.status
    from unnest($1::bigint[], $2::integer[], $3::timestamptz[], $4::text[]) as n (id, sequence, dtstamp, status)
    where r.id = n.id
"""


async def save_copies(conn: "Connection", ids: Sequence[int], copies: Sequence[Copy]) -> None:
    """Keep the numbers of the calendar messages that have just been written."""
    await conn.execute(
        SAVE_COPIES,
        list(ids),
        [copy.sequence for copy in copies],
        [copy.dtstamp for copy in copies],
        [copy.status for copy in copies],
    )


RAISE_SEQUENCES = """
    update registration set sequence = sequence + 1, moved_sequence = sequence + 1
    where gathering_id = $1 and dtstamp is not null and withdrawn_at is null and ($2::bigint[] is null or id = any($2))
"""


async def raise_sequences(conn: "Connection", gathering_id: int, *, only: Sequence[int] | None = None) -> None:
    """Raise SEQUENCE of every copy at the moment its time or place changes (RFC 5546 section 2.1.4).

    Not when it is told: an answer that comes in between is confirmed with the new time and must outrank the old copy.
    A calendar reply to a lower SEQUENCE is about a time or place that is no longer true. `only` some: the
    registrations for whom alone the place has changed.
    """
    await conn.execute(RAISE_SEQUENCES, gathering_id, only)


CONFIRM_AGAIN = """
    update registration set confirmed_sequence = $3
    where gathering_id = $1 and confirmed_sequence = $2 and (not $4 or mode = 'online' and partstat = 'accepted')
"""


async def confirm_again(
    conn: "Connection", gathering_id: int, before: int, sequence: int, *, online: bool = False
) -> None:
    """Let answers given under one SEQUENCE count under another: what they were said to is once more, or still, so.

    `online`: only each yes to joining online, for which it does not matter that the place is another one.
    """
    await conn.execute(CONFIRM_AGAIN, gathering_id, before, sequence, online)


ASK_ANEW = """
    with asked as (
        update registration set sequence = sequence
                + (dtstamp is not null and calendar_status is distinct from 'cancelled')::integer,
            moved_sequence = sequence
                + (dtstamp is not null and calendar_status is distinct from 'cancelled')::integer,
            partstat = 'needs-action', seat = 'none', waiting_reason = null, queue_number = null,
            offer_expires_at = null, answered_at = null, via = null, confirmed_sequence = null, approved = false,
            mode = null
        where gathering_id = $1 and withdrawn_at is null and invited_at is not null
        returning id
    )
    insert into registration_history (registration_id, at, actor, partstat, seat, note)
    select id, $2, $3, 'needs-action', 'none', 're-opened' from asked
"""


async def ask_anew(conn: "Connection", gathering_id: int, actor: str, now: datetime) -> None:
    """Take back every answer and seat: a gathering that was cancelled and re-opened asks again."""
    await conn.execute(ASK_ANEW, gathering_id, now, actor)


@dataclass(frozen=True, slots=True)
class Gone:
    """A registration that was taken off its gathering, and whether it held a seat there."""

    id: int
    gathering_id: int
    seated: bool


WITHDRAW = """
    with here as (
        select id, seat in ('seated', 'offered') as seated from registration
        where gathering_id = any($1) and person_id = any($2) and withdrawn_at is null
    ), gone as (
        update registration r set withdrawn_at = $3, seat = 'none', waiting_reason = null, queue_number = null,
            offer_expires_at = null, approved = false
        from here where r.id = here.id
        returning r.id, r.gathering_id, r.partstat, here.seated
    ), forgotten as (
        delete from question_answer where registration_id in (select id from gone)
    ), history as (
        insert into registration_history (registration_id, at, actor, partstat, seat, note)
        select id, $3, $4, partstat, 'none', 'withdrawn' from gone
    )
    select id, gathering_id, seated from gone order by gathering_id, id
"""


async def withdraw(
    conn: "Connection", gathering_ids: Sequence[int], person_ids: Sequence[int], actor: str, now: datetime
) -> list[Gone]:
    """Take people off gatherings and free their seats; return the registrations that were there."""
    return rows.many(Gone, await conn.fetch(WITHDRAW, list(gathering_ids), list(person_ids), now, actor))
