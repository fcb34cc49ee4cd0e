"""The mail that was caught, as the person to whom it goes would see it: text, HTML, and what it tells a calendar.

The HTML stands in a frame of its own in which nothing can run and nothing is loaded.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from aiohttp import web

from handlers.web import paging
from handlers.web.dev.links import linked
from handlers.web.middleware import HEADERS
from handlers.web.render import page, texts
from handlers.web.routes import Access, Route
from handlers.web.site import site
from service.demo.calendar_clients import Client
from service.texts.catalogue import Texts, marked

MANY: Final = 50
"""Mails on one page."""

LOOKED_AT: Final = 2000
"""So many of the newest mails are looked through."""

NAME: Final = "{name:[0-9A-Za-z.-]{1,80}}"

SENT: Final = "sent"
"""In the address after an answer was sent."""

FRAMING: Final = HEADERS["Content-Security-Policy"] + "; frame-src 'self'"
"""The page of a mail may hold the frame with its HTML."""

FRAMED: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox allow-top-navigation-by-user-activation"
)
"""The HTML of a mail: styles in its own text, no script, no form, nothing from elsewhere; links leave the frame."""

_OUT_OF_THE_FRAME: Final = '<base target="_top">'
_CLIENTS: Final = {
    Client.GMAIL: "Gmail",
    Client.OUTLOOK: "Outlook / Exchange",
    Client.APPLE: "Apple",
    Client.THUNDERBIRD: "Thunderbird",
    Client.NEXTCLOUD: "Nextcloud",
}
_HEADERS: Final = ("From", "To", "Reply-To", "Date", "Subject")
_METHODS: Final = {
    "REQUEST": marked("invites or changes"),
    "CANCEL": marked("takes it out of the calendar"),
    "PUBLISH": marked("shows it without asking for an answer"),
}


class Summary(Protocol):
    """One line of the mailbox."""

    @property
    def name(self) -> str:
        """What the mail is read by."""

    @property
    def date(self) -> datetime:
        """When it was caught."""

    @property
    def to(self) -> str:
        """To whom it goes."""

    @property
    def subject(self) -> str:
        """Its subject."""


class Content(Protocol):
    """A mail taken apart."""

    @property
    def headers(self) -> Sequence[tuple[str, str]]:
        """Its header fields, decoded."""

    @property
    def text(self) -> str:
        """Its text part."""

    @property
    def html(self) -> str:
        """Its HTML part."""

    @property
    def calendar(self) -> bytes | None:
        """Its calendar part, if it has one."""

    @property
    def raw(self) -> bytes:
        """The mail as it was sent."""


class Mailbox(Protocol):
    """Where mail is caught."""

    async def list(self, limit: int) -> Sequence[Summary]:
        """Return the newest mails, newest first."""

    async def read(self, name: str) -> Content:
        """Return one mail; raises NotFound."""


@dataclass(frozen=True, slots=True)
class Appointment:
    """What the calendar part of a mail says, in words."""

    method: str
    effect: str
    rows: Sequence[tuple[str, str, str]]  # words, the property, its value
    raw: str


class Post:
    """The pages of a mailbox."""

    def __init__(self, mailbox: Mailbox, *, answering: bool = False) -> None:
        self._mailbox = mailbox
        self._answering = answering

    def routes(self) -> Iterator[Route]:
        """List the routes of the mailbox."""
        one = f"/dev/mail/{NAME}"
        for path, handler, policy in (
            ("/dev/mail", self.every, ""),
            (one, self.one, FRAMING),
            (f"{one}/html", self.html, FRAMED),
            (f"{one}/raw", self.raw, ""),
        ):
            yield Route("GET", path, handler, Access.LOOPBACK, private=True, session=False, policy=policy)

    async def every(self, request: web.Request) -> web.Response:
        """List what was caught, the newest first, of one address if one is asked for."""
        wanted = request.query.get("to", "").strip()
        caught = await self._mailbox.list(LOOKED_AT)
        found = [one for one in caught if wanted.casefold() in one.to.casefold()]
        shown, more = paging.cut(found, lambda one: one.name, request.query.get("after", ""), MANY)
        home = ZoneInfo(site(request).timezone)
        return page(
            request,
            "mails.html",
            mails=shown,
            to=wanted,
            more=more,
            count=len(found),
            local=lambda moment: moment.astimezone(home),
        )

    async def one(self, request: web.Request) -> web.Response:
        """Show one mail."""
        name = request.match_info["name"]
        mail = await self._mailbox.read(name)
        known = dict(mail.headers)
        return page(
            request,
            "mail.html",
            name=name,
            mail=mail,
            to=known.get("Delivered-To", ""),
            subject=known.get("Subject", ""),
            head=[(field, known[field]) for field in _HEADERS if field in known],
            linked=partial(linked, base_url=site(request).base_url),
            appointment=_appointment(mail.calendar, texts(request), site(request).timezone),
            clients=_CLIENTS if self._answering else {},
            answered_at=known.get("Reply-To", ""),
            sent=SENT in request.query,
        )

    async def html(self, request: web.Request) -> web.Response:
        """Hand over the HTML of a mail, for the frame on its page."""
        mail = await self._mailbox.read(request.match_info["name"])
        return web.Response(text=_OUT_OF_THE_FRAME + mail.html, content_type="text/html", charset="utf-8")

    async def raw(self, request: web.Request) -> web.Response:
        """Hand over a mail as it was sent."""
        mail = await self._mailbox.read(request.match_info["name"])
        return web.Response(body=mail.raw, content_type="text/plain", charset="utf-8")


def _appointment(part: bytes | None, spoken: Texts, timezone: str) -> Appointment | None:
    """Read a calendar part as a calendar would."""
    if part is None:
        return None
    from icalendar import Calendar, Event  # costs a tenth of a second, which only this page pays

    calendar = Calendar.from_ical(part)
    event = next(one for one in calendar.walk("VEVENT") if isinstance(one, Event))
    attendee = event.get("attendee")
    method = str(calendar.get("method", ""))
    known = {
        "SUMMARY": (spoken.gettext("What"), event.get("summary")),
        "DTSTART": (spoken.gettext("Begins"), _moment(event, "dtstart", spoken, timezone)),
        "DTEND": (spoken.gettext("Ends"), _moment(event, "dtend", spoken, timezone)),
        "LOCATION": (spoken.gettext("Where"), event.get("location")),
        "STATUS": (spoken.gettext("In the calendar as"), event.get("status")),
        "PARTSTAT": (spoken.gettext("The answer so far"), attendee.params.get("partstat") if attendee else None),
        "RSVP": (spoken.gettext("Asks for an answer"), attendee.params.get("rsvp") if attendee else None),
        "SEQUENCE": (spoken.gettext("Version"), event.get("sequence")),
        "DTSTAMP": (spoken.gettext("Written"), _moment(event, "dtstamp", spoken, timezone)),
        "ORGANIZER": (spoken.gettext("Answers go to"), event.get("organizer")),
        "UID": (spoken.gettext("Known by"), event.get("uid")),
    }
    rows = [(words, name, str(value)) for name, (words, value) in known.items() if value is not None]
    effect = spoken.gettext(_METHODS[method]) if method in _METHODS else ""
    return Appointment(method, effect, rows, part.decode(errors="replace"))


def _moment(event: Any, name: str, spoken: Texts, timezone: str) -> str | None:
    """Write a moment of an event in the association's own time."""
    if name not in event:
        return None
    value = event.decoded(name)
    if isinstance(value, datetime):
        return spoken.moment(value.astimezone(ZoneInfo(timezone)), timezone, home=timezone)
    return spoken.day(value) if isinstance(value, date) else str(value)
