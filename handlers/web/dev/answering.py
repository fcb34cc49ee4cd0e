"""Answering a caught mail as the person whom it went to: as their calendar would, or in words.

What a calendar sends is written in `service/demo/calendar_clients.py`; it goes the way that every mail comes in.
"""

from collections.abc import Awaitable, Callable, Iterator
from typing import Final

from aiohttp import web

from handlers.web import forms
from handlers.web.dev.mail import NAME, SENT, Content, Mailbox
from handlers.web.gatherings import partstat_of
from handlers.web.render import go
from handlers.web.routes import Access, Guard, Route
from handlers.web.site import now
from service.demo import calendar_clients, invitations
from service.demo.calendar_clients import Client, Posted
from service.errors import Conflict, DeliveryFailed, Invalid, Unavailable

Hand = Callable[[str, str, bytes], Awaitable[str]]
"""Hands a mail over: the envelope's sender, its recipient, the mail; raises DeliveryFailed."""

LONGEST: Final = 2000
"""Characters of an answer in words."""


class Answering:
    """The buttons below a caught mail."""

    def __init__(self, mailbox: Mailbox, post: Hand) -> None:
        self._mailbox = mailbox
        self._post = post

    def routes(self) -> Iterator[Route]:
        """List the routes."""
        for path, handler in (("calendar", self.calendar), ("words", self.words)):
            yield Route(
                "POST", f"/dev/mail/{NAME}/{path}", handler, Access.LOOPBACK, Guard.OPEN, private=True, session=False
            )

    async def calendar(self, request: web.Request) -> web.Response:
        """Answer an invitation as a calendar would."""
        mail = await self._mailbox.read(request.match_info["name"])
        partstat = partstat_of(await forms.text(request, "partstat"))
        try:
            client = Client(await forms.text(request, "client"))
        except ValueError:
            raise Invalid("client", "choose a program") from None
        try:
            asked = invitations.read(mail.calendar or b"")
        except ValueError:
            raise Conflict("this mail asks for no answer") from None
        return await self._sent(request, calendar_clients.reply(client, asked, partstat, now=now(request)))

    async def words(self, request: web.Request) -> web.Response:
        """Answer in words."""
        mail = await self._mailbox.read(request.match_info["name"])
        said = (await forms.text(request, "text"))[:LONGEST].strip()
        if not said:
            raise Invalid("text", "say something")
        known = dict(mail.headers)
        recipient = answers_to(mail)
        if recipient is None:
            raise Conflict("nobody reads an answer to this mail")
        posted = calendar_clients.words(
            said,
            sender=known["Delivered-To"],
            recipient=recipient,
            subject=known.get("Subject", ""),
            message_id=known.get("Message-ID", ""),
            quoted=mail.text,
            now=now(request),
        )
        return await self._sent(request, posted)

    async def _sent(self, request: web.Request, posted: Posted) -> web.Response:
        try:
            await self._post(posted.sender, posted.recipient, posted.raw)
        except DeliveryFailed as failure:
            raise Unavailable(str(failure)) from failure
        return go(f"/dev/mail/{request.match_info['name']}?{SENT}#answer")


def answers_to(mail: Content) -> str | None:
    """Return the address that an answer to a mail goes to; None where nobody reads one."""
    return _address(dict(mail.headers).get("Reply-To", ""))


def _address(field: str) -> str | None:
    """Take the address out of a header field of ours."""
    address = field.rpartition("<")[2].rstrip("> ")
    return address if "@" in address else None
