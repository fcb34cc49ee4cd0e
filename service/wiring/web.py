"""Joins the web to the rest: pages, feeds, the JSON API, what the demo adds, and what tells of its health."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Final

import structlog
from aiohttp import web

from bots.mail.caught import CaughtMail
from bots.mail.hand_over import hand_over
from handlers.web import api, last_used
from handlers.web.app import build, runner
from handlers.web.feeds import KEPT
from handlers.web.health import Health
from handlers.web.site import Site
from service.actions.feeds import flush_usage
from service.actions.measuring import database_faults
from service.database import Database
from service.errors import Unavailable
from service.waking import wait
from service.wiring.house import Kring, named
from service.wiring.mail import renderer
from service.wiring.talking import answer

log = structlog.get_logger()

FLUSH_SECONDS: Final = 60.0
CLOSE_SECONDS: Final = 5.0


@asynccontextmanager
async def listening(kring: Kring, demo: bool, inlet: str | None) -> AsyncIterator[web.Application]:
    """Listen for requests during the block; those under way at its end are finished. `inlet` takes in mail."""
    settings = kring.settings
    site = Site(
        name=settings.name,
        base_url=settings.base_url,
        language=settings.language,
        timezone=settings.timezone,
        demo=demo,
        answers_days=settings.answers_days,
    )
    coalesce = timedelta(seconds=settings.coalesce)
    tables = [api.routes(coalesce=coalesce)]
    if demo:
        from handlers.web import dev

        mailbox = CaughtMail(settings.mail_folder, kring.clock)
        post = partial(hand_over, inlet) if inlet else None
        tables.append(dev.routes(mailbox=mailbox, answer=partial(answer, kring), post=post))
    if settings.telegram_token is not None and settings.telegram_mode == "webhook":
        from service.wiring import telegram

        tables.append(iter(telegram.routes(kring)))
    health = Health(partial(_faults, kring))
    show = renderer(kring).sample
    app = build(
        db=kring.db,
        clock=kring.clock,
        keys=kring.keys,
        site=site,
        more=tables,
        health=health,
        show=show,
        coalesce=coalesce,
    )
    serving = runner(app, patience=CLOSE_SECONDS)
    await serving.setup()
    try:
        host, port = settings.listen
        with named("KRING_HTTP", settings.http):
            await web.TCPSite(serving, host, port).start()
        yield app
    finally:
        await serving.cleanup()


async def _faults(kring: Kring) -> list[str]:
    """Say, a line each, why this process cannot do its work: its database, or its workers."""
    return [*await database_faults(kring.db), *kring.pulses.faults()]


async def write_down_use(app: web.Application, db: Database, stop: asyncio.Event) -> None:
    """Write down about once a minute which sessions and feeds were used: a GET itself writes nothing."""
    while True:
        ended = await wait(stop, FLUSH_SECONDS)
        try:
            await last_used.flush(app, db)
            await flush_usage(db, app[KEPT])
        except Unavailable as fault:
            log.warning("last_use_not_written", reason=str(fault))
        if ended:
            return
