"""Letters that are shown before anything is sent: notices to nobody, as somebody of a group would get them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from service.channels import MAIL, DueNotice, DueRegistration
from service.model import Gathering, Mode, Partstat, Purpose, Seat
from service.rules import notices, revisions
from service.rules.groups import Group
from service.rules.revisions import Copy

_LIKE: Mapping[Group, tuple[Partstat, Seat]] = {
    Group.NEW: (Partstat.NEEDS_ACTION, Seat.NONE),
    Group.FACILITATING: (Partstat.NEEDS_ACTION, Seat.NONE),
    Group.COMING: (Partstat.ACCEPTED, Seat.SEATED),
    Group.ONLINE: (Partstat.ACCEPTED, Seat.NONE),
    Group.OFFERED: (Partstat.ACCEPTED, Seat.OFFERED),
    Group.WAITING: (Partstat.ACCEPTED, Seat.WAITING),
    Group.MAYBE: (Partstat.TENTATIVE, Seat.NONE),
    Group.OPEN: (Partstat.NEEDS_ACTION, Seat.NONE),
    Group.DECLINED: (Partstat.DECLINED, Seat.NONE),
}
"""How somebody of a group stands, for the letter that is shown."""


def sample(
    gathering: Gathering,
    purpose: Purpose,
    to: Group,
    more: Mapping[str, Any],
    language: str,
    now: datetime,
    *,
    asked: bool,
) -> DueNotice:
    """Make a calendar message as somebody of a group would get it; `asked` anew, whatever they had answered."""
    partstat, seat = _LIKE[to]
    if more.get("again"):
        partstat, seat = Partstat.NEEDS_ACTION, Seat.NONE
    copy = revisions.request(Copy(0, None, None), revisions.status_for(seat), now)
    if to is Group.ONLINE and purpose is Purpose.UPDATE:
        more = {**more, **notices.said(Mode.ONLINE, gathering)}
    method = notices.CANCEL if purpose is Purpose.CANCELLATION else notices.REQUEST
    shown = Partstat.NEEDS_ACTION if asked else partstat
    made = notice(gathering, purpose, notices.calendar_facts(method, copy, shown, **more), language, now)
    standing = DueRegistration(
        id=0,
        uid="",
        generation=0,
        partstat=partstat,
        seat=seat,
        facilitator=to is Group.FACILITATING,
        answered=partstat is not Partstat.NEEDS_ACTION,
        invited=True,
        withdrawn=False,
        online=to is Group.ONLINE,
    )
    return replace(made, registration=standing)


def notice(gathering: Gathering, purpose: Purpose, told: Mapping[str, Any], language: str, now: datetime) -> DueNotice:
    """Make a notice to nobody, for the letter that is shown; it is never stored."""
    return DueNotice(
        id=0,
        purpose=purpose,
        priority=0,
        facts=told,
        created_at=now,
        due_at=now,
        expires_at=None,
        attempts=0,
        attempted_at=None,
        retries=0,
        person_id=0,
        name="",
        language=language,
        address_id=None,
        channel=MAIL,
        address=None,
        others=0,
        mails=True,
        gathering=gathering,
        registration=None,
    )
