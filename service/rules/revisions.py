"""What happens to the copy in a person's calendar: SEQUENCE, DTSTAMP and STATUS of each message about it.

Every registration has a UID of its own, so each copy has its own numbers (RFC 5546 section 2.1.4 and 2.1.5).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from service.model import CalendarStatus, Gathering, Mode, Seat, ways_of

SECOND = timedelta(seconds=1)  # RFC 5545 section 3.3.5: DTSTAMP knows no fractions


@dataclass(frozen=True, slots=True)
class Copy:
    """The last calendar message about a registration; `dtstamp` and `status` are None before the first one."""

    sequence: int
    dtstamp: datetime | None
    status: CalendarStatus | None


def status_for(seat: Seat) -> CalendarStatus:
    """Tell which STATUS the copy of someone with this seat shows; a waiting person's is tentative."""
    return CalendarStatus.TENTATIVE if seat is Seat.WAITING else CalendarStatus.CONFIRMED


def request(copy: Copy, status: CalendarStatus, now: datetime) -> Copy:
    """Number the next REQUEST.

    A changed STATUS raises SEQUENCE, as RFC 5546 section 2.1.4 demands; a changed time or place has raised it already,
    when the gathering was edited. DTSTAMP always rises: it breaks ties (section 2.1.5).
    """
    changed = copy.status is not None and copy.status is not status
    return Copy(copy.sequence + changed, _next_stamp(copy, now), status)


def cancel(copy: Copy, now: datetime) -> Copy:
    """Number a CANCEL, which always raises SEQUENCE (RFC 5546 section 3.2.5)."""
    return replace(request(copy, CalendarStatus.CANCELLED, now), sequence=copy.sequence + 1)


def _next_stamp(copy: Copy, now: datetime) -> datetime:
    stamp = now.replace(microsecond=0)
    return stamp if copy.dtstamp is None else max(stamp, copy.dtstamp + SECOND)


@dataclass(frozen=True, slots=True)
class Told:
    """What people know of a gathering: the facts whose change they are told."""

    starts_local: datetime
    ends_local: datetime
    starts_at: datetime
    ends_at: datetime
    location: str
    online_url: str
    title_nl: str
    title_en: str
    description_nl: str
    description_en: str

    @property
    def ways(self) -> frozenset[Mode]:
        """Return how one could take part."""
        return ways_of(self.location, self.online_url)


def as_told(gathering: Gathering) -> Told:
    """Return what people are to know of a gathering."""
    return Told(**{one.name: getattr(gathering, one.name) for one in fields(Told)})


def frozen(told: Told, sequence: int) -> dict[str, Any]:
    """Write down, as JSON can hold it, what people know and under which SEQUENCE they were told."""
    known = {name: v.isoformat() if isinstance(v, datetime) else v for name, v in asdict(told).items()}
    return known | {"sequence": sequence}


def thawed(known: Mapping[str, Any]) -> tuple[Told, int]:
    """Read what was `frozen`."""
    values = {one.name: known[one.name] for one in fields(Told)}
    times = {name: datetime.fromisoformat(values[name]) for name in _TIMES}
    return Told(**values | times), known["sequence"]


_TIMES = ("starts_local", "ends_local", "starts_at", "ends_at")


@dataclass(frozen=True, slots=True)
class Change:
    """How what is true now differs from what people were told.

    `opened` and `ended`: a way to take part that came or went, beside one that stayed.
    """

    moved: bool
    relocated: bool
    edited: bool
    opened: Mode | None = None
    ended: Mode | None = None

    @property
    def jeopardises(self) -> bool:
        """Tell whether people must look again whether they can come (RFC 5546 section 2.1.4)."""
        return self.moved or self.relocated

    def __bool__(self) -> bool:
        """Tell whether there is anything to tell."""
        return self.jeopardises or self.edited or self.opened is not None or self.ended is not None


def difference(told: Told, now: Told) -> Change:
    """Compare what people were told with what is true.

    A move is a change of the moment, not of the zone that names it. A new link for the same call is an edit; from a
    room to a call, or back, is another place. A call beside the room, or a room beside the call, takes nothing away
    from those who have said yes to the other; neither does the end of a call from those who come to the room.
    """
    stays = told.ways & now.ways
    ended = next(iter(told.ways - now.ways), None) if stays else None
    return Change(
        moved=(told.starts_at, told.ends_at) != (now.starts_at, now.ends_at),
        relocated=told.location != now.location if Mode.ON_SITE in stays else not stays or ended is not None,
        edited=(told.online_url, told.title_nl, told.title_en, told.description_nl, told.description_en)
        != (now.online_url, now.title_nl, now.title_en, now.description_nl, now.description_en),
        opened=next(iter(now.ways - told.ways), None) if stays else None,
        ended=ended,
    )


def announce_at(edited_since: datetime, now: datetime, coalesce: timedelta) -> datetime:
    """Tell when edits become one mail: after a pause in editing, no later than three pauses after the first edit."""
    return min(now + coalesce, edited_since + 3 * coalesce)
