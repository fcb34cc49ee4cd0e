"""Messages about the copies in people's calendars: numbered, frozen and put into the outbox.

Steps inside the caller's transaction; the numbers come from `service/rules/revisions.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from service.channels import MAIL
from service.model import CalendarStatus, Gathering, Partstat, Purpose, Seat
from service.rules import notices, revisions
from service.rules.notices import NewNotice
from service.rules.revisions import Copy
from service.store import copies, outbox
from service.store.copies import Held

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class Message:
    """A calendar REQUEST to write: about which registration, to what end, and what it says beside its numbers."""

    gathering: Gathering
    held: Held
    purpose: Purpose
    partstat: Partstat
    more: Mapping[str, Any]


async def write_requests(conn: "Connection", messages: Sequence[Message], *, now: datetime) -> None:
    """Put one calendar REQUEST per registration into the outbox and keep its numbers."""
    numbered = [
        revisions.request(copy_of(one.held), revisions.status_for(Seat(one.held.seat)), now) for one in messages
    ]
    written = [
        calendar_notice(
            one.gathering,
            one.held,
            one.purpose,
            notices.calendar_facts(notices.REQUEST, copy, one.partstat, **one.more),
            now,
        )
        for copy, one in zip(numbered, messages, strict=True)
    ]
    await copies.save_copies(conn, [one.held.id for one in messages], numbered)
    await outbox.insert_notices(conn, written, now)


async def write_cancels(
    conn: "Connection",
    gatherings: Mapping[int, Gathering],
    cancelled: Sequence[Held],
    purpose: Purpose,
    reason: str,
    *,
    now: datetime,
) -> None:
    """Put one calendar CANCEL into the outbox for each registration of which a calendar has a copy."""
    held_copies = [held for held in cancelled if held.in_calendar]
    numbered = [revisions.cancel(copy_of(held), now) for held in held_copies]
    written = [
        calendar_notice(
            gatherings[held.gathering_id],
            held,
            purpose,
            notices.calendar_facts(notices.CANCEL, copy, Partstat(held.partstat), cancel_reason=reason or None),
            now,
        )
        for copy, held in zip(numbered, held_copies, strict=True)
    ]
    await copies.save_copies(conn, [held.id for held in held_copies], numbered)
    await outbox.insert_notices(conn, written, now)


def calendar_notice(
    gathering: Gathering, held: Held, purpose: Purpose, facts: dict[str, Any], now: datetime
) -> NewNotice:
    """Make the notice of one calendar message; its DTSTAMP never repeats for a registration and so is its key."""
    return NewNotice(
        dedupe_key=f"{purpose}:{held.id}:{facts['dtstamp']}",
        purpose=purpose,
        person_id=held.person_id,
        gathering_id=gathering.id,
        registration_id=held.id,
        channel=MAIL,
        facts=facts,
        due_at=now,
        expires_at=gathering.ends_at,
    )


def copy_of(held: Held) -> Copy:
    """Return the copy in the calendar of a registration's person."""
    return Copy(held.sequence, held.dtstamp, CalendarStatus(held.calendar_status) if held.calendar_status else None)
