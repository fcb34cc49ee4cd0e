"""Questions of a dialogue that wait for what somebody types: kept in the database, for an hour, one per conversation.

What is asked and what comes of an answer is known to the dialogue; nothing has an effect before its last step.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from service.channels import Outbound
from service.database import Database
from service.formats.outbounds import packed, unpacked
from service.rules import access
from service.rules.access import Actor
from service.store import prompts
from service.store.prompts import Prompt

LASTS: Final = timedelta(hours=1)
BY_MAIL: Final = timedelta(days=2)
"""A letter takes longer than a word in a chat."""


async def ask(  # noqa: PLR0913  # a question and where it is asked, by keyword
    db: Database,
    actor: Actor,
    channel: str,
    conversation: str,
    *,
    topic: str,
    asked: str,
    collected: Mapping[str, Any],
    lasts: timedelta = LASTS,
    now: datetime,
) -> Prompt:
    """Keep a question in place of the one that waited in this conversation."""
    person_id = access.oneself(actor)
    async with db.transaction() as conn:
        await prompts.delete_of_conversation(conn, person_id, channel, conversation)
        return await prompts.insert_prompt(
            conn,
            person_id,
            channel,
            conversation,
            topic=topic,
            asked=asked,
            collected=collected,
            expires_at=now + lasts,
        )


async def keep_shown(db: Database, prompt: Prompt, outbound: Outbound) -> None:
    """Keep how a question was put, so that it can be put again as it was."""
    async with db.transaction() as conn:
        await prompts.keep_shown(conn, prompt.id, packed(outbound))


async def shown(db: Database, prompt: Prompt) -> Outbound | None:
    """Return how a question was put; None where that was not kept."""
    async with db.reading() as conn:
        kept = await prompts.select_shown(conn, prompt.id)
    return None if kept is None else unpacked(kept)


async def take(db: Database, actor: Actor, prompt: Prompt) -> bool:
    """Take a question away, so that it is acted upon once; False when somebody was sooner."""
    async with db.transaction() as conn:
        return await prompts.take_prompt(conn, prompt.id, access.oneself(actor)) is not None


async def forget_old(db: Database, *, now: datetime) -> None:
    """Forget the questions that nobody has answered in time."""
    async with db.transaction() as conn:
        await prompts.delete_expired(conn, now)
