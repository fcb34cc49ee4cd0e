"""Answers in a conversation: they go to the outbox in the transaction of what they answer, and know what shows what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from service.channels import Outbound
from service.database import Database
from service.formats.outbounds import packed
from service.model import Purpose
from service.rules.notices import NewNotice
from service.store import outbox, views
from service.store.views import View

ANSWERS_KEPT: Final = timedelta(days=3)
VIEWS_KEPT: Final = timedelta(days=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an answer goes: the conversation, and the person's own, for what is for them alone.

    `pressed` is the message whose button was pressed, `seems` what its buttons are about; `query` what the channel
    needs to let the button stop waiting.
    """

    channel: str
    conversation: str
    private: str
    language: str
    pressed: str | None = None
    seems: str = ""
    query: dict[str, Any] | None = None


def answers(place: Place, said: Sequence[Outbound], *, key: str, now: datetime) -> list[NewNotice]:
    """Write an answer down for the outbox, once per `key`, with the message whose place it may take.

    Whether it does is decided when it is sent: only then what went before it in the conversation has surely been
    written down.
    """
    written = [] if place.query is None else [_notice(place, key, "press", {"callback": place.query}, now)]
    for number, outbound in enumerate(said):
        facts: dict[str, Any] = {"outbound": packed(outbound)}
        alone = outbound.audience == "person" and place.private != place.conversation
        if place.pressed is not None and not alone:
            facts["pressed"] = {"message": place.pressed, "alone": len(said) == 1, "seems": place.seems}
        written.append(_notice(place, key, str(number), facts, now, alone=alone))
    return written


async def view_of(db: Database, channel: str, conversation: str, reference: str) -> View | None:
    """Tell what a message shows."""
    async with db.reading() as conn:
        return await views.select_view(conn, channel, conversation, reference)


async def message_of(db: Database, channel: str, conversation: str, view_key: str) -> str | None:
    """Tell which message of a conversation shows something; None where there is none yet."""
    async with db.reading() as conn:
        return await views.select_reference(conn, channel, conversation, view_key)


async def shown(db: Database, channel: str, conversation: str, reference: str, view: View, *, now: datetime) -> None:
    """Write down what a message shows from now on."""
    async with db.transaction() as conn:
        await views.keep_view(conn, channel, conversation, reference, view, now=now)


async def gone(db: Database, channel: str, conversation: str, reference: str) -> None:
    """Forget a message that is no longer there."""
    async with db.transaction() as conn:
        await views.forget_view(conn, channel, conversation, reference)


async def moved(db: Database, channel: str, conversation: str, to: str) -> None:
    """Know a conversation by its new name from now on."""
    async with db.transaction() as conn:
        await views.hold_carded(conn, channel, conversation)
        await views.rename_conversation(conn, channel, conversation, to)


async def forget_old(db: Database, *, now: datetime) -> None:
    """Forget old answers, and which old messages showed what."""
    async with db.transaction() as conn:
        await outbox.forget_answers(conn, now - ANSWERS_KEPT)
        await views.forget_views(conn, now - VIEWS_KEPT)


def _notice(
    place: Place, key: str, part: str, facts: dict[str, Any], now: datetime, *, alone: bool = False
) -> NewNotice:
    return NewNotice(
        dedupe_key=f"{Purpose.ANSWER}:{place.channel}:{key}:{part}",
        purpose=Purpose.ANSWER,
        person_id=None,
        due_at=now,
        channel=place.channel,
        conversation=place.private if alone else place.conversation,
        facts=facts | {"language": place.language},
    )
