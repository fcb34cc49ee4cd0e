"""A worker that delivers by mail, in this process or in one that can be killed; imports little, so that it starts soon.

python -m tests.actions.delivery_worker DSN RELAY IN_FLIGHT NOW
"""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import uvloop

from bots.mail.channel import MailSender
from bots.mail.render import Renderer
from bots.mail.send import Relay, SmtpTransport
from bots.mail.writing import Letterhead
from service.actions.delivery import Worker
from service.clock import Clock, MovableClock
from service.database import Database

KEYS = {"a": b"a key of thirty-two bytes or more"}
HEAD = Letterhead(
    association="Vereniging Samen",
    mail_from="kring@samen.example",
    mail_domain="in.samen.example",
    base_url="https://kring.samen.example",
    timezone="Europe/Amsterdam",
)


@asynccontextmanager
async def working(db: Database, relay_url: str, clock: Clock, **options: Any) -> AsyncIterator[SmtpTransport]:
    """Let a worker deliver while the block runs, and stop it cleanly at its end."""
    in_flight = options.get("in_flight", 4)
    patience, keys = options.pop("patience", 5.0), options.pop("keys", KEYS)
    transport = SmtpTransport(
        Relay.from_url(relay_url), connections=in_flight, hello=HEAD.mail_domain, patience=patience
    )
    senders = {"mail": MailSender(Renderer(HEAD, keys), transport)}
    worker = Worker(db=db, senders=senders, keys=keys, clock=clock, **options)
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run(stop))
        try:
            yield transport
        finally:
            stop.set()
    await transport.aclose()


async def main(dsn: str, relay_url: str, in_flight: str, now: str) -> None:
    """Deliver until told to stop."""
    db = await Database.open(dsn)
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    async with working(db, relay_url, MovableClock(datetime.fromisoformat(now)), in_flight=int(in_flight)):
        await over.wait()
    await db.close()


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
