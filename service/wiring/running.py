"""Runs the roles of a process side by side, and ends them together."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Final

import structlog

from service import scheduler
from service.database import Database
from service.errors import Unavailable
from service.waking import wait
from service.wiring import mail
from service.wiring.house import Kring
from service.wiring.talking import say, say_together
from service.wiring.web import listening, write_down_use

log = structlog.get_logger()

TELEGRAM: Final = "telegram"
WATCH_SECONDS: Final = 2.0


@asynccontextmanager
async def serving(
    kring: Kring, *, roles: Sequence[str], demo: bool = False, stop: asyncio.Event
) -> AsyncIterator[None]:
    """Run the chosen roles during the block; at its end, with `stop` set, what is in flight is finished.

    Raises WrongSetting when something cannot listen where it should.
    """
    async with AsyncExitStack() as stack:
        transport = mail.transport(kring.settings, kring.clock)
        stack.push_async_callback(transport.aclose)
        poller = mail.poller(kring) if "mail" in roles else None
        reads_mail = await stack.enter_async_context(mail.reading(kring)) if "mail" in roles else None
        inlet = await stack.enter_async_context(mail.inlet(kring)) if "mail" in roles else kring.settings.lmtp
        app = await stack.enter_async_context(listening(kring, demo, inlet)) if "web" in roles else None
        chats = await stack.enter_async_context(_telegram(kring)) if TELEGRAM in roles else ()
        async with asyncio.TaskGroup() as tasks:
            if poller is not None:
                tasks.create_task(poller.run(stop))
            for part in chats:
                tasks.create_task(part(stop))
            if reads_mail is not None:
                tasks.create_task(reads_mail.run(stop))
            if "worker" in roles:
                beat = kring.pulses.of("scheduler")
                tasks.create_task(mail.worker(kring, transport).run(stop))
                tasks.create_task(scheduler.run(kring.db, clock=kring.clock, stop=stop, beat=beat))
            if kring.source.revive is not None:
                tasks.create_task(_keep_database(kring.db, kring.source.revive, stop))
            if app is not None:
                tasks.create_task(write_down_use(app, kring.db, stop))
            log.info("ready", roles=list(roles), url=kring.settings.base_url)
            try:
                yield
            finally:
                kring.pulses.end()
                stop.set()


@asynccontextmanager
async def _telegram(kring: Kring) -> AsyncIterator[Sequence[Callable[[asyncio.Event], Coroutine[None, None, None]]]]:
    """Yield what runs for Telegram until it is told to stop; nothing, and no import, where no bot is configured."""
    if kring.settings.telegram_token is None:
        yield ()
        return
    from service.wiring import telegram

    async with telegram.serving(kring, partial(say, kring), partial(say_together, kring)) as parts:
        yield parts


async def _keep_database(db: Database, revive: Callable[[], bool], stop: asyncio.Event) -> None:
    """Bring the embedded database back when it is gone: crashed, or run by another process that has ended.

    Blocks the loop while it starts, on purpose: nothing else could be done meanwhile, and the kernel ties the server to
    the thread that starts it, which must be the main one.
    """
    while not await wait(stop, WATCH_SECONDS):
        try:
            async with db.reading() as conn:
                await conn.execute("select 1")
        except Unavailable:
            if revive():
                log.warning("database_revived")


def stop_on_signals() -> asyncio.Event:
    """Return an event that Ctrl-C and SIGTERM set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop
