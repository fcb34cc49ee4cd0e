"""Joins the dialogue to whatever brings words: a chat, a mail, a terminal. Only who talks pays for importing it."""

import sys
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from service.actions.mail_commands import Answered, Talk
from service.channels import Inbound, Outbound
from service.database import Database
from service.model import Person
from service.wiring.house import Kring

if TYPE_CHECKING:
    from handlers.dialogue import turn as dialogue


async def converse(kring: Kring, address: str) -> None:
    """Talk in the terminal with the person of a mail address; files that are handed over go to the working folder."""
    from bots.console.talk import talk

    folder = Path.cwd() if sys.stdout.isatty() else None
    await talk(
        partial(answer, kring), address=address, clock=kring.clock, stdin=sys.stdin, stdout=sys.stdout, folder=folder
    )


async def answer(kring: Kring, inbound: Inbound) -> Sequence[Outbound]:
    """Say what Kring answers to a message."""
    return await say(kring, kring.db, inbound)


async def say(kring: Kring, db: Database, inbound: Inbound) -> Sequence[Outbound]:
    """Say what Kring answers to a message, over the connections of whoever asks."""
    from handlers.dialogue.dispatch import handle

    return await handle(db, inbound, keys=kring.keys, now=kring.clock.now(), site=_dialogue_site(kring))


async def say_together(kring: Kring, db: Database, inbounds: Sequence[Inbound]) -> Sequence[Sequence[Outbound] | None]:
    """Say what Kring answers to several messages in one transaction; None to each that needs one of its own."""
    from handlers.dialogue.together import handle_together

    return await handle_together(db, inbounds, keys=kring.keys, now=kring.clock.now(), site=_dialogue_site(kring))


def by_mail(kring: Kring) -> Talk:
    """Let the dialogue answer commands that come by mail."""

    async def answer(db: Database, inbound: Inbound) -> Answered:
        from handlers.dialogue.dispatch import understood

        said = await say(kring, db, inbound)
        return Answered(said, understood(said))

    def unchecked(person: Person) -> Outbound:
        from handlers.dialogue import dispatch

        return dispatch.unchecked(person, site=_dialogue_site(kring))

    return Talk(answer, unchecked)


def _dialogue_site(kring: Kring) -> "dialogue.Site":
    from handlers.dialogue import turn as dialogue

    settings = kring.settings
    return dialogue.Site(
        name=settings.name,
        base_url=settings.base_url,
        timezone=settings.timezone,
        language=settings.language,
        coalesce=timedelta(seconds=settings.coalesce),
    )
