"""A postman for the stories: mails as they were read, put into the inbox and worked on as the intake worker does."""

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from handlers.dialogue.dispatch import handle, unchecked, understood
from handlers.dialogue.turn import Site
from handlers.dialogue.words import parse
from service.actions import intake, replies
from service.actions.mail_commands import Answered, Talk
from service.channels import Inbound
from service.database import Database
from service.formats import tokens
from service.formats.received import Authentication, CalendarMessage, Handled, Method, ReceivedMail
from service.formats.tokens import Keys
from service.model import Gathering
from service.store import inbox
from service.store.inbox import Verdict
from tests.actions.play import KEYS, ZONE, Play

_serial = itertools.count(1)
SITE = Site(name="Vereniging", base_url="http://kring.test", timezone=ZONE, language="nl")


@dataclass
class Post:
    play: Play
    verdicts: list[Verdict] = field(default_factory=list)

    async def press(
        self, gathering: Gathering, name: str, partstat: str | None, *, stamp: datetime | None = None, **changes: Any
    ) -> Verdict:
        """Answer in a calendar as its program would: from the person's address, to the reply address of the copy."""
        message = await self.message(gathering, name, partstat, stamp=stamp, **changes.pop("calendar", {}))
        return await self.bring(await self.addressed(gathering, name, calendar=message, **changes))

    async def message(
        self, gathering: Gathering, name: str, partstat: str | None, *, stamp: datetime | None = None, **changes: Any
    ) -> CalendarMessage:
        uid, sequence = await self.play.row(gathering, name, "uid, sequence")
        plain: dict[str, Any] = {
            "method": Method.REPLY,
            "uid": uid,
            "sequence": sequence,
            "dtstamp": stamp or self.play.now.replace(microsecond=0),
            "attendees": ((mail(name), partstat),),
        }
        return CalendarMessage(**plain | changes)

    async def write(self, gathering: Gathering, name: str, *lines: str, **changes: Any) -> Verdict:
        """Answer with a mail in words."""
        return await self.bring(await self.addressed(gathering, name, lines=lines, **changes))

    async def addressed(self, gathering: Gathering, name: str, **changes: Any) -> ReceivedMail:
        plain: dict[str, Any] = {
            "handled": Handled.ANSWER,
            "handle": await self.play.handle(gathering, name),
            "envelope_from": mail(name),
            "from_address": mail(name),
            "authentication": Authentication.PASS,
            "message_id": f"<{next(_serial)}@mail.example>",
        }
        return ReceivedMail(**plain | changes)

    async def command(self, name: str, *lines: str, **changes: Any) -> Verdict:
        """Write to the address of commands."""
        plain: dict[str, Any] = {
            "handled": Handled.COMMAND,
            "envelope_from": mail(name),
            "from_address": mail(name),
            "authentication": Authentication.PASS,
            "message_id": f"<{next(_serial)}@mail.example>",
            "subject": "Vraag",
            "lines": lines,
        }
        return await self.bring(ReceivedMail(**plain | changes))

    @property
    def talk(self) -> Talk:
        """The dialogue, at this moment of the play."""
        return dialogue(KEYS, self.play.now + timedelta(milliseconds=20))  # it reads the clock a little later

    async def bring(self, received: ReceivedMail) -> Verdict:
        """Store a mail and work on it, a second later; effects and end are one transaction."""
        now = self.play.step()
        await intake.store(
            self.play.db,
            channel="mail",
            external_id=str(next(_serial)),
            conversation="test",
            envelope_from=received.envelope_from,
            recipient="",
            raw=b"raw",
            now=now,
        )
        async with self.play.db.transaction() as conn:
            (stored,) = await inbox.take(conn, "mail", now, [], 10)
            db = self.play.db.within(conn)
            verdict = await replies.apply(db, stored, received, now, keys=KEYS, words=parse, talk=self.talk)
            await inbox.finish(conn, [(stored.id, verdict)], now)
        self.verdicts.append(verdict)
        return verdict


def dialogue(keys: Keys, now: datetime) -> Talk:
    """Return the dialogue as intake has it."""

    async def answer(db: Database, inbound: Inbound) -> Answered:
        said = await handle(db, inbound, keys=keys, now=now, site=SITE)
        return Answered(said, understood(said))

    return Talk(answer, partial(unchecked, site=SITE))


def mail(name: str) -> str:
    return f"{name.lower()}@example.org"


def bounce_handle(ident: int, purpose: str = "b", generation: int = 0) -> str:
    return tokens.handle(KEYS, purpose, ident, generation)
