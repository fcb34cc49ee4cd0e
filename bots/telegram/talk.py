"""What is done with an update: the dialogue is asked, and its answer goes to the outbox, all in one transaction."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bots.telegram.parse import CHANNEL, Kind, Received, read
from bots.telegram.render import brief
from service.actions import conversing, linking
from service.actions.conversing import Place
from service.channels import Inbound, Intent, Outbound, Paragraph, Topic
from service.database import Database
from service.rules.notices import NewNotice
from service.store.inbox import Stored, Verdict
from service.texts.catalogue import translator

Answer = Callable[[Database, Inbound], Awaitable[Sequence[Outbound]]]
"""What the dialogue says to a message."""

Answers = Callable[[Database, Sequence[Inbound]], Awaitable[Sequence[Sequence[Outbound] | None]]]
"""What it says to several in one transaction; None to each that needs one of its own."""

_ABOUT_A_GATHERING: Final = frozenset(
    {Topic.ACCEPT, Topic.ACCEPT_ONLINE, Topic.DECLINE, Topic.TENTATIVE, Topic.GATHERING}
)

_BEHIND: Final = {"gathering": Topic.GATHERING, "circles": Topic.CIRCLES, "mine": Topic.MINE, "agenda": Topic.AGENDA}
"""What an outdated button belongs to, by the view of its message, as something to ask for anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """Reads updates and does what they ask; `name` returns the bot's own, as far as it is known.

    `language` is for those of whom none is known.
    """

    answer: Answer
    answers: Answers
    name: Callable[[], str | None]
    language: str

    async def read(self, stored: Stored) -> Received:
        """Find out what an update says."""
        return read(stored.raw, me=self.name(), received_at=stored.received_at)

    async def apply(self, db: Database, stored: Stored, received: Received, now: datetime) -> Verdict:
        """Do what an update asks, inside the transaction that also ends it."""
        match received.kind:
            case Kind.SAID:
                return await self._talk(db, stored, received, now)
            case Kind.OUTDATED:
                return await self._outdated(db, stored, received, now)
            case Kind.BLOCKED | Kind.UNBLOCKED:
                reachable = received.kind is Kind.UNBLOCKED
                await linking.reach(db, CHANNEL, received.address, reachable=reachable, now=now)
                return Verdict("applied", received.kind)
            case Kind.MOVED:
                await conversing.moved(db, CHANNEL, received.chat, received.moved_to)
                return Verdict("applied", received.kind)
            case Kind.NAMELESS:
                return self._nameless(stored, received, now)
            case Kind.UNREADABLE:
                return Verdict("dead", received.kind)
        return Verdict("no-op", received.kind)

    async def together(
        self, db: Database, part: Sequence[tuple[Stored, Received]], now: datetime
    ) -> list[Verdict | None]:
        """Do what several updates ask in one transaction, as far as they can share one."""
        heard = {place: _inbound(received) for place, (_, received) in enumerate(part) if received.inbound is not None}
        answered = zip(heard.items(), await self.answers(db, list(heard.values())), strict=True)
        said = {place: (inbound, words) for (place, inbound), words in answered if words is not None}
        verdicts: list[Verdict | None] = [None] * len(part)
        for place, (inbound, words) in said.items():
            verdicts[place] = self._said(*part[place], inbound, words, now)
        return verdicts

    async def _talk(self, db: Database, stored: Stored, received: Received, now: datetime) -> Verdict:
        inbound = _inbound(received)
        return self._said(stored, received, inbound, await self.answer(db, inbound), now)

    def _said(
        self, stored: Stored, received: Received, inbound: Inbound, said: Sequence[Outbound], now: datetime
    ) -> Verdict:
        """End an update with what the dialogue said."""
        if received.query is not None and inbound.scope == "group":
            told = _told(stored, received, (), now, **self._in_passing(inbound, said))
        else:
            told = _told(stored, received, said, now)
        return Verdict("applied" if said or received.query else "no-op", "said", told=told)

    def _in_passing(self, inbound: Inbound, said: Sequence[Outbound]) -> dict[str, str]:
        """Answer a press in a group to whoever pressed alone: in a few words, or with a way in for a stranger."""
        if said:
            return {"toast": brief(said[0])}
        name, asked = self.name(), inbound.intent
        gathering = asked.argument if asked is not None and asked.topic in _ABOUT_A_GATHERING else None
        start = f"?start=e_{gathering}" if gathering and gathering.isdecimal() else "?start=hello"
        return {"url": f"https://t.me/{name}{start}"} if name else {}

    async def _outdated(self, db: Database, stored: Stored, received: Received, now: datetime) -> Verdict:
        """Say that a button is outdated, and show what it belongs to as it is now."""
        texts = translator(received.language or self.language)
        words = texts.gettext("This card is outdated. Here is how it stands now.")
        outdated = texts.gettext("This button is outdated.")
        view = received.pressed and await conversing.view_of(db, CHANNEL, received.chat, received.pressed)
        family, _, rest = (view.view_key if view else "").partition(":")
        number = rest.partition(":")[0]
        topic = _BEHIND.get(family, Topic.HELP)
        intent = Intent(topic, number if topic is Topic.GATHERING else None)
        inbound = Inbound(
            channel=CHANNEL,
            external_id=str(stored.id),
            received_at=stored.received_at,
            address=received.address,
            conversation=received.chat,
            scope="private" if received.chat == received.address else "group",
            intent=intent,
            account=received.account,
            language=received.language,
        )
        said = await self.answer(db, inbound) if inbound.scope == "private" else ()
        told = _told(stored, received, said, now, toast=words if said else outdated)
        return Verdict("no-op", received.kind, told=told)

    def _nameless(self, stored: Stored, received: Received, now: datetime) -> Verdict:
        """Tell whoever writes in the name of a group that they have no name here."""
        words = translator(received.language or self.language).gettext(
            "I can't see who you are, because you write in the name of the group. Write to me in private."
        )
        said = Outbound(f"nameless:{received.chat}", (Paragraph(words),), audience="conversation")
        return Verdict("no-op", received.kind, told=_told(stored, received, (said,), now))


def _inbound(received: Received) -> Inbound:
    assert received.inbound is not None
    return replace(received.inbound, account=received.account, language=received.language)


def _told(
    stored: Stored,
    received: Received,
    said: Sequence[Outbound],
    now: datetime,
    *,
    toast: str = "",
    url: str = "",
) -> tuple[NewNotice, ...]:
    place = Place(
        channel=CHANNEL,
        conversation=received.chat,
        private=received.address or received.chat,
        language=received.language,
        pressed=received.pressed,
        seems=received.seems,
        query=None if received.query is None else {"id": received.query, "text": toast, "url": url or None},
    )
    return tuple(conversing.answers(place, said, key=str(stored.id), now=now))
