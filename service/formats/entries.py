"""What a calendar shows of a gathering to somebody: the entry for `ical`, and the copies that feeds hold.

Says it in words; which gatherings are in a feed is decided in `service/actions/feed_writing.py`.
"""

from datetime import datetime

from service.formats.ical import CalendarCopy, CalendarEntry
from service.model import CalendarStatus, Gathering, Partstat, Seat, Status
from service.texts.catalogue import Texts


def entry(gathering: Gathering, texts: Texts, *, base_url: str, room: bool) -> CalendarEntry:
    """Describe a gathering in a language; `room` adds the address of the online room, for those who are registered.

    Of a confidential gathering only the time is told, under a neutral name.
    """
    if gathering.confidential:
        return _time_only(gathering, texts.gettext("Peer meeting"))
    return CalendarEntry(
        summary=gathering.title(texts.language),
        starts_at=gathering.starts_at,
        ends_at=gathering.ends_at,
        timezone=gathering.timezone,
        created=gathering.created_at,
        last_modified=gathering.changed_at,
        description=gathering.description(texts.language),
        location=gathering.location,
        online_url=gathering.online_url if room else "",
        url=f"{base_url}/gatherings/{gathering.id}",
    )


def common_copy(gathering: Gathering, texts: Texts) -> CalendarCopy:
    """Return the copy that everyone sees: the gathering's own UID and numbers."""
    cancelled = gathering.status == Status.CANCELLED
    return CalendarCopy(
        uid=gathering.uid,
        sequence=gathering.sequence,
        dtstamp=gathering.changed_at,
        status=CalendarStatus.CANCELLED if cancelled else CalendarStatus.CONFIRMED,
        prefix=texts.pgettext("calendar", "Cancelled: ") if cancelled else "",
        transparent=cancelled,
    )


def own_copy(
    *, uid: str, sequence: int, dtstamp: datetime, status: str, partstat: str, seat: str, texts: Texts
) -> CalendarCopy:
    """Return the copy of somebody who is registered, with how they stand; `status` is the gathering's."""
    cancelled, waiting = status == Status.CANCELLED, seat == Seat.WAITING
    unsure = waiting or seat == Seat.OFFERED or partstat == Partstat.TENTATIVE
    stands = CalendarStatus.TENTATIVE if unsure else CalendarStatus.CONFIRMED
    prefix = texts.pgettext("calendar", "Waiting list: ") if waiting else ""
    return CalendarCopy(
        uid=uid,
        sequence=sequence,
        dtstamp=dtstamp,
        status=CalendarStatus.CANCELLED if cancelled else stands,
        prefix=texts.pgettext("calendar", "Cancelled: ") if cancelled else prefix,
        transparent=cancelled or waiting,
    )


def _time_only(gathering: Gathering, summary: str) -> CalendarEntry:
    return CalendarEntry(
        summary=summary,
        starts_at=gathering.starts_at,
        ends_at=gathering.ends_at,
        timezone=gathering.timezone,
        created=gathering.created_at,
        last_modified=gathering.changed_at,
        confidential=True,
    )
