"""A chat with Kring in the browser, as any of the people: to see what they would read in a messenger.

What was said is kept in this process alone, a little of it, per browser; what is answered comes from the dialogue.
"""

import secrets
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from handlers.web import forms, sessions
from handlers.web.dev.links import linked
from handlers.web.render import go, page
from handlers.web.routes import Access, Guard, Route
from handlers.web.site import database, now, site
from service.actions import finding
from service.channels import Document, Facts, Heading, Inbound, Outbound, Paragraph
from service.errors import NotFound
from service.model import Via
from service.rules.access import KRING

Answer = Callable[[Inbound], Awaitable[Sequence[Outbound]]]

COOKIE: Final = "kring-chat"
TALKS: Final = 100
"""So many conversations are kept; the one that was silent longest is forgotten first."""

KEPT: Final = 20
"""Exchanges of one conversation."""

LONGEST: Final = 2000
"""Characters of one message."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """Something that was said, and the answer."""

    text: str
    answers: Sequence[Outbound]


class Chat:
    """The pages of the chat."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._talks: OrderedDict[tuple[str, str], deque[Exchange]] = OrderedDict()

    def routes(self) -> Iterator[Route]:
        """List the routes of the chat."""
        yield Route("GET", "/dev/chat", self.show, Access.LOOPBACK, private=True, session=False)
        yield Route("POST", "/dev/chat", self.say, Access.LOOPBACK, Guard.OPEN, private=True, session=False)
        yield Route("GET", "/dev/chat/file", self.file, Access.LOOPBACK, private=True, session=False)

    async def show(self, request: web.Request) -> web.Response:
        """Show the conversation as somebody, or ask as whom."""
        address = request.query.get("as", "").strip()
        if not address:
            words = request.query.get("q", "")[:100]
            people = await finding.find_people(database(request), KRING, words)
            return page(request, "chat_people.html", people=people, words=words)
        talk = self._talks.get((_browser(request), address), ())
        kinds = {Heading: "heading", Paragraph: "paragraph", Facts: "facts", Document: "file"}
        return page(
            request,
            "chat.html",
            address=address,
            talk=list(talk),
            kind=lambda block: kinds[type(block)],
            linked=partial(linked, base_url=site(request).base_url),
        )

    async def say(self, request: web.Request) -> web.Response:
        """Say something as somebody, and keep the answer for the page."""
        address, text = await forms.text(request, "as"), (await forms.text(request, "text"))[:LONGEST].strip()
        browser = _browser(request) or secrets.token_urlsafe(16)
        if address and text:
            answers = await self._answer(_inbound(address, text, browser, now(request)))
            self._keep((browser, address), Exchange(text, answers))
        response = go(f"/dev/chat?{urlencode({'as': address})}#now")
        sessions.keep(request, response, COOKIE, browser)
        return response

    async def file(self, request: web.Request) -> web.Response:
        """Hand over a file that came with an answer, by its name; the latest of several."""
        talk = self._talks.get((_browser(request), request.query.get("as", "")), ())
        files = [block for exchange in talk for said in exchange.answers for block in said.blocks]
        name = request.query.get("name", "")
        found = next((one for one in reversed(files) if isinstance(one, Document) and one.name == name), None)
        if found is None:
            raise NotFound
        return web.Response(
            body=found.content,
            content_type=found.media_type,
            headers={"Content-Disposition": f'attachment; filename="{found.name}"'},
        )

    def _keep(self, key: tuple[str, str], exchange: Exchange) -> None:
        self._talks.setdefault(key, deque(maxlen=KEPT)).append(exchange)
        self._talks.move_to_end(key)
        if len(self._talks) > TALKS:
            self._talks.popitem(last=False)


def _inbound(address: str, text: str, browser: str, moment: datetime) -> Inbound:
    return Inbound(
        channel=Via.WEB,
        external_id=secrets.token_hex(8),
        received_at=moment,
        address=address,
        conversation=f"{browser}:{address}",
        text=text,
    )


def _browser(request: web.Request) -> str:
    return request.cookies.get(site(request).cookie(COOKIE), "")[:100]
