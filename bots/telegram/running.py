"""A bot in service: it says who it is, has updates come in one of two ways, and keeps its menus up to date."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, Literal

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError

from bots.telegram import client, menu
from bots.telegram.intake import Keep, Poller
from bots.telegram.parse import ALLOWED, CHANNEL
from bots.telegram.refusals import said
from service.actions import remembering
from service.database import Database
from service.errors import DeliveryFailed, Unavailable

log = structlog.get_logger()

OFFICE: Final = "poller of Telegram"
LONGEST_PAUSE: Final = 60.0
MENU_SECONDS: Final = 60.0
"""How often it is looked whether somebody has begun to lead a circle, or has ceased to."""


@dataclass(kw_only=True)
class Service:
    """The running of one bot. `hook` is where Telegram is to send updates, with `secret`; None: they are asked for."""

    bot: Bot
    keep: Keep
    db: Database
    mode: Literal["polling", "webhook"]
    hook: str = ""
    secret: str = ""
    username: str | None = field(default=None, init=False)

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set; a token that is no good ends the bot and nothing else."""
        async with asyncio.TaskGroup() as tasks:
            work = tasks.create_task(self._serve(stop))
            waiting = tasks.create_task(stop.wait())
            await asyncio.wait({work, waiting}, return_when=asyncio.FIRST_COMPLETED)
            work.cancel()
            waiting.cancel()

    async def _serve(self, stop: asyncio.Event) -> None:
        if not await self._introduce():
            return
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_menus())
            if self.mode == "webhook":
                tasks.create_task(self._set_hook())
            else:
                tasks.create_task(self._poll(stop))

    async def _introduce(self) -> bool:
        """Find out the bot's name, however long that takes; False where the token is no good."""
        failures = 0
        while True:
            try:
                me = await client.introduce(self.bot)
                break
            except DeliveryFailed as failure:
                if failure.closed:
                    log.error("telegram_token_refused", reason=failure.detail)
                    return False
                failures += 1
                log.warning("telegram_does_not_answer", reason=failure.detail)
                await asyncio.sleep(min(2.0**failures, LONGEST_PAUSE))
        self.username = me.username
        if me.can_read_all_group_messages:
            log.warning(
                "telegram_reads_groups", reason="switch privacy mode on at BotFather: Kring needs no group talk"
            )
        if me.username:
            await self._remember_name(me.username)
        log.info("telegram_ready", bot=me.username, mode=self.mode)
        return True

    async def _poll(self, stop: asyncio.Event) -> None:
        await self._until_done(lambda: self.bot.delete_webhook(drop_pending_updates=False))
        poller = Poller(self.bot, self.keep)
        while True:
            try:
                async with self.db.elected(OFFICE, stop=stop) as election:
                    if not stop.is_set():
                        await poller.run(election.holds)
                    return
            except Unavailable as fault:
                log.warning("telegram_waits", reason=str(fault))
                await asyncio.sleep(1)

    async def _set_hook(self) -> None:
        async def set_hook() -> object:
            return await self.bot.set_webhook(
                self.hook, secret_token=self.secret, allowed_updates=list(ALLOWED), drop_pending_updates=False
            )

        await self._until_done(set_hook)

    async def _until_done(self, call: Callable[[], Awaitable[object]]) -> None:
        failures = 0
        while True:
            try:
                await call()
                return
            except AiogramError as error:
                failures += 1
                log.warning("telegram_does_not_answer", reason=said(error))
                await asyncio.sleep(min(2.0**failures, LONGEST_PAUSE))

    async def _keep_menus(self) -> None:
        while True:
            try:
                await menu.bring_up(self.bot, self.db)
            except Unavailable as fault:
                log.warning("telegram_waits", reason=str(fault))
            await asyncio.sleep(MENU_SECONDS)

    async def _remember_name(self, name: str) -> None:
        """Let the pages of other processes know what the bot is called."""
        while True:
            try:
                await remembering.set_name(self.db, CHANNEL, name)
                return
            except Unavailable as fault:
                log.warning("telegram_waits", reason=str(fault))
                await asyncio.sleep(1)
