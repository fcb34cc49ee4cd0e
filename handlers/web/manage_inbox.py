"""Mails that need somebody: why each of them lies here, what stands in it, and what can be done with one press.

What becomes of a mail is decided in `service/actions`; here it is shown to the team, and to facilitators where it is
about their gatherings.
"""

from dataclasses import dataclass
from typing import Final

from aiohttp import web

from handlers.web import filling, forms, paging
from handlers.web.gatherings import partstat_of
from handlers.web.render import go, page, texts
from handlers.web.routes import Access, Route
from handlers.web.site import NUMBER, actor, database, ident, now
from service.actions import aliases, parked
from service.actions.parked import Parked
from service.errors import NotFound
from service.model import Partstat
from service.rules.replies import Decision
from service.texts.catalogue import Texts, marked

MANY: Final = 100
"""Mails on one page."""

SHOWN: Final = 64 * 1024
"""So much of a mail as it came stands on its page."""

DONE: Final = "done"
_DONE: Final = {
    "again": marked("Kring looks at this mail once more. If it still needs somebody, it comes back here."),
    "aside": marked("Put aside. Nothing was changed."),
    "answered": marked("Answered for this person. They are told, with a way back."),
    "address": marked("From now on answers from that address count as theirs."),
    "stranger": marked("Forgotten. Answers from that address are asked about again."),
}

REASONS: Final[dict[str, str]] = {
    Decision.PARK: marked("It cannot be told whose answer this is."),
    Decision.PARK_AND_ASK: marked("It cannot be proved whose answer this is. The person invited got a link."),
    Decision.FORWARDED: marked("Somebody else answered an invitation that was forwarded to them. Nothing was changed."),
    Decision.UNCLEAR: marked("It is not clear what is meant. The person got the link to answer with."),
    Decision.FACILITATOR: marked("Another time is proposed, or somebody else instead. That is for a human to decide."),
    "refused": marked("This mail is too large or too strange to be read safely."),
    "unsubscribe-whom": marked("Somebody wants no more invitations, but the address does not tell who."),
    "strange-report": marked("A mail server reports something that Kring does not know."),
    "worker-died": marked("Kring stopped each time that it worked on this mail."),
}
"""What the reasons that the inbox keeps mean, in plain words."""

_OTHERWISE: Final = marked("Kring could not work on this mail.")
_ANSWERS: Final[dict[str, str]] = {
    Partstat.ACCEPTED: marked("Yes"),
    Partstat.TENTATIVE: marked("Maybe"),
    Partstat.DECLINED: marked("No"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A mail as the pages show it; `sender` and `subject` are empty where they are hidden or could not be read."""

    parked: Parked
    why: str
    sender: str
    subject: str
    lines: list[str]
    answer: str
    comment: str

    @property
    def answerable(self) -> bool:
        """Tell whether it is known for whom somebody could answer."""
        return self.parked.message.person_id is not None and self.parked.gathering is not None


async def every(request: web.Request) -> web.Response:
    """List what needs somebody, and what could not be worked on, the oldest first."""
    db, who, spoken = database(request), actor(request), texts(request)
    after = filling.number(request.query.get("after", ""))
    found = await parked.waiting(db, who, "parked", after=after or 0, limit=MANY + 1)
    shown, more = paging.first(found, MANY, lambda one: one.message.id)
    dead = [] if after else await parked.waiting(db, who, "dead", limit=MANY)
    return page(
        request,
        "inbox.html",
        waiting=[_row(spoken, one) for one in shown],
        dead=[_row(spoken, one) for one in dead],
        done=_DONE.get(request.query.get(DONE, ""), ""),
        more=more,
        later=bool(after),
        proposals=await aliases.proposals(db, who) if who.staff and not after else [],
    )


async def one(request: web.Request) -> web.Response:
    """Show one mail, as it came where that may be seen, with what can be done about it."""
    db, who = database(request), actor(request)
    found = await parked.one(db, who, ident(request))
    raw = b"" if found.hidden else await parked.original(db, who, ident(request))
    return page(
        request,
        "inbox_mail.html",
        one=_row(texts(request), found),
        original=raw[:SHOWN].decode(errors="replace"),
        cut=len(raw) > SHOWN,
        answers=_ANSWERS,
    )


async def original(request: web.Request) -> web.Response:
    """Hand over a mail as it came."""
    raw = await parked.original(database(request), actor(request), ident(request))
    return web.Response(body=raw, content_type="text/plain", charset="utf-8")


async def again(request: web.Request) -> web.Response:
    """Have a mail worked on once more."""
    await parked.replay(database(request), actor(request), ident(request), now=now(request))
    return go(f"/manage/inbox?{DONE}=again")


async def aside(request: web.Request) -> web.Response:
    """Put a mail aside: somebody has seen to it."""
    await parked.dismiss(database(request), actor(request), ident(request), now=now(request))
    return go(f"/manage/inbox?{DONE}=aside")


async def answer(request: web.Request) -> web.Response:
    """Answer for the person whom a mail is about."""
    partstat = partstat_of(await forms.text(request, "partstat"))
    await parked.answer(database(request), actor(request), ident(request), partstat, now=now(request))
    return go(f"/manage/inbox?{DONE}=answered")


async def address(request: web.Request) -> web.Response:
    """Decide whether an address that somebody answered from is theirs."""
    person, value = filling.number(await forms.text(request, "person")), await forms.text(request, "address")
    if person is None:
        raise NotFound
    if await forms.text(request, "theirs") == "yes":
        await aliases.accept(database(request), actor(request), person, value, now=now(request))
        return go(f"/manage/inbox?{DONE}=address")
    await aliases.refuse(database(request), actor(request), person, value)
    return go(f"/manage/inbox?{DONE}=stranger")


def _row(spoken: Texts, found: Parked) -> Row:
    facts = found.message.facts
    partstat = facts.get("partstat") or ""
    return Row(
        found,
        spoken.gettext(REASONS.get(found.message.reason, _OTHERWISE)),
        facts.get("from", ""),
        facts.get("subject", ""),
        facts.get("lines", []),
        spoken.gettext(_ANSWERS[partstat]) if partstat in _ANSWERS else "",
        facts.get("comment", ""),
    )


ROUTES: Final = [
    Route("GET", "/manage/inbox", every, Access.MANAGER, private=True),
    Route("POST", "/manage/inbox/addresses", address, Access.STAFF, private=True),
    Route("GET", f"/manage/inbox/{NUMBER}", one, Access.MANAGER, private=True),
    Route("GET", f"/manage/inbox/{NUMBER}/original", original, Access.MANAGER, private=True),
    Route("POST", f"/manage/inbox/{NUMBER}/again", again, Access.MANAGER, private=True),
    Route("POST", f"/manage/inbox/{NUMBER}/aside", aside, Access.MANAGER, private=True),
    Route("POST", f"/manage/inbox/{NUMBER}/answer", answer, Access.MANAGER, private=True),
]
