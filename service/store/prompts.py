"""Questions that wait for a typed answer: at most one per person and conversation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from service.store import rows

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question at hand: `topic` is what all this is for, `asked` which question it is, `collected` what was said."""

    id: int
    topic: str
    asked: str
    collected: dict[str, Any]


DELETE_OF_CONVERSATION = "delete from pending_prompt where person_id = $1 and channel = $2 and conversation = $3"


async def delete_of_conversation(conn: "Connection", person_id: int, channel: str, conversation: str) -> None:
    """Drop the question that waits in a conversation.

    What is asked next gets a number of its own, so that a button of the older question answers nothing any more.
    """
    await conn.execute(DELETE_OF_CONVERSATION, person_id, channel, conversation)


INSERT_PROMPT = """
    insert into pending_prompt (person_id, channel, conversation, topic, asked, collected, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (person_id, channel, conversation) do update
        set topic = excluded.topic, asked = excluded.asked, collected = excluded.collected,
            expires_at = excluded.expires_at
    returning id, topic, asked, collected
"""


async def insert_prompt(
    conn: "Connection",
    person_id: int,
    channel: str,
    conversation: str,
    *,
    topic: str,
    asked: str,
    collected: Mapping[str, Any],
    expires_at: datetime,
) -> Prompt:
    """Keep a question of a conversation that has none."""
    values = (person_id, channel, conversation, topic, asked, dict(collected), expires_at)
    prompt = rows.one(Prompt, await conn.fetchrow(INSERT_PROMPT, *values))
    assert prompt is not None
    return prompt


KEEP_SHOWN = "update pending_prompt set shown = $2 where id = $1"


async def keep_shown(conn: "Connection", prompt_id: int, shown: Mapping[str, Any]) -> None:
    """Keep how a question was put."""
    await conn.execute(KEEP_SHOWN, prompt_id, dict(shown))


SELECT_SHOWN = "select shown from pending_prompt where id = $1"


async def select_shown(conn: "Connection", prompt_id: int) -> dict[str, Any] | None:
    """Read how a question was put; None where that was not kept."""
    shown: dict[str, Any] | None = await conn.fetchval(SELECT_SHOWN, prompt_id)
    return shown


TAKE_PROMPT = """
    delete from pending_prompt where id = $1 and person_id = $2 returning id, topic, asked, collected
"""


async def take_prompt(conn: "Connection", prompt_id: int, person_id: int) -> Prompt | None:
    """Take a question of a person away for good; None when it is gone."""
    return rows.one(Prompt, await conn.fetchrow(TAKE_PROMPT, prompt_id, person_id))


DELETE_EXPIRED = "delete from pending_prompt where expires_at <= $1"


async def delete_expired(conn: "Connection", now: datetime) -> None:
    """Forget the questions that nobody has answered in time."""
    await conn.execute(DELETE_EXPIRED, now)
