"""Both sides of the benchmarks over HTTP, each a process.

`floor FILE` serves bytes from memory, `kring DSN` is Kring; `insert DSN` commits what is posted, `telegram DSN` is
Kring's webhook.

Prints the port it listens on.
"""

import asyncio
import sys
from pathlib import Path

import asyncpg
import uvloop
from aiohttp import web

from bots.mail.render import Renderer
from bots.mail.writing import Letterhead
from handlers.web.app import build
from handlers.web.site import Site
from service import log
from service.clock import SystemClock
from service.database import Database

SITE = Site(name="Kring", base_url="http://127.0.0.1", language="nl", timezone="Europe/Amsterdam")
HEAD = Letterhead(
    association="Kring",
    mail_from="kring@localhost",
    mail_domain="in.localhost",
    base_url="http://127.0.0.1",
    timezone="Europe/Amsterdam",
)
KEYS = {"a": bytes(32)}
SECRET, HOOK = "s" * 40, "/telegram/updates"
TAG = '"0123456789abcdef0123456789abcdef"'


def floor(file: str) -> web.Application:
    """The least that aiohttp can do: bytes that are there already, and 304 for whoever has them."""
    content = Path(file).read_bytes()
    fields = {"ETag": TAG, "Content-Type": "text/calendar; charset=utf-8"}

    async def serve(request: web.Request) -> web.Response:
        if request.headers.get("If-None-Match") == TAG:
            return web.Response(status=304, headers=fields)
        return web.Response(body=content, headers=fields)

    app = web.Application()
    app.router.add_get("/feed.ics", serve)
    return app


async def serve(app: web.Application) -> None:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)  # noqa: T201 - the parent reads it
    await asyncio.Event().wait()


async def kring(dsn: str) -> None:
    log.configure("json")
    db = await Database.open(dsn)
    show = Renderer(HEAD, KEYS).sample
    await serve(build(db=db, clock=SystemClock(), keys=KEYS, site=SITE, show=show))


async def insert(dsn: str) -> None:
    """The least that durable intake can do: one committed insert for each request."""
    pool = await asyncpg.create_pool(dsn, min_size=8, max_size=8)
    await pool.execute("create table if not exists posted (id bigint generated always as identity, body bytea)")

    async def take(request: web.Request) -> web.Response:
        await pool.execute("insert into posted (body) values ($1)", await request.read())
        return web.Response()

    app = web.Application()
    app.router.add_post("/insert", take)
    await serve(app)


async def telegram(dsn: str) -> None:
    from service.config import read
    from service.wiring import telegram
    from service.wiring.house import Kring, Source

    log.configure("json", quiet=True)
    settings = {
        "KRING_DATABASE_URL": dsn,
        "KRING_TELEGRAM_TOKEN": "123456789:" + "A" * 35,
        "KRING_TELEGRAM_MODE": "webhook",
        "KRING_TELEGRAM_SECRET": SECRET,
    }
    db, clock = await Database.open(dsn), SystemClock()
    made = Kring(read(settings), Source(dsn), db, KEYS, clock)
    await serve(build(db=db, clock=clock, keys=KEYS, site=SITE, more=[telegram.routes(made)]))


SIDES = {"kring": kring, "insert": insert, "telegram": telegram}

if __name__ == "__main__":
    uvloop.run(serve(floor(sys.argv[2])) if sys.argv[1] == "floor" else SIDES[sys.argv[1]](sys.argv[2]))
