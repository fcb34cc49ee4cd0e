"""Cancelling gatherings: the step that cancelling one and closing a circle share.

Works inside the caller's transaction, under the locks of the gatherings; the feeds are marked by the caller, last.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from service.actions import calendars
from service.formats.cleaning import clean_line
from service.model import Gathering, Partstat, Purpose
from service.rules import notices
from service.store import copies, outbox
from service.store import gatherings as rows
from service.store.copies import Held

if TYPE_CHECKING:
    from service.database import Connection

REASON = 1000
"""Characters of a reason that is told."""


def cleaned(reason: str) -> str:
    """Return a reason as it is told."""
    return clean_line(reason, REASON)


async def cancel(conn: "Connection", gatherings: Sequence[Gathering], reason: str, *, now: datetime) -> None:
    """Cancel gatherings, with the search for another date, and tell everyone who was invited and did not decline."""
    ids = [gathering.id for gathering in gatherings]
    if not ids:
        return
    await rows.update_cancelled(conn, ids, reason, now)
    await outbox.cancel_planned(conn, ids, "the gathering is cancelled")
    cancelled = {gathering.id: gathering for gathering in await rows.select_many(conn, ids)}
    told = [one for one in await copies.select_held(conn, *ids) if hears(one)]
    await calendars.write_cancels(conn, cancelled, told, Purpose.CANCELLATION, reason, now=now)


async def would_tell(conn: "Connection", gathering_ids: Sequence[int]) -> list[Held]:
    """List the registrations of which a cancellation would mail the people."""
    return [one for one in await copies.select_held(conn, *gathering_ids) if hears(one)]


def hears(held: Held) -> bool:
    """Tell whether somebody hears of a cancellation: it stands in their calendar, and they did not decline."""
    return held.in_calendar and notices.hears_of_cancellation(Partstat(held.partstat))
