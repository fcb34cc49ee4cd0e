"""An export as a page to read: the sections that say something to a person; the JSON has every detail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from handlers.web.render import PAGES, texts
from handlers.web.site import now, site
from handlers.web.tallies import PURPOSES, STATES
from service.model import localised
from service.texts.catalogue import Texts, marked

_TITLE: Final = ("title", marked("Gathering"))
_SECTIONS: Final[Mapping[str, tuple[str, tuple[tuple[str, str], ...]]]] = {
    "person": (
        marked("Who you are"),
        (("name", marked("Name")), ("preferred_channel", marked("Messages go by")), ("created_at", marked("Since"))),
    ),
    "addresses": (
        marked("Addresses"),
        (("channel", marked("Channel")), ("value", marked("Address")), ("verified_at", marked("Proved on"))),
    ),
    "affiliations": (
        marked("Whom you work for"),
        (
            ("organisation", marked("Organisation")),
            ("title", marked("Position")),
            ("since", marked("From")),
            ("until", marked("Until")),
        ),
    ),
    "memberships": (
        marked("Circles"),
        (
            ("circle_title", marked("Circle")),
            ("role", marked("Role")),
            ("state", marked("State")),
            ("since", marked("From")),
            ("until", marked("Until")),
        ),
    ),
    "registrations": (
        marked("Gatherings"),
        (
            _TITLE,
            ("starts_at", marked("When")),
            ("partstat", marked("Answer")),
            ("seat", marked("Seat")),
            ("answered_at", marked("Answered on")),
            ("attendance", marked("Were you there?")),
        ),
    ),
    "ratings": (marked("Ratings"), (_TITLE, ("score", marked("Rating")), ("comment", marked("Remark")))),
    "votes": (marked("Dates you ticked"), (_TITLE, ("moment", marked("When")), ("vote", marked("Answer")))),
    "notices": (
        marked("Messages to you"),
        (
            ("purpose", marked("What")),
            _TITLE,
            ("channel", marked("Channel")),
            ("state", marked("State")),
            ("sent_at", marked("Sent on")),
        ),
    ),
    "messages": (
        marked("Messages from you"),
        (("channel", marked("Channel")), ("received_at", marked("Received on")), ("raw", marked("Text"))),
    ),
    "broadcasts": (
        marked("What you wrote to the people of a gathering"),
        (_TITLE, ("created_at", marked("When")), ("text", marked("Text"))),
    ),
    "sessions": (
        marked("Where you are signed in"),
        (("agent", marked("Browser")), ("created_at", marked("Since")), ("last_used_at", marked("Last used"))),
    ),
    "suppressions": (
        marked("Addresses that are not used any more"),
        (("address", marked("Address")), ("reason", marked("Reason"))),
    ),
}
_VALUES: Final = {
    "accepted": marked("is coming"),
    "tentative": marked("maybe"),
    "declined": marked("is not coming"),
    "needs-action": marked("no answer yet"),
    "seated": marked("seat"),
    "offered": marked("offered"),
    "waiting": marked("waiting list"),
    "none": "–",
    "present": marked("was there"),
    "absent": marked("was not there"),
    "excused": marked("let us know"),
    "participant": marked("member"),
    "facilitator": marked("facilitator"),
    "active": marked("in it"),
    "left": marked("has left"),
    "requested": marked("asked to join"),
    "mail": marked("mail"),
    "yes": marked("yes"),
    "if-need-be": marked("if need be"),
    "no": marked("no"),
}
_WORDED: Final = frozenset({"partstat", "seat", "attendance", "role", "state", "channel", "preferred_channel", "vote"})
_MOMENTS: Final = ("_at", "since", "until", "moment")


def written(request: web.Request, held: Mapping[str, Any]) -> str:
    """Write an export as a page that stands by itself."""
    spoken = texts(request)
    sections = [
        (spoken.gettext(heading), [spoken.gettext(label) for _, label in columns], rows)
        for name, (heading, columns) in _SECTIONS.items()
        if (rows := [[_cell(request, spoken, name, row, column) for column, _ in columns] for row in held[name]])
    ]
    facts = {"sections": sections, "complete": held["complete"], "moment": now(request)}
    return request.app[PAGES].write("export.html", spoken.language, facts)


def _cell(request: web.Request, spoken: Texts, section: str, row: Mapping[str, Any], column: str) -> str:
    if column == "title" and section != "affiliations":
        return localised(row.get("title_nl") or "", row.get("title_en") or "", spoken.language)
    if column == "circle_title":
        return localised(row.get("circle_nl") or "", row.get("circle_en") or "", spoken.language)
    value = row.get(column)
    if value is None:
        return ""
    if section == "notices" and column in ("purpose", "state"):
        words = PURPOSES[value] if column == "purpose" else STATES[value][1]
        return spoken.gettext(words)
    if column in _WORDED:
        return spoken.gettext(_VALUES[value]) if value in _VALUES else str(value).capitalize()
    if column.endswith(_MOMENTS) and isinstance(value, str):
        return _moment(request, spoken, value)
    return str(value)


def _moment(request: web.Request, spoken: Texts, text: str) -> str:
    """Write a day, and where the time is known, that too; always with the year, for all of it may be long ago."""
    moment = datetime.fromisoformat(text)
    if len(text) == len("2026-12-01"):
        return spoken.day(moment)
    local = moment.astimezone(ZoneInfo(site(request).timezone)) if moment.tzinfo else moment
    return f"{spoken.day(local)}, {spoken.clock(local)}"
