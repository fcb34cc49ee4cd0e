"""Joins Telegram to the rest, where a bot is configured: importing this costs the second that aiogram takes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from bots.telegram import client
from bots.telegram.intake import Update, taken
from bots.telegram.notices import Words
from bots.telegram.parse import CHANNEL
from bots.telegram.running import Service
from bots.telegram.send import TelegramSender
from bots.telegram.talk import Answer, Answers, Talk
from handlers.dialogue import group_cards
from handlers.web import hooks
from handlers.web.routes import Route
from service.actions import inbox_shifts, intake
from service.actions.card_keeping import Keeper
from service.actions.delivery import Worker
from service.actions.group_cards import Card
from service.channels import Outbound
from service.config import Settings
from service.database import Database
from service.errors import DeliveryFailed
from service.waking import Bell

if TYPE_CHECKING:
    from service.wiring.house import Kring

HOOK: Final = "/telegram/updates"

Part = Callable[[asyncio.Event], Coroutine[None, None, None]]


@asynccontextmanager
async def serving(kring: "Kring", answer: Answer, answers: Answers) -> AsyncIterator[Sequence[Part]]:
    """Make a bot ready and yield what runs until it is told to stop: what brings, works on and sends messages."""
    settings, bell = kring.settings, Bell()
    assert settings.telegram_token is not None
    bot = client.connect(settings.telegram_token, settings.telegram_api)
    db = await Database.open(kring.db.dsn, size=inbox_shifts.AT_ONCE, waits_for_disk=False)
    service = Service(
        bot=bot,
        keep=partial(keep, kring),
        db=kring.db,
        mode=settings.telegram_mode,
        hook=settings.base_url + HOOK,
        secret=settings.telegram_secret or "",
    )
    talk = Talk(answer=answer, answers=answers, name=lambda: service.username, language=settings.language)
    words = Words(kring.keys, base_url=settings.base_url, timezone=settings.timezone)
    reader = intake.IntakeWorker(
        db=db,
        clock=kring.clock,
        channel=CHANNEL,
        read=talk.read,
        apply=talk.apply,
        together=talk.together,
        bell=kring.arrived,
        done=bell.ring,
    )
    worker = Worker(
        db=kring.db,
        senders={CHANNEL: TelegramSender(bot, kring.db, words, kring.clock)},
        keys=kring.keys,
        clock=kring.clock,
        bells={CHANNEL: bell},
    )
    keeper = Keeper(
        db=kring.db,
        clock=kring.clock,
        compose=partial(_card, settings),
        names=group_cards.NAMES,
        bell=bell,
    )
    try:
        yield service.run, reader.run, worker.run, keeper.run
    finally:
        await db.close()
        await bot.session.close()


def _card(settings: Settings, card: Card, now: datetime) -> Outbound:
    return group_cards.compose(card, base_url=settings.base_url, timezone=settings.timezone, now=now)


async def keep(kring: "Kring", updates: Sequence[Update]) -> None:
    """Keep updates and commit; one that came before is kept once. Raises Unavailable."""
    messages = [(one.external_id, one.conversation, one.raw) for one in updates]
    await intake.store_all(kring.db, CHANNEL, messages, now=kring.clock.now())
    kring.arrived.ring()


def routes(kring: "Kring") -> list[Route]:
    """List the route to which Telegram brings updates; none where they are asked for."""
    settings = kring.settings
    if settings.telegram_mode != "webhook" or settings.telegram_token is None:
        return []
    number = int(settings.telegram_token.partition(":")[0])

    async def take(body: bytes) -> None:
        await keep(kring, [taken(body, bot=number)])

    return hooks.routes(secret=settings.telegram_secret or "", take=take)


async def fault(token: str, api: str) -> str | None:
    """Say what keeps the bot from working; None where it answers."""
    bot = client.connect(token, api)
    try:
        await client.introduce(bot)
    except DeliveryFailed as failure:
        return failure.detail
    finally:
        await bot.session.close()
    return None
